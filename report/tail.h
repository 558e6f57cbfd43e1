/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens in a run, told from its records as they come: its start, each distinct refusal in the words of
 * --live, what ends it, and how it ended. Bounded as words/telling.h is: memory does not grow with the length of the
 * log.
 */
#ifndef PROCTOR_REPORT_TAIL_H
#define PROCTOR_REPORT_TAIL_H

#include "report/run_info.h"
#include "words/telling.h"

enum { TAIL_MAX_LINE = 900 }; /* bytes shown of one text from the log */

struct tail {
	struct run_info run;
	struct telling *telling;
	void (*put)(void *context, const struct buf *line);
	void *context;
	uint64_t calls, violations; /* recorded so far */
};

/* Lines, each with its newline and fit for a terminal, go to PUT(CONTEXT). LOG_PATH and COLOUR as for telling_new(). */
void tail_init(struct tail *tail, bool colour, const char *log_path, void (*put)(void *context, const struct buf *line),
	       void *context);
void tail_fini(struct tail *tail);

/* Tells what RECORD says, if anything; the record of an allowed call may have no JSON. */
void tail_take(struct tail *tail, const struct log_record *record);
/* The end record came: nothing follows. */
bool tail_ended(const struct tail *tail);
/* Tells how the run ended, as far as it is known: repeats, status, what was used, and why. */
void tail_finish(struct tail *tail);

/* "cpu 0.031 s, wall 0.048 s, memory 9.2 MiB, 1 violation" of an end record or a result. */
void tail_put_used(json_t *json, struct buf *out);
/* Appends TEXT from the log, at most TAIL_MAX_LINE bytes of it, made fit for a terminal. */
void tail_put_text(const char *text, struct buf *out);

#endif
