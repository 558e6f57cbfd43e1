/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How two runs differ as wholes: how they ended, whether they had more than one thread or process, and where a profile
 * says that they computed. What differs from run to run of one program is left out: messages, numbers of threads, where
 * a limit struck, and a share of samples that changed by less than half of them.
 */
#ifndef PROCTOR_REPORT_DIFF_RUN_H
#define PROCTOR_REPORT_DIFF_RUN_H

#include "report/run_info.h"
#include "report/tally_table.h"

/* "RE, ended with an error, exit status 1, ValueError at solve.py:3". The caller frees it. */
char *diff_end_of(const struct run_info *run);

/* Had RUN one thread alone, or more? "one", "several", or "" if its log does not say. Static. */
const char *diff_tasks_of(const struct run_info *run);

/* Where a profile says that a run computed. */
struct diff_profile {
	struct tally_table lines; /* by place, as the program's innermost line has it; counts are samples. Merged. */
	uint64_t samples;	  /* of all of them */
};

/* Takes the profile record RECORD of RUN. */
void diff_profile_take(struct diff_profile *profile, json_t *record, const struct run_info *run);
void diff_profile_fini(struct diff_profile *profile);

struct diff_share {
	const char *place;	/* borrowed, fit for a terminal */
	unsigned first, second; /* percent of the samples */
};

/* The lines whose share is another one by at least half, sorted by place: at most four. The number of them; none where
 * one of the runs has no profile, or too few samples to say. */
enum { DIFF_SHARES = 4 };
size_t diff_shares(const struct diff_profile *a, const struct diff_profile *b, struct diff_share ret[static DIFF_SHARES]);

#endif
