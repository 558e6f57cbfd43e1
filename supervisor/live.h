/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --live: one line for each distinct refusal while it happens; repeats are counted and told once
 * at the end. For a person or a grader's console, never for a program: the log is the record.
 */
#ifndef PROCTOR_SUPERVISOR_LIVE_H
#define PROCTOR_SUPERVISOR_LIVE_H

#include "words/words.h"

enum {
	LIVE_MAX_PENDING =
		1 << 16, /* bytes kept for a reader that is slow; then lines are dropped */
};

struct live;

/*
 * Lines go to FD, which stays the caller's and must outlive the result; its file description is
 * left as it is (it may be shared with the program's stderr). COLOUR: emphasis by SGR sequences.
 * LOG_PATH is named in "proctor explain LOG SEQ"; NULL when there is no log to read. Never NULL;
 * the caller frees it with live_free().
 */
struct live *live_new(int fd, bool colour, const char *log_path);
void live_free(struct live *live);

/*
 * Tells R, record SEQ of the log, unless one like it (same call, path, place and rule) was told.
 * Never waits for the reader and never raises SIGPIPE: what cannot be written is kept up to
 * LIVE_MAX_PENDING and then dropped and counted.
 */
void live_refusal(struct live *live, const struct refusal *r, uint64_t seq);

/* At the end of the run: repeats, what was not shown or dropped. Waits at most 200 ms for a slow
 * reader. */
void live_finish(struct live *live);

#endif
