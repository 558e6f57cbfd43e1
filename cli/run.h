/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run owns, and the steps of proctor run. Private to cli/run*.c, in which a run goes from one to the next:
 * run.c has their order; run_find.c finds what is to run, run_policy.c loads the policy, run_scratch.c makes the scratch
 * and hands back what is in it, run_start.c describes the start and run_end.c the end.
 *
 * A step returns 0 or the exit status that proctor ends with, having said why. What it finds or opens is the run's.
 */
#ifndef PROCTOR_CLI_RUN_H
#define PROCTOR_CLI_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/environment.h"
#include "cli/identity.h"
#include "cli/probe_file.h"
#include "cli/program_text.h"
#include "cli/run_options.h"
#include "cli/scratch_dir.h"
#include "cli/script.h"
#include "cli/target.h"
#include "cli/warm.h"
#include "policy/interpreter.h"
#include "policy/source.h"
#include "record/run.h"
#include "supervisor/broker.h"
#include "supervisor/surroundings.h"

enum { RUN_ID_LENGTH = 26 };

/* Everything that one run owns. */
struct run {
	struct run_command command;
	struct interpreter interpreter;
	struct policy *policy;
	struct policy *shadow; /* --shadow, or NULL */
	struct policy_context context; /* with which both policies were loaded, and its texts: */
	char **never; /* canonical paths of the run's own records, and of the policy's texts; NULL-terminated */
	bool alone;   /* the submission is the script, and nothing beside it */
	char *dash;
	const char *hide[2];
	struct asker asker; /* --ask */
	struct recorder *recorder;
	struct signing_key *signing_key; /* or NULL */
	struct live *live;
	struct script script; /* empty for -c, stdin or another program */
	int script_fd;
	struct program_text text; /* of a program that is not a file */
	struct probe_file probe;
	struct surroundings found; /* what exists in place of what the program missed */
	char *working_directory; /* where the program starts; NULL when it has none */
	int directory_fd;	 /* the same, if it is not proctor's own; else -1 */
	char **argv;
	struct environment environment;
	struct policy_source *source; /* the policy as it was read; taken when it is loaded */
	struct policy_kept *policies; /* kept from one run to the next (policy/kept.h), borrowed; or NULL */
	char **library;
	char run_id[RUN_ID_LENGTH + 1];
	struct identity identity;
	struct targets targets;
	struct scratch_dir scratch;
	struct warm warm;
	const struct adoption *adoption; /* what is to become the program; or NULL */
	struct buf why_cold; /* why the run is not warm although it should be */
	int *collect_fds;    /* target directories, one for each of command.collect */
	size_t n_collect_fds;
	bool collect_failed, ask_failed;
	bool policy_failed_scratch; /* the policy could not be loaded because of its scratch; this was told */
	int log_fd, live_fd;
	int last_fd;	   /* the log of a run from a terminal that asked for none (last_log.h), or -1 */
	int stdin_fd;	   /* standard input where it is a regular file, or -1 */
	off_t stdin_start; /* its offset at the start */
	struct buf facts;  /* from the start, for the verdict */
	bool has_log, kept; /* KEPT: it has been put where explain finds it */
	unsigned closed_stdio;
	sigset_t signal_mask, ignored_signals;
	struct run_result result;
	char log_sha256[65];
};

/* The exit status where proctor itself failed and there is no verdict: which one, the exit mode says. */
static inline int run_failed_status(const struct run *run)
{
	return run->command.exit_mode == EXIT_MODE_CHILD ? EXIT_PROCTOR_FAILED : EXIT_INTERNAL;
}

/* ------------------------------------------------------------------ what to run (run_find.c), in this order */

/* Reads the policy's text into ->source. Before all else: it may name the interpreter and the working directory. */
int run_read_policy(struct run *run);
/* Finds ->interpreter, which is any program where the words name one, and its ->library. */
int run_find_program(struct run *run);
/* Fills ->argv, with which the program starts. */
void run_make_argv(struct run *run);
/* Finds ->script, and the directory that %{submission} stands for. */
int run_find_submission(struct run *run);
/* Finds ->working_directory, unless that is in the scratch, which is not made yet. */
int run_find_directory(struct run *run);

/* ------------------------------------------------------------------ policy (run_policy.c) */

/* Loads ->policy, and with it the scratch and the environment, and ->shadow; the command line's limits win. */
int run_load_policy(struct run *run);
/* Refuses a run that could change its own records or policy files. */
int run_check_records(const struct run *run);
/* Reads the key of --sign, which the program must neither read nor replace. */
int run_take_key(struct run *run);

/* ------------------------------------------------------------------ scratch (run_scratch.c) */

/* A callback of policy_context (policy/policy.h): makes the scratch for the policy, on the disk with the rights of the
 * program. ARG is the run. Returns its path, which the run owns, or NULL, having said why. *RET_COUNTS: the kernel
 * counts what is in it. */
const char *run_make_scratch(void *arg, const struct scratch_size *size, bool *ret_counts);
/* Another, for a further policy: the scratch that was made for the first one. */
const char *run_same_scratch(void *arg, const struct scratch_size *size, bool *ret_counts);
/* Finds a working directory in the scratch that has been made. */
int run_enter_scratch(struct run *run);
/* Opens where --collect copies to, with the rights of the program, with which is written there. */
int run_open_collections(struct run *run);
/* Copies what --collect names; the whole, for --keep-scratch. Each returns true when that failed, which was told. */
bool run_collect(const struct run *run);
bool run_keep_scratch(const struct run *run);

/* ------------------------------------------------------------------ start (run_start.c) */

/* The broker's callback when the program begins, CONTEXT being the run: writes the start record, and keeps the same
 * facts for the verdict. WALLS and LANDLOCK_ABI: as in struct record_start. */
void run_on_start(void *context, pid_t pid, const char *const *walls, int landlock_abi);
/* For the records of the run; what they point to is the run's. ENDED: the run has. */
struct record_warm run_warm_of(const struct run *run, bool ended);
struct record_identity run_identity_of(const struct run *run);
bool run_wants_verdict(const struct run *run);

/* ------------------------------------------------------------------ end (run_end.c), in this order */

/* Gathers facts for the words about what the program missed. */
void run_look_around(struct run *run);
/* Writes the last records of the log. */
void run_record_last(struct run *run);
/* Says on the terminal what became of the run, and writes its verdict. Returns the exit status. */
int run_tell(struct run *run);
/* In place of them, when the broker could not start the program: R is its negative errno. Returns the exit status. */
int run_explain_start_failure(const struct run *run, int r);

#endif
