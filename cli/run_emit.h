/* SPDX-License-Identifier: Apache-2.0 */
/* What `proctor run --emit FORMAT=FILE` writes: the verdict in formats of other programs. */
#ifndef PROCTOR_CLI_RUN_EMIT_H
#define PROCTOR_CLI_RUN_EMIT_H

#include "base/buf.h"
#include "cli/run_options.h"

/* Is VALUE a format, "=" and a file? Standard output is refused, because it is the program's. */
bool run_emit_is_good(const char *value);

/*
 * Before the run, with its rights: removes old files, so that results of an earlier run are not taken for this one's.
 * Refuses a file that the run itself reads or writes. 0, or an exit status after having said what is wrong.
 */
int run_emit_clear(const struct run_command *command);

/* Writes them, each in one step. 0, or EXIT_LOG after having said what is wrong. */
int run_emit_write(const struct run_command *command, const struct buf *verdict);

#endif
