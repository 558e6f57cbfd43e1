/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each kind of stop asks for: one function for each. A thread whose first stop is seen before its creator's event
 * is held until that comes.
 */
#include "supervisor/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/json.h"
#include "supervisor/futex_wake.h"
#include "supervisor/lend.h"
#include "supervisor/lent_frame.h"
#include "tracee/abi/abi.h"
#include "tracee/landlock.h"

/* Records the call that TASK was in, then forgets TASK. */
static void remove_task(struct run *run, struct task *task)
{
	call_abandon(run, task);
	census_ended(&run->census, task->tid);
	tasks_remove(&run->tasks, task);
}

static void on_seccomp(struct run *run, struct task *task)
{
	struct user_regs_struct regs;
	int r;

	run->tally.stops++;
	task->stops++;
	if (!run->executed) {
		/* Our own code between the filter and the first exec. */
		task_resume(&run->ending, task, RESUME, 0, "start the program");
		return;
	}
	if (uncaught_is_due(&run->uncaught) && task->tid == run->ground.pid)
		uncaught_look(&run->uncaught, &run->stacks, task->tid);
	r = trace_get_registers(task->tid, &regs);
	if (r < 0) {
		ending_check(&run->ending, r, "read registers");
	} else if (!run->ending.decided) {
		task->ident = abi_thread_ident(&regs);
		call_broker(run, task, &regs);
	}
}

static bool is_running(pid_t pid, dev_t dev, ino_t ino)
{
	_cleanup_close_ int fd = open_proc(pid, "exe", O_PATH);
	struct stat running;

	return fd >= 0 && fstat(fd, &running) == 0 && running.st_dev == dev && running.st_ino == ino;
}

/* What was executed has to be what was checked. */
static bool is_expected_program(const struct run *run, pid_t pid)
{
	struct stat expected;

	return stat(run->options->executable, &expected) == 0 && is_running(pid, expected.st_dev, expected.st_ino);
}

/* Exec by another thread than the first: it takes the first one's id, and its call goes on under that id. */
static void take_place(struct run *run, struct task *task, struct task *former)
{
	call_abandon(run, task);
	task->call = steal_ptr(&former->call);
	remove_task(run, former);
	watch_goes_on(&run->watch);
}

static void on_exec(struct run *run, struct task *task, pid_t former)
{
	struct task *old = former != task->tid ? tasks_find(&run->tasks, former) : NULL;
	struct process *process = tasks_process(&run->tasks, task->tgid);
	const struct policy *policy = NULL;
	const struct exec_rule *program;

	handed_drop(&task->handed);
	if (old)
		take_place(run, task, old);
	program = call_executed(run, task, &policy);
	call_abandon(run, task);
	if (!run->executed && !is_expected_program(run, task->tid)) {
		ending_fail(&run->ending, "another program than %s was executed", run->options->executable);
		return;
	}
	if (program && !is_running(task->tid, program->dev, program->ino)) {
		ending_fail(&run->ending, "another program than %s was executed", program->path);
		return;
	}
	if (run->executed && !program && !run->ground.audits) {
		ending_fail(&run->ending, "the program has executed another one");
		return;
	}
	free(steal_ptr(&process->lent));
	process->looks = 0;
	if (program)
		process->program = program;
	if (policy && policy->within)
		process->policy = policy;
	task_set_state(&run->tasks, task, TASK_IN_EXEC);
	task_resume(&run->ending, task, RESUME_TO_EXIT, 0, "start the program");
}

static void tell_started(struct run *run)
{
	const char *walls[8];
	unsigned n = 0;

	walls[n++] = "seccomp";
	walls[n++] = "ptrace";
	walls[n++] = "no_new_privs";
	walls[n++] = "no_capabilities";
	walls[n++] = run->ground.values.facts & FACT_MSEAL ? "mseal" : "scratch_guard";
	if (run->ground.landlock_abi)
		walls[n++] = "landlock";
	walls[n] = NULL;
	if (run->options->started)
		run->options->started(run->options->context, run->ground.pid, walls, run->ground.landlock_abi);
	run_check_log(run);
}

