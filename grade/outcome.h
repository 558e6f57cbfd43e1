/* SPDX-License-Identifier: Apache-2.0 */
/* What proctor's own verdict on a run says, for grading. */
#ifndef PROCTOR_GRADE_OUTCOME_H
#define PROCTOR_GRADE_OUTCOME_H

#include "grade/grade.h"

struct outcome {
	enum final final;   /* FINAL_OK: it ended well, and is still to be compared */
	json_t *verdict;    /* the whole of it, or NULL when there is none that can be read */
	struct buf reason;  /* with FINAL_JE: what failed, one line without a full stop */
	int stop;	    /* not 0: no other run would fare better; the exit status to end with */
};

void outcome_fini(struct outcome *outcome);

/* WHAT, a file's name or words, failed with R, -errno: FINAL_JE, and no room on a disk stops everything. R. */
int outcome_fail(struct outcome *outcome, const char *what, int r);

/*
 * Reads RUN_FD/verdict.json after `proctor run` ended with wait status WAIT_STATUS, or by our hand when LATE.
 * ID is the run's. A verdict that is missing, is another run's or says XX becomes FINAL_JE.
 */
void outcome_read(int run_fd, const char *id, int wait_status, bool late, struct outcome *ret);

#endif
