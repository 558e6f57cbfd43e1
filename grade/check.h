/* SPDX-License-Identifier: Apache-2.0 */
/* The checker's part in a slot. */
#ifndef PROCTOR_GRADE_CHECK_H
#define PROCTOR_GRADE_CHECK_H

#include "grade/slot.h"

/*
 * Fills RET to start the checker's program of SLOT, with its arguments and limits; the caller sets `in` and `out`.
 * *RET_WORDS and `err`, the file that takes its messages, are then the caller's. 0 or -errno.
 */
int check_make_launch(struct slot *slot, const struct slot_ground *ground, struct launch *ret, char ***ret_words);

/* How long the checker's program may take. */
uint64_t check_wall_ns(const struct checker *checker);

/*
 * The program ended well: compares its output, if there is anything to compare it with. The slot is then in
 * STAGE_DONE, or in STAGE_CHECK while a checker's program runs.
 */
void check_start(struct slot *slot, const struct slot_ground *ground);

/* The checker's program has ended as END says. */
void check_ended(struct slot *slot, const struct child_end *end);

/* The referee of an interaction has ended: decides. SLOT's outcome is so far that of the program alone. */
void check_interaction(struct slot *slot);

/* The run is over, with all its passes: sets its score from what the checker left. */
void check_score(struct slot *slot);

#endif
