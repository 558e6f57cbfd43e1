/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory that a batch fills: DIR/results.jsonl, a line for each run, and a lock, so that there is only
 * one batch at a time. A line is appended whole, in one write: a run is done when its line is there. A partial
 * line that a killed batch left at the end is cut off when the batch is resumed.
 */
#ifndef PROCTOR_GRADE_RESULTS_H
#define PROCTOR_GRADE_RESULTS_H

#include "grade/grade.h"

enum { JOB_KEY_LENGTH = 32 };

struct results;

struct result_entry {
	char *id;
	char key[JOB_KEY_LENGTH + 1]; /* which job it was */
	enum final verdict;
	bool seen; /* this batch has a job with this id */
};

/*
 * Takes the lock of DIR_FD (with RESUME it waits up to five seconds, until the children of a killed batch are
 * gone) and reads existing results, which are an error without RESUME. DIR is its name for messages. 0, or an
 * exit status after having said what is wrong.
 */
int results_open(int dir_fd, const char *dir, bool resume, struct results **ret);
void results_free(struct results *results);
#define _cleanup_results_ _cleanup_(cleanup_results_p)
static inline void cleanup_results_p(struct results **results)
{
	results_free(*results);
}

/* The descriptor that holds the lock. */
int results_lock_fd(const struct results *results);
/* How many results there are. */
size_t results_count(const struct results *results);
/* How many of them have this verdict. */
size_t results_tally(const struct results *results, enum final verdict);

/* {"AC":...,"OK":...}: how many of each verdict. */
json_t *results_tallies(const struct results *results);

/* The result of job ID, or NULL; valid until the next result is appended. */
struct result_entry *results_find(struct results *results, const char *id);

/*
 * Appends LINE, one JSON document without a newline. 0, or -errno: then no part of it is left in the file.
 * It is safe on the disk after results_sync(), which this calls about once a second.
 */
int results_append(struct results *results, const char *line, const char *id, const char *key, enum final verdict);
int results_sync(struct results *results);

#endif
