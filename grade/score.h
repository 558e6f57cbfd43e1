/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores: of a run, from its verdict and what its validator left; of groups of cases, and thereby of a submission,
 * from those of its runs. Pure. Which runs count depends on the order of the cases only, never on which ended first.
 */
#ifndef PROCTOR_GRADE_SCORE_H
#define PROCTOR_GRADE_SCORE_H

#include "grade/problem.h"

/* The score that a validator left. */
struct told_score {
	bool has_score, has_multiplier;
	double score, multiplier;
};

/*
 * The score of a run with verdict F. NULL and RET_SCORE, which is 0 where there is none; or a text that says what the
 * validator did wrong.
 */
const char *score_of_case(const struct case_score *rules, enum final f, const struct told_score *told, double *ret_score);

/* The run of a case; unless KNOWN, it was not made. */
struct case_result {
	bool known;
	enum final verdict;
	double score;
};

struct group_score {
	double score;
	bool passed;	   /* every case in it is accepted */
	enum final verdict; /* legacy: from its grader; otherwise AC unless a case in it failed */
	size_t first;	   /* the case that has VERDICT; SIZE_MAX: none */
	bool missing;	   /* a run that counts has not been made */
	const char *wrong; /* why the score is impossible, or NULL */
	size_t unjudged;   /* the first case that counts and is JE; SIZE_MAX: none */
};

/* RET has room for one score for each group of PROBLEM; RESULTS has one for each case. */
void score_groups(const struct problem *problem, const struct case_result *results, struct group_score *ret);

/* The index of the group whose score is the submission's. */
size_t score_whole(const struct problem *problem);

/*
 * Once a case in group AT has failed, may the rest of AT be left out because it changes nothing? And does AT then
 * count as failed in its parent?
 */
bool score_breaks(const struct groups *groups, size_t at);
bool score_fails_outer(const struct groups *groups, size_t at);

#endif
