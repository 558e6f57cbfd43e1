/* SPDX-License-Identifier: Apache-2.0 */
/* From a program's name to its file, as execvp(3) finds it, and its directories. Private to policy/. */
#ifndef PROCTOR_POLICY_PROGRAM_H
#define PROCTOR_POLICY_PROGRAM_H

#include "base/buf.h"
#include "base/util.h"

/* PROGRAM, a name without a slash, along PATH_ENV (NULL: the system's directories) as an absolute path,
 * skipping directory EXCEPT (may be NULL). The caller frees it; NULL when it is nowhere. */
char *program_in_path(const char *program, const char *path_env, const char *except);

/* The same for a name that may hold a slash: then it is a path, which need not exist. 0, the caller frees
 * RET_PATH; -ENOENT with a message, without newline, appended to MESSAGE. */
int program_resolve(const char *program, const char *path_env, char **ret_path, struct buf *message);

/* The directory that PATH is in: "/" for "/", "." for a name without a slash. The caller frees it. */
char *parent_of(const char *path);

#endif