/* The program and its scratch are in place: it goes on. LOADED: from where its libraries are too. */
static void enter_program(struct run *run, struct task *task, bool loaded)
{
	bool first = !run->executed;

	task->state = TASK_RUNNING;
	task->ident = 0;
	stacks_flush(&run->stacks, task->tgid);
	if (task->tid == run->ground.pid)
		uncaught_executed(&run->uncaught, &run->stacks, task->tid, loaded);
	if (first) {
		run->executed = true;
		watch_begin(&run->watch);
		meter_begin(&run->meter);
		census_begin(&run->census, task->tid);
	} else {
		census_executed(&run->census, task->tgid);
	}
	task_resume(&run->ending, task, RESUME, 0, "start the program");
	/* Written while the program is being loaded; its first call waits until this is done. */
	if (first)
		tell_started(run);
}

void stop_adopted(struct run *run)
{
	struct task *task = tasks_find(&run->tasks, run->ground.pid);

	if (task && is_expected_program(run, task->tid))
		enter_program(run, task, true);
	else
		ending_fail(&run->ending, "another program than %s is held", run->options->executable);
}

/* The program has just got a policy of its own: the second wall is narrowed to that as well. 0 or -errno. */
static int narrow_wall(struct run *run, const struct task *task)
{
	struct process *process = tasks_process(&run->tasks, task->tgid);
	const struct policy *policy = run->options->policy;
	size_t i = 0;
	int r;

	if (!process->policy || process->walled || !run->ground.landlock_abi)
		return 0;
	while (policy->narrower[i] != process->policy)
		i++;
	r = landlock_inject(task->tid, run->inner[i].wall, run->ground.landlock_abi);
	process->walled = r == 0;
	return r;
}

static void set_up_program(struct run *run, struct task *task)
{
	int fd = run->ground.reserved_fd + (int)run->ground.n_reserved - 1;
	bool again = run->ground.audits || run->options->policy->n_execs > 0;
	int r = scratch_inject(task->tid, fd, run->ground.values.facts & FACT_MSEAL, again);

	if (r < 0) {
		if (r != -ESRCH)
			ending_fail(&run->ending, "cannot map the scratch into the program: %s", strerror(-r));
		return;
	}
	r = narrow_wall(run, task);
	if (r < 0) {
		if (r != -ESRCH)
			ending_fail(&run->ending, "cannot narrow the Landlock ruleset for the program: %s", strerror(-r));
		return;
	}
	enter_program(run, task, false);
}

