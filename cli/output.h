/* SPDX-License-Identifier: Apache-2.0 */
/* A file that a command writes, and that gets its name only when it is complete. */
#ifndef PROCTOR_CLI_OUTPUT_H
#define PROCTOR_CLI_OUTPUT_H

#include "base/util.h"

struct output {
	FILE *file;
	const char *name; /* NULL: standard output */
	char *temporary;  /* NULL: written in place */
	bool force;
};

/*
 * Opens NAME (NULL: standard output), which is borrowed. An existing file is only replaced with FORCE; a FIFO
 * or a device is written in place. 0, or EXIT_LOG with a message on standard error.
 */
int output_open(struct output *output, const char *name, bool force);

/* Gives the file its name if it is GOOD, otherwise removes it. 0, or EXIT_LOG with a message on standard error. */
int output_close(struct output *output, bool good);

#endif
