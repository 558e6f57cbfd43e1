/* SPDX-License-Identifier: Apache-2.0 */
/* A run of an interactive problem: what program and interactor came to together. */
#ifndef PROCTOR_GRADE_INTERACTION_H
#define PROCTOR_GRADE_INTERACTION_H

#include "grade/checker.h"
#include "grade/launch.h"
#include "grade/relay.h"

/* Shared with the referee, who fills it. */
struct interaction {
	bool whole;		     /* it came to its end */
	int error;		     /* otherwise: what failed, -errno */
	enum relay_side first;	     /* who ended first; the program, when both did at once */
	int program_status;	     /* of `proctor run`, as wait(2) */
	bool stopped;		     /* the program went on after the interactor had rejected, and was ended */
	struct child_end interactor;
	bool late;		     /* the interactor did not end when the program had, and was ended */
	struct relay_told told[RELAY_SIDES];
	bool cut;		     /* the transcript could not be written as a whole */
	uint64_t wall_ns;
};

/*
 * What a run came to whose program alone came to PROGRAM, FINAL_OK when it ended well. With FINAL_JE that is not
 * PROGRAM's, the reason is appended. The order is that of the problem package format: an interactor that
 * fails is nobody's answer; a rejection before the program ended counts whatever the program did then; after
 * that the program's own end; then the interactor's word.
 */
enum final interaction_decide(const struct interaction *interaction, enum final program, struct buf *reason);

/* {"first":...}, for a result. */
json_t *interaction_json(const struct interaction *interaction);

#endif
