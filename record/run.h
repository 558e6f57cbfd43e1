/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records about a run as a whole: "start", "profile", "summary" and "end" of its log (proctor-log(5)), and its verdict
 * (proctor-verdict(5)). Facts in, members out. Everything is borrowed; a fact that is NULL, 0 or empty is left out, or
 * written as null where the format requires the member.
 */
#ifndef PROCTOR_RECORD_RUN_H
#define PROCTOR_RECORD_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/signing.h"
#include "base/subject.h"
#include "record/recorder.h"

struct record_identity {
	const char *run_id, *submission;
	const char *const *labels; /* K=V; NULL-terminated, or NULL */
};

/* A run that was to be forked from a template (tracee/template.h). */
struct record_warm {
	bool asked;	       /* else nothing is written about it */
	const char *why_cold;  /* a sentence; NULL: the run is warm */
	char *const *preload;  /* NULL-terminated */
	uint64_t age_ns, runs; /* of the template; this run is counted */
	bool quick;	       /* finalisation may be left out */
	bool ended, left_early; /* the run has ended; without finalisation */
};

/* A policy as it was written. */
struct record_text {
	const char *file, *text;
};

struct record_policy {
	const char *name, *file;
	const char *text;	     /* as it was written; NULL: the policy is built in */
	struct record_text *extends; /* the policies beneath it, from the lowest; owned */
	size_t n_extends;
	struct buf effective;  /* all of them put together */
	/* By record_hash_policy(). The text as written depends neither on the submission's name nor on where the interpreter
	 * lies. */
	char hash[65], source_hash[65];
};

struct record_limits {
	uint64_t cpu_ns, wall_ns, memory_bytes, output_bytes, tasks, files; /* UINT64_MAX: none */
};

/* The quota of a directory for which proctor counts; UINT64_MAX: no bound. */
struct record_quota {
	const char *path;
	uint64_t bytes, files;
};

struct record_start {
	struct record_identity identity;
	const char *version;
	const char *kernel, *arch;
	const char *const *walls; /* NULL-terminated */
	int landlock_abi;
	pid_t pid;
	char *const *argv; /* NULL-terminated */
	const char *executable, *working_directory;
	const char *python; /* "3.11" */
	/* A module run by -m has no script, only a directory; a module of the library has neither. */
	const char *script, *script_directory, *script_named;
	bool script_alone; /* the script is the whole submission, nothing beside it */
	const char *script_sha256;
	const struct record_policy *policy, *shadow;
	struct record_limits limits;
	const char *scratch, *scratch_in; /* "memory" "directory" */
	const char *scratch_counts; /* who does: "kernel" "proctor"; NULL: nobody, and there are no numbers */
	uint64_t scratch_bytes, scratch_files;
	const struct record_quota *quotas; /* of other directories */
	size_t n_quotas;
	const char *mode, *calls, *stack;
	struct record_warm warm;
};

struct record_limit {
	const char *name; /* NULL: none was crossed */
	const char *ref;
	uint64_t value, used, supervisor_ns;
};

enum { RECORD_LIMITS = 8 };

/* What a second policy would have decided differently. */
struct record_shadow {
	bool asked; /* else nothing is written about it */
	const char *name, *file;
	uint64_t refused, allowed, otherwise;
	uint64_t first; /* sequence number, or 0 */
	const char *limits[RECORD_LIMITS + 1]; /* names of limits that would have been crossed; NULL-terminated */
};

/* What a run used and how it ended, in the log and in the verdict. */
struct record_usage {
	uint64_t cpu_ns, wall_ns, memory_bytes;
	bool user_known;  /* else it is not known how much of CPU_NS was in user mode */
	uint64_t user_ns;
	unsigned tasks_peak; /* threads at one time */
	bool stdin_known;    /* stdin was a regular file */
	uint64_t stdin_bytes;
	bool output_known; /* output was counted */
	uint64_t output_bytes;
};

struct record_outcome {
	const char *status, *sub_status;
	bool exited; /* with EXIT_CODE; else it was killed by EXIT_SIGNAL, if that is not 0 */
	int exit_code, exit_signal;
	struct record_usage usage;
	uint64_t violations;
	struct record_limit limit;
	struct record_shadow shadow;
	struct buf cause; /* the members of "cause" */
	const char *error;
};

struct record_end {
	struct record_outcome outcome;
	uint64_t processes, processes_peak; /* 0: only one process is allowed */
	const struct buf *processes_left;   /* items of a list */
	bool log_full;
	bool left_early; /* the interpreter was not finalised, which nobody could tell */
	const struct buf *stack; /* the members that say where a limit ended the run */
	const struct signing_key *key; /* signs the log, whose recorder then hashes; or NULL */
};

struct record_verdict {
	struct record_identity identity;
	struct record_outcome outcome;
	const char *mode;
	struct record_warm warm;
	const uint64_t *refusals; /* one for each subject */
	uint64_t first; /* sequence number of the first violation; the texts may be NULL */
	const char *first_action, *first_path, *first_code;
	int interrupted; /* the signal to proctor that ended the run, or 0 */
	const char *student, *staff;
	const char *log_file; /* NULL: there is no log */
	const char *log_sha256;
	bool log_complete;
	const struct buf *facts; /* of the start: record_put_facts() */
	const struct signing_key *key; /* signs the verdict, or NULL */
};

/* Fills the hashes of POLICY from its texts: once, for the log and the verdict. */
void record_hash_policy(struct record_policy *policy);

/* Appends the start record and writes it out. */
void record_start(struct recorder *recorder, const struct record_start *start);
/* Appends the members of START that the verdict has too, with the time now as "started". */
void record_put_facts(const struct record_start *start, struct buf *out);
/* Appends a record of KIND whose members are MEMBERS. */
void record_members(struct recorder *recorder, const char *kind, const struct buf *members);
/* Appends the last record; the chain is closed before it. */
void record_end(struct recorder *recorder, const struct record_end *end);
/* Appends the verdict, with a newline at its end. */
void record_put_verdict(const struct record_verdict *verdict, struct buf *out);

#endif
