/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a second policy would have decided otherwise (--shadow of proctor-run(1)), gathered from the records of a
 * log: alike when call, path, place and answer are. Bounded: what is beyond SHADOW_MAX_ROWS kinds is counted.
 */
#ifndef PROCTOR_REPORT_SHADOW_H
#define PROCTOR_REPORT_SHADOW_H

#include "report/event.h"

#include <uthash.h>

enum { SHADOW_MAX_ROWS = 256 };

struct shadow_row {
	char *text;	  /* fit for a terminal; what they are told apart by */
	uint64_t first, count; /* the number of its first record */
	bool refuses;	  /* what was allowed */
	UT_hash_handle hh;
};

struct shadow_rows {
	char *name; /* of the policy that was asked; NULL: none was */
	struct shadow_row *rows; /* in order of first appearance */
	uint64_t refused, allowed, otherwise, left_out;
};

/* Takes what a start record or a record of a call says; passes over all others. */
void shadow_rows_take(struct shadow_rows *rows, const struct log_record *record);
void shadow_rows_fini(struct shadow_rows *rows);

/* "2 calls that were allowed would have been refused, …": a sentence without its end. */
void shadow_rows_sum(const struct shadow_rows *rows, struct buf *out);

#endif
