/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of which the sentences about an exception are made, for one audience. Text of the program is
 * escaped, cut where it is long, and kept from a student where it names a path outside the submission.
 */
#ifndef PROCTOR_WORDS_CAUSE_TEXT_H
#define PROCTOR_WORDS_CAUSE_TEXT_H

#include "words/cause.h"

struct teller {
	const struct exception_facts *x;
	const struct cause_surroundings *around;
	bool student;
	struct buf *out;
};

enum {
	TELL_MESSAGE = 200, /* bytes of a message in a sentence; all of it is shown beside */
	TELL_NAME = 120,    /* of a name */
};

/* The N bytes at TEXT, cut between characters to at most MAX bytes, with an ellipsis for the rest included. */
void text_cut(struct buf *out, const char *text, size_t n, size_t max);

/* A constant text. */
#define say(t, text) buf_lit((t)->out, text)
void tell_text(struct teller *t, const char *text);

/* TEXT of the program, at most MAX bytes of it. For a student only up to where a path outside the submission
 * begins; the submission's own directory is left out. */
void tell_message(struct teller *t, const char *text, size_t max);

/* PATH in quotes, relative to the submission where it lies beneath; OTHERWISE instead where a student may not
 * know it. */
void tell_path(struct teller *t, const char *path, const char *otherwise);
/* May it be named to this audience? */
bool may_tell_path(const struct teller *t, const char *path);

/* NAME, of a module or a variable, in quotes. */
void tell_name(struct teller *t, const char *name);

/* " (solve.py:12 in load())", where that is known and may be told. */
void tell_place(struct teller *t);
void tell_place_of(struct teller *t, const char *file, uint64_t line, const char *function);

/* "ValueError" or "module.ValueError"; "an exception" when it is not known. */
void tell_type(struct teller *t, const struct exception_facts *x);
/* "ValueError: the message" */
void tell_exception(struct teller *t, const struct exception_facts *x);

#endif
