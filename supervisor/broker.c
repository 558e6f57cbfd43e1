/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/names.h"

enum { GRACE_NS = 2000000000, FLUSH_NS = 1000000000,
       LOOK_MS = 20, MAX_QUEUED = 64 };

static volatile sig_atomic_t asked_to_end, asked_by_kernel;

const char *status_name(enum status status)
{
	static const char *const names[] = { "OK", "RE", "SG", "TO", "ML", "OL", "PV", "XX" };

	return names[status];
}

/* ------------------------------------------------------------------ ending */

static void kill_all(struct broker *b)
{
	struct task *task;

	/* Once it has ended, its id may be another process's. */
	if (b->pid > 0 && !b->ended)
		kill(b->pid, SIGKILL);
	/* Of a placeholder only the thread is known: kill(0) would be proctor's own process group. */
	for (task = b->tasks; task; task = task->hh.next)
		if (task->tgid != b->pid)
			kill(task->tgid > 0 ? task->tgid : task->tid, SIGKILL);
}

void broker_end(struct broker *b, enum status status)
{
	if (b->ending)
		return;
	b->ending = true;
	b->result->status = status;
	kill_all(b);
}

void broker_fail(struct broker *b, const char *format, ...)
{
	va_list ap;

	if (!b->result->error) {
		va_start(ap, format);
		b->result->error = xvasprintf(format, ap);
		va_end(ap);
	}
	b->result->status = STATUS_XX;
	b->ending = true;
	kill_all(b);
}

/* A failed ptrace request: a thread that was killed meanwhile is no failure; its exit is coming. */
void broker_check(struct broker *b, int r, const char *what)
{
	if (r < 0 && r != -ESRCH && !b->ending)
		broker_fail(b, "cannot %s: %s", what, strerror(-r));
}

void broker_check_log(struct broker *b)
{
	struct recorder *recorder = b->options->recorder;

	if (recorder_error(recorder) && !b->result->log_failed) {
		b->result->log_failed = true;
		broker_fail(b, "cannot write the log: %s", strerror(-recorder_error(recorder)));
	}
	if (recorder_full(recorder) && b->options->policy->log_on_full == LOG_FULL_KILL && !b->ending) {
		/* The program's doing, not the log's: nothing has failed. */
		b->result->log_full = true;
		broker_end(b, STATUS_PV);
	}
}

/*
 * A limit is about to end the run: where was the program? Its first thread is stopped for a look,
 * if it is not stopped anyway; one that does not stop in time is told without.
 */
void broker_look(struct broker *b)
{
	struct task *task = task_find(b, b->pid) ?: b->tasks;
	struct user_regs_struct regs;
	struct trace_stop stop;

	if (!task || b->options->stack == STACK_NONE || b->result->stack.len)
		return;
	if (trace_get_registers(task->tid, &regs) < 0) {
		if (trace_interrupt(task->tid) < 0 || trace_wait_for_ms(task->tid, LOOK_MS, &stop) < 0)
			return;
		if (stop.event == TRACE_EXITED) {
			stop_handle(b, &stop);
			return;
		}
		if (trace_get_registers(task->tid, &regs) < 0)
			return;
	}
	record_format_stack(call_read_stack(b, task, &regs), b->options->library,
			    &b->result->stack);
}

/* ------------------------------------------------------------------ ticks and signals to proctor */

static void on_end_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	/* A key on the terminal (SI_KERNEL) has reached the program too: it gets time to end itself. */
	asked_by_kernel = info->si_code == SI_KERNEL;
	asked_to_end = signal;
}

static void watch_end_signals(const struct broker *b)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_sigaction = on_end_signal, .sa_flags = SA_SIGINFO };
	size_t i;

	asked_to_end = 0;
	/* Stops are waited for; a signal for each would only cost. wait(2) needs SIGCHLD not ignored. */
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP }, NULL);
	/* What proctor's caller ignores (nohup, a background job) stays ignored. */
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigismember(b->options->ignored_signals, signals[i]))
			sigaction(signals[i], &action, NULL);
}

