/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/signals.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"

static const int end_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* What belongs to the process, not to a run: handlers, and what stood in their places. */
static struct {
	pthread_mutex_t lock;
	unsigned users;
	bool watched[ARRAY_SIZE(end_signals)];
	struct sigaction former[ARRAY_SIZE(end_signals)], former_alarm, former_child;
} process = { .lock = PTHREAD_MUTEX_INITIALIZER };

static volatile sig_atomic_t asked, asked_by_kernel;

static void on_end_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	/* A key on the terminal (SI_KERNEL) has reached the program too: it gets time to end itself. */
	asked_by_kernel = info->si_code == SI_KERNEL;
	asked = signal;
}

static void on_alarm(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	if (info->si_code == SI_TIMER)
		((struct signals *)info->si_value.sival_ptr)->tick_due = 1;
}

static void install(const sigset_t *ignored)
{
	/* No SA_RESTART: signals have to interrupt waitpid(2). */
	const struct sigaction on_end = { .sa_sigaction = on_end_signal, .sa_flags = SA_SIGINFO };
	const struct sigaction on_tick = { .sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO };
	/* Stops are waited for; a signal for each would only cost. wait(2) needs SIGCHLD not ignored. */
	const struct sigaction on_child = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	size_t i;

	asked = asked_by_kernel = 0;
	sigaction(SIGCHLD, &on_child, &process.former_child);
	sigaction(SIGALRM, &on_tick, &process.former_alarm);
	for (i = 0; i < ARRAY_SIZE(end_signals); i++) {
		/* What proctor's caller ignores (nohup, a background job) stays ignored. */
		process.watched[i] = !sigismember(ignored, end_signals[i]);
		if (process.watched[i])
			sigaction(end_signals[i], &on_end, &process.former[i]);
	}
}

static void put_back(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(end_signals); i++)
		if (process.watched[i])
			sigaction(end_signals[i], &process.former[i], NULL);
	sigaction(SIGALRM, &process.former_alarm, NULL);
	sigaction(SIGCHLD, &process.former_child, NULL);
}

static void leave_process(void)
{
	pthread_mutex_lock(&process.lock);
	if (--process.users == 0)
		put_back();
	pthread_mutex_unlock(&process.lock);
}

int signals_start(struct signals *signals, const sigset_t *ignored)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };

	event.sigev_value.sival_ptr = signals;
	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	signals->tick_due = 0;
	pthread_mutex_lock(&process.lock);
	if (process.users++ == 0)
		install(ignored);
	pthread_mutex_unlock(&process.lock);
	signals->has_timer = timer_create(CLOCK_MONOTONIC, &event, &signals->timer) == 0;
	if (!signals->has_timer) {
		int err = errno;

		leave_process();
		return -err;
	}
	return 0;
}

void signals_stop(struct signals *signals)
{
	if (!signals->has_timer)
		return;
	/* A tick that is on its way is gone with its timer: timer_delete(2) takes a queued signal back. */
	timer_delete(signals->timer);
	signals->has_timer = false;
	leave_process();
}

void signals_set_tick(struct signals *signals, long us)
{
	/* A timer that fires faster than its handler returns leaves no time for anything else. */
	long at_least = us > 0 ? MAX(us, SIGNALS_LEAST_TICK_US) : 0;
	const struct timespec each = { at_least / 1000000, at_least % 1000000 * 1000 };

	if (signals->has_timer)
		timer_settime(signals->timer, 0, &(struct itimerspec){ each, each }, NULL);
}

bool signals_tick_due(struct signals *signals)
{
	bool due = signals->tick_due;

	signals->tick_due = 0;
	return due;
}

int signals_asked(bool *ret_by_kernel)
{
	*ret_by_kernel = asked_by_kernel;
	return asked;
}
