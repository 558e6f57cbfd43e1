/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/names.h"
#include "policy/words.h"
#include "tracee/landlock.h"
#include "tracee/memory.h"

enum { RESERVED_FD_MAX = 4096, GRACE_NS = 2000000000, FLUSH_NS = 1000000000,
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

	if (b->pid > 0)
		kill(b->pid, SIGKILL);
	for (task = b->tasks; task; task = task->hh.next)
		if (task->tgid != b->pid)
			kill(task->tgid, SIGKILL);
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
static void check(struct broker *b, int r, const char *what)
{
	if (r < 0 && r != -ESRCH && !b->ending)
		broker_fail(b, "cannot %s: %s", what, strerror(-r));
}

static void check_log(struct broker *b)
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

/* ------------------------------------------------------------------ tasks and calls */

static struct task *find_task(struct broker *b, pid_t tid)
{
	struct task *task;

	HASH_FIND_INT(b->tasks, &tid, task);
	return task;
}

static struct task *add_task(struct broker *b, pid_t tid, pid_t tgid, enum task_state state)
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

static struct call *take_call(struct broker *b)
{
	struct call *call = b->free_calls;
	unsigned i;

	if (call) {
		b->free_calls = call->next_free;
	} else {
		call = xcalloc(1, sizeof *call);
		for (i = 0; i < REQUEST_MAX_PATHS; i++)
			call->objects[i] = (struct object)OBJECT_INIT;
	}
	call->decided = 0;
	call->audited = call->returned = call->watch_exit = false;
	call->result = 0;
	call->slot = -1;
	call->output_bytes = 0;
	call->duration_ns = call->broker_ns = 0;
	call->decision = (struct decision){ .action = ACTION_ALLOW };
	return call;
}

static void release_call(struct broker *b, struct call *call)
{
	unsigned i;

	for (i = 0; i < call->request.n_paths; i++)
		object_reset(&call->objects[i]);
	if (call->slot >= 0)
		scratch_release(b->scratch, call->slot);
	b->output_promised -= call->output_bytes;
	call->next_free = b->free_calls;
	b->free_calls = call;
}

/* ------------------------------------------------------------------ record */

static void count_call(struct broker *b, const struct call *call)
{
	const struct request *request = &call->request;
	struct syscall_count *count;

	count = &b->counts[request->row ? request->nr : COUNTED_SYSCALLS - 1];
	count->calls++;
	count->errors += call->returned && call->result < 0 && call->result > -4096;
	count->time_ns += call->duration_ns;
	count->broker_ns += call->broker_ns;
	count->decided[call->decision.action]++;
}

static void describe_refusal(struct broker *b, const struct call *call, const struct stack *stack,
			     struct refusal *r, struct buf *args, char name[32])
{
	static const char *const archs[] = { "x86_64", "x32", "i386" };
	const struct object *object = &call->objects[call->decided];
	const struct python_frame *frame = record_user_frame(stack, b->options->library);
	const struct grant *nearest = NULL;
	unsigned i, n = request_n_args(&call->request);

