/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each kind of stop asks for: one function a kind, and the table of threads that they need. A
 * thread whose first stop is seen before its creator's event is held until that comes.
 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct task *task_find(struct broker *b, pid_t tid)
{
	struct task *task;

	HASH_FIND_INT(b->tasks, &tid, task);
	return task;
}

struct task *task_add(struct broker *b, pid_t tid, pid_t tgid, enum task_state state)
{
	struct task *task = xcalloc(1, sizeof *task);

	task->tid = tid;
	task->tgid = tgid;
	task->state = state;
	HASH_ADD_INT(b->tasks, tid, task);
	b->n_tasks++;
	b->peak_tasks = MAX(b->peak_tasks, b->n_tasks);
	return task;
}

void task_remove(struct broker *b, struct task *task)
{
	call_abandon(b, task);
	b->n_waiting -= task->state == TASK_WAITING;
	HASH_DEL(b->tasks, task);
	free(task);
	b->n_tasks--;
}

static void on_seccomp(struct broker *b, struct task *task)
{
	struct user_regs_struct regs;
	int r;

	b->stops++;
	task->stops++;
	if (!b->executed) {
		/* Our own code between the filter and the first exec. */
		broker_check(b, trace_resume(task->tid, RESUME, 0), "start the program");
		return;
	}
	r = trace_get_registers(task->tid, &regs);
	if (r < 0)
		broker_check(b, r, "read registers");
	else if (!b->ending)
		call_broker(b, task, &regs);
}

/* What was executed has to be what was checked. */
static bool is_expected_program(const struct broker *b, pid_t pid)
{
	_cleanup_close_ int fd = open_proc(pid, "exe", O_PATH);
	struct stat running, expected;

	return fd >= 0 && fstat(fd, &running) == 0 && stat(b->options->executable, &expected) == 0 &&
	       running.st_dev == expected.st_dev && running.st_ino == expected.st_ino;
}

static void on_exec(struct broker *b, struct task *task, pid_t former)
{
	struct task *old = former != task->tid ? task_find(b, former) : NULL;

	/* Exec by another thread than the first: it takes the first one's id, and its state. */
	if (old)
		task_remove(b, old);
	call_abandon(b, task);
	if (!b->executed && !is_expected_program(b, task->tid)) {
		broker_fail(b, "another program than %s was executed", b->options->executable);
		return;
	}
	if (b->executed && !broker_audits(b)) {
		broker_fail(b, "the program has executed another one");
		return;
	}
	task->state = TASK_IN_EXEC;
	broker_check(b, trace_resume(task->tid, RESUME_TO_EXIT, 0), "start the program");
}

static void tell_started(struct broker *b)
{
	const char *walls[8];
	unsigned n = 0;

	walls[n++] = "seccomp";
	walls[n++] = "ptrace";
	walls[n++] = "no_new_privs";
	walls[n++] = "no_capabilities";
	walls[n++] = b->values.facts & FACT_MSEAL ? "mseal" : "scratch_guard";
	if (b->landlock_abi)
		walls[n++] = "landlock";
	walls[n] = NULL;
	if (b->options->started)
		b->options->started(b->options->context, b->pid, walls, b->landlock_abi);
	broker_check_log(b);
}

static void set_up_program(struct broker *b, struct task *task)
{
	int fd = b->reserved_fd + (int)b->n_reserved - 1;
	bool first;
	int r = scratch_inject(task->tid, fd, b->values.facts & FACT_MSEAL, broker_audits(b));

	if (r < 0) {
		if (r != -ESRCH)
			broker_fail(b, "cannot map the scratch into the program: %s", strerror(-r));
		return;
	}
	task->state = TASK_RUNNING;
	if (b->stacks)
		stack_reader_flush(b->stacks);
	first = !b->executed;
	if (first) {
		b->executed = true;
		b->start_ns = clock_ns(CLOCK_MONOTONIC);
	}
	broker_check(b, trace_resume(task->tid, RESUME, 0), "start the program");
	/* Written while the program is being loaded; its first call waits until this is done. */
	if (first)
		tell_started(b);
}

static void on_syscall_stop(struct broker *b, struct task *task)
{
	b->stops++;
	if (task->state == TASK_IN_EXEC)
		set_up_program(b, task);
	else if (task->state == TASK_IN_CALL && task->call)
		call_finish(b, task);
	else
		broker_check(b, trace_resume(task->tid, RESUME, 0), "resume a thread");
}

static uint64_t signal_mask_of(pid_t tid, const char *field)
{
	char path[64], *at;
	_cleanup_free_ char *text = NULL;

	snprintf(path, sizeof path, "/proc/%d/status", tid);
	if (read_file(AT_FDCWD, path, 65536, &text, NULL) < 0)
		return 0;
	at = strstr(text, field);
	return at ? strtoull(at + strlen(field), NULL, 16) : 0;
}