static void heed_end_signal(struct broker *b)
{
	static uint64_t since;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	int signal = asked_to_end;

	if (!signal || b->ending)
		return;
	if (!b->result->interrupted) {
		b->result->interrupted = signal;
		since = now;
		if (!asked_by_kernel && !b->ended)
			kill(b->pid, signal);
	} else if (signal != b->result->interrupted || now - since > GRACE_NS) {
		broker_end(b, STATUS_SG);
	}
}

static void on_tick(struct broker *b)
{
	static uint64_t flushed;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	limits_check(b);
	placement_tick(b);
	heed_end_signal(b);
	if (now - flushed > FLUSH_NS) {
		flushed = now;
		recorder_flush(b->options->recorder);
		broker_check_log(b);
	}
}

/*
 * waitpid(2) looks for a stopped thread in one fixed order: a thread that stops all the time would
 * keep those behind it waiting. With several threads all that are stopped are taken before any is
 * resumed.
 */
static int next_stops(const struct broker *b, struct trace_stop *stops, size_t *ret_n)
{
	size_t n = 1, most = b->n_tasks > 1 ? MAX_QUEUED : 1;
	int r = trace_wait(true, &stops[0]);

	if (r < 0)
		return r;
	while (n < most && stops[n - 1].event != TRACE_INTERRUPTED && stops[n - 1].event != TRACE_NONE_LEFT) {
		r = trace_wait(false, &stops[n]);
		if (r < 0)
			return r;
		/* Nothing more, or nothing left: the blocking wait will say it again. */
		if (stops[n].event == TRACE_INTERRUPTED || stops[n].event == TRACE_NONE_LEFT)
			break;
		n++;
	}
	*ret_n = n;
	return 0;
}

/* The log's reader is slow and the log blocks: limits hold all the same. */
static void on_log_wait(void *context)
{
	struct broker *b = context;

	if (limits_tick_due()) {
		limits_check(b);
		heed_end_signal(b);
	}
}

static void run_loop(struct broker *b)
{
	struct trace_stop stops[MAX_QUEUED];
	size_t n, i;
	int r;

	for (;;) {
		r = next_stops(b, stops, &n);
		if (r < 0) {
			broker_fail(b, "cannot wait for the program: %s", strerror(-r));
			return;
		}
		if (stops[0].event == TRACE_NONE_LEFT)
			return;
		for (i = 0; i < n; i++)
			if (stops[i].event != TRACE_INTERRUPTED)
				stop_handle(b, &stops[i]);
		if (b->n_waiting && !b->ending)
			stop_wake_waiting(b);
		if (limits_tick_due() || asked_to_end)
			on_tick(b);
	}
}

/* ------------------------------------------------------------------ before and after */

static void decide_status(struct broker *b, const struct spawned *spawned)
{
	struct run_result *result = b->result;
	const char *step = NULL;
	bool in_exec = false;
	int err;

	result->exited = b->ended && WIFEXITED(b->wait_status);
	if (result->exited)
		result->exit_code = WEXITSTATUS(b->wait_status);
	else if (b->ended)
		result->exit_signal = WTERMSIG(b->wait_status);
	if (!b->executed && !result->error) {
		err = spawn_error(spawned, &step, &in_exec);
		*(in_exec ? &result->spawn_errno : &result->setup_errno) = err;
		result->status = STATUS_XX;
		result->error = err ? xasprintf("cannot %s: %s", step, strerror(err)) :
				      xstrdup("the program ended before it was executed");
		return;
	}
	limits_finish(b);
	if (b->ending)
		return;
	if (!result->exited) {
		result->status = STATUS_SG;
	} else {
		result->status = result->exit_code ? STATUS_RE : STATUS_OK;
	}
}