	for (i = 0; i < n; i++) {
		if (i)
			buf_lit(args, ", ");
		request_format_arg(&call->request, i, args);
	}
	*r = (struct refusal){
		.syscall = request_name(&call->request, name),
		.args = args->data ? args->data : "",
		.action = call->decision.action,
		.audit = b->options->audit,
		.err = errno_name(call->decision.err),
		.arch = archs[call->request.arch],
		.rule = call->decision.rule.kind,
		.rule_ref = call->decision.rule.ref,
		.submission = b->options->submission,
		.never = (const char *const *)b->options->policy->never_syscalls,
		.n_never = b->options->policy->n_never_syscalls,
	};
	if (call->request.n_paths && object->path[0]) {
		r->path = object->path;
		nearest = policy_nearest(b->options->policy, object->path, object->len);
	}
	if (call->decision.grant)
		r->rule_text = call->decision.grant->text;
	if (nearest) {
		r->nearest_path = nearest->text;
		r->nearest_ref = nearest->rule.ref;
	}
	if (frame) {
		r->file = frame->file;
		r->line = (uint64_t)frame->line;
		r->function = frame->function;
	}
}

static void note_violation(struct broker *b, const struct call *call, const struct stack *stack,
			   uint64_t sequence)
{
	_cleanup_buf_ struct buf args = { 0 }, place = { 0 }, student = { 0 }, staff = { 0 };
	struct violation *first = &b->result->first;
	struct refusal refusal;
	char name[32];
	bool is_first = b->result->violations++ == 0;

	if (!is_first && !b->options->live)
		return;
	describe_refusal(b, call, stack, &refusal, &args, name);
	if (b->options->live)
		live_refusal(b->options->live, &refusal, sequence);
	if (!is_first)
		return;
	words_student(&student, &refusal);
	words_staff(&staff, &refusal);
	first->sequence = sequence;
	first->action = xstrdup(refusal.syscall);
	first->path = refusal.path ? xstrdup(refusal.path) : NULL;
	first->code = words_place(&place, &refusal, false) ? buf_steal(&place) : NULL;
	first->student = buf_steal(&student);
	first->staff = buf_steal(&staff);
}

static void record(struct broker *b, struct call *call, const struct stack *stack)
{
	uint64_t sequence;

	count_call(b, call);
	sequence = record_call(b->options->recorder, call, stack);
	if (call->decision.violation)
		note_violation(b, call, stack, sequence);
	check_log(b);
}

/* ------------------------------------------------------------------ a call */

static handler_fn *const handlers[HANDLE_COUNT] = {
	[HANDLE_OPEN] = handle_open,
	[HANDLE_STAT] = handle_stat,
	[HANDLE_STATX] = handle_statx,
	[HANDLE_ACCESS] = handle_access,
	[HANDLE_READLINK] = handle_readlink,
	[HANDLE_STATFS] = handle_statfs,
	[HANDLE_CHDIR] = handle_chdir,
	[HANDLE_WRITE_PATH] = handle_write_path,
	[HANDLE_READ_XATTR] = handle_read_xattr,
	[HANDLE_EXEC] = handle_exec,
	[HANDLE_CLOSE] = handle_close,
	[HANDLE_CLOSE_RANGE] = handle_close_range,
	[HANDLE_DUP_ONTO] = handle_dup_onto,
	[HANDLE_IOCTL] = handle_ioctl,
	[HANDLE_FCNTL] = handle_fcntl,
	[HANDLE_LSEEK] = handle_lseek,
	[HANDLE_SHUTDOWN] = handle_shutdown,
	[HANDLE_MMAP] = handle_mmap,
	[HANDLE_WRITE] = handle_write,
	[HANDLE_NEW_DESCRIPTOR] = handle_new_descriptor,
	[HANDLE_TKILL] = handle_tkill,
	[HANDLE_CLOCK] = handle_clock,
	[HANDLE_AFFINITY] = handle_affinity,
	[HANDLE_LIMIT] = handle_limit,
};

static void refuse_foreign(struct call *call)
{
	static const struct rule rule_arch = { RULE_ARCH, "arch", "builtin:syscalls" };

	act_refuse(call, (struct decision){
				 .action = ACTION_KILL, .rule = rule_arch, .violation = true });
}

static bool never_returns(uint32_t nr)
{
	return nr == SYS_exit || nr == SYS_exit_group || nr == SYS_rt_sigreturn;
}

/* Decide: what the table says of the call, then its handler. Fills decision, how, result. */
static void decide(struct broker *b, struct call *call)
{
	const struct request *request = &call->request;
	const struct syscall_row *row = request->row;

	if (request->arch != ARCH_X86_64) {
		refuse_foreign(call);
	} else if (!row) {
		act_refuse(call, policy_decide_refused(b->options->policy, ENOSYS));
	} else if (b->options->calls == LOG_ALL &&
		   syscall_allowed_in_kernel(request->nr, request->args, &b->values)) {
		call->decision = (struct decision){ .action = ACTION_ALLOW, .rule = rule_registers };
		act_kernel(call);
		call->watch_exit = !never_returns(request->nr);
	} else if (handlers[row->handler]) {
		handlers[row->handler](b, call);
	} else if (row->err == ENOSYS) {
		act_hide(call, rule_syscall, ENOSYS);
	} else {
		act_refuse(call, policy_decide_refused(b->options->policy, row->err));
	}
}

/*
 * Audit mode: what would have been refused goes to the kernel as it stands (audit.c). Only clone3 keeps
 * its answer, because its flags, which decide whether the new task is traced, are in memory.
 */
static void let_through(struct broker *b, struct call *call)
{
	if (!broker_audits(b) || call->decision.action == ACTION_ALLOW || call->request.nr == SYS_clone3 ||
	    call->request.arch != ARCH_X86_64)
		return;
	call->audited = true;
	call->returned = false;
	act_kernel(call);
	call->watch_exit = call->request.nr != SYS_vfork && call->request.nr != SYS_execve &&
			   call->request.nr != SYS_execveat;
}

/* How the path of a refused call was resolved, step by step, for explanations. */
static void add_trail(struct broker *b, struct call *call)
{
	struct object *object = &call->objects[call->decided];
	const struct request_path *path = &call->request.paths[call->decided];
	struct object again = OBJECT_INIT;

	if (call->request.n_paths == 0 || path->err || object->path[0] == '\0')
		return;
	resolve(b->resolver, call->request.tgid, call->request.tid, path->dirfd, b->reserved_fd, path->text,
		path->len, call->resolve_flags | RESOLVE_TRAIL, &again);
	/* Somebody may have changed the tree meanwhile: then the steps would explain something else. */
	if (streq(again.path, object->path)) {
		object->steps = steal_ptr(&again.steps);
		object->trail_text = steal_ptr(&again.trail_text);
		object->n_steps = again.n_steps;
		again.n_steps = 0;
	}
	object_fini(&again);
}

/* The reader is made when the first stack is asked for: most runs ask for none. */
static const struct stack *read_stack_of(struct broker *b, const struct task *task,
					 const struct user_regs_struct *regs)
{
	if (b->options->stack == STACK_NONE || task->tgid != b->pid)
		return NULL;
	if (!b->stacks)
		b->stacks = stack_reader_new(b->pid);
	return stack_read(b->stacks, task->tid, regs, b->options->stack);
}

static const struct stack *read_stack(struct broker *b, const struct task *task, const struct call *call)
{
	bool wanted = call->decision.violation || b->options->stack_for_all;

	return wanted ? read_stack_of(b, task, &call->request.regs) : NULL;
}

static void broker_call(struct broker *b, struct task *task, const struct user_regs_struct *regs)
{
	struct call *call = take_call(b);
	const struct stack *stack;
	uint64_t now;
	bool done;

	call->start_ns = clock_ns(CLOCK_MONOTONIC);
	call->wall_ns = clock_ns(CLOCK_REALTIME);
	decode(task->tgid, task->tid, regs, &call->request);
	decide(b, call);
	if (call->how == HOW_WAIT) {
		task->state = TASK_WAITING;
		b->n_waiting++;
		release_call(b, call);
		return;
	}
	if (call->decision.violation)
		add_trail(b, call);
	stack = read_stack(b, task, call);
	let_through(b, call);
	check(b, act_enter(b, task, call, &done), "carry out a call");
	now = clock_ns(CLOCK_MONOTONIC);
	call->broker_ns = now - call->start_ns;
	if (!done)
		return;
	call->duration_ns = call->broker_ns;
	record(b, call, stack);
	release_call(b, call);
}

/* In audit mode a number without a row comes back from the kernel too. */
static bool is_handled(const struct call *call, enum syscall_handler handler)
{
	return call->request.row && call->request.row->handler == handler;
}

static void count_written(struct broker *b, const struct call *call)
{
	bool counted = call->output_bytes > 0;

	if (!is_handled(call, HANDLE_WRITE) || !b->output_counted || call->result <= 0)
		return;
	if (!counted && !is_stdio(b, call->request.tid, (int)call->request.args[0], 7))
		return;
	b->output_bytes += (uint64_t)call->result;
	if (b->output_bytes > b->options->policy->limits.output_bytes ||
	    (counted && call->output_bytes < call->request.args[2] &&
	     call->request.nr != SYS_writev && (uint64_t)call->result == call->output_bytes))
		limits_crossed(b, LIMIT_OUTPUT, b->output_bytes + 1);
}

/* One descriptor more than the limit was asked for: RLIMIT_NOFILE is the limit. */
static void check_descriptor(struct broker *b, const struct call *call)
{
	uint64_t limit = b->options->policy->limits.files;

	if (limit != UINT64_MAX && call->result == -EMFILE)
		limits_crossed(b, LIMIT_FILES, limit + 1);
}

static void finish_call(struct broker *b, struct task *task)
{
	struct call *call = task->call;
	uint64_t begin = clock_ns(CLOCK_MONOTONIC), now;
	const struct stack *stack = NULL;
	int r = act_leave(b, task, call);

	task->call = NULL;
	task->state = TASK_RUNNING;
	if (r < 0) {
		check(b, r, "restore registers");
		call->returned = false;
	} else {
		count_written(b, call);
		check_descriptor(b, call);
	}
	if (call->audited || b->options->stack_for_all)
		stack = read_stack(b, task, call);
	if (!b->ending)
		check(b, trace_resume(task->tid, RESUME, 0), "resume a thread");
	now = clock_ns(CLOCK_MONOTONIC);
	call->duration_ns = now - call->start_ns;
	call->broker_ns += now - begin;
	record(b, call, stack);
	release_call(b, call);
}

/* A thread ended in the middle of a call: it is in the log all the same. */
static void abandon_call(struct broker *b, struct task *task)
{
	struct call *call = steal_ptr(&task->call);

	if (!call)
		return;
	call->duration_ns = clock_ns(CLOCK_MONOTONIC) - call->start_ns;
	record(b, call, NULL);
	release_call(b, call);
}

static void remove_task(struct broker *b, struct task *task)
{
	abandon_call(b, task);
	b->n_waiting -= task->state == TASK_WAITING;
	HASH_DEL(b->tasks, task);
	free(task);
	b->n_tasks--;
}

/* ------------------------------------------------------------------ stops */

static void on_seccomp(struct broker *b, struct task *task)
{
	struct user_regs_struct regs;
	int r;

	b->stops++;
	task->stops++;
	if (!b->executed) {
		/* Our own code between the filter and the first exec. */
		check(b, trace_resume(task->tid, RESUME, 0), "start the program");
		return;
	}
	r = trace_get_registers(task->tid, &regs);
	if (r < 0)
		check(b, r, "read registers");
	else if (!b->ending)
		broker_call(b, task, &regs);
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
	struct task *old = former != task->tid ? find_task(b, former) : NULL;

	/* Exec by another thread than the first: it takes the first one's id, and its state. */
	if (old)
		remove_task(b, old);
	abandon_call(b, task);
	if (!b->executed && !is_expected_program(b, task->tid)) {
		broker_fail(b, "another program than %s was executed", b->options->executable);
		return;
	}
	if (b->executed && !broker_audits(b)) {
		broker_fail(b, "the program has executed another one");
		return;
	}
	task->state = TASK_IN_EXEC;
	check(b, trace_resume(task->tid, RESUME_TO_EXIT, 0), "start the program");
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
	check_log(b);
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
	check(b, trace_resume(task->tid, RESUME, 0), "start the program");
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
		finish_call(b, task);
	else
		check(b, trace_resume(task->tid, RESUME, 0), "resume a thread");
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

static void kill_foreign(struct broker *b, struct task *task, const siginfo_t *info)
{
	struct call *call = take_call(b);
	struct user_regs_struct regs;

	call->start_ns = clock_ns(CLOCK_MONOTONIC);
	call->wall_ns = clock_ns(CLOCK_REALTIME);
	memset(&call->request, 0, sizeof call->request);
	call->request.tid = task->tid;
	call->request.tgid = task->tgid;
	call->request.nr = (uint32_t)info->si_syscall;
	call->request.arch = ARCH_I386;
	if (trace_get_registers(task->tid, &regs) == 0) {
		const uint64_t args[] = { regs.rbx, regs.rcx, regs.rdx, regs.rsi, regs.rdi, regs.rbp };

		call->request.regs = regs;
		memcpy(call->request.args, args, sizeof args);
	}
	refuse_foreign(call);
	record(b, call, read_stack(b, task, call));
	release_call(b, call);
	broker_end(b, STATUS_PV);
}

static void on_signal(struct broker *b, struct task *task, int signal)
{
	const struct stack *stack = NULL;
	struct user_regs_struct regs;
	siginfo_t info;
	bool known, fatal, first;

	known = trace_signal_info(task->tid, &info) == 0;
	if (known && signal == SIGSYS && info.si_code == 1 /* SYS_SECCOMP */) {
		kill_foreign(b, task, &info);
		return;
	}
	first = signal > 0 && signal <= 64 && b->signals[signal]++ == 0;
	fatal = signal > 0 && signal <= 64 && b->signals[signal] < 64 && is_fatal(task->tid, signal);
	if (first || fatal) {
		if (fatal && trace_get_registers(task->tid, &regs) == 0)
			stack = read_stack_of(b, task, &regs);
		record_signal(b->options->recorder, task->tgid, task->tid, signal, known ? &info : NULL, fatal,
			      stack);
		check_log(b);
	}
	if (!b->ending)
		check(b, trace_resume(task->tid, RESUME, signal), "deliver a signal");
}

static void on_new_task(struct broker *b, struct task *parent, pid_t tid, bool thread)
{
	struct task *task = find_task(b, tid);
	pid_t tgid = thread ? parent->tgid : tid;

	if (!task) {
		task = add_task(b, tid, tgid, TASK_RUNNING);
	} else {
		task->tgid = tgid;
		task->state = TASK_RUNNING;
		if (task->stopped_early)
			check(b, trace_resume(tid, RESUME, 0), "start a thread");
	}
	placement_new_thread(b, task);
	if (b->n_tasks > b->options->policy->limits.tasks)
		limits_crossed(b, LIMIT_TASKS, b->n_tasks);
	/* A call whose exit stop is still to come (audit mode: fork) keeps waiting for it. */
	check(b, trace_resume(parent->tid, parent->state == TASK_IN_CALL ? RESUME_TO_EXIT : RESUME, 0),
	      "resume a thread");
}

static void on_exited(struct broker *b, struct task *task, int status)
{
	if (task->tid == b->pid) {
		b->wait_status = status;
		b->ended = true;
	}
	remove_task(b, task);
}

/* Threads whose calls had to wait for another call's result are looked at again. */
static void wake_waiting(struct broker *b)
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

static void on_stop(struct broker *b, const struct trace_stop *stop)
{
	struct task *task = find_task(b, stop->tid);

	if (!task && stop->event == TRACE_EXITED)
		return;
	if (!task) {
		/* Its parent's event has not come yet: hold it until it does. */
		task = add_task(b, stop->tid, 0, TASK_PLACEHOLDER);
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
		check(b, trace_resume(task->tid, RESUME_LISTEN, 0), "hold a stopped thread");
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
			check(b,
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

/*
 * A limit is about to end the run: where was the program? Its first thread is stopped for a look,
 * if it is not stopped anyway; one that does not stop in time is told without.
 */
void broker_look(struct broker *b)
{
	struct task *task = find_task(b, b->pid) ?: b->tasks;
	struct user_regs_struct regs;
	struct trace_stop stop;

	if (!task || b->options->stack == STACK_NONE || b->result->stack.len)
		return;
	if (trace_get_registers(task->tid, &regs) < 0) {
		if (trace_interrupt(task->tid) < 0 || trace_wait_for_ms(task->tid, LOOK_MS, &stop) < 0)
			return;
		if (stop.event == TRACE_EXITED) {
			on_stop(b, &stop);
			return;
		}
		if (trace_get_registers(task->tid, &regs) < 0)
			return;
	}
	record_format_stack(read_stack_of(b, task, &regs), b->options->library,
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
		if (!asked_by_kernel)
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
		check_log(b);
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
				on_stop(b, &stops[i]);
		if (b->n_waiting && !b->ending)
			wake_waiting(b);
		if (limits_tick_due() || asked_to_end)
			on_tick(b);
	}
}

/* ------------------------------------------------------------------ before and after */

static int add_landlock_rules(const struct broker *b, int ruleset, int abi)
{
	static const char loader[] = "/lib64/ld-linux-x86-64.so.2";
	const struct policy *policy = b->options->policy;
	size_t i;
	int r;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];
		const char *path = grant->shape == GRANT_PATTERN ? grant->root : grant->path;
		_cleanup_close_ int fd = -1;
		struct stat st;
		unsigned access = LANDLOCK_READ | (grant->extra & WANT_WRITE ? LANDLOCK_WRITE : 0u);

		if (grant->rule.kind != RULE_READ)
			continue;
		fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 || fstat(fd, &st) < 0 || S_ISLNK(st.st_mode))
			continue;
		if (grant->shape == GRANT_EXACT && S_ISDIR(st.st_mode))
			access = LANDLOCK_LIST;
		r = landlock_allow(ruleset, abi, fd, access);
		if (r < 0)
			return r;
	}
	for (i = 0; i < 2; i++) {
		_cleanup_close_ int fd = open(i ? loader : b->options->executable, O_PATH | O_CLOEXEC);

		if (fd >= 0) {
			r = landlock_allow(ruleset, abi, fd, LANDLOCK_READ | LANDLOCK_EXECUTE);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int make_landlock(struct broker *b, int *ret_abi)
{
	int abi = b->options->audit ? 0 : landlock_abi(), fd = -1, r;

	*ret_abi = abi;
	if (abi == 0)
		return -1;
	r = landlock_new(abi, &fd);
	if (r == 0)
		r = add_landlock_rules(b, fd, abi);
	if (r < 0) {
		broker_fail(b, "cannot make the Landlock ruleset: %s", strerror(-r));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* The facts that the filter is compiled for. */
static void gather_facts(struct broker *b)
{
	static const int files[] = { STDOUT_FILENO, STDERR_FILENO };
	bool seekable = false;
	size_t i;

	for (i = 0; i < 3; i++)
		if ((b->options->closed_stdio & (1u << i)) || fstat((int)i, &b->stdio[i]) < 0)
			memset(&b->stdio[i], 0, sizeof b->stdio[i]);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		seekable |= S_ISREG(b->stdio[files[i]].st_mode) || S_ISBLK(b->stdio[files[i]].st_mode);
	b->output_counted = b->options->policy->limits.output_bytes != UINT64_MAX;
	if (scratch_can_seal())
		b->values.facts |= FACT_MSEAL;
	if (!b->output_counted)
		b->values.facts |= FACT_OUTPUT_UNCOUNTED;
	if (b->options->policy->limits.files == UINT64_MAX)
		b->values.facts |= FACT_FILES_UNCOUNTED;
	if (!seekable)
		b->values.facts |= FACT_SEEK_FREE;
	b->values.symbol[REG_SCRATCH_END] = SCRATCH_ADDRESS + SCRATCH_SIZE;
}

/* Room for the reserved descriptors above what the program may open itself. */
static int reserve_descriptors(struct broker *b, size_t n, rlim_t *ret_files)
{
	uint64_t limit = b->options->policy->limits.files;
	struct rlimit now;
	rlim_t first;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return -errno;
	*ret_files = now.rlim_cur;
	if (now.rlim_max < n + 64)
		return -EMFILE;
	/* Just above what the program may open: a higher number costs a larger descriptor table. */
	first = MIN(now.rlim_cur, (rlim_t)RESERVED_FD_MAX);
	if (limit != UINT64_MAX && limit < 1000000)
		first = MAX(first, limit);
	b->reserved_fd = (int)MIN(first, now.rlim_max - n - 16);
	b->n_reserved = n;
	b->values.symbol[REG_RESERVED_FD] = (uint64_t)b->reserved_fd;
	now.rlim_cur = now.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &now) < 0)
		return -errno;
	if (limit != UINT64_MAX)
		*ret_files = MIN(*ret_files, limit);
	*ret_files = MIN(*ret_files, (rlim_t)b->reserved_fd);
	return 0;
}

static int start_program(struct broker *b, struct spawned *ret_spawned)
{
	size_t n_roots = resolver_n_roots(b->resolver), i;
	_cleanup_free_ int *fds = xcalloc(n_roots + 1, sizeof *fds);
	_cleanup_close_ int landlock_fd = -1;
	uint64_t cpu = b->options->policy->limits.cpu_ns;
	rlim_t files = 0, cpu_seconds = cpu == UINT64_MAX ? RLIM_INFINITY : cpu / 1000000000u + 2;
	int abi, r = reserve_descriptors(b, n_roots + 1, &files);
	const struct spawn_limit limits[] = {
		{ RLIMIT_CORE, 0, 0 },
		{ RLIMIT_MSGQUEUE, 0, 0 },
		/* Queued signals and timers are counted per user, who has other processes. */
		{ RLIMIT_SIGPENDING, 4096, 4096 },
		{ RLIMIT_MEMLOCK, 1 << 16, 1 << 16 },
		{ RLIMIT_CPU, cpu_seconds, cpu_seconds },
		{ RLIMIT_NOFILE, files, files },
	};

	if (r < 0)
		return r;
	for (i = 0; i < n_roots; i++)
		fds[i] = resolver_root_fd(b->resolver, i);
	fds[n_roots] = scratch_fd(b->scratch);
	landlock_fd = make_landlock(b, &abi);
	b->landlock_abi = landlock_fd >= 0 ? abi : 0;
	if (b->result->error)
		return -EIO;
	const struct spawn spawn = {
		.path = b->options->program,
		.argv = b->options->argv,
		.envp = b->options->envp,
		.fds = fds,
		.n_fds = n_roots + 1,
		.reserved_fd = b->reserved_fd,
		.closed_stdio = b->options->closed_stdio,
		.limits = limits,
		.n_limits = ARRAY_SIZE(limits),
		.values = b->values,
		.stop_all = b->options->calls == LOG_ALL,
		.landlock_fd = landlock_fd,
		.landlock_abi = abi,
		.signal_mask = b->options->signal_mask,
		.ignored = b->options->ignored_signals,
	};
	return spawn_program(&spawn, ret_spawned);
}

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
	free(b);
}

/* A container may forbid these alone: the program would meet it in the middle of its start. */
static int check_host(void)
{
	const char word = 'p';
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	_cleanup_close_ int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, pidfd, 0);
	char copy;

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : -ENOSYS;
	return memory_read(getpid(), (uintptr_t)&word, &copy, 1) < 0 ? -ENOSYS : 0;
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
	b->pidfd = -1;
	gather_facts(b);
	size = syscall(SYS_sched_getaffinity, 0, sizeof b->affinity, b->affinity);
	b->affinity_size = size > 0 ? (size_t)size : 0;
	placement_start(b);
	r = check_host();
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
	add_task(b, spawned.pid, spawned.pid, TASK_RUNNING)->pinned = b->placement.pinned;
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
