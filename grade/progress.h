/* SPDX-License-Identifier: Apache-2.0 */
/* How far a batch is: one line on a terminal, overwritten again and again; nothing elsewhere. */
#ifndef PROCTOR_GRADE_PROGRESS_H
#define PROCTOR_GRADE_PROGRESS_H

#include "grade/results.h"

struct progress {
	bool shown;	/* standard error is a terminal, and progress is wanted */
	size_t total;	/* 0: not known */
	size_t before;	/* done before this batch began */
	uint64_t began, told; /* CLOCK_MONOTONIC */
};

void progress_init(struct progress *p, bool quiet, size_t total, size_t before);
/* Shows the progress, at most five times a second. */
void progress_tell(struct progress *p, const struct results *results);
/* Takes the line away, so that something else can be written. */
void progress_clear(const struct progress *p);

/* Appends the tally of RESULTS: "12 AC, 3 WA". */
void put_tally(struct buf *out, const struct results *results);

#endif
