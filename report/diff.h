/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a second run asked for that the first did not (proctor-diff(1)).
 *
 * Theory of operation. Each log becomes a table: which call on which path, decided how and with which outcome,
 * how often, and from where. Differences between two runs of the same program that mean nothing are taken out
 * first: the order of calls, the submission's directory, process ids in names, and calls without a path, whose
 * number depends on how often threads happen to wait. Names that only one run has are paired when they differ
 * only in a part that looks random, such as Python's tempfile makes. What importing a module of the interpreter's
 * reads is told as that module (diff_modules.h), and what the runs differ in as wholes by diff_run.h.
 */
#ifndef PROCTOR_REPORT_DIFF_H
#define PROCTOR_REPORT_DIFF_H

#include "report/diff_run.h"
#include "report/refusal_record.h"
#include "report/tally_table.h"

struct diff_side {
	struct tally_table calls;
	struct diff_profile profile;
	struct run_info run;
	struct log_health health;
};

/* Reads all of READER. 0 or -errno. The caller releases RET_SIDE with diff_side_fini(). */
int diff_read(struct log_reader *reader, struct diff_side *ret_side);
void diff_side_fini(struct diff_side *side);

/* Do they differ only in a part that looks random? */
bool diff_names_alike(const char *a, const char *b);

/* Appends how B differs from A, as lines or as one JSON document. Returns the number of differences. */
uint64_t diff_tell(struct diff_side *a, struct diff_side *b, bool json, struct buf *out);

#endif
