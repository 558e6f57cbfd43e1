/* SPDX-License-Identifier: Apache-2.0 */
#include "record/call.h"

#include <limits.h>
#include <string.h>

#include "base/json.h"
#include "base/names.h"
#include "base/util.h"

enum {
	HEAD_MAX = 1024,	    /* members without text of the program: times, numbers, names of calls */
	ARG_MAX = 8 * 1024,	    /* one argument, in bytes as written: any path that needs no escapes */
	ARGS_MAX = 17 * 1024,	    /* all of them */
	ARG_MIN = 256,		    /* the least that each of them gets */
	ARG_QUOTES = 3,
	RESOLUTION_MAX = 3 * 1024,
	RULE_TEXT_MAX = 512,
	REF_MAX = 768,
	RULESET_MAX = 256, /* a policy's name, where no second one is asked */
	ECS_REF_MAX = 128,
	ECS_HEAD_MAX = 512, /* what the form of ECS has more of such members */
	ECS_MORE = 1024,    /* and of all; the steps of a path have so much less room */
	MEANT_COMMAND_MAX = 1024, /* of what a call was for */
	MEANT_TEXT_MAX = 300,  /* one text of it, as written */
	SHADOW_MAX = 512, /* where a rule of the second policy stands */
	TAIL_MAX = 256, /* "truncated" and the closing brace */
};

/* "meant": a command and its program, or a host and its port. The arguments of such a call have so much less room. */
#define MEANT_MAX (MEANT_COMMAND_MAX + 2 * JSON_MEMBER_MAX(MEANT_TEXT_MAX) + 64)

/* A path is never cut, even if it is all control characters and one byte that is not UTF-8. */
#define FILE_PATH_MAX (JSON_MEMBER_MAX(6 * PATH_MAX) - ((6 * PATH_MAX + 2) / 3 - (PATH_MAX + 2) / 3) * 4)

_Static_assert(HEAD_MAX + ARGS_MAX + FILE_PATH_MAX + RESOLUTION_MAX +
			       2 * (JSON_MEMBER_MAX(RULE_TEXT_MAX) + JSON_MEMBER_MAX(REF_MAX)) +
			       MAX(JSON_MEMBER_MAX(SHADOW_MAX), JSON_MEMBER_MAX(RULESET_MAX)) + RECORD_STACK_MIN + TAIL_MAX <=
		       RECORD_MAX,
	       "whatever the program does, its record is no longer than a record may be");

static void put_errno(int64_t result, struct buf *out)
{
	const char *name = result < 0 && result > -4096 ? errno_name((int)-result) : NULL;

	if (name)
		json_put_word(out, "errno", name);
}

/* How many bytes of argument S, as strace(1) writes it, fit into MAX without cutting an escape in two. */
static size_t fit_arg(const char *s, size_t n, size_t max)
{
	size_t fits = json_fit(s, n, max), i = 0, at = 0;

	if (fits == n)
		return n;
	while (i < fits) {
		at = i;
		if (s[i++] != '\\')
			continue;
		if (s[i] < '0' || s[i] > '7')
			i++;
		else
			while (i < n && i - at < 4 && s[i] >= '0' && s[i] <= '7')
				i++;
	}
	return i > fits ? at : fits;
}

/* Was ARG cut when it was copied? (A quotation mark within a text has a backslash before it.) */
static bool is_cut(const char *arg, size_t len)
{
	static const char mark[] = "\"...";
	const size_t n = sizeof mark - 1;

	return len > n && memcmp(arg + len - n, mark, n) == 0;
}

/* One argument in at most MAX bytes. False when it was cut: then "..." follows. */
static bool put_arg(const char *arg, size_t len, size_t max, struct buf *out)
{
	size_t n = fit_arg(arg, len, max);

	json_key(out, NULL);
	if (n == len) {
		json_string_n(out, arg, n);
		return !is_cut(arg, len);
	}
	json_string_n(out, arg, fit_arg(arg, len, max - strlen("\\\"...")));
	out->len--;
	buf_puts(out, arg[0] == '"' ? "\\\"...\"" : "...\"");
	return false;
}

static bool put_args(const struct record_call *call, struct buf *out)
{
	const size_t room = ARGS_MAX - (meant_is_known(call->meant) ? MEANT_MAX : 0);
	size_t start = out->len, from = 0;
	unsigned i;
	bool whole = true;

	for (i = 0; i < call->n_args; from = call->arg_ends[i++]) {
		size_t left = room - (out->len - start), after = (call->n_args - i - 1) * ARG_MIN;

		whole = put_arg(call->args->data ? call->args->data + from : "", call->arg_ends[i] - from,
				MIN((size_t)ARG_MAX, left - after - ARG_QUOTES), out) && whole;
	}
	return whole;
}

