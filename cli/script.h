/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script of a Python command line and the directory that it lies in, which is what a program may
 * read by default. So the script's name must not lead out of that directory: a submission with a link
 * solve.py -> /etc/shadow would choose for itself what is granted and shown.
 */
#ifndef PROCTOR_CLI_SCRIPT_H
#define PROCTOR_CLI_SCRIPT_H

#include "base/buf.h"

struct script {
	char *name; /* as the interpreter will open it; NULL for -m */
	char *real; /* canonical */
	char *directory; /* canonical: what %{submission} stands for */
	char *named;	 /* the same as NAME has it, from the root; NULL when that is equal */
	char **files;	 /* canonical: what Python reads of it to begin with */
	size_t n_files, cap_files;
};

/*
 * NAME: a file (also a zip file with a __main__.py) or a directory with one, which is then its own
 * %{submission}. 0; -EXDEV: it leads out of its directory; -errno. A message without newline is
 * appended to MESSAGE on failure. The caller frees with script_fini().
 */
int script_find(const char *name, struct script *ret_script, struct buf *message);
/* MODULE of -m, looked for in the working directory; `real` is NULL and there are no files when it is
 * not there but one of the library's. */
int script_find_module(const char *module, struct script *ret_script, struct buf *message);
void script_fini(struct script *script);

#endif
