/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/abi/abi.h"
#include "tracee/filter.h"
#include "tracee/landlock.h"
#include "tracee/trace.h"

/* What the child writes to the error pipe. */
struct failure {
	int step;
	int err;
};

enum step {
	STEP_NONE,
	STEP_DESCRIPTORS,
	STEP_LIMITS,
	STEP_PRIVILEGES,
	STEP_DIRECTORY,
	STEP_LANDLOCK,
	STEP_FILTER,
	STEP_EXEC,
};

static const char *const step_names[] = {
	[STEP_NONE] = "start",
	[STEP_DESCRIPTORS] = "set up descriptors",
	[STEP_LIMITS] = "set resource limits",
	[STEP_PRIVILEGES] = "drop privileges",
	[STEP_DIRECTORY] = "enter the working directory",
	[STEP_LANDLOCK] = "enter the Landlock ruleset",
	[STEP_FILTER] = "install the seccomp filter",
	[STEP_EXEC] = "execute the program",
};

static bool bounding_set_dropped; /* that of the thread which starts all others */

/* Without CAP_SETPCAP the set stays, but no_new_privs makes it useless. */
static void empty_bounding_set(void)
{
	int cap;

	for (cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break;
}

static _Thread_local bool own_set_dropped; /* that of this thread, which its children inherit */

void spawn_drop_bounding_set(void)
{
	empty_bounding_set();
	bounding_set_dropped = true;
}

static int drop_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	if (!own_set_dropped && !bounding_set_dropped)
		empty_bounding_set();
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	data[0].permitted &= (uint32_t)keep;
	data[1].permitted &= (uint32_t)(keep >> 32);
	data[0].effective = data[1].effective = 0;
	data[0].inheritable = data[1].inheritable = 0;
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int spawn_drop_capabilities(uint64_t keep)
{
	int r = drop_capabilities(keep);

	own_set_dropped |= r == 0;
	return r;
}

void spawn_raise_capabilities(uint64_t mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return;
	data[0].effective = data[0].permitted & (uint32_t)mask;
	data[1].effective = data[1].permitted & (uint32_t)(mask >> 32);
	/* Best effort: if this fails, the call that needs them fails and says so. */
	syscall(SYS_capset, &header, data);
}

/* ------------------------------------------------------------------ the child */

/*
 * Moves the descriptors to keep up to their reserved numbers, and closes everything else. Those above
 * the ones in use are closed first, while the table is still small: the kernel walks all of it.
 */
static int lay_out_descriptors(const struct spawn *s, int *error_fd)
{
	int highest = *error_fd, fd;
	struct rlimit files;
	size_t i;

	/* Room for the reserved ones; the program's own limit is set afterwards. */
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return -errno;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return -errno;

	for (i = 0; i < s->n_fds; i++)
		highest = MAX(highest, s->fds[i]);
	if (highest >= s->reserved_fd)
		return -EMFILE;
	if (syscall(SYS_close_range, (unsigned)highest + 1, ~0u, 0u) < 0)
		return -errno;
	/* Closed by exec, and only by that. */
	fd = fcntl(*error_fd, F_DUPFD_CLOEXEC, s->reserved_fd + (int)s->n_fds);
	if (fd < 0)
		return -errno;
	*error_fd = fd;
	for (i = 0; i < s->n_fds; i++)
		if (dup2(s->fds[i], s->reserved_fd + (int)i) < 0)
			return -errno;
	for (fd = 0; fd <= 2; fd++)
		if (s->closed_stdio & (1u << fd))
			close(fd);
	return syscall(SYS_close_range, 3u, (unsigned)highest, 0u) < 0 ? -errno : 0;
}

static int set_limits(const struct spawn *s)
{
	size_t i;

	for (i = 0; i < s->n_limits; i++) {
		struct rlimit now, want = { s->limits[i].soft, s->limits[i].hard };

		if (getrlimit((__rlimit_resource_t)s->limits[i].resource, &now) < 0)
			return -errno;
		want.rlim_max = MIN(want.rlim_max, now.rlim_max);
		want.rlim_cur = MIN(want.rlim_cur, want.rlim_max);
		if (setrlimit((__rlimit_resource_t)s->limits[i].resource, &want) < 0)
			return -errno;
	}
	return 0;
}

static int drop_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* What is noted of a thread is the supervisor's, whose memory this may be (make_child()). */
	return drop_capabilities(0);
}

