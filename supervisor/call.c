/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A brokered call from its entry stop to its record: decode, decide (which resolves), act, record.
 * Data goes one way; a call that the kernel has to run is picked up again at its exit stop.
 */
#include "supervisor/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/names.h"
#include "supervisor/burden.h"
#include "supervisor/decide.h"
#include "supervisor/fallback.h"
#include "supervisor/futex_wake.h"
#include "supervisor/lend.h"
#include "supervisor/meant.h"
#include "supervisor/question.h"
#include "words/words.h"

/* A call starts from nothing, whatever members it gets; its objects have been empty since it was last released. */
static void call_init(struct call *call)
{
	memset((char *)call + offsetof(struct call, decided), 0, sizeof *call - offsetof(struct call, decided));
	call->net.asked = false;
	buf_clear(&call->out);
	call->lent = call->second = call->slot = -1;
	call->n_slots = 1;
	call->how = HOW_SKIP;
}

static struct call *take_call(struct run *run)
{
	struct call *call = run->free_calls;
	unsigned i;

	if (call) {
		run->free_calls = call->next_free;
	} else {
		call = xcalloc(1, sizeof *call);
		for (i = 0; i < REQUEST_MAX_PATHS; i++)
			call->objects[i] = (struct object)OBJECT_INIT;
	}
	call_init(call);
	return call;
}

/* Counts N executions more by the rules of CALL, or takes them back. */
static void count_execution(struct run *run, const struct call *call, int n)
{
	run->executions[call->exec->number] += (uint64_t)n;
	if (call->outer != call->exec)
		run->executions[call->outer->number] += (uint64_t)n;
}

