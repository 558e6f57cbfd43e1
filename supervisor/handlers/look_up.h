/* SPDX-License-Identifier: Apache-2.0 */
/* What all handlers of calls with paths begin with (files.c). */
#ifndef PROCTOR_SUPERVISOR_HANDLERS_LOOK_UP_H
#define PROCTOR_SUPERVISOR_HANDLERS_LOOK_UP_H

#include "supervisor/call.h"
#include "supervisor/plan.h"
#include "supervisor/view.h"

/*
 * Resolves path N of CALL, with FLAGS of resolve(), and decides on WANT. False: PLAN answers (error or refusal).
 * True: the object is FOUND, ABSENT or a DESCRIPTOR, and PLAN is an answer, 0, by the rule that allowed it.
 */
bool look_up(const struct view *view, struct call *call, unsigned n, unsigned flags, unsigned want,
	     struct plan *plan);

/* PLAN refuses CALL: is its first path PATH, a pattern for a name in the program's own directory in /proc? */
bool is_own_name(const struct call *call, const struct plan *plan, const char *path);

/* What /proc/self/exe of process TGID leads to. */
const char *executable_of(const struct view *view, pid_t tgid);

#endif
