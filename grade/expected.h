/* SPDX-License-Identifier: Apache-2.0 */
/* What submissions/submissions.yaml (2025-09) in a package expects of submissions, beyond what their folders say. */
#ifndef PROCTOR_GRADE_EXPECTED_H
#define PROCTOR_GRADE_EXPECTED_H

#include "grade/grade.h"

/* One rule, for the submissions that PATTERN matches. */
struct expected {
	char *pattern;
	unsigned permitted, required; /* a bit for each final verdict of a case; 0: not given */
	bool has_score;
	double least, most; /* of the score */
};

struct expectations {
	struct expected *list;
	size_t n, cap;
	size_t n_left_out; /* rules, or parts of them, that were ignored */
};

/* Reads the file PATH, which may be missing. 0, or -errno and a message. */
int expectations_read(const char *path, struct expectations *ret, struct buf *message);
void expectations_fini(struct expectations *expectations);

/* Does RULE match NAME, a submission as FOLDER/NAME, or its folder? */
bool expected_matches(const struct expected *rule, const char *name);

/* Does a submission meet RULE? SEEN: the verdicts of its cases (bits); SCORED: it has SCORE. */
bool expected_holds(const struct expected *rule, unsigned seen, bool scored, double score);

#endif
