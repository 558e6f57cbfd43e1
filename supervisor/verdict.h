/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict: one JSON document about a run (proctor-verdict(5)), and one line for a person. */
#ifndef PROCTOR_SUPERVISOR_VERDICT_H
#define PROCTOR_SUPERVISOR_VERDICT_H

#include "supervisor/broker.h"
#include "supervisor/surroundings.h"
#include "supervisor/warm.h"
#include "words/cause.h"

struct verdict {
	const struct run_result *result;
	const struct policy *policy;
	const struct policy *shadow; /* that was asked too, or NULL */
	const char *run_id, *submission; /* submission: --id, or NULL */
	const char *const *labels;	 /* K=V; NULL-terminated, or NULL */
	const char *log_file;		 /* NULL: there is no log */
	const char *log_sha256;
	bool log_complete, audit;
	struct warm_told warm;
	const struct surroundings *found; /* what is there instead of what it missed; or NULL */
	const struct cause_surroundings *around; /* for the words about an exception */
};

/* "sub_status":"CE", when the program was never run, for its source has an error of syntax; else nothing. */
void verdict_sub_status(const struct verdict *verdict, struct buf *out);

/* Appends "cause":{…}, what ended the run, as the end record has it too. */
void verdict_cause(const struct verdict *verdict, struct buf *out);

/* Appends "shadow":{…}, how often a second policy would have decided otherwise; nothing where there was none. */
void verdict_shadow(const struct verdict *verdict, struct buf *out);

/* Appends the document, with a newline at its end. */
void verdict_format(const struct verdict *verdict, struct buf *out);

/* "OK, 0.03 s cpu, 0.05 s, 9.2 MiB, 1 violation": for -v. No newline. */
void verdict_line(const struct verdict *verdict, struct buf *out);

#endif
