/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a refused call was for, where the call itself does not say: vfork(2) names no command, and socket(2) no host. A
 * function of the interpreter's library that makes the call for the program has it in its variables. Plain facts, read
 * out of the program (supervisor/meant.h) or out of a log (report/), and put into words by words/meant.h.
 */
#ifndef PROCTOR_BASE_MEANT_H
#define PROCTOR_BASE_MEANT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	MEANT_WORDS = 16, /* of a command */
	MEANT_TEXT = 256, /* bytes of one text */
};

/* Texts are borrowed, and the program's to choose: they may hold any bytes. NULL and 0: none, or not known. */
struct meant {
	const char *command[MEANT_WORDS]; /* the words of what was to be executed */
	size_t n_command;
	bool command_cut;    /* there is more of it than is here */
	const char *program; /* the file to execute, where that is not the first word */
	const char *host, *port; /* what was to be looked up or reached */
	const char *target;  /* the function that was to run in a process of its own */
};

static inline bool meant_is_known(const struct meant *meant)
{
	return meant && (meant->n_command || meant->host || meant->target);
}

/* The file that was to be executed; NULL where there is no command. */
static inline const char *meant_file(const struct meant *meant)
{
	return meant->program ? meant->program : meant->n_command ? meant->command[0] : NULL;
}

/* A copy with texts of its own; NULL where nothing is known. The caller frees it with meant_free(). */
struct meant *meant_copy(const struct meant *meant);
void meant_free(struct meant *copy);

#endif
