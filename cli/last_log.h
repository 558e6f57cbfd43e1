/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of the last run that somebody started from a terminal without asking for one, for `proctor
 * explain` without a LOG: $XDG_STATE_HOME/proctor/last.jsonl, or ~/.local/state/proctor/last.jsonl.
 *
 * While a run goes on its log is in memory, in a file without a name; at the end it takes the place of the
 * former one in one step. It is there for the user alone (0600), in a directory that is the user's and that
 * nobody else can write to, and no link of somebody else leads there (target_path.h). Whatever stands in the
 * way: nothing is kept, and the run does not mind.
 */
#ifndef PROCTOR_CLI_LAST_LOG_H
#define PROCTOR_CLI_LAST_LOG_H

#include <stdint.h>

#include "base/util.h"

#define LAST_LOG_MAX (UINT64_C(16) << 20) /* bytes; refusals beyond are counted and left out */

/* Where it is, as a name. NULL: nowhere, the environment names no home. The caller frees. */
char *last_log_name(void);

/*
 * The directory that it is in, canonical as far as it is there: what no program may read. NULL as above. The
 * caller frees.
 */
char *last_log_directory(void);

/* Makes the directory if need be, and a file in memory for a run. A descriptor of the caller's, or -errno. */
int last_log_open(void);

/* What FD holds takes the place of the former log. 0 or -errno, with the former one as it was. */
int last_log_keep(int fd);

#endif
