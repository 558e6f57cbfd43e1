/* SPDX-License-Identifier: Apache-2.0 */
/* What grading takes from proctor's own verdict on a run. */
#ifndef PROCTOR_GRADE_OUTCOME_H
#define PROCTOR_GRADE_OUTCOME_H

#include "grade/grade.h"

struct outcome {
	enum final final;   /* FINAL_OK: it ended well, and its output is still to be compared */
	json_t *verdict;    /* the whole verdict, or NULL when none can be read */
	struct buf reason;  /* with FINAL_JE: what failed, one line without a full stop */
	int stop;	    /* not 0: any other run would fail too; the exit status to end with */
};

void outcome_fini(struct outcome *outcome);

/* WHAT, a file's name or words, failed with R, -errno: FINAL_JE, and a full disk stops everything. Returns R. */
int outcome_fail(struct outcome *outcome, const char *what, int r);

/*
 * Reads RUN_FD/verdict.json after `proctor run` ended with wait status WAIT_STATUS, or was killed by us when LATE.
 * ID is the run's. If the verdict is missing, of another run or XX, the outcome is FINAL_JE.
 */
void outcome_read(int run_fd, const char *id, int wait_status, bool late, struct outcome *ret);

#endif