static int close_gate(const struct spawn *s)
{
	struct filter filter;
	struct reg_values values = s->values;
	int r;

	values.symbol[REG_SELF] = (uint64_t)getpid();
	r = filter_compile(&values, s->stop_all, &filter);
	return r < 0 ? r : filter_install(&filter);
}

static int prepare(const struct spawn *s, int *error_fd, int *step)
{
	int r;

	*step = STEP_PRIVILEGES;
	r = drop_privileges();
	if (r < 0)
		return r;
	*step = STEP_DIRECTORY;
	if (s->directory_fd >= 0 && fchdir(s->directory_fd) < 0)
		return -errno;
	if (s->umask >= 0)
		umask((mode_t)s->umask);
	*step = STEP_LANDLOCK;
	if (s->landlock_fd >= 0) {
		r = landlock_restrict(s->landlock_fd, s->landlock_abi);
		if (r < 0)
			return r;
	}
	*step = STEP_DESCRIPTORS;
	r = lay_out_descriptors(s, error_fd);
	if (r < 0)
		return r;
	*step = STEP_LIMITS;
	r = set_limits(s);
	if (r < 0)
		return r;
	*step = STEP_FILTER;
	return close_gate(s);
}

static void report_failure(int error_fd, int step, int err)
{
	struct failure failure = { step, err };

	/* If even this fails, the supervisor sees an exit without an exec, and reports that. */
	if (write_full(error_fd, &failure, sizeof failure) < 0)
		_exit(EXIT_NOT_FOUND);
	_exit(EXIT_NOT_FOUND);
}

static void restore_signals(const struct spawn *s)
{
	int signal;

	for (signal = 1; signal < 65; signal++)
		if (sigismember(s->ignored, signal) == 1)
			sigaction(signal, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	sigprocmask(SIG_SETMASK, s->signal_mask, NULL);
}

struct child {
	const struct spawn *spawn;
	int go[2], error[2]; /* pipes */
};

static int run_child(void *context)
{
	const struct child *child = context;
	const struct spawn *s = child->spawn;
	int step = STEP_DESCRIPTORS, error_fd = child->error[1], r;
	char go;

	close(child->go[1]);
	close(child->error[0]);
	if (read_full(child->go[0], &go, 1) != 1)
		_exit(EXIT_NOT_FOUND);
	close(child->go[0]);
	r = prepare(s, &error_fd, &step);
	if (r < 0)
		report_failure(error_fd, step, -r);
	restore_signals(s);
	execve(s->path, s->argv, s->envp);
	report_failure(error_fd, STEP_EXEC, errno);
	return 0;
}

/* ------------------------------------------------------------------ the supervisor */

/*
 * The child shares the supervisor's memory until its exec, as that of vfork(2) does: what fork(2) copies for it, and
 * what both then copy page by page, is a tenth of a start. It has a stack of its own, which stays until the run ends,
 * and the supervisor waits until it stands at the entry of its exec, from where it reads nothing but its arguments.
 * So nothing is touched by both, errno included. Signals are blocked in it until then; one that has come by then stops
 * it, and another child is made by fork(2).
 */
enum { STACK_SIZE = 128 * 1024, STACK_GUARD = 4096 };

/* Sanitizers keep books about the stack that they know of. */
#if defined(__SANITIZE_ADDRESS__)
#define CHILD_SHARES false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHILD_SHARES false
#endif
#endif
#ifndef CHILD_SHARES
#define CHILD_SHARES true
#endif

static char *new_stack(void)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return NULL;
	if (mprotect(stack, STACK_GUARD, PROT_NONE) == 0)
		return stack;
	munmap(stack, STACK_SIZE);
	return NULL;
}

