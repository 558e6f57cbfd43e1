/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script of a Python command line and the directory that it lies in, which a program may read by
 * default. So the script's name must not lead out of that directory: with a link
 * solve.py -> /etc/shadow, a submission could choose for itself what is granted and shown.
 */
#ifndef PROCTOR_CLI_SCRIPT_H
#define PROCTOR_CLI_SCRIPT_H

#include "base/buf.h"

struct script {
	char *name; /* as the interpreter will open it; NULL for -m */
	char *real; /* canonical */
	char *directory; /* canonical: what %{submission} stands for */
	char *named;	 /* the same as in NAME, from the root; NULL when that is equal */
	char **files;	 /* canonical: what Python reads first */
	size_t n_files, cap_files;
};

/*
 * NAME: a file (also a zip file with a __main__.py), or a directory with a __main__.py, which is then its
 * own %{submission}. 0; -EXDEV: it leads out of its directory; -errno. On failure a message without
 * newline is appended to MESSAGE. The caller frees with script_fini().
 */
int script_find(const char *name, struct script *ret_script, struct buf *message);
/* MODULE of -m, looked for in the working directory; if it is not there but in the library, `real` is NULL
 * and there are no files. */
int script_find_module(const char *module, struct script *ret_script, struct buf *message);
void script_fini(struct script *script);

#endif
