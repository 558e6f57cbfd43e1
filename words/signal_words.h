/* SPDX-License-Identifier: Apache-2.0 */
/* A signal that ended a program, told to the program's author and to staff. Pure; what is not known is not said. */
#ifndef PROCTOR_WORDS_SIGNAL_WORDS_H
#define PROCTOR_WORDS_SIGNAL_WORDS_H

#include "words/words.h"

/* All texts are borrowed; NULL, 0 and false: unknown, or not so. */
struct signal_facts {
	const char *name;    /* "SIGSEGV" */
	bool crash;	     /* an instruction failed, or abort(3) was called: nobody sent it */
	bool overflow;	     /* the crash was at memory right at the end of the stack */
	uint64_t depth;	     /* Python functions that were under way then; */
	bool deeper;	     /* at least so many */
	bool by_itself;	     /* the program sent it to itself */
	uint64_t sender;     /* the process that sent it, if another */
	const char *address; /* of the fault: "0x10" */
	const char *module, *symbol; /* native code that was running: path of its file, and the function's name */
	const char *message; /* what the C library said before it aborted the program */
	/* Where: file, line, function, submission and submission_named as in a refusal; nothing else is looked at. */
	struct refusal place;
};

/* Appends to STUDENT and STAFF a sentence or two, without a path outside the submission for the student. */
void signal_words(const struct signal_facts *facts, struct buf *student, struct buf *staff);

#endif
