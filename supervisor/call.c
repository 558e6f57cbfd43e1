/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A brokered call from its entry stop to its record: decode, decide (which resolves), act, record.
 * Data goes one way; a call that the kernel has to run is picked up again at its exit stop.
 */
#include "supervisor/state.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/names.h"
#include "policy/words.h"
#include "supervisor/listing.h"

/* A call starts from nothing; its objects do (object_reset()) since the last one was released. */
static void call_init(struct call *call)
{
	call->decided = call->resolve_flags = 0;
	call->undecided = call->audited = call->returned = call->watch_exit = false;
	call->how = HOW_SKIP;
	call->result = 0;
	call->slot = -1;
	call->then = NULL;
	call->handover = 0;
	call->futex = (struct futex_wait){ .waits = false };
	call->output = OUTPUT_NONE;
	call->output_bytes = 0;
	call->duration_ns = call->broker_ns = 0;
	call->decision = (struct decision){ .action = ACTION_ALLOW };
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
	call_init(call);
	return call;
}

static void release_call(struct broker *b, struct call *call)
{
	unsigned i;

	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		object_reset(&call->objects[i]);
	if (call->slot >= 0)
		scratch_release(b->scratch, call->slot);
	output_settle(&b->output, call->output, call->output_bytes);
	call->next_free = b->free_calls;
	b->free_calls = call;
}

/* ------------------------------------------------------------------ record */

static void count_call(struct broker *b, const struct call *call)
{
	const struct request *request = &call->request;
	struct syscall_count *count;

	count = tally_syscall(&b->tally, request->nr, request->row != NULL);
	count->calls++;
	count->errors += call->returned && call->result < 0 && call->result > -4096;
	count->time_ns += call->duration_ns;
	count->broker_ns += call->broker_ns;
	if (!call->undecided)
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
	broker_check_log(b);
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
	[HANDLE_PIDFD_OPEN] = handle_pidfd_open,
	[HANDLE_SETFSID] = handle_setfsid,
	[HANDLE_CLOCK] = handle_clock,
	[HANDLE_AFFINITY] = handle_affinity,
	[HANDLE_LIMIT] = handle_limit,
	[HANDLE_FUTEX] = handle_futex,
	[HANDLE_SYNC] = handle_sync,
	[HANDLE_ADVICE] = handle_advice,
	[HANDLE_MEMBARRIER] = handle_membarrier,
	[HANDLE_READ_FLAGS] = handle_read_flags,
	[HANDLE_SOCKET_NAME] = handle_socket_name,
	[HANDLE_RECEIVE] = handle_receive,
	[HANDLE_WATCH] = handle_watch,
	[HANDLE_LISTING] = handle_listing,
};

static void refuse_foreign(struct call *call)
{
	static const struct rule rule_arch = { RULE_ARCH, "arch", "builtin:syscalls" };

	act_refuse(call, (struct decision){
				 .action = ACTION_KILL, .rule = rule_arch, .violation = true });
}

/* <asm/vsyscall.h>, VSYSCALL_ADDR */
#define VSYSCALL_ADDRESS UINT64_C(0xffffffffff600000)

/* By the policy's `never`, whatever its arguments. */
static void refuse_forbidden(struct broker *b, struct call *call)
{
	struct decision decision;

	if (!policy_decide_syscall(b->options->policy, call->request.row->name, &decision))
		decision = policy_decide_refused(b->options->policy, 0);
	act_refuse(call, decision);
}

static bool never_returns(uint32_t nr)
{
	return nr == SYS_exit || nr == SYS_exit_group || nr == SYS_rt_sigreturn;
}

/* At the address of the old page of calls, which the kernel emulates: no exit stop follows there. */
static bool is_vsyscall(const struct request *request)
{
	return request->regs.rip >> 12 == VSYSCALL_ADDRESS >> 12;
}

/* Decide: what the table says of the call, then its handler. Fills decision, how, result. */
static void decide(struct broker *b, struct call *call)
{
	const struct request *request = &call->request;
	const struct syscall_row *row = request->row;

	if (request->arch != ARCH_X86_64) {
		refuse_foreign(call);
	} else if (!row) {
		act_deny(b, call, ENOSYS);
	} else if (syscall_is_forbidden(&b->values, request->nr)) {
		refuse_forbidden(b, call);
	} else if (is_vsyscall(request)) {
		handle_vsyscall(b, call);
	} else if (b->options->calls == LOG_ALL &&
		   syscall_allowed_in_kernel(request->nr, request->args, &b->values)) {
		act_allow(call);
		act_kernel(call);
		call->watch_exit = !never_returns(request->nr);
	} else if (handlers[row->handler]) {
		handlers[row->handler](b, call);
	} else if (row->err == ENOSYS) {
		act_hide(call, rule_syscall, ENOSYS);
	} else {
		act_deny(b, call, row->err);
	}
}

/*
 * Audit mode: what would have been refused goes to the kernel as it stands (audit.c). Only clone3 keeps
 * its answer, because its flags, which decide whether the new task is traced, are in memory.
 */
