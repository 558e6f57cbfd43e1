/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor run --ask: turns what a person allows while a program runs into lines of policy.
 *
 * Each question is about a policy line that would allow the refused call (words_fix()), and is asked once for each
 * line. A line that is allowed is laid over the run's policy, as a policy that extends it, and holds for later calls;
 * so the run goes on under the same rules with which a run under the written policy would begin.
 */
#ifndef PROCTOR_CLI_ASK_H
#define PROCTOR_CLI_ASK_H

#include "cli/question.h"
#include "cli/target.h"
#include "policy/policy.h"
#include "supervisor/ask.h"

/* What was asked about. */
struct ask_line {
	char *key;  /* the line that follows from the call alone */
	char *line; /* the line for what is really there: `read: "/srv/"` for a directory that was only looked at */
	enum reply reply;
};

struct asker {
	int tty;
	const char *name; /* file of the policy to be written, borrowed; NULL: it is shown on the terminal */
	struct target_path path;
	const struct policy *policy;	       /* with which the run began; borrowed */
	const struct policy_context *context; /* with which POLICY was loaded; borrowed */
	struct ask_line *lines;
	size_t n_lines, cap_lines;
	struct policy **loaded; /* all policies that were in force; the last one is now */
	size_t n_loaded, cap_loaded;
	struct asking asking; /* what the broker gets */
};

#define ASKER_INIT { .tty = -1, .path = TARGET_PATH_INIT }

/*
 * NAME: file of the policy to be written, which must not exist nor be one of TARGETS; NULL: the policy is shown on the
 * terminal. 0 or the exit status, having said why. asker_fini() is due in any case.
 */
int asker_begin(struct asker *asker, const char *name, const struct targets *targets);
/* The run begins with POLICY, which was loaded with CONTEXT, which must not make another scratch. Both are borrowed. */
void asker_take_policy(struct asker *asker, const struct policy *policy, const struct policy_context *context);
/* The run is over: writes the lines that were answered with "always". 0 or the exit status, having said why. */
int asker_end(struct asker *asker);
void asker_fini(struct asker *asker);

#endif