/* Will this signal end the program? Its default action does, and it is neither caught nor ignored. */
static bool is_fatal(pid_t tid, int signal)
{
	uint64_t bit = UINT64_C(1) << (signal - 1);

	switch (signal) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return false;
	case SIGKILL:
		return true;
	default:
		return !(signal_mask_of(tid, "\nSigCgt:") & bit) && !(signal_mask_of(tid, "\nSigIgn:") & bit);
	}
}

static void on_signal(struct broker *b, struct task *task, int signal)
{
	const struct stack *stack = NULL;
	struct user_regs_struct regs;
	siginfo_t info;
	bool known, fatal, first;

	known = trace_signal_info(task->tid, &info) == 0;
	if (known && signal == SIGSYS && info.si_code == 1 /* SYS_SECCOMP */) {
		call_foreign(b, task, &info);
		return;
	}
	first = signal > 0 && signal <= 64 && b->signals[signal]++ == 0;
	fatal = signal > 0 && signal <= 64 && b->signals[signal] < 64 && is_fatal(task->tid, signal);
	if (first || fatal) {
		if (fatal && trace_get_registers(task->tid, &regs) == 0)
			stack = call_read_stack(b, task, &regs);
		record_signal(b->options->recorder, task->tgid, task->tid, signal, known ? &info : NULL, fatal,
			      stack);
		broker_check_log(b);
	}
	if (!b->ending)
		broker_check(b, trace_resume(task->tid, RESUME, signal), "deliver a signal");
}

static void on_new_task(struct broker *b, struct task *parent, pid_t tid, bool thread)
{
	struct task *task = task_find(b, tid);
	pid_t tgid = thread ? parent->tgid : tid;

	if (tid <= 0) {
		/* Not told who is new: the parent has been killed, and the new one with it. */
		if (trace_resume(parent->tid, RESUME, 0) == 0)
			broker_fail(b, "cannot tell which thread is new");
		return;
	}
	if (!task) {
		task = task_add(b, tid, tgid, TASK_RUNNING);
	} else {
		task->tgid = tgid;
		task->state = TASK_RUNNING;
		if (task->stopped_early)
			broker_check(b, trace_resume(tid, RESUME, 0), "start a thread");
	}
	placement_new_thread(b, task);
	if (b->n_tasks > b->options->policy->limits.tasks)
		limits_crossed(b, LIMIT_TASKS, b->n_tasks);
	/* A call whose exit stop is still to come (audit mode: fork) keeps waiting for it. */
	broker_check(b, trace_resume(parent->tid, parent->state == TASK_IN_CALL ? RESUME_TO_EXIT : RESUME, 0),
	      "resume a thread");
}

static void on_exited(struct broker *b, struct task *task, int status)
{
	if (task->tid == b->pid) {
		b->wait_status = status;
		b->ended = true;
	}
	task_remove(b, task);
}

/* Threads whose calls had to wait for another call's result are looked at again. */
void stop_wake_waiting(struct broker *b)
{
	struct task *task, *next;

	HASH_ITER(hh, b->tasks, task, next) {
		if (task->state != TASK_WAITING)
			continue;
		task->state = TASK_RUNNING;
		b->n_waiting--;
		on_seccomp(b, task);
	}
}

void stop_handle(struct broker *b, const struct trace_stop *stop)
{
	struct task *task = task_find(b, stop->tid);

	if (!task && stop->event == TRACE_EXITED)
		return;
	if (!task) {
		/* Its parent's event has not come yet: hold it until it does. */
		task = task_add(b, stop->tid, 0, TASK_PLACEHOLDER);
		task->stopped_early = true;
		return;
	}
	switch (stop->event) {
	case TRACE_SECCOMP:
		on_seccomp(b, task);
		break;
	case TRACE_SYSCALL_STOP:
		on_syscall_stop(b, task);
		break;
	case TRACE_SIGNAL:
		on_signal(b, task, stop->signal);
		break;
	case TRACE_GROUP_STOP:
		broker_check(b, trace_resume(task->tid, RESUME_LISTEN, 0), "hold a stopped thread");
		break;
	case TRACE_NEW_THREAD:
	case TRACE_NEW_PROCESS:
		on_new_task(b, task, (pid_t)stop->message, stop->event == TRACE_NEW_THREAD);
		break;
	case TRACE_EXEC:
		on_exec(b, task, (pid_t)stop->message);
		break;
	case TRACE_STARTED:
		if (task->state != TASK_PLACEHOLDER)
			broker_check(b,
			      trace_resume(task->tid,
					   task->state == TASK_IN_CALL || task->state == TASK_IN_EXEC ?
						   RESUME_TO_EXIT :
						   RESUME,
					   0),
			      "start a thread");
		break;
	case TRACE_EXITED:
		on_exited(b, task, stop->status);
		break;
	default:
		break;
	}
}
