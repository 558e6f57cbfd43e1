/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subcommands, one file each. ARGV[0] is the subcommand's name. Each returns the exit status
 * of the process and has said on standard error what went wrong.
 */
#ifndef PROCTOR_CLI_CLI_H
#define PROCTOR_CLI_CLI_H

#include "base/util.h"

/* Exit statuses of commands that read logs; sysexits(3) EX_NOINPUT, EX_DATAERR. */
#define EXIT_NO_LOG    66
#define EXIT_NOT_A_LOG 65

int cmd_run(int argc, char **argv);
/* The same as work for a process that calls it again and again (grade/worker.h): what does not depend on the run is
 * kept. */
struct work;
const struct work *cmd_run_work(void);
int cmd_explain(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_summary(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_policy(int argc, char **argv);
int cmd_judge(int argc, char **argv);
int cmd_batch(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_learn(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_pool(int argc, char **argv);
int cmd_tail(int argc, char **argv);

/*
 * The page of each of LOGS (NULL-terminated, at least one), as proctor report writes them: to OUTPUT, NULL for standard
 * output, a directory for several. Messages about their use begin with COMMAND. Returns the exit status.
 */
int report_pages(const char *command, const char *output, bool force, char **logs);

/* Variables that every program gets, and one more for Python programs. */
#define CLI_ENV_PATH "PATH=/usr/local/bin:/usr/bin:/bin"
#define CLI_ENV_NO_BYTECODE "PYTHONDONTWRITEBYTECODE=1"

/*
 * Prints how a command is used: on standard output when ASKED, which is success, otherwise on
 * standard error. Returns the exit status, 0 or EXIT_USAGE.
 */
static inline int cli_usage(const char *usage, bool asked)
{
	fputs(usage, asked ? stdout : stderr);
	return asked ? 0 : EXIT_USAGE;
}

#endif
