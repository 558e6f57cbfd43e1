/* SPDX-License-Identifier: Apache-2.0 */
/* pyenv's shims: bash scripts named like the program that choose a version. Private to policy/. */
#ifndef PROCTOR_POLICY_PYENV_H
#define PROCTOR_POLICY_PYENV_H

#include "base/buf.h"

/* HEAD (NUL-terminated) begins the file at PATH: is it a shim? */
bool pyenv_is_shim(const char *path, const char *head);

/*
 * The program that the shim at PATH would execute: PYENV_VERSION, else .python-version from
 * PYENV_DIR or the working directory upwards (from SCRIPT's directory for old shims that look
 * there), else the root's version file. 0; -ENOENT with a message when that version is not there.
 * The caller frees RET_PROGRAM.
 */
int pyenv_resolve(const char *path, const char *head, const char *path_env, const char *script,
		  char **ret_program, struct buf *message);

#endif
