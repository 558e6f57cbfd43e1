/* SPDX-License-Identifier: Apache-2.0 */
/* What a package's submissions/submissions.yaml (2025-09) says that its submissions come to, beside their folders. */
#ifndef PROCTOR_GRADE_EXPECTED_H
#define PROCTOR_GRADE_EXPECTED_H

#include "grade/grade.h"

/* One rule, on the submissions that PATTERN matches. */
struct expected {
	char *pattern;
	unsigned permitted, required; /* a bit for each final verdict of a case; 0: not said */
	bool has_score;
	double least, most; /* of the score */
};

struct expectations {
	struct expected *list;
	size_t n, cap;
	size_t n_left_out; /* rules, or parts of them, that are not looked at */
};

/* Reads the file PATH; that it is not there is no error. 0, or -errno and a message. */
int expectations_read(const char *path, struct expectations *ret, struct buf *message);
void expectations_fini(struct expectations *expectations);

/* Is the submission FOLDER/NAME, or its folder, matched by RULE? */
bool expected_matches(const struct expected *rule, const char *name);

/* Did a submission, of which cases came to SEEN (bits) and that has a score if SCORED, do what RULE says? */
bool expected_holds(const struct expected *rule, unsigned seen, bool scored, double score);

#endif
