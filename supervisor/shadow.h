/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second policy that decides nothing: each call that stops is also put to it, and what it would have answered
 * otherwise is noted (--shadow of proctor-run(1)).
 *
 * It is asked by the same handlers, on a ground and with a resolver of its own, so links are followed where that
 * policy's grants would have let them be followed. It answers with a plan, and plans change nothing; the plan is
 * dropped. Which descriptors the program has, what its names lead to, and what the program does next all follow from
 * the enforced policy. Calls that the second policy's `never` names stop for its sake; no other call stops that would
 * not stop without it.
 */
#ifndef PROCTOR_SUPERVISOR_SHADOW_H
#define PROCTOR_SUPERVISOR_SHADOW_H

#include "supervisor/call.h"
#include "supervisor/view.h"

struct shadow {
	const struct policy *policy; /* borrowed; NULL: none is asked */
	struct resolver *resolver;
	struct reg_values forbids; /* its `never`: that part alone is filled */
	struct ground ground; /* of the run, with that policy */
	struct call call;     /* the copy that is asked about, kept for reuse */
};

/* POLICY may be NULL: then nothing is asked. 0 or -errno. End with shadow_fini() in either case. */
int shadow_begin(struct shadow *shadow, const struct policy *policy, const struct detached *scratch);
void shadow_fini(struct shadow *shadow);

/* Adds to VALUES, for the filter, what has to stop so that it can be asked about. */
void shadow_stops(const struct shadow *shadow, struct reg_values *values);

/*
 * CALL, decoded and not yet carried out, has been decided by PLAN: would the second policy decide it
 * otherwise? The answer is in CALL. Costs a decision, and nothing where there is no second policy.
 */
void shadow_ask(struct shadow *shadow, const struct view *view, const struct plan *plan, struct call *call);

#endif
