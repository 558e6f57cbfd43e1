/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What builtin:python derives from an interpreter, kept by a process that loads many policies one after another. It is
 * derived anew after some seconds, so that what is installed meanwhile is seen as it would be by a process of its own
 * that started a moment earlier. Nothing of a submission is in it.
 */
#ifndef PROCTOR_POLICY_KEPT_H
#define PROCTOR_POLICY_KEPT_H

#include "policy/policy.h"

struct policy_kept;

struct policy_kept *policy_kept_new(void);
void policy_kept_free(struct policy_kept *kept);

/* Does for POLICY what builtin_python_add() would do for it with INTERPRETER. */
void policy_kept_add(struct policy_kept *kept, struct policy *policy, const struct interpreter *interpreter);

#endif