static void let_through(struct broker *b, struct call *call)
{
	if (!broker_audits(b) || call->decision.action == ACTION_ALLOW || call->request.nr == SYS_clone3 ||
	    call->request.arch != ARCH_X86_64 || is_vsyscall(&call->request))
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

static const struct stack *read_stack(struct broker *b, const struct task *task, const struct call *call)
{
	bool wanted = call->decision.violation || b->options->stack_for_all;

	return wanted ? stacks_read(&b->stacks, task->tgid, task->tid, &call->request.regs) : NULL;
}

/*
 * A write elsewhere may wait for its reader for long, and its reader may be the thread that now waits for it.
 * It comes back to be asked again, with what it has written so far or as if it had not begun.
 */
static void interrupt_writes(struct broker *b)
{
	const struct task *task;

	for (task = b->tasks.first; task; task = task->hh.next)
		if (task->state == TASK_IN_CALL && task->call && task->call->output == OUTPUT_ELSEWHERE)
			ending_check(&b->ending, trace_interrupt(task->tid), "interrupt a thread");
}

void call_broker(struct broker *b, struct task *task, const struct user_regs_struct *regs)
{
	struct call *call;
	const struct stack *stack;
	uint64_t now;
	bool done;

	if (task->call) {
		ending_fail(&b->ending, "a call began while another one of its thread was under way");
		return;
	}
	call = take_call(b);
	call->start_ns = clock_ns(CLOCK_MONOTONIC);
	call->wall_ns = clock_ns(CLOCK_REALTIME);
	decode(task->tgid, task->tid, regs, &call->request);
	decide(b, call);
	if (call->how == HOW_WAIT) {
		task->call = call;
		task_set_state(&b->tasks, task, TASK_WAITING);
		if (call->output == OUTPUT_ALIAS_WAITING)
			interrupt_writes(b);
		return;
	}
	if (call->decision.violation)
		add_trail(b, call);
	stack = read_stack(b, task, call);
	let_through(b, call);
	/* What is recorded is recorded with its result. */
	if (call->how == HOW_KERNEL && !call->audited && !never_returns(call->request.nr) &&
	    record_wants(b->options->recorder, call))
		call->watch_exit = true;
	ending_check(&b->ending, act_enter(b, task, call, &done), "carry out a call");
	now = clock_ns(CLOCK_MONOTONIC);
	call->broker_ns = now - call->start_ns;
	if (!done)
		return;
	call->duration_ns = call->broker_ns;
	record(b, call, stack);
	release_call(b, call);
}

static void count_written(struct broker *b, const struct call *call)
{
	const struct request *request = &call->request;
	bool less = request->nr != SYS_writev && call->output_bytes < request->args[2];

	if (call->output == OUTPUT_STDOUT && call->result > 0 &&
	    output_wrote(&b->output, (uint64_t)call->result, call->output_bytes, less))
		ending_crossed(&b->ending, b->watch.limits, LIMIT_OUTPUT, b->output.written + 1);
}

/* One descriptor more than the limit was asked for: RLIMIT_NOFILE is the limit. */
static void check_descriptor(struct broker *b, const struct call *call)
{
	uint64_t limit = b->options->policy->limits.files;

	if (limit != UINT64_MAX && call->result == -EMFILE)
		ending_crossed(&b->ending, b->watch.limits, LIMIT_FILES, limit + 1);
}

void call_finish(struct broker *b, struct task *task)
{
	struct call *call = task->call;
	uint64_t begin = clock_ns(CLOCK_MONOTONIC), now;
	const struct stack *stack = NULL;
	bool decides = call->then != NULL;
	int r = act_leave(b, task, call);

	task->call = NULL;
	task->state = TASK_RUNNING;
	if (r < 0) {
		ending_check(&b->ending, r, "restore registers");
		call->returned = false;
	} else {
		count_written(b, call);
		check_descriptor(b, call);
	}
	if (decides || call->audited || b->options->stack_for_all)
		stack = read_stack(b, task, call);
	task_resume(&b->ending, task, RESUME, 0, "resume a thread");
	now = clock_ns(CLOCK_MONOTONIC);
	call->duration_ns = now - call->start_ns;
	call->broker_ns += now - begin;
	record(b, call, stack);
	release_call(b, call);
}

/* A thread ended in the middle of a call: it is in the log all the same. */
void call_abandon(struct broker *b, struct task *task)
{
	struct call *call = steal_ptr(&task->call);

	if (!call)
		return;
	call->duration_ns = clock_ns(CLOCK_MONOTONIC) - call->start_ns;
	record(b, call, NULL);
	release_call(b, call);
}

void call_forget(struct broker *b, struct task *task)
{
	struct call *call = steal_ptr(&task->call);

	if (call)
		release_call(b, call);
}

void call_foreign(struct broker *b, struct task *task, const siginfo_t *info)
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
	ending_say(&b->ending, STATUS_PV);
}