/* Returns whether nothing was cut; so below. */
static bool put_syscall(const struct record_call *call, struct buf *out)
{
	bool whole;

	json_open(out, "syscall");
	json_put_u64(out, "nr", call->nr);
	json_put_word(out, "arch", call->arch);
	json_put_word(out, "subject", call->subject);
	if (call->topic)
		json_put_word(out, "topic", call->topic);
	if (call->conditional)
		json_put_bool(out, "conditional", true);
	json_open_list(out, "args");
	whole = put_args(call, out);
	json_close_list(out);
	if (call->returned) {
		json_put_i64(out, "ret", call->result);
		put_errno(call->result, out);
	}
	json_close(out);
	return whole;
}

_Static_assert(ECS_HEAD_MAX + JSON_MEMBER_MAX(ECS_REF_MAX) <= ECS_MORE, "so is a record in the form of ECS");

static void put_step(const struct record_step *step, struct buf *out)
{
	json_open(out, NULL);
	if (step->name)
		json_put_text(out, "name", step->name);
	json_put_text(out, "path", step->path ? step->path : "");
	if (step->link)
		json_put_text(out, "link", step->link);
	json_close(out);
}

static bool put_steps(const struct record_call *call, size_t max, struct buf *out)
{
	size_t start, before, i;

	json_open_list(out, "resolution");
	start = out->len;
	for (i = 0; i < call->n_steps; i++) {
		before = out->len;
		put_step(&call->steps[i], out);
		if (out->len - start > max - 32) {
			out->len = before;
			break;
		}
	}
	json_close_list(out);
	return i == call->n_steps && !call->steps_cut;
}

/* PATH: with that. STEPS_MAX: the steps to it in so many bytes; 0: without them. */
static bool put_file(const struct record_call *call, bool path, size_t steps_max, struct buf *out)
{
	bool whole = true;

	if (!call->path || (!path && !call->n_steps))
		return true;
	json_open(out, "file");
	if (path)
		json_put_text(out, "path", call->path);
	if (path && call->on_descriptor)
		json_put_i64(out, "descriptor", call->descriptor);
	if (steps_max && call->n_steps)
		whole = put_steps(call, steps_max, out);
	json_close(out);
	return whole;
}

/*
 * As in ECS: an address that the program wants to reach is the destination, one where others reach it the server. The
 * path of a unix socket is not in "file", because no file was opened.
 */
static bool put_network(const struct record_network *network, struct buf *out)
{
	bool whole = true;

	if (!network->transport)
		return true;
	json_open(out, "network");
	json_put_word(out, "transport", network->transport);
	if (network->type)
		json_put_word(out, "type", network->type);
	json_close(out);
	json_open(out, network->server ? "server" : "destination");
	if (!network->type) {
		whole = json_put_text_cut(out, "address", network->address, RULE_TEXT_MAX);
	} else {
		json_put_text(out, "address", network->address);
		json_put_text(out, "ip", network->address);
		json_put_u64(out, "port", network->port);
	}
	json_close(out);
	return whole;
}

static void put_decision(const struct record_call *call, struct buf *out)
{
	json_open(out, "decision");
	json_put_word(out, "action", call->decision);
	json_put_word(out, "how", call->how);
	json_put_bool(out, "enforced", call->enforced);
	if (call->violation)
		json_put_bool(out, "violation", true);
	if (call->question)
		json_put_bool(out, "question", true);
	json_close(out);
}

static bool put_rule(const struct record_rule *rule, size_t ref_max, struct buf *out)
{
	bool whole;

	if (!rule->id)
		return true;
	json_open(out, "rule");
	json_put_word(out, "id", rule->id);
	whole = json_put_text_cut(out, "ref", rule->ref ? rule->ref : "", ref_max);
	if (rule->ruleset)
		whole = json_put_text_cut(out, "ruleset", rule->ruleset, RULESET_MAX) && whole;
	if (rule->path)
		whole = json_put_text_cut(out, "path", rule->path, RULE_TEXT_MAX) && whole;
	if (rule->nearest) {
		whole = json_put_text_cut(out, "nearest", rule->nearest, REF_MAX) && whole;
		whole = json_put_text_cut(out, "nearest_path", rule->nearest_path, RULE_TEXT_MAX) && whole;
	}
	json_close(out);
	return whole;
}

/* The words of a command, as many as fit. A byte that is not UTF-8 counts as cut: the word is not what was asked. */
static bool put_command(const struct meant *meant, struct buf *out)
{
	size_t start = out->len, i;
	bool whole = !meant->command_cut;

	json_open_list(out, "command");
	for (i = 0; i < meant->n_command && out->len - start + MEANT_TEXT_MAX + 4 <= MEANT_COMMAND_MAX; i++) {
		const char *word = meant->command[i];
		size_t n = strlen(word), fits = json_fit(word, n, MEANT_TEXT_MAX);

		json_key(out, NULL);
		whole &= json_string_n(out, word, fits) && fits == n;
	}
	json_close_list(out);
	return whole && i == meant->n_command;
}

static void put_meant_text(const char *key, const char *text, struct buf *out)
{
	if (text)
		json_put_text_cut(out, key, text, MEANT_TEXT_MAX);
}

