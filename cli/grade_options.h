/* SPDX-License-Identifier: Apache-2.0 */
/* What `proctor batch` and `proctor judge` have in common on the command line. */
#ifndef PROCTOR_CLI_GRADE_OPTIONS_H
#define PROCTOR_CLI_GRADE_OPTIONS_H

#include <getopt.h>

#include "cli/own_pool.h"
#include "grade/checker.h"

struct grade_options {
	const char *command;
	const char *dir;
	unsigned jobs;
	bool resume, quiet;
	char **options;	   /* of `proctor run`, for every run */
	char **defaults;   /* of `proctor run`, for runs for which nobody chose a policy */
	uint64_t wall_ns;  /* the limit among DEFAULTS or OPTIONS; 0: only the policy has it */
	struct checker checker;
	char **emit;	   /* FORMAT=FILE */
	const char *python; /* or NULL */
	bool own_pool;	    /* --warm exact or quick */
	struct pool_options pool;
	char **preload;
	struct own_pool running;
	bool has_policy, has_checker;
	bool has_cpu, has_wall, has_memory, has_output;
};

enum {
	GRADE_CPU = 512, GRADE_WALL, GRADE_MEMORY, GRADE_OUTPUT, GRADE_TASKS, GRADE_FILES, GRADE_CALLS, GRADE_LOG_MAX, GRADE_SIGN,
	GRADE_PYTHON, GRADE_ENV, GRADE_CHECKER, GRADE_RESUME, GRADE_EMIT,
	GRADE_WARM, GRADE_PRELOAD,
};

/* For getopt_long(): the common options, short and long. */
#define GRADE_SHORT ":o:j:p:r:qh"
#define GRADE_LONG                                                                                              \
	{ "directory", required_argument, NULL, 'o' }, { "jobs", required_argument, NULL, 'j' },                \
		{ "policy", required_argument, NULL, 'p' }, { "read", required_argument, NULL, 'r' },           \
		{ "quiet", no_argument, NULL, 'q' }, { "help", no_argument, NULL, 'h' },                        \
		{ "cpu", required_argument, NULL, GRADE_CPU }, { "wall", required_argument, NULL, GRADE_WALL }, \
		{ "memory", required_argument, NULL, GRADE_MEMORY },                                            \
		{ "output", required_argument, NULL, GRADE_OUTPUT },                                            \
		{ "tasks", required_argument, NULL, GRADE_TASKS },                                              \
		{ "files", required_argument, NULL, GRADE_FILES },                                              \
		{ "calls", required_argument, NULL, GRADE_CALLS },                                              \
		{ "log-max", required_argument, NULL, GRADE_LOG_MAX },                                          \
		{ "sign", required_argument, NULL, GRADE_SIGN },                                                \
		{ "python", required_argument, NULL, GRADE_PYTHON },                                            \
		{ "env", required_argument, NULL, GRADE_ENV },                                                  \
		{ "checker", required_argument, NULL, GRADE_CHECKER },                                          \
		{ "warm", required_argument, NULL, GRADE_WARM },                                                \
		{ "preload", required_argument, NULL, GRADE_PRELOAD },                                          \
		{ "emit", required_argument, NULL, GRADE_EMIT },                                                \
	{ "resume", no_argument, NULL, GRADE_RESUME }

#define GRADE_HELP_RUNS                                                                                      \
	"Of every run (see proctor run --help)\n"                                                            \
	"  -p, --policy FILE|NAME      policy (default builtin:pure)\n"                                      \
	"  -r, --read PATH             let them read PATH (repeatable)\n"                                    \
	"      --python PATH           interpreter for SCRIPT.py\n"                                          \
	"      --env NAME[=VALUE]      pass or set a variable (repeatable)\n"                                \
	"      --cpu TIME, --wall TIME, --memory SIZE, --output SIZE,\n"                                     \
	"      --tasks N, --files N    limits\n"                                                             \
	"      --calls denied|brokered|all\n"                                                                \
	"                              calls in the logs\n"                                                  \
	"      --log-max SIZE|none     size that a log may reach\n"                                         \
	"      --sign KEYFILE          sign each log and verdict\n"                                         \
	"      --warm exact|quick|SOCKET\n"                                                                  \
	"                              start from an interpreter that is held: by this\n"                    \
	"                              command, or by the proctor pool at SOCKET\n"                          \
	"      --preload MODULE,...    modules that it has imported (repeatable)\n"

void grade_options_init(struct grade_options *options, const char *command);
void grade_options_fini(struct grade_options *options);

/* Handles one option with its VALUE. 0, or EXIT_USAGE after having said what is wrong. */
int grade_options_take(struct grade_options *options, int option, const char *value);

/* Writes what --emit asks for, from the results in DIR_FD. 0, or EXIT_LOG after having said what is wrong. */
int grade_options_emit(const struct grade_options *options, int dir_fd);

/* Once all options are known: adds the default limits. */
void grade_options_complete(struct grade_options *options);

/*
 * Starts the pool that --warm asks for, RUNNING, before anything else is opened or started. 0, or EXIT_USAGE after
 * having said what is wrong. If there can be no pool, that is no error: it says so, and the runs are cold.
 */
int grade_options_start_pool(struct grade_options *options);

#endif
