/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores: of a run, from its verdict and what its validator left; of groups of cases and so of a submission, from those
 * of its runs. Pure. What counts is decided by the order of the cases alone, never by which run ended first.
 */
#ifndef PROCTOR_GRADE_SCORE_H
#define PROCTOR_GRADE_SCORE_H

#include "grade/problem.h"

/* What a validator left. */
struct told_score {
	bool has_score, has_multiplier;
	double score, multiplier;
};

/*
 * The score of a run that came to FINAL. NULL and RET_SCORE, which is 0 where there is none; or why it is the
 * validator's error.
 */
const char *score_of_case(const struct case_score *rules, enum final f, const struct told_score *told, double *ret_score);

/* A run of a case; unless KNOWN it was not made. */
struct case_result {
	bool known;
	enum final verdict;
	double score;
};

struct group_score {
	double score;
	bool passed;	   /* every case in it is accepted */
	enum final verdict; /* legacy: what its grader says; AC unless a case in it failed */
	size_t first;	   /* the case that VERDICT is of; SIZE_MAX: none */
	bool missing;	   /* a run that counts has not been made */
	const char *wrong; /* why the score cannot be, or NULL */
	size_t unjudged;   /* a case that counts, and is JE; SIZE_MAX: none */
};

/* RET has room for as many as PROBLEM has groups; RESULTS has one for each case. */
void score_groups(const struct problem *problem, const struct case_result *results, struct group_score *ret);

/* Of those, the one whose score is the submission's. */
size_t score_whole(const struct problem *problem);

/*
 * May, once a case in group AT has failed, the rest of it be left out, for it changes nothing? And does AT then count as
 * failed in the group that it is in?
 */
bool score_breaks(const struct groups *groups, size_t at);
bool score_fails_outer(const struct groups *groups, size_t at);

#endif
