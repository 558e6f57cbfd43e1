/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups of cases of a problem that has scores, as problem packages describe them: in testdata.yaml (legacy),
 * whose graders make a score and a verdict of what is in a group, or in test_group.yaml (2025-09). Only what is written
 * is known here; what a submission gets is score.h.
 */
#ifndef PROCTOR_GRADE_GROUPS_H
#define PROCTOR_GRADE_GROUPS_H

#include "grade/grade.h"

enum score_mode { SCORE_PASS_FAIL, SCORE_SUM, SCORE_MIN, SCORE_MAX, SCORE_AVG };

/* Of a legacy group, which verdict it has when not all in it is accepted. */
enum score_verdict { VERDICT_WORST, VERDICT_FIRST, VERDICT_ACCEPT };

#define NO_GROUP SIZE_MAX

struct group_rules {
	char *name;	/* "secret/group1"; "" is all of the data */
	size_t parent;	/* NO_GROUP: none */
	size_t n_cases; /* in it itself, not in groups beneath it */
	enum score_mode mode;
	double least, most; /* infinite: no bound */
	bool mode_given, most_given;
	char **require; /* names of groups that have to be passed, beside this one, or "sample"; or NULL */
	/* Legacy alone. */
	enum score_verdict verdict;
	bool breaks; /* on_reject: what comes behind the first that failed does not count */
	bool any_accepted, ignore_sample;
	double accept, reject; /* of a case whose validator says no score */
};

struct groups {
	bool legacy;
	struct group_rules *list; /* a group comes behind the one that it is in */
	size_t n, cap;
};

/* What a run of a case may get. */
enum case_kind {
	CASE_NO_SCORE,	/* none, whatever its validator leaves */
	CASE_PASS_FAIL, /* none, and its validator must leave none */
	CASE_BOUNDED,	/* MOST, or what its validator leaves */
	CASE_UNBOUNDED, /* what its validator leaves */
	CASE_LEGACY,	/* what its validator leaves; else ACCEPT or REJECT */
};

struct case_score {
	enum case_kind kind;
	double most, accept, reject;
};

/* A group NAME in PARENT, with the defaults of its version, or what it inherits. Its number. */
size_t groups_add(struct groups *groups, const char *name, size_t parent);

/* Takes what SETTINGS, the file PATH, says of group AT. 0, or -errno and a message. */
int groups_read(struct groups *groups, size_t at, const json_t *settings, const char *path, struct buf *message);

/* Once all cases are counted: does it fit together? 0, or -errno and a message. */
int groups_check(const struct groups *groups, const char *problem, struct buf *message);

/* The group that group AT names I-th as required; NO_GROUP: there is none. */
size_t groups_required(const struct groups *groups, size_t at, size_t i);

/* What a case of group AT may get. */
struct case_score groups_case(const struct groups *groups, size_t at);

void groups_fini(struct groups *groups);

#endif