/* A process for CHILD, on STACK in this memory, or, without one, in a copy of it. Its id or -errno. */
static pid_t make_child(struct child *child, char *stack)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = stack ? clone(run_child, stack + STACK_SIZE, CLONE_VM | SIGCHLD, child) : fork();
	if (pid == 0)
		run_child(child);
	if (pid < 0)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static void give_up(pid_t pid)
{
	struct trace_stop stop;

	kill(pid, SIGKILL);
	/* It may stop once more at its end. */
	while (trace_wait_for(pid, &stop) == 0 && stop.event != TRACE_EXITED)
		trace_resume(pid, RESUME, 0);
}

/* Waits until PID, which shares this memory, stands at the entry of its exec, or has ended. Either is still to be
 * waited for. -EAGAIN: a signal that cannot be blocked has stopped it before that. */
static int await_exec(pid_t pid)
{
	struct user_regs_struct regs;
	struct trace_stop stop;
	siginfo_t info;
	int r;

	for (;;) {
		while (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WEXITED | WNOWAIT | __WALL) < 0)
			if (errno != EINTR)
				return -errno;
		if (info.si_code != CLD_TRAPPED || info.si_status == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			return 0;
		if (info.si_status != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
			return -EAGAIN;
		r = trace_get_registers(pid, &regs);
		if (r == 0 && abi_nr(&regs) == SYS_execve)
			return 0;
		/* A call before that, which the policy forbids the program. */
		if (r == 0)
			r = trace_wait_for(pid, &stop);
		if (r == 0)
			r = trace_resume(pid, RESUME, 0);
		if (r < 0 && r != -ESRCH)
			return r;
	}
}

static int start_child(struct child *child, char *stack)
{
	pid_t pid = make_child(child, stack);
	int r = pid < 0 ? pid : trace_seize(pid);

	if (r == 0 && write_full(child->go[1], "g", 1) < 0)
		r = -EIO;
	if (r == 0 && stack)
		r = await_exec(pid);
	if (r == 0)
		return pid;
	if (pid > 0)
		give_up(pid);
	return r;
}

static void close_pipe(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static int spawn_on(const struct spawn *spawn, char *stack, struct spawned *ret_spawned)
{
	struct child child = { .spawn = spawn };
	int r;

	if (pipe2(child.go, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(child.error, O_CLOEXEC) < 0) {
		r = -errno;
		close_pipe(child.go);
		return r;
	}
	r = start_child(&child, stack);
	close_pipe(child.go);
	close(child.error[1]);
	if (r < 0) {
		close(child.error[0]);
		return r;
	}
	*ret_spawned = (struct spawned){ .pid = r, .error_fd = child.error[0], .stack = stack };
	return 0;
}

int spawn_program(const struct spawn *spawn, struct spawned *ret_spawned)
{
	char *stack = CHILD_SHARES ? new_stack() : NULL;
	int r;

	if (stack) {
		r = spawn_on(spawn, stack, ret_spawned);
		if (r == 0)
			return 0;
		munmap(stack, STACK_SIZE);
		if (r != -EAGAIN)
			return r;
	}
	return spawn_on(spawn, NULL, ret_spawned);
}

void spawn_end(struct spawned *spawned)
{
	if (spawned->error_fd >= 0)
		close(spawned->error_fd);
	if (spawned->stack)
		munmap(spawned->stack, STACK_SIZE);
	*spawned = (struct spawned){ .error_fd = -1 };
}

int spawn_error(const struct spawned *spawned, const char **ret_step, bool *ret_in_exec)
{
	struct failure failure = { 0 };

	if (read_full(spawned->error_fd, &failure, sizeof failure) != (ssize_t)sizeof failure ||
	    failure.step <= STEP_NONE || failure.step > STEP_EXEC || failure.err <= 0)
		return 0;
	*ret_step = step_names[failure.step];
	*ret_in_exec = failure.step == STEP_EXEC;
	return failure.err;
}
