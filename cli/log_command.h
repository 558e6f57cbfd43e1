/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that read logs have in common: how a log is opened, and what reading one came to. */
#ifndef PROCTOR_CLI_LOG_COMMAND_H
#define PROCTOR_CLI_LOG_COMMAND_H

#include "report/log_reader.h"

/*
 * Opens the log at PATH ("-": standard input) and shows how far reading it has got. What is said begins with
 * PREFIX, "" or "diff: ". 0 with a reader that the caller closes by log_close(), or EXIT_NO_LOG.
 */
int open_log(const char *prefix, const char *path, struct log_reader **ret_reader);

/*
 * What became of reading the log at PATH to its end, by the result R of that (0 or -errno) and its HEALTH: 0,
 * EXIT_LOG or EXIT_NOT_A_LOG, both said as open_log() does.
 */
int log_read_status(const char *prefix, const char *path, int r, const struct log_health *health);

/* Says on standard error what the log at PATH lacks, a line each. */
void log_tell_lacks(const char *path, const struct log_health *health);

/*
 * The options of a command, ARGV[0], that has --json and --help (which prints USAGE) alone. -1 to go on with
 * RET_JSON set where it was given, otherwise the exit status.
 */
int log_command_options(const char *usage, int argc, char **argv, bool *ret_json);

#endif
