/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/note.h"

#include <time.h>

#include "base/names.h"
#include "policy/exec.h"
#include "record/call.h"
#include "record/interner.h"
#include "record/signal.h"

_Static_assert((int)RECORD_MAX_ARGS == (int)SYSCALL_MAX_ARGS, "a record has room for a call's arguments");

void notes_fini(struct notes *notes)
{
	buf_fini(&notes->args);
	interner_free(notes->interner);
}

static bool line_of(void *source, const struct stack *stack, size_t i, struct source_line *ret_line)
{
	return source_frame(source, stack, i, ret_line);
}

static struct stack_source lines_of(const struct notes *notes)
{
	return (struct stack_source){ line_of, notes->source };
}

void note_stack(struct notes *notes, const struct stack *stack, struct buf *out)
{
	const struct stack_source lines = lines_of(notes);

	record_put_stack_members(stack, notes->library, &lines, out);
}

static bool is_refused(const struct call *call)
{
	return call->decision.action != ACTION_ALLOW;
}

static bool is_recorded(const struct notes *notes, const struct call *call)
{
	return is_refused(call) || call->audited || call->shadowed || notes->calls != LOG_DENIED;
}

bool note_wants(const struct notes *notes, const struct call *call)
{
	return recorder_writes(notes->recorder) && is_recorded(notes, call);
}

static struct record_process process_of(const struct notes *notes, pid_t tgid, pid_t tid)
{
	const struct process *process = notes->tasks ? tasks_process(notes->tasks, tgid) : NULL;

	return (struct record_process){
		.pid = tgid,
		.thread = tid,
		.parent = process ? process->parent : 0,
		.executable = process && process->program ? process->program->path : NULL,
	};
}

/* ------------------------------------------------------------------ calls */

static void take_args(struct notes *notes, const struct request *q, struct record_call *record)
{
	unsigned i;

	buf_clear(&notes->args);
	record->n_args = request_n_args(q);
	for (i = 0; i < record->n_args; i++) {
		request_format_arg(q, i, &notes->args);
		record->arg_ends[i] = notes->args.len;
	}
	record->args = &notes->args;
}

/* What the call is about. What only explains a refusal is left out of the many records of other calls. */
static void take_topic(const struct call *call, struct record_call *record)
{
	const struct syscall_row *row = call->request.row;
	enum topic topic = row ? (enum topic)row->topic : TOPIC_NONE;

	record->subject = subject_name(topic_subject(topic));
	if (!is_refused(call))
		return;
	record->topic = topic_name(topic);
	record->conditional = row && syscall_is_conditional(row);
}

/* STEPS is room for RESOLVE_MAX_STEPS. */
static void take_file(const struct call *call, struct record_step *steps, struct record_call *record)
{
	const struct object *object = &call->objects[call->decided];
	size_t i;

	if (call->on_descriptor) {
		record->path = object->path;
		record->on_descriptor = true;
		record->descriptor = (int)call->request.args[0];
		return;
	}
	if (call->undecided || call->request.n_paths == 0 || object->path[0] == '\0')
		return;
	record->path = object->path;
	for (i = 0; i < object->n_steps; i++)
		steps[i] = (struct record_step){ object->steps[i].name, object->steps[i].path, object->steps[i].link };
	record->steps = steps;
	record->n_steps = i;
	/* The trail of the walk has a bound of its own. */
	record->steps_cut = i >= RESOLVE_MAX_STEPS && !streq(steps[i - 1].path, object->path);
}

/* The address's text goes to TEXT. */
static void take_network(const struct call *call, struct buf *text, struct record_call *record)
{
	const struct net_address *address = &call->net.address;
	const bool named = address->transport == NET_UNIX;

	if (!call->net.asked)
		return;
	if (named)
		net_put_address(text, address);
	else
		net_put_ip(text, address);
	record->network = (struct record_network){
		.transport = net_transport_name(address->transport),
		.address = named ? after_prefix(text->data, "unix:") : text->data,
		.type = named ? NULL : address->ipv6 ? "ipv6" : "ipv4",
		.port = address->port,
		.server = call->net.use != NET_CONNECT,
	};
}

/* The policy that CALL's process is under. */
static const struct policy *policy_of(const struct notes *notes, const struct call *call)
{
	const struct process *process = notes->tasks ? tasks_process(notes->tasks, call->request.tgid) : NULL;

	return process && process->policy ? process->policy : notes->policy;
}

