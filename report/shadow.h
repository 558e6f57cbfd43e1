/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a second policy would have decided otherwise (--shadow of proctor-run(1)), gathered from the records of a
 * log: one row for the same call, path, place and answer. Bounded: what exceeds SHADOW_MAX_ROWS rows is counted.
 */
#ifndef PROCTOR_REPORT_SHADOW_H
#define PROCTOR_REPORT_SHADOW_H

#include "report/event.h"

#include <uthash.h>

enum { SHADOW_MAX_ROWS = 256 };

struct shadow_row {
	char *text;	  /* fit for a terminal; also the key */
	uint64_t first, count; /* FIRST: the number of its first record */
	bool refuses;	  /* a call that was allowed */
	UT_hash_handle hh;
};

struct shadow_rows {
	char *name; /* of the second policy; NULL: there was none */
	struct shadow_row *rows; /* in order of first appearance */
	uint64_t refused, allowed, otherwise, left_out;
};

/* Takes what a start record or a record of a call says; passes over all others. */
void shadow_rows_take(struct shadow_rows *rows, const struct log_record *record);
void shadow_rows_fini(struct shadow_rows *rows);

/* "2 calls that were allowed would have been refused, …": a sentence without its full stop. */
void shadow_rows_sum(const struct shadow_rows *rows, struct buf *out);

#endif
