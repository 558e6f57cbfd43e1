/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a second run asked for that the first did not (proctor-diff(1)).
 *
 * Theory of operation. Each log becomes a table: which call on which path, decided how and with which outcome,
 * how often, and from where. What differs between two runs of the same program without meaning anything is
 * taken out before: the order of calls, the submission's directory, process ids in names, calls without a path
 * that threads make as often as they happen to wait. Names that only one run has are paired when they are the
 * same but for a part that looks drawn by lot, as tempfile(3) draws it.
 */
#ifndef PROCTOR_REPORT_DIFF_H
#define PROCTOR_REPORT_DIFF_H

#include "report/refusal_record.h"
#include "report/tally_table.h"

struct diff_side {
	struct tally_table calls;
	struct run_info run;
	struct log_health health;
};

/* Reads all of READER. 0 or -errno. The caller releases RET_SIDE with diff_side_fini(). */
int diff_read(struct log_reader *reader, struct diff_side *ret_side);
void diff_side_fini(struct diff_side *side);

/* The same but for a part drawn by lot? */
bool diff_names_alike(const char *a, const char *b);

/* Appends what B has otherwise than A, as lines or as one JSON document. How many differences. */
uint64_t diff_tell(struct diff_side *a, struct diff_side *b, bool json, struct buf *out);

#endif
