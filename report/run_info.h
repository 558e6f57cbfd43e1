/* SPDX-License-Identifier: Apache-2.0 */
/* What the start and end records of a log say about the whole run. */
#ifndef PROCTOR_REPORT_RUN_INFO_H
#define PROCTOR_REPORT_RUN_INFO_H

#include "report/log_reader.h"
#include "words/words.h"

/* The texts of one list in the policy. */
struct text_list {
	char **text;
	size_t n, cap;
};
void text_list_fini(struct text_list *list);

/* Texts are owned; NULL or 0 where the log does not say. */
struct run_info {
	char *id, *started;	      /* run.id; @timestamp of the start record */
	char *script, *script_sha256; /* the script that ran */
	char *submission;	      /* its directory */
	char *submission_named;	      /* as the user named it; NULL when that is the same */
	char *working_directory;
	char *scratch; /* where the run's scratch was; NULL: it had none */
	uint64_t scratch_bytes, scratch_files; /* 0: the log does not say */
	bool network; /* its policy grants some addresses */
	char *interpreter; /* the executable */
	char *called; /* and what it was called */
	bool options_only; /* the policy is a built-in one */
	struct text_list never; /* of the effective policy, as written */
	struct text_list never_own; /* those of them that are the run's own log and the texts of its policy */
	uint64_t limits[N_LIMITS]; /* by enum limit; UINT64_MAX: none */
	uint64_t pid;
	bool audit; /* --mode audit */

	bool ended;
	char *status;	   /* "PV" */
	int64_t exit_code; /* -1: none */
	char *exit_signal;
	uint64_t violations;
	json_t *end; /* the end record */
};

/* All empty; release with run_info_fini(). */
void run_info_init(struct run_info *run);
void run_info_fini(struct run_info *run);

/* Takes what a start or end record says; other records are passed over. */
void run_info_take(struct run_info *run, const struct log_record *record);

/* enum limit for "cpu" …; -1 if there is no such limit. */
int limit_from_name(const char *name);

/* "PV: ended by the policy, SIGKILL" — what became of the program. */
void run_info_tell_end(const struct run_info *run, struct buf *out);

#endif
