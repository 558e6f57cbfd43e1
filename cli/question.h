/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question to the person at the terminal that a run was started from (/dev/tty), and the answer.
 *
 * The program shares that terminal. It is held while a question stands, so it writes nothing in between, and its own
 * reads get nothing of the answer. What it wrote before can look like a question: what is typed then goes to the program
 * and allows nothing. What was typed before a question is the program's: where something waits to be read, none is
 * put. The terminal's settings, which may be raw, are put aside and back.
 */
#ifndef PROCTOR_CLI_QUESTION_H
#define PROCTOR_CLI_QUESTION_H

#include <stdbool.h>

#include "base/buf.h"

enum reply {
	REPLY_DENY,
	REPLY_ONCE,
	REPLY_ALWAYS,
	REPLY_NONE, /* there was no answer: a signal came, or the question could not be put */
};

struct question {
	const struct buf *text; /* lines, fit for a terminal; the last one ends in a line break too */
	const struct buf *why;	/* what is told when that is asked for */
	bool only_later;	/* it cannot be allowed while the program runs, only for the next time */
};

/* The terminal, or -1. */
int question_open(void);
/* Asks. REPLY_NONE: RET_WHY_NOT says why, static; NULL: a signal to proctor came. */
enum reply question_ask(int tty, const struct question *question, const char **ret_why_not);
/* Writes TEXT, whole lines, whatever the settings are. */
void question_tell(int tty, const struct buf *text);

#endif
