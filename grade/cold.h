/* SPDX-License-Identifier: Apache-2.0 */
/* How many runs of a batch were to be warm and were not, and why: each says it in its verdict, and nobody reads those. */
#ifndef PROCTOR_GRADE_COLD_H
#define PROCTOR_GRADE_COLD_H

#include "grade/grade.h"

enum { COLD_REASONS = 16 }; /* that are told apart; of any others only how many runs there were is known */

struct cold {
	size_t n;
	struct {
		char *why; /* as the verdict has it: a name in it may be a submission's */
		size_t n;
	} reason[COLD_REASONS];
	size_t n_reasons;
};

/* Starts as all zeros. */
void cold_fini(struct cold *cold);

/* Counts a run with this verdict, which may be NULL, if it is not warm although it was to be. */
void cold_note(struct cold *cold, const json_t *verdict);

/* Appends "3 runs were not warm; 2 of them: the pool holds /usr/bin/python3", with the reason that most had; nothing if
 * there were none. */
void cold_tell(const struct cold *cold, struct buf *out);

#endif