static void put_meant(const struct meant *meant, struct buf *out)
{
	if (!meant_is_known(meant))
		return;
	json_open(out, "meant");
	put_meant_text("program", meant->program, out);
	put_meant_text("host", meant->host, out);
	put_meant_text("port", meant->port, out);
	put_meant_text("target", meant->target, out);
	if (meant->n_command && !put_command(meant, out))
		json_put_bool(out, "cut", true);
	json_close(out);
}

/* What the shadow policy would have decided, if it differs. */
static bool put_shadow(const struct record_call *call, struct buf *out)
{
	bool whole;

	if (!call->shadow)
		return true;
	json_open(out, "shadow");
	json_put_word(out, "action", call->shadow);
	if (call->shadow_errno)
		json_put_word(out, "errno", call->shadow_errno);
	whole = put_rule(&call->shadow_rule, SHADOW_MAX, out);
	json_close(out);
	return whole;
}

/* What ECS wants to be told of a rule; the rest is proctor's own. */
static void put_ecs_rule(const struct record_rule *rule, struct buf *out)
{
	if (!rule->id)
		return;
	json_open(out, "rule");
	json_put_word(out, "id", rule->id);
	json_put_text_cut(out, "reference", rule->ref ? rule->ref : "", ECS_REF_MAX);
	json_close(out);
}

/* ECS has "denied" for intrusion detection and the network, not for files. */
static void put_category(const struct record_call *call, struct buf *out)
{
	const char *category = call->path ? "file" : call->network.transport ? "network" : "process";

	record_put_category(call->violation ? "alert" : "event", category,
			    call->path ? "access" : call->network.transport ? "connection" : "info", call->violation, out);
}

/* The type by the decision. */
static void put_type(const struct record_call *call, struct buf *out)
{
	json_open_list(out, "type");
	json_put_word(out, NULL, call->type);
	json_close_list(out);
}

static void put_event(const struct record_call *call, uint64_t sequence, bool ecs, struct buf *out)
{
	const char *outcome = !call->returned	 ? "unknown" :
			      call->result < 0 && call->result > -4096 ? "failure" :
									 "success";

	json_open(out, "event");
	json_put_u64(out, "sequence", sequence);
	json_put_word(out, "action", call->action);
	if (ecs)
		put_category(call, out);
	else
		put_type(call, out);
	json_put_word(out, "outcome", outcome);
	json_put_u64(out, "duration", call->duration_ns);
	if (!ecs)
		json_put_u64(out, "broker_ns", call->broker_ns);
	json_close(out);
}

void record_put_process(const struct record_process *process, struct buf *out)
{
	json_open(out, "process");
	json_put_i64(out, "pid", process->pid);
	if (process->parent) {
		json_open(out, "parent");
		json_put_i64(out, "pid", process->parent);
		json_close(out);
	}
	if (process->executable)
		json_put_text(out, "executable", process->executable);
	json_open(out, "thread");
	json_put_i64(out, "id", process->thread);
	json_close(out);
	json_close(out);
}

static void put_stack_id(uint64_t id, struct buf *out)
{
	json_open(out, "stack");
	json_put_u64(out, "id", id);
	json_close(out);
}

uint64_t record_call(struct recorder *recorder, const struct record_call *call, const struct stack *stack,
		     const char *const *library, const struct stack_source *source)
{
	uint64_t id = stack && call->interner ? interner_put(call->interner, recorder, call->realtime_ns, stack, library, source) : 0;
	const struct record record = record_open(recorder, "call", call->realtime_ns);
	const bool ecs = recorder_is_ecs(recorder);
	struct buf *out = record.out;
	unsigned cut = 0;

	put_event(call, record.sequence, ecs, out);
	if (ecs) {
		record_put_process(&call->process, out);
		put_file(call, true, 0, out);
		cut |= put_network(&call->network, out) ? 0 : CUT_ARGS;
		put_ecs_rule(&call->rule, out);
		record_open_own(recorder, out);
		json_open(out, "event");
		put_type(call, out);
		json_put_u64(out, "broker_ns", call->broker_ns);
		json_close(out);
	}
	record_put_run(recorder, out);
	if (!ecs)
		record_put_process(&call->process, out);
	if (!put_syscall(call, out))
		cut |= CUT_ARGS;
	if (!put_file(call, !ecs, ecs ? RESOLUTION_MAX - ECS_MORE : RESOLUTION_MAX, out))
		cut |= CUT_RESOLUTION;
	if (!ecs && !put_network(&call->network, out))
		cut |= CUT_ARGS;
	put_meant(call->meant, out);
	put_decision(call, out);
	if (!put_rule(&call->rule, REF_MAX, out))
		cut |= CUT_RULE;
	if (!put_shadow(call, out))
		cut |= CUT_RULE;
	if (id)
		put_stack_id(id, out);
	else
		cut |= record_put_stack(stack, library, source, record_room(&record, TAIL_MAX), out);
	record_put_cut(cut, out);
	record_close_own(recorder, out);
	return record_commit(recorder, &record, call->urgent);
}
