/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that read logs have in common: opening a log, and the exit status of reading one. */
#ifndef PROCTOR_CLI_LOG_COMMAND_H
#define PROCTOR_CLI_LOG_COMMAND_H

#include "report/log_reader.h"

/*
 * Opens the log at PATH ("-": standard input) and shows the progress of reading it. Messages begin with
 * PREFIX, "" or "diff: ". 0 with a reader that the caller closes with log_close(), or EXIT_NO_LOG.
 */
int open_log(const char *prefix, const char *path, struct log_reader **ret_reader);

/*
 * The log at PATH was read to its end with result R (0 or -errno) and HEALTH: the exit status, 0, or EXIT_LOG or
 * EXIT_NOT_A_LOG with a message as from open_log().
 */
int log_read_status(const char *prefix, const char *path, int r, const struct log_health *health);

/* Says on standard error what the log at PATH lacks, a line each. */
void log_tell_lacks(const char *path, const struct log_health *health);

/*
 * Parses the options of a command, ARGV[0], that only has --json and --help (which prints USAGE). -1 to go on, with
 * RET_JSON set if --json was given, otherwise the exit status.
 */
int log_command_options(const char *usage, int argc, char **argv, bool *ret_json);

#endif
