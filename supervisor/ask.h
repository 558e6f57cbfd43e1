/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person is asked about what the policy refuses, while the program waits (--ask of proctor-run(1)).
 *
 * What is allowed then is in another policy: the enforced one and the lines that were allowed. A call that the
 * enforced one refuses is put to that by the same handlers, on a ground and with a resolver of its own. The second wall
 * (Landlock, the filter) was made from the enforced policy alone and stays: what the kernel would refuse the program
 * the supervisor does itself, on the descriptor that the resolver holds. So reading alone can be allowed while a program
 * runs: a look, and the opening of a file or a directory, whose descriptor is handed to the program. What a pipe, a
 * device, writing or an address would need is the next run's.
 *
 * Whose call is asked about waits (TASK_WAITING); the loop puts the question (broker.c), and then the call is decided
 * again.
 */
#ifndef PROCTOR_SUPERVISOR_ASK_H
#define PROCTOR_SUPERVISOR_ASK_H

#include "supervisor/call.h"
#include "supervisor/view.h"
#include "words/words.h"

/* Who asks. */
struct asking {
	void *context;
	/* Is there an answer to R that would change something, and that has not been given? */
	bool (*is_open)(void *context, const struct refusal *r);
	/* Puts the question, and waits for the answer. Signals to proctor end the wait. */
	void (*put)(void *context, const struct refusal *r);
	/* What has been allowed so far, or NULL. Another one after each question that was answered so; each stays until the run
	 * has ended. */
	const struct policy *(*policy)(void *context);
};

struct ask {
	const struct asking *who;    /* borrowed; NULL: nobody is asked */
	const struct detached *scratch; /* borrowed */
	const struct policy *policy; /* that `resolver` is of */
	struct resolver *resolver;
	struct ground ground; /* of the run, with that policy */
};

void ask_init(struct ask *ask, const struct asking *who, const struct detached *scratch);
void ask_fini(struct ask *ask);

/* PLAN refuses CALL: what is to be done with it by what has been allowed so far. Where that cannot be done, PLAN or one
 * like it. */
struct plan ask_decide(struct ask *ask, const struct view *view, struct call *call, struct plan plan);

/* May a person be asked about a call that PLAN refuses? A look at what a rule hides is none. */
bool ask_is_about(const struct ask *ask, const struct plan *plan);

#endif
