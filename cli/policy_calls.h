/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy answers to a system call of which only the name is known. */
#ifndef PROCTOR_CLI_POLICY_CALLS_H
#define PROCTOR_CLI_POLICY_CALLS_H

#include "policy/policy.h"

enum call_answer {
	CALL_ALLOWED, /* every program may make it, whatever its arguments */
	CALL_DEPENDS, /* on its arguments */
	CALL_REFUSED, /* as the decision says */
};

/* RET_DECISION is set for CALL_REFUSED; its action may be ACTION_HIDE: libraries do without the call. */
enum call_answer policy_ask_call(const struct policy *policy, const char *name, struct decision *ret_decision);

/* "allow" "depends" "hide" "deny" "kill"; static. */
const char *call_answer_name(enum call_answer answer, const struct decision *decision);

/* A line for each system call: the answer, its name, its group, and the rule. */
void policy_show_calls(const struct policy *policy, struct buf *out);

#endif
