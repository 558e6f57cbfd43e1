/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to a plan: what the table says of the call, then the policy's `never`, then the call's handler.
 * Changes nothing but CALL's objects and copy-outs.
 */
#ifndef PROCTOR_SUPERVISOR_DECIDE_H
#define PROCTOR_SUPERVISOR_DECIDE_H

#include "supervisor/call.h"
#include "supervisor/plan.h"
#include "supervisor/view.h"

struct plan decide(const struct view *view, struct call *call);

/* Audit mode lets PLAN's refusal through: the call goes to the kernel as it stands, and CALL notes it. */
struct plan decide_audited(const struct view *view, struct call *call, struct plan plan);

/* Is it a native call whose exit stop never comes? */
bool decide_never_returns(const struct request *request);

/* A call of a foreign architecture: the run ends. */
struct plan decide_foreign(void);

#endif
