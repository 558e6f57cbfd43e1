/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy_calls.h"

#include <errno.h>

#include "base/escape.h"
#include "base/names.h"
#include "supervisor/policy_facts.h"

enum call_answer policy_ask_call(const struct policy *policy, const char *name, struct decision *ret_decision)
{
	int nr = syscall_number(name);
	const struct syscall_row *row = nr >= 0 ? syscall_row((uint64_t)nr) : NULL;

	if (policy_forbids_call(policy, name, ret_decision))
		return CALL_REFUSED;
	if (row && row->class == CLASS_KERNEL)
		return CALL_ALLOWED;
	if (row && policy_serves_row(policy, row))
		return CALL_DEPENDS;
	*ret_decision = policy_decide_refused(policy, row ? row->err : 0);
	if (row && row->err == ENOSYS) {
		/* Libraries do without it. */
		ret_decision->action = ACTION_HIDE;
		ret_decision->err = ENOSYS;
		ret_decision->violation = false;
	}
	return CALL_REFUSED;
}

const char *call_answer_name(enum call_answer answer, const struct decision *decision)
{
	return answer == CALL_ALLOWED ? "allow" : answer == CALL_DEPENDS ? "depends" : action_name(decision->action);
}

static void show_call(const struct policy *policy, const struct syscall_row *row, struct buf *out)
{
	struct decision decision;
	enum call_answer answer = policy_ask_call(policy, row->name, &decision);

	buf_printf(out, "%-7s  %-24s  @%-12s", call_answer_name(answer, &decision), row->name, topic_name((enum topic)row->topic));
	if (answer == CALL_ALLOWED) {
		buf_printf(out, "  %s", row->others);
	} else if (answer == CALL_DEPENDS) {
		buf_lit(out, "  on its arguments");
	} else {
		buf_printf(out, "  %s  (%s ", decision.err ? errno_name(decision.err) : "ends the run", decision.rule.id);
		text_args(out, decision.rule.ref);
		buf_putc(out, ')');
	}
	buf_putc(out, '\n');
}

void policy_show_calls(const struct policy *policy, struct buf *out)
{
	unsigned nr;

	for (nr = 0; nr < syscall_limit(); nr++)
		if (syscall_row(nr))
			show_call(policy, syscall_row(nr), out);
}
