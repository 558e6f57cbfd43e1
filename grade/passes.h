/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Problems of several passes: a validator that accepts and leaves feedback/nextpass.in has the program run again,
 * with that as its input. What an earlier pass left is in pass-1/, pass-2/ and so on of the run's directory.
 */
#ifndef PROCTOR_GRADE_PASSES_H
#define PROCTOR_GRADE_PASSES_H

#include "grade/slot.h"

/*
 * A pass of SLOT has been checked. True: another one follows, for which the directory is ready and what was
 * known of the last is put away. Otherwise the outcome is that of the run.
 */
bool passes_go_on(struct slot *slot, const struct slot_ground *ground);

/* For a result: the passes in their order, the last one of them; NULL where the problem has one. */
json_t *passes_json(const struct slot *slot);

#endif
