/* SPDX-License-Identifier: Apache-2.0 */
#include "words/outcome.h"

#include <inttypes.h>

#include "base/json.h"
#include "words/words.h"

const char *outcome_kind_name(enum outcome_kind kind)
{
	static const char *const names[] = {
		[OUTCOME_UNKNOWN] = "unknown", [OUTCOME_PROCTOR] = "proctor", [OUTCOME_LIMIT] = "limit",
		[OUTCOME_POLICY] = "policy",   [OUTCOME_REFUSAL] = "refusal", [OUTCOME_SIGNAL] = "signal",
		[OUTCOME_EXIT] = "exit",       [OUTCOME_EXCEPTION] = "exception",
	};

	return names[kind];
}

struct outcome outcome_select(const struct outcome_facts *f)
{
	if (!f->ended)
		return (struct outcome){ OUTCOME_UNKNOWN, false, 0 };
	if (f->failed)
		return (struct outcome){ OUTCOME_PROCTOR, true, 0 };
	if (f->limited)
		return (struct outcome){ OUTCOME_LIMIT, true, 0 };
	if (f->log_full)
		return (struct outcome){ OUTCOME_POLICY, true, 0 };
	if (f->policy_ended)
		return (struct outcome){ OUTCOME_REFUSAL, true, f->kill_seq };
	/* After a KeyboardInterrupt the interpreter ends itself by SIGINT. */
	if (f->signalled && f->exception && exception_is(f->exception, "KeyboardInterrupt"))
		return (struct outcome){ OUTCOME_EXCEPTION, true, 0 };
	if (f->signalled)
		return (struct outcome){ OUTCOME_SIGNAL, true, f->signal_seq };
	/* A status of 0 after an exception is the program's own choice afterwards, by os._exit(). */
	if (f->exit_code && f->exception && f->raised_by)
		return (struct outcome){ OUTCOME_REFUSAL, f->raised_certain, f->raised_by };
	if (f->exit_code && f->exception && !exception_is(f->exception, "SystemExit"))
		return (struct outcome){ OUTCOME_EXCEPTION, true, 0 };
	/* The program ended itself because of another exception (sys.exit(1) by a framework that printed it). */
	if (f->exit_code && f->exception && f->exception->n_chain && f->exception->chain[0].link != EXCEPTION_LINK_PRINTED)
		return (struct outcome){ OUTCOME_EXIT, true, 0 };
	if (f->exit_code == 0 || f->refusals == 0)
		return (struct outcome){ OUTCOME_EXIT, true, 0 };
	return (struct outcome){ OUTCOME_EXIT, false, f->last_refusal };
}

bool outcome_tells_exception(const struct outcome *outcome, const struct outcome_facts *f)
{
	switch (outcome->kind) {
	case OUTCOME_EXCEPTION:
		return true;
	case OUTCOME_REFUSAL:
		return f->raised_by && !f->policy_ended;
	case OUTCOME_EXIT:
		return f->exception && f->exit_code;
	default:
		return false;
	}
}

void outcome_format(const struct outcome *outcome, struct buf *out)
{
	json_put_word(out, "kind", outcome_kind_name(outcome->kind));
	json_put_bool(out, "certain", outcome->certain);
	if (outcome->seq)
		json_put_u64(out, "seq", outcome->seq);
}

bool outcome_may_miss(enum rule_kind kind, const char *ref, enum topic topic)
{
	switch (kind) {
	case RULE_HIDE:
		return !(ref && after_prefix(ref, "builtin:"));
	case RULE_ON_DENY:
	case RULE_NEVER:
	case RULE_REFUSE:
		return true;
	default:
		return topic == TOPIC_NETWORK;
	}
}

bool outcome_is_felt(const struct refusal *r, bool violation)
{
	if (r->audit)
		return false;
	return violation || (r->action == ACTION_HIDE && outcome_may_miss(r->rule, r->rule_ref, r->topic));
}

static void put_refusals(const struct outcome_facts *f, struct buf *out)
{
	buf_printf(out, "; %" PRIu64 " refusal%s, ", f->refusals, f->refusals == 1 ? "" : "s");
}

void outcome_exit_words(const struct outcome *outcome, const struct outcome_facts *f, const char *last,
			struct buf *student, struct buf *staff)
{
	buf_printf(staff, "exit status %" PRId64, f->exit_code);
	if (f->exit_code == 0) {
		buf_lit(student, "The program ran to its end.");
		if (f->refusals) {
			put_refusals(f, staff);
			buf_lit(staff, "after which it went on");
		}
		return;
	}
	buf_printf(student, "The program ended with exit status %" PRId64 ".", f->exit_code);
	if (outcome->certain)
		return;
	/* What is hidden looks absent to the program, and stays so for its author. */
	if (f->violations)
		buf_lit(student,
			" Something that it asked for was refused; whether that is the reason is not known.");
	put_refusals(f, staff);
	buf_puts(staff, f->refusals == 1 ? "whether that is the reason is not known"
					 : "whether one of them is the reason is not known");
	if (last)
		buf_printf(staff, "; %s%s", f->refusals == 1 ? "" : "the last: ", last);
}
