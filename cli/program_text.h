/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a Python program that is not a file: from -c, or from standard input. */
#ifndef PROCTOR_CLI_PROGRAM_TEXT_H
#define PROCTOR_CLI_PROGRAM_TEXT_H

#include "base/buf.h"

enum { PROGRAM_TEXT_MAX = 16 << 20 };

struct program_text {
	const char *name; /* its name in frames: "<string>", "<stdin>"; NULL: no text, or not known */
	struct buf text;
};

/*
 * Takes the text of the Python program in the command line ARGV. If it is on standard input, a regular file is copied
 * and its offset stays; anything else is read only with READ, to its end, for at most WALL_NS, and the program then
 * gets a copy as its standard input. 0, or an exit status after having said why. The caller frees with
 * program_text_fini().
 */
int program_text_take(char *const *argv, bool read, uint64_t wall_ns, struct program_text *ret_text);
void program_text_fini(struct program_text *text);

#endif
