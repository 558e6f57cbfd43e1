/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups of cases of a problem that has scores, as problem packages describe them: in testdata.yaml (legacy),
 * where a grader computes a score and a verdict from what is in a group, or in test_group.yaml (2025-09). Only the
 * rules are read here; score.h computes what a submission gets.
 */
#ifndef PROCTOR_GRADE_GROUPS_H
#define PROCTOR_GRADE_GROUPS_H

#include "grade/grade.h"

enum score_mode { SCORE_PASS_FAIL, SCORE_SUM, SCORE_MIN, SCORE_MAX, SCORE_AVG };

/* The verdict of a legacy group in which not everything is accepted. */
enum score_verdict { VERDICT_WORST, VERDICT_FIRST, VERDICT_ACCEPT };

#define NO_GROUP SIZE_MAX

struct group_rules {
	char *name;	/* "secret/group1"; "" is all of the data */
	size_t parent;	/* NO_GROUP: none */
	size_t n_cases; /* directly in it, not in groups beneath it */
	enum score_mode mode;
	double least, most; /* infinite: no bound */
	bool mode_given, most_given;
	char **require; /* names of groups that must be passed first, siblings or "sample"; or NULL */
	/* Only legacy. */
	enum score_verdict verdict;
	bool breaks; /* on_reject: what follows the first failure does not count */
	bool any_accepted, ignore_sample;
	double accept, reject; /* for a case whose validator leaves no score */
};

struct groups {
	bool legacy;
	struct group_rules *list; /* a group comes after its parent */
	size_t n, cap;
};

/* What score a run of a case may get. */
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

/* Adds group NAME in PARENT, with the defaults of the version, or what it inherits. Returns its number. */
size_t groups_add(struct groups *groups, const char *name, size_t parent);

/* Do SETTINGS, read from file PATH, ask for what decides a verdict and is not run here? That a problem has scores or not
 * makes no difference. 0, or -ENOTSUP and a message that names it. */
int groups_refuse(const json_t *settings, const char *path, struct buf *message);

/* Takes what SETTINGS, read from file PATH, say about group AT. 0, or -errno and a message. */
int groups_read(struct groups *groups, size_t at, const json_t *settings, const char *path, struct buf *message);

/* Once all cases are counted: are the rules consistent? 0, or -errno and a message. */
int groups_check(const struct groups *groups, const char *problem, struct buf *message);

/* The I-th group that group AT requires; NO_GROUP: it does not exist. */
size_t groups_required(const struct groups *groups, size_t at, size_t i);

/* What score a case of group AT may get. */
struct case_score groups_case(const struct groups *groups, size_t at);

void groups_fini(struct groups *groups);

#endif
