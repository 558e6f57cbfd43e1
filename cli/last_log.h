/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of the last run that was started from a terminal without asking for a log, for `proctor
 * explain` without a LOG: $XDG_STATE_HOME/proctor/last.jsonl, or ~/.local/state/proctor/last.jsonl.
 *
 * During a run the log is in memory, in a file without a name; at the end it replaces the former one in one
 * step. Only the user can read it (0600), in a directory that belongs to the user and that nobody else can
 * write to, and no other user's link leads there (target_path.h). If anything is in the way, nothing is kept,
 * and the run is not affected.
 */
#ifndef PROCTOR_CLI_LAST_LOG_H
#define PROCTOR_CLI_LAST_LOG_H

#include <stdint.h>

#include "base/util.h"

#define LAST_LOG_MAX (UINT64_C(16) << 20) /* bytes; further refusals are counted and left out */

/* The file's name. NULL: there is none, because the environment names no home. The caller frees. */
char *last_log_name(void);

/*
 * Its directory, which no program may read; canonical as far as it exists. NULL as above. The caller
 * frees.
 */
char *last_log_directory(void);

/* Makes the directory if need be, and a file in memory for a run. A descriptor for the caller, or -errno. */
int last_log_open(void);

/* Replaces the former log with the contents of FD. 0, or -errno and the former log is unchanged. */
int last_log_keep(int fd);

#endif
