/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is there instead of the file or module that a program missed, for the sentence about its end.
 *
 * The names come from the program's exception, so they are its own claim. A directory is listed only where the policy
 * lets the program list it, by its canonical name, no link followed; and of its entries only those are told that the
 * program may read. Bounded: so many directories, so many entries.
 */
#ifndef PROCTOR_SUPERVISOR_SURROUNDINGS_H
#define PROCTOR_SUPERVISOR_SURROUNDINGS_H

#include "policy/policy.h"
#include "words/cause.h"

enum {
	SURROUNDINGS_LISTINGS = 16, /* directories that are listed for one run */
	SURROUNDINGS_LIBRARIES = 64, /* likewise, of the interpreter's library; most do not exist */
	SURROUNDINGS_ENTRIES = 20000, /* entries that are looked at in them */
};

/* Canonical paths, but for `installed` the module's name; owned; NULL: nothing. As in struct cause_surroundings. */
struct surroundings {
	char *beside, *other_case, *near_name, *shadow, *installed;
	uint64_t scratch_bytes, scratch_files; /* as in cause.h: the scratch is full; set by its maker */
	bool network; /* the exception is about the network, and some of that is granted */
};

/*
 * Looks for what X missed. WORKING_DIRECTORY, where relative names begin, and SUBMISSION are canonical and may be NULL;
 * LIBRARY is interpreter_library()'s list, or NULL.
 * Never fails: what cannot be looked at is not there. Release with surroundings_fini().
 */
void surroundings_look(const struct policy *policy, const struct exception_facts *x, const char *working_directory,
		       const char *submission, const char *const *library, struct surroundings *ret_found);
void surroundings_fini(struct surroundings *found);

/* Lends FOUND to AROUND. */
void surroundings_lend(const struct surroundings *found, struct cause_surroundings *around);

/* The member "found":{"other_case":"…"}, or nothing. */
void surroundings_format(const struct surroundings *found, struct buf *out);

#endif
