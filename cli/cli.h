/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subcommands, one file each. ARGV[0] is the subcommand's name. Each returns the exit status
 * of the process and has said on standard error what went wrong.
 */
#ifndef PROCTOR_CLI_CLI_H
#define PROCTOR_CLI_CLI_H

int cmd_run(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_summary(int argc, char **argv);
int cmd_policy(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

#endif
