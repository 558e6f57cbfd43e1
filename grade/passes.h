/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Problems of several passes: if a validator accepts and leaves feedback/nextpass.in, the program is run again,
 * with that as its input. Files of earlier passes are moved to pass-1/, pass-2/ and so on in the run's directory.
 */
#ifndef PROCTOR_GRADE_PASSES_H
#define PROCTOR_GRADE_PASSES_H

#include "grade/slot.h"

/*
 * A pass of SLOT has been checked. True: another one follows; the directory is ready for it, and the state of the
 * last pass is put away. Otherwise the outcome is that of the run.
 */
bool passes_go_on(struct slot *slot, const struct slot_ground *ground);

/* For a result: all passes in order, including the last; NULL where the problem has only one. */
json_t *passes_json(const struct slot *slot);

#endif