/* What OBJECT's name in its directory leads to now, O_PATH; the caller's. */
static int open_named(const struct object *object)
{
	const char *slash = strrchr(object->path, '/');

	return object->parent_fd < 0 ? -1 : openat(object->parent_fd, slash + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static void enter_made(struct ledger *ledger, const struct object *object)
{
	_cleanup_close_ int fd = open_named(object);

	if (fd >= 0)
		ledger_enter(ledger, object->grant, fd, true);
}

/* An open may have made its file and failed all the same. */
static void settle_open(struct ledger *ledger, const struct object *object)
{
	struct stat st;
	struct counted *file = object->fd >= 0 ? ledger_find(ledger, object->fd, &st) : NULL;

	ledger_end_open(ledger);
	if (file)
		ledger_settle(file, object->fd);
	else if (object->state == OBJECT_ABSENT)
		enter_made(ledger, object);
}

/* CALL is over: what it has stored or removed is counted, while its objects are held. */
static void settle_stored(struct ledger *ledger, const struct call *call)
{
	const struct object *first = &call->objects[0], *second = &call->objects[1];
	bool done = call->returned && call->result >= 0;
	struct counted *file;
	struct stat st;

	switch (call->ledger) {
	case LEDGER_NONE:
	case LEDGER_WRITE: /* when the file is looked at again: its call is not waited for */
		break;
	case LEDGER_OPEN:
		settle_open(ledger, first);
		break;
	case LEDGER_MAKE:
		if (done)
			enter_made(ledger, first);
		break;
	case LEDGER_LINK:
		file = done ? ledger_find(ledger, first->fd, &st) : NULL;
		if (file)
			ledger_linked(file);
		break;
	case LEDGER_REMOVE:
		if (done)
			ledger_removed(ledger, first->fd);
		break;
	case LEDGER_COVER:
		if (done)
			ledger_removed(ledger, second->fd);
		break;
	case LEDGER_LENGTH:
		file = ledger_find(ledger, first->fd, &st);
		if (file)
			ledger_settle(file, first->fd);
		break;
	case LEDGER_WRITE_BESIDE:
		file = ledger_find(ledger, call->lent, &st);
		if (file)
			ledger_end_write(file, call->lent);
		break;
	}
}

static void release_call(struct run *run, struct call *call)
{
	unsigned i;

	if (call->ledger != LEDGER_NONE)
		settle_stored(run->ledger, call);
	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		object_reset(&call->objects[i]);
	if (call->lent >= 0)
		close(call->lent);
	if (call->second >= 0)
		close(call->second);
	meant_free(steal_ptr(&call->meant));
	act_release(&run->actor, call);
	if (call->exec && !call->executed)
		count_execution(run, call, -1);
	if (call->output != OUTPUT_NONE)
		output_settle(&run->output, call->output, call->output_bytes);
	call->next_free = run->free_calls;
	run->free_calls = call;
}

/* ------------------------------------------------------------------ record */

static void count_call(struct run *run, const struct call *call)
{
	const struct request *request = &call->request;
	struct syscall_count *count;

	count = tally_syscall(&run->tally, request->nr, request->row != NULL);
	count->calls++;
	count->errors += call->returned && call->result < 0 && call->result > -4096;
	count->time_ns += call->duration_ns;
	count->broker_ns += call->broker_ns;
	if (!call->undecided)
		count->decided[call->decision.action]++;
}

static void describe_refusal(struct run *run, const struct call *call, const struct stack *stack,
			     struct refusal *r, struct buf *args, struct buf *address, char name[32])
{
	const struct object *object = &call->objects[call->decided];
	const struct python_frame *frame = record_user_frame(stack, run->options->library);
	const struct policy *policy = run_policy_of(run, call->request.tgid);
	const struct grant *nearest = NULL;
	unsigned i, n = request_n_args(&call->request);

	for (i = 0; i < n; i++) {
		if (i)
			buf_lit(args, ", ");
		request_format_arg(&call->request, i, args);
	}
	*r = (struct refusal){
		.syscall = request_name(&call->request, name),
		.topic = call->request.row ? (enum topic)call->request.row->topic : TOPIC_NONE,
		.conditional = call->request.row && syscall_is_conditional(call->request.row),
		.args = args->data ? args->data : "",
		.action = call->decision.action,
		.question = call->question,
		.audit = run->options->audit,
		.err = errno_name(call->decision.err),
		.arch = abi_name(call->request.abi),
		.rule = call->decision.rule.kind,
		.rule_ref = call->decision.rule.ref,
		.submission = run->options->submission,
		.submission_named = run->options->submission_named,
		.ruleset = policy->within ? policy->name : NULL,
		.scratch = policy->scratch_ref != NULL,
		.network = policy->n_net > 0,
		.never = policy->never_calls,
		.n_never = policy->n_never_calls,
	};
	r->meant = call->meant;
	if (call->net.asked) {
		net_put_address(address, &call->net.address);
		r->address = address->data;
	}
	if (call->on_descriptor) {
		r->opened = object->path;
	} else if (call->request.n_paths && object->path[0]) {
		r->path = object->path;
		nearest = policy_nearest(policy, object->path, object->len);
	}
	if (call->decision.grant)
		r->rule_text = call->decision.grant->text;
	if (nearest) {
		r->nearest_path = nearest->text;
		r->nearest_ref = nearest->rule.ref;
	}
	if (stack && frame) {
		r->file = frame->file;
		r->line = (uint64_t)frame->line;
		r->function = frame->function;
		r->through = frame > stack->python ? frame[-1].file : NULL;
	}
}

/* May people have to be told of CALL? */
static bool is_noted(const struct call *call)
{
	const struct rule *rule = &call->decision.rule;
	enum topic topic = call->request.row ? (enum topic)call->request.row->topic : TOPIC_NONE;

	return call->decision.violation || call->question ||
	       (call->decision.action == ACTION_HIDE && outcome_may_miss(rule->kind, rule->ref, topic));
}

static void note_refusal(struct run *run, const struct call *call, const struct stack *stack,
			 uint64_t sequence)
{
	_cleanup_buf_ struct buf args = { 0 }, address = { 0 };
	struct refusal refusal;
	char name[32];
	const char *given = call->request.n_paths ? call->request.paths[call->decided].text : NULL;

	describe_refusal(run, call, stack, &refusal, &args, &address, name);
	if (run->options->live && call->decision.violation)
		live_refusal(run->options->live, &refusal, sequence);
	if (call->request.tgid == run->ground.pid)
		raised_note(&run->raised, &refusal, given, sequence, call->decision.violation, stack);
	else
		raised_note_elsewhere(&run->raised, &refusal, given, sequence, call->decision.violation,
				      refusal.topic == TOPIC_EXEC);
	refusals_take(run->result, &refusal, sequence, call->decision.violation);
}

/* What the shadow would have answered otherwise. */
static void count_shadow(struct run *run, const struct call *call, uint64_t sequence)
{
	struct shadow_result *result = &run->result->shadow;

	if (call->decision.action == ACTION_ALLOW)
		result->refused++;
	else if (call->shadow.action == ACTION_ALLOW)
		result->allowed++;
	else
		result->otherwise++;
	if (!result->first)
		result->first = sequence;
}

static void record(struct run *run, struct call *call, const struct stack *stack)
{
	uint64_t sequence;

	count_call(run, call);
	if (call->decision.violation && call->decision.action == ACTION_DENY &&
	    (question_is_the_librarys(call, stack, run->options->library, run->options->submission) ||
	     question_is_of_locale(call, stack, run_policy_of(run, call->request.tgid)))) {
		call->decision.violation = false;
		call->question = true;
	}
	sequence = note_call(&run->notes, call, stack);
	if (call->shadowed)
		count_shadow(run, call, sequence);
	if (is_noted(call))
		note_refusal(run, call, stack, sequence);
	else if (call->request.tgid == run->ground.pid && call->request.n_paths && call->decision.action == ACTION_ALLOW)
		uncaught_called(&run->uncaught, call->objects[0].path);
	if (recorder_writes(run->options->recorder) && call->decision.action == ACTION_ALLOW)
		modules_take(&run->modules, run->resolver, call);
	run_check_log(run);
}

/* ------------------------------------------------------------------ a refusal that waits for what follows */

/* CALL has been answered; the next call tells whether it counts. STACK is copied. */
static void owe(struct task *task, struct call *call, const struct stack *stack)
{
	task->owed = call;
	task->owed_stack = stack ? stack_copy(stack) : NULL;
}

/* What the refusal was is told by NEXT, which is decided and names a path, or by the thread's end (NULL). */
static void settle(struct run *run, struct task *task, const struct call *next)
{
	struct call *call = steal_ptr(&task->owed);
	struct stack *stack = steal_ptr(&task->owed_stack);

	if (!call)
		return;
	if (next && fallback_follows(call, next))
		call->decision = fallback_decision(call);
	record(run, call, stack);
	release_call(run, call);
	free(stack);
}

/* ------------------------------------------------------------------ a call */

/* How the path of a refused call was resolved, step by step, for explanations. */
static void add_trail(struct run *run, struct call *call)
{
	struct object *object = &call->objects[call->decided];
	const struct request_path *path = &call->request.paths[call->decided];
	struct object again = OBJECT_INIT;

	if (call->request.n_paths == 0 || path->err || object->path[0] == '\0')
		return;
	resolve(run->resolver, call->request.tgid, call->request.tid, path->dirfd, run->ground.reserved_fd, path->text,
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

/* A traceback that the program makes shows in its stack, while its thread is held: after the call it goes on. */
static void look_for_printed(struct run *run, const struct call *call)
{
	const struct request *request = &call->request;

	if (call->decision.action != ACTION_ALLOW || request->tgid != run->ground.pid || !request->n_paths ||
	    !run->uncaught.armed.probe || run->uncaught.found)
		return;
	if (printed_called(&run->printed, run->options->submission, run->options->script, call->objects[0].path,
			   request->row && request->row->topic == TOPIC_OPEN))
		printed_look(&run->printed, &run->stacks, request->tgid, request->tid, &request->regs, run->options->library);
}

/*
 * What the descriptor that a refused CALL is about, and names no path for, is open on: for people, not for a decision.
 * It is asked of a duplicate, so name and kind are of one file. Of a file that has been removed, of a pipe and their
 * like there is no name.
 */
static void name_descriptor(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	struct object *object = &call->objects[call->decided];
	_cleanup_close_ int own = -1;
	struct stat st;
	size_t n;

	if (!request->row || (request->row->args[0] != ARG_FD && request->row->args[0] != ARG_DIRFD) || object->path[0])
		return;
	/* A path that is given, but could not be read or was not looked at, is what such a call is about. */
	if (request->n_paths && (call->decided || (!request->paths[0].null && (request->paths[0].err || request->paths[0].len))))
		return;
	own = lend_look(view, request->tid, (int)request->args[0]);
	if (own < 0)
		return;
	n = lend_name(own, object->path, sizeof object->path, &st);
	if (ends_with(object->path, " (deleted)"))
		n = 0;
	object->path[n] = '\0';
	object->len = n;
	call->on_descriptor = n > 0;
}

static const struct stack *read_stack(struct run *run, const struct task *task, struct call *call)
{
	bool noted = is_noted(call), wanted = noted || call->shadowed || run->options->stack_for_all;
	const struct stack *stack = wanted ? stacks_read(&run->stacks, task->tgid, task->tid, &call->request.regs) : NULL;

	if (noted && !call->meant)
		call->meant = meant_read(&run->stacks, call, stack, run->options->library);
	return stack;
}

/*
 * A write elsewhere may wait long for its reader, which may be the thread that now waits for the write. The write is
 * interrupted: it returns what it has written so far, or is asked again as if it had not begun.
 */
static void interrupt_writes(struct run *run)
{
	const struct task *task;

	for (task = run->tasks.first; task; task = task->hh.next)
		if (task->state == TASK_IN_CALL && task->call && task->call->output == OUTPUT_ELSEWHERE &&
		    task->call->ledger != LEDGER_WRITE_BESIDE) /* to a file: it waits for nobody */
			ending_check(&run->ending, trace_interrupt(task->tid), "interrupt a thread");
}

/* What PLAN promises is entered in the books, until the call is released. */
static void enter_books(struct run *run, struct call *call, const struct plan *plan)
{
	call->decision = plan->decision;
	call->undecided = plan->undecided;
	call->output = plan->output;
	call->output_bytes = plan->promised;
	call->ledger = plan->ledger;
	if (plan->ledger == LEDGER_OPEN)
		ledger_begin_open(run->ledger);
	else if (plan->ledger == LEDGER_WRITE)
		ledger_promise(plan->stored, plan->stored_end);
	else if (plan->ledger == LEDGER_WRITE_BESIDE)
		ledger_begin_write(plan->stored, plan->stored_end);
	if (plan->output != OUTPUT_NONE)
		output_begin(&run->output, plan->output, plan->promised);
	buffers_take(&run->buffers, plan->held);
	call->exec = plan->exec;
	call->outer = plan->outer;
	call->runs = plan->runs;
	if (call->exec)
		count_execution(run, call, 1);
	if (plan->kind == PLAN_CROSSED)
		ending_crossed(&run->ending, run->watch.limits,
			       &(struct crossing){ .limit = plan->limit, .used = plan->used });
}

/* CALL stays at its entry stop until another call has returned, and is recorded if the run ends before that. */
static void let_wait(struct run *run, struct task *task, struct call *call)
{
	call->how = HOW_WAIT;
	task->call = call;
	task_set_state(&run->tasks, task, TASK_WAITING);
	if (call->output == OUTPUT_ALIAS_WAITING)
		interrupt_writes(run);
}

/* What is recorded is recorded with its result, unless the plan says otherwise; with --calls all always. */
static bool is_result_wanted(const struct run *run, const struct call *call, const struct plan *plan)
{
	bool unwatched = plan->unwatched && run->options->calls != LOG_ALL;

	return plan->kind == PLAN_PASS && !unwatched && !call->audited && !decide_never_returns(&call->request) &&
	       note_wants(&run->notes, call);
}

/* Where output is limited, a stop's beginning; 0 elsewhere. */
static uint64_t output_clock(const struct run *run)
{
	return run->output.limit != UINT64_MAX ? burden_clock() : 0;
}

/* ------------------------------------------------------------------ a refusal that is asked about */

/* Is this the import system of the interpreter itself? Then the name does not tell what it will ask for next. */
static bool is_import(const struct stack *stack)
{
	return stack && stack->n_python && after_prefix(stack->python[0].file, "<frozen importlib._bootstrap");
}

/* Puts the question about TASK's CALL if PUT; otherwise only tells whether it can be put. */
static bool ask(struct run *run, const struct task *task, const struct call *call, bool put)
{
	const struct asking *who = run->ask.who;
	_cleanup_buf_ struct buf args = { 0 }, address = { 0 };
	const struct stack *stack = stacks_read(&run->stacks, task->tgid, task->tid, &call->request.regs);
	struct refusal refusal;
	char name[32];

	describe_refusal(run, call, stack, &refusal, &args, &address, name);
	refusal.importing = is_import(stack);
	if (!who->is_open(who->context, &refusal))
		return false;
	if (put)
		who->put(who->context, &refusal);
	return true;
}

void call_ask(struct run *run, struct task *task)
{
	task->asked = true;
	ask(run, task, task->call, true);
}

/* What is to be done with CALL, which PLAN may refuse: what a person has allowed already, or else wait until that
 * person is asked. */
static struct plan ask_first(struct run *run, struct task *task, const struct view *view, struct call *call,
			     struct plan plan)
{
	bool asked = task->asked;

	task->asked = false;
	/* What a person allows is laid over the run's policy, not over a program's own. */
	if (view->ground != &run->ground)
		return plan;
	plan = ask_decide(&run->ask, view, call, plan);
	if (asked || !ask_is_about(&run->ask, &plan) || fallback_may_follow(view->ground->policy, call, &plan))
		return plan;
	call->decision = plan.decision;
	call->asks = ask(run, task, call, false);
	if (call->asks)
		plan.kind = PLAN_WAIT;
	return plan;
}

/* The processes that PLAN has killed make no more calls, even if one of them seems to stand at the entry of one. */
static void note_killed(const struct run *run, const struct call *call, const struct plan *plan)
{
	struct process *process;
	int64_t pid;
	size_t at;

	if (plan->kind != PLAN_SIGNAL || plan->args[1] != SIGKILL || call->result < 0)
		return;
	for (at = 0; at < plan->data_len; at += sizeof pid) {
		memcpy(&pid, (const char *)plan->data + at, sizeof pid);
		process = tasks_process(&run->tasks, (pid_t)pid);
		if (process)
			process->killed = true;
	}
}

/* CALL has stopped for the supervisor since BEGIN. If it stopped only to be counted, that is not the program's
 * doing. */
static void count_stop(struct run *run, const struct call *call, uint64_t begin)
{
	if (begin && (call->output == OUTPUT_LENT || (call->output == OUTPUT_STDOUT && call->output_bytes)))
		run->watch.counting_ns += MIN(burden_clock() - begin, (uint64_t)BURDEN_STOP_NS);
}

/* May CALL, a write for which PLAN waits, be counted later? Only where each call that the kernel counts as a write of this
 * process stops, and nobody else can write in between. */
static bool may_lend(const struct run *run, const struct call *call, const struct plan *plan)
{
	return plan->kind == PLAN_PASS && plan->output == OUTPUT_STDOUT && call->request.nr == SYS_write &&
	       plan->promised == call->request.args[2] && run->tasks.n == 1 && !run->ledger && !run->ground.audits &&
	       !(run->ground.values.facts & FACT_WRITES_FREE) && !note_wants(&run->notes, call);
}

/* What is lent to earlier writes is taken back, unless CALL is one more of them: then PLAN need not wait for it. */
static void lend_output(struct run *run, const struct call *call, struct plan *plan)
{
	if (may_lend(run, call, plan) && output_lend(&run->output, call->request.tgid, plan->promised)) {
		plan->output = OUTPUT_LENT;
		plan->promised = 0;
		plan->watch = false;
	} else {
		output_take_back(&run->output);
	}
}

static bool is_killed(const struct run *run, const struct task *task)
{
	const struct process *process = tasks_process(&run->tasks, task->tgid);

	return process && process->killed;
}

void call_broker(struct run *run, struct task *task, const struct user_regs_struct *regs)
{
	const struct view view = run_view(run, task->tgid);
	const struct stack *stack;
	struct call *call;
	struct plan plan;
	uint64_t now, burden;
	bool done, owes;

	if (task->call) {
		ending_fail(&run->ending, "a call began while another one of its thread was under way");
		return;
	}
	call = take_call(run);
	burden = output_clock(run);
	call->start_ns = clock_ns(CLOCK_MONOTONIC);
	call->wall_ns = clock_ns(CLOCK_REALTIME);
	decode(task->tgid, task->tid, regs, &call->request);
	call->dead = is_killed(run, task);
	if (output_is_tight(&run->output, call->request.nr == SYS_write ? call->request.args[2] : UINT64_MAX))
		output_take_back(&run->output);
	plan = act_with_descriptor(&run->actor, &view, call, &task->handed, decide(&view, call));
	handed_drop(&task->handed);
	plan = ask_first(run, task, &view, call, plan);
	if (view.ground == &run->ground)
		shadow_ask(&run->shadow, &view, &plan, call);
	lend_output(run, call, &plan);
	enter_books(run, call, &plan);
	/* It works in the kernel for longer than a stop takes: it had better have a core for itself (placement.h). */
	if (plan.ledger == LEDGER_WRITE_BESIDE)
		task->stops = 0;
	if (plan.kind == PLAN_WAIT) {
		let_wait(run, task, call);
		return;
	}
	if (call->request.n_paths)
		settle(run, task, call);
	if (is_noted(call)) {
		add_trail(run, call);
		name_descriptor(&view, call);
	} else {
		look_for_printed(run, call);
	}
	stack = read_stack(run, task, call);
	owes = !run->ground.audits && fallback_may_follow(view.ground->policy, call, &plan);
	plan = decide_audited(&view, call, plan);
	plan.watch |= is_result_wanted(run, call, &plan);
	if (run->shortens)
		shorten_look(&run->tasks, &call->request);
	ending_check(&run->ending, act_enter(&run->actor, task, call, &plan, &run->ending, &done), "carry out a call");
	note_killed(run, call, &plan);
	if (plan.wakes)
		futex_look(&run->tasks, &run->ending);
	count_stop(run, call, burden);
	now = clock_ns(CLOCK_MONOTONIC);
	call->broker_ns = now - call->start_ns;
	if (!done)
		return;
	call->duration_ns = call->broker_ns;
	if (owes) {
		owe(task, call, stack);
		return;
	}
	record(run, call, stack);
	release_call(run, call);
}

/* CALL has returned N, or would have. */
static void count_written(struct run *run, struct call *call, int64_t n)
{
	const struct request *request = &call->request;
	bool less = request->nr != SYS_writev && call->output_bytes < request->args[2];

	if (call->output != OUTPUT_STDOUT || call->counted)
		return;
	call->counted = true;
	if (n > 0 && output_wrote(&run->output, (uint64_t)n, call->output_bytes, less))
		ending_crossed(&run->ending, run->watch.limits,
			       &(struct crossing){ .limit = LIMIT_OUTPUT, .used = run->output.written + 1 });
}

/* One descriptor more than the limit was asked for: RLIMIT_NOFILE is the limit. */
static void check_descriptor(struct run *run, const struct call *call)
{
	uint64_t limit = run->options->policy->limits.files;

	if (limit != UINT64_MAX && call->result == -EMFILE)
		ending_crossed(&run->ending, run->watch.limits,
			       &(struct crossing){ .limit = LIMIT_FILES, .used = limit + 1 });
}

void call_finish(struct run *run, struct task *task)
{
	struct call *call = task->call;
	uint64_t begin = clock_ns(CLOCK_MONOTONIC), burden = output_clock(run), now;
	const struct stack *stack = NULL;
	int r = act_leave(&run->actor, task, call, &run->ending);

	if (r == -ESRCH) {
		/* Killed here: as one that is killed in the middle of its call. */
		call->returned = false;
		return;
	}
	task->call = NULL;
	task->state = TASK_RUNNING;
	if (r < 0) {
		ending_check(&run->ending, r, "restore registers");
		call->returned = false;
	} else {
		count_written(run, call, call->result);
		check_descriptor(run, call);
	}
	if (call->audited || call->shadowed || run->options->stack_for_all)
		stack = read_stack(run, task, call);
	task_resume(&run->ending, task, RESUME, 0, "resume a thread");
	count_stop(run, call, burden);
	now = clock_ns(CLOCK_MONOTONIC);
	call->duration_ns = now - call->start_ns;
	call->broker_ns += now - begin;
	if (!call->again)
		record(run, call, stack);
	release_call(run, call);
}

const struct exec_rule *call_executed(struct run *run, struct task *task, const struct policy **ret_policy)
{
	struct call *call = task->call;
	const struct exec_rule *runs = call ? call->runs : NULL;

	if (!runs)
		return NULL;
	*ret_policy = policy_of_program(run_policy_of(run, task->tgid), call->outer);
	task->call = NULL;
	call->executed = true;
	call->result = 0;
	call->returned = true;
	call->duration_ns = clock_ns(CLOCK_MONOTONIC) - call->start_ns;
	record(run, call, NULL);
	release_call(run, call);
	return runs;
}

/*
 * A thread that is killed in the middle of a write has written what its register says, though nobody was told (fs/pipe.c:
 * pipe_write()). If it does not stop at its end either, which another SIGKILL can bring about, it is taken to have written
 * what it was promised: a limit must not depend on how a program's processes end.
 */
void call_exiting(struct run *run, const struct task *task)
{
	struct call *call = task->call;
	struct user_regs_struct regs;

	if (call && task->state == TASK_IN_CALL && trace_get_registers(task->tid, &regs) == 0)
		count_written(run, call, abi_result(&regs));
}

/* A thread ended in the middle of a call: the call is in the log all the same. */
void call_abandon(struct run *run, struct task *task)
{
	struct call *call = steal_ptr(&task->call);

	settle(run, task, NULL);
	if (!call)
		return;
	if (!call->returned && !call->dead && (call->how == HOW_KERNEL || call->how == HOW_REWRITE))
		count_written(run, call, (int64_t)call->output_bytes);
	call->duration_ns = clock_ns(CLOCK_MONOTONIC) - call->start_ns;
	record(run, call, NULL);
	release_call(run, call);
}

void call_forget(struct run *run, struct task *task)
{
	struct call *call = steal_ptr(&task->call);

	if (call)
		release_call(run, call);
}

void call_forget_all(struct run *run, struct task *task)
{
	struct call *owed = steal_ptr(&task->owed);

	call_forget(run, task);
	if (owed)
		release_call(run, owed);
	free(steal_ptr(&task->owed_stack));
}

void call_foreign(struct run *run, struct task *task, const siginfo_t *info)
{
	struct call *call = take_call(run);
	struct user_regs_struct regs;
	struct plan plan;

	call->start_ns = clock_ns(CLOCK_MONOTONIC);
	call->wall_ns = clock_ns(CLOCK_REALTIME);
	request_fini(&call->request);
	memset(&call->request, 0, sizeof call->request);
	call->request.tid = task->tid;
	call->request.tgid = task->tgid;
	call->request.nr = (uint32_t)info->si_syscall;
	call->request.abi = ABI_I386;
	if (trace_get_registers(task->tid, &regs) == 0) {
		call->request.regs = regs;
		abi_get_foreign_args(&regs, call->request.args);
	}
	plan = decide_foreign();
	call->decision = plan.decision;
	call->how = HOW_KILL;
	record(run, call, read_stack(run, task, call));
	release_call(run, call);
	ending_say(&run->ending, STATUS_PV);
}

void call_free_kept(struct run *run)
{
	struct call *call;
	unsigned i;

	while ((call = run->free_calls)) {
		run->free_calls = call->next_free;
		for (i = 0; i < REQUEST_MAX_PATHS; i++)
			object_fini(&call->objects[i]);
		buf_fini(&call->out);
		request_fini(&call->request);
		free(call);
	}
}
