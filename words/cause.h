/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a program ended, told so that it helps: for the commonest exceptions a sentence that says what was
 * missing, where, and what is there instead. For the verdict (supervisor/) and for explain (report/), which
 * tell the same. Pure.
 *
 * Both texts are one line, sentences, fit for a terminal (base/escape.h) whatever the program put into its
 * exception, and bounded. The one for students names no path outside the submission and nothing of the policy.
 */
#ifndef PROCTOR_WORDS_CAUSE_H
#define PROCTOR_WORDS_CAUSE_H

#include "base/buf.h"
#include "base/exception.h"

struct refusal;

enum { CAUSE_TEXT = 1024 }; /* bytes of one text */

/*
 * What is known about the program's surroundings. All borrowed; NULL: not known, or there is none. What may be meant
 * instead of a missing file was looked for beneath granted directories alone.
 */
struct cause_surroundings {
	const char *submission;	      /* directory of the program */
	const char *submission_named; /* the same as the command line had it; NULL when that is equal */
	const char *working_directory; /* in which it ran */
	const char *interpreter;       /* "/usr/bin/python3.11" */
	const char *script;	       /* what ran: a canonical path */

	/* Instead of a missing file: canonical paths. */
	const char *beside;	/* of that name, in the program's directory, though it ran in another one */
	const char *other_case; /* differs in upper and lower case only */
	const char *near_name;	/* a name that is nearly the same, in the same directory */
	/* For a module: the file of the submission that is found instead of the one that was meant. */
	const char *shadow;
	const char *installed; /* an installed module of nearly the name that was meant */

	uint64_t scratch_bytes; /* the scratch is full of bytes, and holds so many; or it is full */
	uint64_t scratch_files; /* of files, and holds so many. 0: it is not */
	bool network; /* some network is granted: the sandbox is then not why a host is not reached */

	/* The refused call that the exception descends from, where that is the cause. */
	const struct refusal *refusal;
	/* How many other refusals the program felt (outcome_is_felt()) and went on from; how many of them count,
	 * so that a student may hear of them. */
	uint64_t survived, survived_counted;
	bool unclear; /* one of these may be the reason all the same */
};

/* Appends to STUDENT and STAFF; either may be NULL. */
void cause_words(const struct exception_facts *exception, const struct cause_surroundings *around,
		 struct buf *student, struct buf *staff);

/*
 * The library module in which, as EXCEPTION says, something is missing: a file of the submission with the same name may
 * have been found instead. In RET, of N bytes. False: none.
 */
bool cause_shadowed_module(const struct exception_facts *exception, char *ret, size_t n);

/* Is the sentence about the refused call itself, and not about what it was for: a network, a screen? For a student
 * what is hidden does not count as refused. */
bool cause_tells_refusal(const struct exception_facts *exception, const struct cause_surroundings *around, bool student);

/* Does X only stand for the traceback of another process, where what it descends from was raised? */
bool cause_is_remote(const struct exception_facts *x);

/* "Something else … was refused", or how many, for N that the program went on from; nothing for 0. */
void cause_survived(uint64_t n, bool unclear, bool student, struct buf *out);

/* "ValueError: the message", in full, followed by the place " (solve.py:12 in load())" if PLACED. To be shown beside
 * the sentence, and as fit for its audience. */
void cause_exception(const struct exception_facts *exception, const struct cause_surroundings *around, bool student,
		     bool placed, struct buf *out);
/* The same for TEXT of the program (a note). */
void cause_text(const char *text, const struct cause_surroundings *around, bool student, struct buf *out);

#endif
