/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Act: plans are carried out here; no other file changes a call of the tracee.
 *
 * A call that returns no descriptor is emulated or refused at its entry stop: the kernel skips it, the result goes
 * where the kernel's would, and no second stop is needed. A call that the kernel has to run with exactly what was
 * checked is rewritten: its argument registers point into the sealed scratch. At the exit stop the program's own
 * registers are put back, the call number too, so that a call that a signal interrupted is restarted as the original
 * one and checked again.
 */
#ifndef PROCTOR_SUPERVISOR_ACT_H
#define PROCTOR_SUPERVISOR_ACT_H

#include "supervisor/call.h"
#include "supervisor/ending.h"
#include "supervisor/handover.h"
#include "supervisor/plan.h"
#include "supervisor/shared_memory.h"
#include "supervisor/tasks.h"
#include "supervisor/view.h"
#include "tracee/scratch.h"

/* What is needed to carry plans out. The scratch is owned. */
struct actor {
	struct scratch *scratch;
	struct handover handover;
	struct shared_memory shared;
};

/* actor_fini() is due after actor_init() even if nothing was done in between. */
void actor_init(struct actor *actor);
void actor_fini(struct actor *actor);

/*
 * Returns PLAN, unless that wants a descriptor: then what was wanted is done with a duplicate, and what is left to do
 * is returned. PLAN_DESCRIPTOR is returned only if the program itself has to send the descriptor (handover.h): then
 * act_leave() has it make the call again, and HANDED, its task's, has the duplicate.
 */
struct plan act_with_descriptor(struct actor *actor, const struct view *view, struct call *call, struct handed *handed,
				struct plan plan);

/*
 * Carries PLAN out at CALL's entry stop: fills `how`, `result`, `returned` … of CALL and resumes the thread, unless
 * ENDING is decided. Returns 0 or -errno. RET_DONE: there is no exit stop to wait for.
 */
int act_enter(struct actor *actor, struct task *task, struct call *call, const struct plan *plan,
	      struct ending *ending, bool *ret_done);

/* At the exit stop: takes the result, does what was left to do, and puts registers back. The thread is not
 * resumed. 0 or -errno. */
int act_leave(struct actor *actor, struct task *task, struct call *call, struct ending *ending);

/* CALL is over: its slot of the scratch is free again. */
void act_release(struct actor *actor, struct call *call);

#endif
