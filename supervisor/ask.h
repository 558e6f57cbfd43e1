/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person is asked about what the policy refuses, while the program waits (--ask of proctor-run(1)).
 *
 * What the person allows makes another policy: the enforced one plus the lines that were allowed. A call that the
 * enforced policy refuses is put to that other one by the same handlers, on a ground and with a resolver of its own.
 * The second wall (Landlock, the filter) was made from the enforced policy alone and stays; where the kernel would
 * refuse the program, the supervisor acts in its place, on the descriptor that the resolver holds. So only reading can
 * be allowed while a program runs: a look, and the opening of a file or a directory, whose descriptor is handed to the
 * program. What was allowed for pipes, devices, writing or addresses takes effect in the next run.
 *
 * A call that is asked about waits (TASK_WAITING); the loop puts the question (broker.c), and then the call is decided
 * again.
 */
#ifndef PROCTOR_SUPERVISOR_ASK_H
#define PROCTOR_SUPERVISOR_ASK_H

#include "supervisor/call.h"
#include "supervisor/view.h"
#include "words/words.h"

/* How a person is asked. */
struct asking {
	void *context;
	/* Would an answer to R change something, and has none been given yet? */
	bool (*is_open)(void *context, const struct refusal *r);
	/* Puts the question, and waits for the answer. Signals to proctor end the wait. */
	void (*put)(void *context, const struct refusal *r);
	/* What has been allowed so far, or NULL. A new policy after each question that was answered so; each stays
	 * valid until the run has ended. */
	const struct policy *(*policy)(void *context);
};

struct ask {
	const struct asking *who;    /* borrowed; NULL: nobody is asked */
	const struct detached *scratch; /* borrowed */
	const struct policy *policy; /* which `resolver` belongs to */
	struct resolver *resolver;
	struct ground ground; /* of the run, with that policy */
};

void ask_init(struct ask *ask, const struct asking *who, const struct detached *scratch);
void ask_fini(struct ask *ask);

/* PLAN refuses CALL: what is to be done instead, by what has been allowed so far; PLAN or one like it where that does
 * not help. */
struct plan ask_decide(struct ask *ask, const struct view *view, struct call *call, struct plan plan);

/* May a person be asked about a call that PLAN refuses? Never about a look at what a rule hides. */
bool ask_is_about(const struct ask *ask, const struct plan *plan);

#endif
