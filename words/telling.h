/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals as they are told while they happen, one line for each that is distinct; repeats are counted and told once
 * at the end. For --live, which tells them as they are decided, and for proctor tail, which reads them in a log: both
 * in the same words.
 */
#ifndef PROCTOR_WORDS_TELLING_H
#define PROCTOR_WORDS_TELLING_H

#include "words/words.h"

enum { TELLING_MAX = 1024 }; /* refusals remembered; later ones are only counted */

struct telling;

/*
 * Lines, each with its newline and fit for a terminal, go to PUT(CONTEXT), which copies what it keeps. COLOUR: emphasis
 * by SGR sequences. LOG_PATH is named in "proctor explain LOG SEQ"; NULL: that is not said. Never NULL; the caller frees
 * it with telling_free().
 */
struct telling *telling_new(bool colour, const char *log_path, void (*put)(void *context, const struct buf *line),
			    void *context);
void telling_free(struct telling *telling);

/* Tells R, record SEQ of the log, unless one like it (same call, path, place and rule) was told. */
void telling_refusal(struct telling *telling, const struct refusal *r, uint64_t seq);

/* At the end: repeats, and how many refusals were not shown, or lines dropped on the way to the reader (DROPPED, which
 * PUT may still increase; NULL: none). Nothing where nothing was refused. */
void telling_finish(struct telling *telling, const uint64_t *dropped);

#endif