static const struct grant *nearest_grant(const struct notes *notes, const struct call *call)
{
	const struct object *object = &call->objects[call->decided];
	bool none = call->decision.rule.kind == RULE_ON_DENY; /* nothing grants it */

	if ((!call->decision.violation && !none) || call->request.n_paths == 0 || call->on_descriptor || !object->path[0])
		return NULL;
	return policy_nearest(policy_of(notes, call), object->path, object->len);
}

static void take_decision(const struct notes *notes, const struct call *call, struct record_call *record)
{
	static const char *const hows[] = { "kernel", "emulate", "rewrite", "skip", "kill", "wait" };
	const struct decision *d = &call->decision, *shadow = &call->shadow;
	const struct grant *nearest = nearest_grant(notes, call);
	const struct policy *policy = policy_of(notes, call);

	record->decision = call->undecided ? "none" : action_name(d->action);
	record->type = call->undecided ? "error" : is_refused(call) ? "denied" : "allowed";
	record->how = hows[call->how];
	record->enforced = !call->audited;
	record->violation = d->violation;
	record->question = call->question;
	record->rule = (struct record_rule){
		.id = d->rule.id,
		.ref = d->rule.ref,
		.ruleset = policy->within ? policy->name : NULL,
		.path = d->grant && is_refused(call) ? d->grant->text : NULL,
		.nearest = nearest ? nearest->rule.ref : NULL,
		.nearest_path = nearest ? nearest->text : NULL,
	};
	if (!call->shadowed)
		return;
	record->shadow = action_name(shadow->action);
	record->shadow_errno = shadow->err ? errno_name(shadow->err) : NULL;
	record->shadow_rule = (struct record_rule){ .id = shadow->rule.id, .ref = shadow->rule.ref };
}

uint64_t note_call(struct notes *notes, const struct call *call, const struct stack *stack)
{
	const struct stack_source lines = lines_of(notes);
	struct record_step steps[RESOLVE_MAX_STEPS];
	struct record_call record = {
		.realtime_ns = call->wall_ns,
		.duration_ns = call->duration_ns,
		.broker_ns = call->broker_ns,
		.process = process_of(notes, call->request.tgid, call->request.tid),
		.nr = call->request.nr,
		.arch = abi_name(call->request.abi),
		.returned = call->returned,
		.result = call->result,
		.urgent = is_refused(call),
	};
	_cleanup_buf_ struct buf address = { 0 };
	char name[32];

	if (!is_recorded(notes, call))
		return 0;
	if (!recorder_writes(notes->recorder))
		return recorder_count_only(notes->recorder);
	record.action = request_name(&call->request, name);
	take_args(notes, &call->request, &record);
	take_topic(call, &record);
	take_file(call, steps, &record);
	take_network(call, &address, &record);
	record.meant = call->meant;
	take_decision(notes, call, &record);
	/* All other records are looked at one by one: their stacks stay whole. */
	if (stack && !is_refused(call) && !call->audited && !call->shadowed) {
		if (!notes->interner)
			notes->interner = interner_new();
		record.interner = notes->interner;
	}
	return record_call(notes->recorder, &record, stack, notes->library, &lines);
}

/* ------------------------------------------------------------------ signals */

/*
 * Who sent it, or where the fault was: the two lie in one place of siginfo_t, and si_code alone tells which it is
 * (sigaction(2)). SI_QUEUE is what one process of the run sends to another by way of the supervisor; elsewhere it is
 * the sender's own claim. SI_KERNEL with a fault says only that the address is not known.
 */
static void take_origin(const struct notes *notes, const siginfo_t *info, struct record_signal *record)
{
	const int signal = record->number;
	const bool faults = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;

	record->origin = ORIGIN_CODE;
	record->code = info->si_code;
	if (info->si_code == SI_USER || info->si_code == SI_TKILL ||
	    (info->si_code == SI_QUEUE && notes->tasks && tasks_process(notes->tasks, info->si_pid))) {
		record->origin = ORIGIN_SENDER;
		record->sender = info->si_pid;
	} else if (faults && info->si_code > 0 && info->si_code != SI_KERNEL) {
		record->origin = ORIGIN_ADDRESS;
		record->address = (uintptr_t)info->si_addr;
	}
}

uint64_t note_signal(struct notes *notes, pid_t tgid, pid_t tid, int signal, const siginfo_t *info, bool overflow,
		     bool fatal, const struct stack *stack)
{
	const struct stack_source lines = lines_of(notes);
	struct record_signal record = {
		.process = process_of(notes, tgid, tid),
		.number = signal,
		.overflow = overflow,
		.fatal = fatal,
	};

	if (!recorder_writes(notes->recorder))
		return recorder_count_only(notes->recorder);
	if (info)
		take_origin(notes, info, &record);
	return record_signal(notes->recorder, &record, stack, notes->library, &lines);
}
