/* SPDX-License-Identifier: Apache-2.0 */
/* results.jsonl in the formats of other programs, one file each. */
#ifndef PROCTOR_GRADE_EMIT_EMIT_H
#define PROCTOR_GRADE_EMIT_EMIT_H

#include "grade/grade.h"

/* Totals of all results. */
struct emit_totals {
	size_t n, n_failed, n_errors; /* results that are not good: those that are JE are errors, the others failed */
	uint64_t wall_ns;	      /* of all runs */
	bool scored;		      /* all are of one submission, which has SCORE */
	double score;
};

/* One result, prepared for all formats. The texts are UTF-8 without control characters. */
struct emit_result {
	size_t number; /* from 1 */
	enum final verdict;
	const char *group, *name; /* the submission and the case, or "proctor" and the id */
	const char *staff;   /* why it is not good, for those who run the judge; "" when it is */
	const char *student; /* the same without paths outside the submission and without the answer */
	const json_t *line;  /* the whole result */
	bool scored;	     /* the score is that of the submission (emit_totals) */
};

struct emitter {
	const char *name;
	void (*begin)(struct buf *out, const struct emit_totals *totals); /* or NULL; so may END be */
	void (*result)(struct buf *out, const struct emit_result *result);
	void (*end)(struct buf *out, const struct emit_totals *totals);
	bool each; /* a file for each result */
};

extern const struct emitter emit_junit, emit_tap, emit_gradescope, emit_github, emit_go_judge, emit_isolate,
	emit_runguard;

/* Is TEXT a FORMAT=FILE with a known format? */
bool emit_is_good(const char *text);
/* Its FILE. */
const char *emit_file(const char *text);

/*
 * Writes DIR_FD/results.jsonl as TEXT, FORMAT=FILE, says; FILE is replaced in one step, "-" is standard output. If
 * the format has a file for each result, FILE is a directory, made if need be, with ID.meta for each. 0, or -errno.
 */
int emit_write(const char *text, int dir_fd);

/* The same for one result, the N bytes of VERDICT, a document of proctor's; FILE is always a file. 0, or -errno. */
int emit_write_verdict(const char *text, const char *verdict, size_t n);

#endif
