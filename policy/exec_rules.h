/* SPDX-License-Identifier: Apache-2.0 */
/* From what a policy says of a program that may be executed to the rule. Private to policy/. */
#ifndef PROCTOR_POLICY_EXEC_RULES_H
#define PROCTOR_POLICY_EXEC_RULES_H

#include "policy/exec.h"
#include "policy/rules.h"

/* A rule as it is written. */
struct exec_text {
	const char *path;
	const char *const *patterns; /* NULL: any arguments */
	size_t n_patterns;
	uint64_t count;
	size_t narrower; /* as in struct exec_rule */
	const char *where; /* lives as long as the policy */
};

/* Adds the rule, or says in MESSAGES what is wrong with it. */
void policy_add_exec(struct policy *policy, const struct policy_context *context, const struct exec_text *text,
		     struct messages *messages);
/* Lets the interpreter itself be executed where processes may be made: that is how multiprocessing makes them. */
void policy_add_own_exec(struct policy *policy, const struct policy_context *context);
/* When all rules are there: checks that interpreters of "#!" files are named, and that no program can be written to. */
void policy_check_exec(const struct policy *policy, struct messages *messages);

#endif
