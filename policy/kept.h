/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interpreter, and what builtin:python derives from one, kept by a process that loads many policies one after another.
 * Both are found anew after some seconds, so that what is installed meanwhile is seen as it would be by a process of its own
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

/*
 * Does what interpreter_find() and interpreter_library() do; with KEPT NULL, no more. What was found before is used if
 * PROGRAM still is the same name, which leads to the same file, unchanged: its device, inode, size and times. A script or
 * a pyenv shim is looked at each time. The same for what it returns and for MESSAGE; the caller frees both.
 */
int policy_kept_find(struct policy_kept *kept, const char *program, const char *path_env, const char *script,
		     struct interpreter *ret_interpreter, char ***ret_library, struct buf *message);

#endif
