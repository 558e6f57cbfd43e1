/* SPDX-License-Identifier: Apache-2.0 */
/* A file that a command writes, which takes its name only when it is whole. */
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
 * Opens NAME (NULL: standard output), which is kept and must stay. A file that exists is replaced with FORCE
 * alone; a FIFO or a device is written in place. 0, or EXIT_LOG, said on standard error.
 */
int output_open(struct output *output, const char *name, bool force);

/* Gives the file its name if it is GOOD, otherwise removes it. 0, or EXIT_LOG, said on standard error. */
int output_close(struct output *output, bool good);

#endif
