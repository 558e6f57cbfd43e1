/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `proctor run` (proctor-run(1)). */
#ifndef PROCTOR_CLI_RUN_OPTIONS_H
#define PROCTOR_CLI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"
#include "tracee/stack.h"

enum exit_mode { EXIT_MODE_CHILD, EXIT_MODE_VERDICT, EXIT_MODE_JUDGED };

/* Texts are borrowed from argv. */
struct run_command {
	const char *policy, *shadow, *log, *verdict, *sign, *live, *python, *id, *user, *warm, *directory, *submission;
	const char **read, **write, **collect, **connect, **bind, **exec, **env, **labels, **emit; /* NULL-terminated */
	size_t n_read, n_write, n_collect, n_connect, n_bind, n_exec, n_env, n_labels, n_emit;
	size_t cap_read, cap_write, cap_collect, cap_connect, cap_bind, cap_exec, cap_env, cap_labels, cap_emit;
	bool ask;
	const char *ask_file; /* file for what is allowed, or NULL */
	enum policy_process process; /* --process, if given */
	bool process_given;
	const char *scratch;	  /* the option that asked for one, or NULL */
	uint64_t scratch_bytes;	  /* its size; 0: not given */
	const char *keep_scratch; /* where the scratch is to be kept, or NULL */
	struct limits limits; /* those that were given */
	bool limit_given[N_LIMITS];
	bool calls_given, log_max_given, stack_given;
	enum log_calls calls;
	uint64_t log_max; /* bytes; UINT64_MAX: none */
	enum stack_kinds stack;
	bool log_ecs; /* version 2 of the log */
	unsigned profile_hz; /* 0: none */
	bool profile_wall;   /* by the clock on the wall */
	bool stack_for_all, audit, quiet, verbose, no_pin;
	enum exit_mode exit_mode;
	char **words; /* PROGRAM ARG..., the rest of argv */
	bool done;    /* --help: nothing to run */
};

/* Parses ARGV. 0, or EXIT_USAGE after having said why; even then `verdict` is the last one named.
 * Free with run_command_fini(). */
int run_command_parse(int argc, char **argv, struct run_command *ret_command);
void run_command_fini(struct run_command *command);

#endif
