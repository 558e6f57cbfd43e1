/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries open a file for reading and writing, and when that is refused for reading alone: sqlite a database,
 * mailbox a box. That is one look at a file that may be read. So such a refusal is not recorded at once: the next
 * call of its thread that names a path tells what it was. If that opens the same file for reading, and may, the
 * refusal was a part of it and is no violation; whatever else comes, or nothing, it was a try to write. What
 * the program sees does not depend on it: the file is never opened for writing.
 *
 * Only opens that change nothing by themselves wait: what cuts, appends, or has to make the file is a try to
 * write. Nor does one wait that ends the run, or is let through (audit mode).
 */
#ifndef PROCTOR_SUPERVISOR_FALLBACK_H
#define PROCTOR_SUPERVISOR_FALLBACK_H

#include "supervisor/call.h"

/* Is CALL, refused by PLAN, one that has to wait for what follows? */
bool fallback_may_follow(const struct policy *policy, const struct call *call, const struct plan *plan);
/* Does NEXT, decided as it says, fall back from REFUSED? */
bool fallback_follows(const struct call *refused, const struct call *next);
/* How REFUSED is decided then. */
struct decision fallback_decision(const struct call *refused);

#endif
