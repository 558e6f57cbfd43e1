/* SPDX-License-Identifier: Apache-2.0 */
/* A run of an interactive problem: the result of program and interactor together. */
#ifndef PROCTOR_GRADE_INTERACTION_H
#define PROCTOR_GRADE_INTERACTION_H

#include "grade/checker.h"
#include "grade/launch.h"
#include "grade/relay.h"

/* Shared memory, filled by the referee. */
struct interaction {
	bool whole;		     /* the interaction came to its end */
	int error;		     /* otherwise: why not, -errno */
	enum relay_side first;	     /* the side that ended first; the program, if both did at once */
	int program_status;	     /* of `proctor run`, as wait(2) */
	bool stopped;		     /* the program went on after the interactor had rejected, and was ended */
	struct child_end interactor;
	bool late;		     /* the interactor did not end when the program had, and was ended */
	struct relay_told told[RELAY_SIDES];
	bool cut;		     /* the transcript could not be written as a whole */
	uint64_t wall_ns;
};

/*
 * The verdict of a run whose program alone came to PROGRAM, FINAL_OK when it ended well. With a FINAL_JE that is
 * not PROGRAM's, the reason is appended. The order is that of the problem package format: if the interactor
 * fails, nothing can be judged; a rejection before the program ended counts whatever the program did then; next
 * comes the program's own end; last the interactor's decision.
 */
enum final interaction_decide(const struct interaction *interaction, enum final program, struct buf *reason);

/* {"first":...}, for a result. */
json_t *interaction_json(const struct interaction *interaction);

#endif
