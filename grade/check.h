/* SPDX-License-Identifier: Apache-2.0 */
/* The checker's part in a slot. */
#ifndef PROCTOR_GRADE_CHECK_H
#define PROCTOR_GRADE_CHECK_H

#include "grade/slot.h"

/*
 * The program ended well: compares its output, if there is anything to compare it with. The slot is then in
 * STAGE_DONE, or in STAGE_CHECK while a checker's program runs.
 */
void check_start(struct slot *slot, const struct slot_ground *ground);

/* The checker's program has ended so. */
void check_ended(struct slot *slot, const struct child_end *end);

#endif
