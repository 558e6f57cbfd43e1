/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries open a file for reading and writing and, when that is refused, for reading alone: sqlite a database,
 * mailbox a mailbox. Together that is one look at a file that may be read. So such a refusal is not recorded at once:
 * the next call of the same thread that names a path tells what it was. If that call opens the same file for reading,
 * and may, the refusal was a part of it and is no violation; if another call comes, or none, it was an attempt to
 * write. What the program sees is the same either way: the file is never opened for writing.
 *
 * Only opens that change nothing by themselves wait: one that truncates, appends, or has to make the file is an
 * attempt to write. A refusal that ends the run, or is let through (audit mode), does not wait either.
 */
#ifndef PROCTOR_SUPERVISOR_FALLBACK_H
#define PROCTOR_SUPERVISOR_FALLBACK_H

#include "supervisor/call.h"

/* Does CALL, refused by PLAN, have to wait for what follows? */
bool fallback_may_follow(const struct policy *policy, const struct call *call, const struct plan *plan);
/* Does NEXT, which is decided, fall back from REFUSED? */
bool fallback_follows(const struct call *refused, const struct call *next);
/* How REFUSED is decided if so. */
struct decision fallback_decision(const struct call *refused);

#endif