/* The members of the summary record. */
static void summarise(const struct broker *b, struct buf *out)
{
	unsigned nr;
	bool first = true;

	buf_lit(out, "\"syscalls\":[");
	for (nr = 0; nr < COUNTED_SYSCALLS; nr++) {
		const struct syscall_count *c = &b->counts[nr];
		const struct syscall_row *row = syscall_row(nr);

		if (!c->calls)
			continue;
		buf_printf(out,
			   "%s{\"nr\":%d,\"name\":\"%s\",\"calls\":%llu,\"errors\":%llu,\"time_ns\":%llu,"
			   "\"broker_ns\":%llu,\"allow\":%llu,\"hide\":%llu,\"deny\":%llu,\"kill\":%llu}",
			   first ? "" : ",", row ? (int)nr : -1, row ? row->name : "unknown",
			   (unsigned long long)c->calls, (unsigned long long)c->errors,
			   (unsigned long long)c->time_ns, (unsigned long long)c->broker_ns,
			   (unsigned long long)c->decided[ACTION_ALLOW],
			   (unsigned long long)c->decided[ACTION_HIDE],
			   (unsigned long long)c->decided[ACTION_DENY],
			   (unsigned long long)c->decided[ACTION_KILL]);
		first = false;
	}
	buf_printf(out, "],\"stops\":%llu,\"threads_peak\":%u,\"signals\":{", (unsigned long long)b->stops,
		   b->peak_tasks);
	for (nr = 1, first = true; nr <= 64; nr++) {
		if (!b->signals[nr])
			continue;
		buf_printf(out, "%s\"%s\":%llu", first ? "" : ",", signal_name((int)nr),
			   (unsigned long long)b->signals[nr]);
		first = false;
	}
	buf_putc(out, '}');
}

static void free_broker(struct broker *b)
{
	struct task *task, *next;
	struct call *call;

	HASH_ITER(hh, b->tasks, task, next) {
		HASH_DEL(b->tasks, task);
		free(task->call);
		free(task);
	}
	while ((call = b->free_calls)) {
		unsigned i;

		b->free_calls = call->next_free;
		for (i = 0; i < REQUEST_MAX_PATHS; i++)
			object_fini(&call->objects[i]);
		free(call);
	}
	stack_reader_free(b->stacks);
	resolver_free(b->resolver);
	scratch_free(b->scratch);
	if (b->pidfd >= 0)
		close(b->pidfd);
	handover_free(b);
	if (b->statm_fd >= 0)
		close(b->statm_fd);
	if (b->maps_fd >= 0)
		close(b->maps_fd);
	free(b);
}

int broker_run(const struct run_options *options, struct run_result *ret_result)
{
	struct broker *b = xcalloc(1, sizeof *b);
	struct spawned spawned = { .error_fd = -1 };
	long size;
	int r;

	*ret_result = (struct run_result){ .status = STATUS_XX };
	b->options = options;
	b->result = ret_result;
	b->pidfd = b->maps_fd = b->handover_fd = b->statm_fd = -1;
	start_gather_facts(b);
	size = syscall(SYS_sched_getaffinity, 0, sizeof b->affinity, b->affinity);
	b->affinity_size = size > 0 ? (size_t)size : 0;
	placement_start(b);
	r = start_check_host(b);
	if (r == 0)
		r = resolver_new(options->policy, &b->resolver);
	if (r == 0)
		r = scratch_new(&b->scratch);
	watch_end_signals(b);
	limits_start(b);
	if (r == 0)
		r = start_program(b, &spawned);
	if (r < 0) {
		limits_finish(b);
		free_broker(b);
		return r;
	}
	scratch_close_fd(b->scratch);
	b->pid = spawned.pid;
	b->values.symbol[REG_SELF] = (uint64_t)spawned.pid;
	b->pidfd = (int)syscall(SYS_pidfd_open, spawned.pid, 0);
	if (b->pidfd < 0)
		broker_fail(b, "cannot open a pidfd: %s", strerror(errno));
	task_add(b, spawned.pid, spawned.pid, TASK_RUNNING)->pinned = b->placement.pinned;
	recorder_on_wait(options->recorder, on_log_wait, b);
	run_loop(b);
	recorder_on_wait(options->recorder, NULL, NULL);
	decide_status(b, &spawned);
	close(spawned.error_fd);
	summarise(b, &ret_result->summary);
	free_broker(b);
	return 0;
}

void run_result_fini(struct run_result *result)
{
	free(result->first.action);
	free(result->first.path);
	free(result->first.code);
	free(result->first.student);
	free(result->first.staff);
	free(result->error);
	buf_fini(&result->stack);
	buf_fini(&result->summary);
}
