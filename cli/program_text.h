/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a Python program that is no file: that of -c, or what comes from standard input. */
#ifndef PROCTOR_CLI_PROGRAM_TEXT_H
#define PROCTOR_CLI_PROGRAM_TEXT_H

#include "base/buf.h"

enum { PROGRAM_TEXT_MAX = 16 << 20 };

struct program_text {
	const char *name; /* what frames call it: "<string>", "<stdin>"; NULL when there is none, or it is not known */
	struct buf text;
};

/*
 * Takes the text of the Python command line ARGV. From standard input it is taken when that is a regular file, which
 * stays as it is, and otherwise when READ: to its end, at most WALL_NS long, and the program gets it on a descriptor
 * of its own. 0, or an exit status after having said why. The caller frees with program_text_fini().
 */
int program_text_take(char *const *argv, bool read, uint64_t wall_ns, struct program_text *ret_text);
void program_text_fini(struct program_text *text);

#endif
