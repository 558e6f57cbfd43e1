/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question to the person at the terminal from which a run was started (/dev/tty), and the answer.
 *
 * The program shares that terminal. It is stopped while a question is open, so it writes nothing in between, and cannot
 * read the answer. Before that it may have written something that looks like a question: what is typed then goes to the
 * program and allows nothing. Input typed before a question belongs to the program: while any is waiting to be read,
 * nothing is asked. The terminal's settings, which may be raw, are saved and restored.
 */
#ifndef PROCTOR_CLI_QUESTION_H
#define PROCTOR_CLI_QUESTION_H

#include <stdbool.h>

#include "base/buf.h"

enum reply {
	REPLY_DENY,
	REPLY_ONCE,
	REPLY_ALWAYS,
	REPLY_NONE, /* there was no answer: a signal came, or the question could not be asked */
};

struct question {
	const struct buf *text; /* lines, fit for a terminal; the last one ends in a line break too */
	const struct buf *why;	/* what is shown if the person asks why */
	bool only_later;	/* it cannot be allowed while the program runs, only for the next time */
};

/* The terminal, or -1. */
int question_open(void);
/* Asks. REPLY_NONE: RET_WHY_NOT says why, static; NULL: proctor got a signal. */
enum reply question_ask(int tty, const struct question *question, const char **ret_why_not);
/* Writes TEXT, whole lines, whatever the settings are. */
void question_tell(int tty, const struct buf *text);

#endif
