/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grading: many runs, and the outcome of each.
 *
 * A source (batch.c: lines of a jobs file; judge.c: submissions and cases) gives run specs, one after
 * the other. The engine starts `proctor run` for each as a process of its own, or gives it to a worker (worker.h)
 * that has no other run at that time, on one core, in a directory of its own; reads the verdict; has the checker compare; and appends one line to
 * results.jsonl: from then on the run counts as done. Nothing else is remembered, so a batch that was
 * killed goes on from that file. If the verdict is missing or XX, or the checker fails, the run is JE,
 * which is never blamed on the program's author.
 */
#ifndef PROCTOR_GRADE_GRADE_H
#define PROCTOR_GRADE_GRADE_H

#include <jansson.h>

#include "base/buf.h"

/* The outcome of a run. OK: it ended well, and there was nothing to compare with. */
enum final {
	FINAL_AC, FINAL_OK, FINAL_WA, FINAL_TO, FINAL_RE, FINAL_CE, FINAL_ML, FINAL_OL, FINAL_SG, FINAL_PV, FINAL_JE,
	N_FINALS
};

/* "AC" … "JE". Static. */
const char *final_name(enum final f);
/* 0 or -EINVAL. */
int final_from_name(const char *name, enum final *ret);
static inline bool final_is_good(enum final f)
{
	return f == FINAL_AC || f == FINAL_OK;
}

/*
 * Can ID name a directory: letters, digits, "_", "." and "-", at most 200, the first one a letter,
 * a digit or "_"?
 */
bool id_is_good(const char *id);

/* An instant as "2026-01-05T10:11:12.345Z", from nanoseconds of CLOCK_REALTIME. */
void put_time(struct buf *out, uint64_t realtime_ns);

/*
 * Appends the N bytes at TEXT in readable form, escaped, at most 200 of them and then "...". The result is
 * UTF-8 without control characters.
 */
void put_excerpt(struct buf *out, const char *text, size_t n);
/* The same for a TEXT that is escaped already: its backslashes stay as they are. */
void put_told(struct buf *out, const char *text, size_t n);

/* Appends VALUE as JSON text, and releases it. */
void put_json(struct buf *out, json_t *value);

#endif