static void on_syscall_stop(struct run *run, struct task *task)
{
	run->tally.stops++;
	if (task->state == TASK_IN_EXEC)
		set_up_program(run, task);
	else if (task->state == TASK_IN_CALL && task->call)
		call_finish(run, task);
	else
		task_resume(&run->ending, task, RESUME, 0, "resume a thread");
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

/* Handles a breakpoint that tells of an uncaught exception, or of the end of an interpreter forked from a template.
 * False: it is neither. */
static bool on_trap(struct run *run, struct task *task)
{
	struct user_regs_struct regs;
	bool first = task->tid == run->ground.pid;
	int signal = 0, r;

	if (trace_get_registers(task->tid, &regs) < 0 ||
	    (!uncaught_trap(&run->uncaught, &run->stacks, task->tid, first, &regs, &signal) &&
	     !finishing_trap(&run->finishing, task->tid, first, &regs)))
		return false;
	run->result->left_early = run->finishing.left;
	r = trace_set_registers(task->tid, &regs);
	ending_check(&run->ending, r, "set registers");
	if (r == 0)
		task_resume(&run->ending, task, RESUME, signal, "resume a thread");
	return true;
}

static void on_signal(struct run *run, struct task *task, int signal)
{
	const struct stack *stack = NULL;
	struct user_regs_struct regs, *registers = NULL;
	siginfo_t info;
	bool known, fatal, first;
	uint64_t before, sequence;

	/* Its handler may put another one in the place of a descriptor that was handed over. */
	handed_drop(&task->handed);
	if (signal == SIGTRAP && on_trap(run, task))
		return;
	known = trace_signal_info(task->tid, &info) == 0;
	if (known && signal == SIGSYS && info.si_code == 1 /* SYS_SECCOMP */) {
		call_foreign(run, task, &info);
		return;
	}
	before = tally_signal(&run->tally, signal);
	first = before == 0;
	fatal = before < 63 && is_fatal(task->tid, signal);
	if (first || fatal) {
		if (fatal && trace_get_registers(task->tid, &regs) == 0) {
			registers = &regs;
			stack = stacks_read(&run->stacks, task->tgid, task->tid, &regs);
		}
		sequence = note_signal(&run->notes, task->tgid, task->tid, signal, known ? &info : NULL,
				       fatal_is_overflow(signal, known ? &info : NULL, registers), fatal, stack);
		if (fatal && task->tgid == run->ground.pid) {
			run->result->refusals.fatal_signal = sequence;
			fatal_take(&run->result->fatal, signal, known ? &info : NULL, stack, run->options->library,
				   registers);
			if (registers && run->result->fatal.addressed && !run->result->fatal.module)
				stacks_code(&run->stacks, task->tgid, task->tid, registers, &run->result->fatal.module,
					    &run->result->fatal.symbol);
			if (signal == SIGABRT && run->result->fatal.sender == task->tgid)
				run->result->fatal.message = stacks_abort(&run->stacks, task->tgid, task->tid);
		}
		run_check_log(run);
	}
	task_resume(&run->ending, task, RESUME, signal, "deliver a signal");
}

/* The frame that PARENT, which makes a process, has lent it; NULL: none. */
static struct lent_frame *lend_frame(const struct task *parent)
{
	const struct call *call = parent->call;

	return call && lent_frame_is_asked(&call->request) ?
		       lent_frame_take(parent->tid, abi_sp(&call->request.regs)) : NULL;
}

/* A process that PARENT has made. */
static void add_process(struct run *run, const struct task *parent, pid_t pid)
{
	struct process *maker = tasks_process(&run->tasks, parent->tgid);
	struct process *made = tasks_add_process(&run->tasks, pid, parent->tgid);

	made->program = maker->program;
	made->policy = maker->policy;
	made->walled = maker->walled;
	made->lent = lend_frame(parent);
	maker->made_others = true;
}

static void on_new_task(struct run *run, struct task *parent, pid_t tid, bool thread)
{
	struct task *task = tasks_find(&run->tasks, tid);
	pid_t tgid = thread ? parent->tgid : tid;
	const bool known = task && task->state != TASK_PLACEHOLDER;

	if (tid <= 0) {
		/* Not told who is new: the parent has been killed, and the new one with it. */
		if (trace_resume(parent->tid, RESUME, 0) == 0)
			ending_fail(&run->ending, "cannot tell which thread is new");
		return;
	}
	if (known) {
		ending_fail(&run->ending, "a new thread has the id of another one");
		return;
	}
	if (!thread)
		add_process(run, parent, tid);
	if (!task) {
		task = tasks_add(&run->tasks, tid, tgid, TASK_RUNNING);
	} else {
		task_place(&run->tasks, task, tgid);
		task->state = TASK_RUNNING;
		if (task->stopped_early)
			task_resume(&run->ending, task, RESUME, 0, "start a thread");
	}
	census_add(&run->census, tid, tgid, thread ? 0 : parent->tgid);
	placement_new_thread(&run->placement, &run->ground, task);
	if (run->tasks.n > run->options->policy->limits.tasks)
		ending_crossed(&run->ending, run->watch.limits,
			       &(struct crossing){ .limit = LIMIT_TASKS, .used = run->tasks.n });
	/* A call whose exit stop is still to come (audit mode: fork) keeps waiting for it. */
	task_resume(&run->ending, parent, parent->state == TASK_IN_CALL ? RESUME_TO_EXIT : RESUME, 0,
		    "resume a thread");
}

/* Also in a run that is to end: a killed thread that is stopped here is not killed again. */
static void on_exiting(struct run *run, const struct trace_stop *stop)
{
	const struct process *process = tasks_process(&run->tasks, stop->tid);
	const struct task *task = tasks_find(&run->tasks, stop->tid);
	int r = 0, tries;

	if (task)
		call_exiting(run, task);
	/* Should its maker be gone, there is nobody to hear of it. */
	if (process && process->lent)
		lent_frame_return(process->lent, stop->tid);
	census_exiting(&run->census, stop->tid);
	if (run->executed)
		watch_exit(&run->watch, &run->tasks, stop->tid, stop->time_ns);
	for (tries = 0; tries < 3; tries++) {
		r = trace_resume(stop->tid, RESUME, 0);
		if (r == 0 || r == -ESRCH)
			return;
	}
	/* Nor can it be killed where it stands: the kernel lets it go when proctor itself has ended. */
	ending_fail(&run->ending, "cannot let a thread end: %s", strerror(-r));
	run->ending.stuck = true;
}

/*
 * The program's first process has ended by itself, and with it the program: processes that are left are killed. Those
 * that the policy does not allow, in audit mode, go on.
 */
static void leave_none(struct run *run)
{
	const struct process *process;

	if (run->ending.decided || !policy_makes_processes(run->options->policy))
		return;
	for (process = run->tasks.processes; process; process = process->hh.next)
		json_put_i64(&run->result->left, NULL, process->pid);
	if (run->tasks.n_processes)
		ending_say(&run->ending, !WIFEXITED(run->wait_status) ? STATUS_SG :
						WEXITSTATUS(run->wait_status) ? STATUS_RE : STATUS_OK);
}

static void on_exited(struct run *run, struct task *task, int status)
{
	bool first = task->tid == run->ground.pid && !run->ended;

	if (task->tid == task->tgid)
		stacks_flush(&run->stacks, task->tgid);
	remove_task(run, task);
	if (first) {
		run->wait_status = status;
		run->ended = true;
		leave_none(run);
	}
	futex_look(&run->tasks, &run->ending);
}

/* TASK was interrupted to see where it computes; in the middle of a call it does not, whoever interrupted it. */
static void take_sample(struct run *run, struct task *task)
{
	struct user_regs_struct regs;
	const struct stack *stack;

	if ((!task->sampled && (!run->profile.wall || task->ident)) || trace_get_registers(task->tid, &regs) < 0)
		return;
	task->ident = abi_thread_ident(&regs);
	if (!task->sampled)
		return;
	task->sampled = false;
	if (task->state != TASK_RUNNING || run->ending.decided)
		return;
	stack = stacks_read(&run->stacks, task->tgid, task->tid, &regs);
	profile_take(&run->profile, stack);
	profile_remember(&run->profile, run->watch.last_memory, clock_ns(CLOCK_MONOTONIC) - run->meter.start_ns, stack);
	if (abi_begin_again(&regs))
		ending_check(&run->ending, trace_set_registers(task->tid, &regs), "set registers");
}

/* Threads whose calls had to wait for another call's result are looked at again. */
void stop_wake_waiting(struct run *run)
{
	struct task *task, *next;

	HASH_ITER(hh, run->tasks.first, task, next) {
		if (task->state != TASK_WAITING)
			continue;
		task_set_state(&run->tasks, task, TASK_RUNNING);
		call_forget(run, task);
		on_seccomp(run, task);
	}
}

void stop_handle(struct run *run, const struct trace_stop *stop)
{
	struct task *task = tasks_find(&run->tasks, stop->tid);

	if (stop->event != TRACE_SECCOMP)
		output_take_back(&run->output);
	if (!task && stop->event == TRACE_EXITED)
		return;
	if (stop->event == TRACE_EXITING) {
		on_exiting(run, stop);
		return;
	}
	if (!task) {
		/* Its parent's event has not come yet: hold it until it does. */
		task = tasks_add(&run->tasks, stop->tid, 0, TASK_PLACEHOLDER);
		task->stopped_early = true;
		return;
	}
	switch (stop->event) {
	case TRACE_SECCOMP:
		on_seccomp(run, task);
		break;
	case TRACE_SYSCALL_STOP:
		on_syscall_stop(run, task);
		break;
	case TRACE_SIGNAL:
		on_signal(run, task, stop->signal);
		break;
	case TRACE_GROUP_STOP:
		task_resume(&run->ending, task, RESUME_LISTEN, 0, "hold a stopped thread");
		break;
	case TRACE_NEW_THREAD:
	case TRACE_NEW_PROCESS:
		on_new_task(run, task, (pid_t)stop->message, stop->event == TRACE_NEW_THREAD);
		break;
	case TRACE_EXEC:
		on_exec(run, task, (pid_t)stop->message);
		break;
	case TRACE_STARTED:
		take_sample(run, task);
		if (task->state != TASK_PLACEHOLDER)
			task_resume(&run->ending, task,
				    task->state == TASK_IN_CALL || task->state == TASK_IN_EXEC ? RESUME_TO_EXIT :
												 RESUME,
				    0, "start a thread");
		break;
	case TRACE_EXITED:
		on_exited(run, task, stop->status);
		break;
	default:
		break;
	}
}
