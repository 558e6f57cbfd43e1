/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor run --ask: what a person allowed while a program ran, as lines of policy.
 *
 * Each question has a line that would allow what was refused (words_fix()), and is put once for each line. A line that
 * is allowed is laid over the policy that the run has, as a policy that extends it, for what is to come; so what the
 * run goes on with is what a run under the written policy would begin with.
 */
#ifndef PROCTOR_CLI_ASK_H
#define PROCTOR_CLI_ASK_H

#include "cli/question.h"
#include "cli/target.h"
#include "policy/policy.h"
#include "supervisor/ask.h"

/* What was asked about. */
struct ask_line {
	char *key;  /* the line for it, by what the call says alone */
	char *line; /* by what is there, too: `read: "/srv/"` of a directory that was only looked at */
	enum reply reply;
};

struct asker {
	int tty;
	const char *name; /* of the policy to be written, borrowed; NULL: it is told on the terminal */
	struct target_path path;
	const struct policy *policy;	       /* that the run began with; borrowed */
	const struct policy_context *context; /* that it was loaded with; borrowed */
	struct ask_line *lines;
	size_t n_lines, cap_lines;
	struct policy **loaded; /* each that was in force, the last one now */
	size_t n_loaded, cap_loaded;
	struct asking asking; /* what the broker is given */
};

#define ASKER_INIT { .tty = -1, .path = TARGET_PATH_INIT }

/*
 * NAME: of the policy that is to be written, which must not exist and be no target of TARGETS; NULL: it is told on the
 * terminal. 0 or the exit status, having said why. asker_fini() in any case.
 */
int asker_begin(struct asker *asker, const char *name, const struct targets *targets);
/* POLICY is what the run begins with, loaded with CONTEXT, which makes no scratch. Both are borrowed. */
void asker_take_policy(struct asker *asker, const struct policy *policy, const struct policy_context *context);
/* The run is over: writes what was allowed always. 0 or the exit status, having said why. */
int asker_end(struct asker *asker);
void asker_fini(struct asker *asker);

#endif
