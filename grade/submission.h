/* SPDX-License-Identifier: Apache-2.0 */
/* A submission: a Python file, or a folder of them. */
#ifndef PROCTOR_GRADE_SUBMISSION_H
#define PROCTOR_GRADE_SUBMISSION_H

#include "grade/expected.h"

struct submission {
	char *name;	 /* for people */
	char *id;	 /* as a part of a run's id, unique */
	char *root;	 /* absolute: the file or the folder */
	char *directory; /* absolute: where it runs and what it may read */
	char *main;	 /* absolute */
	char **files;	 /* all of its Python files, absolute */
	unsigned wanted; /* with --verify: a bit for each final verdict that is expected; 0: any */
	bool partial;	 /* likewise: its score must be less than the maximum */
};

struct submissions {
	struct submission *list;
	size_t n, cap;
	/* With submissions_add_package(). */
	size_t n_left_out; /* those that are not Python */
	struct expectations expected;
};

/*
 * Adds PATH under NAME (the last part of PATH, when NULL). The program in a folder is main.py, __main__.py,
 * FOLDER.py or the only Python file. 0, or -errno and a message.
 */
int submissions_add(struct submissions *all, const char *path, const char *name, struct buf *message);

/*
 * Adds PACKAGE/submissions/, whose folders say what result is expected: accepted, wrong_answer,
 * time_limit_exceeded, run_time_error, rejected, partially_accepted, brute_force; in others any result will do. Its
 * submissions.yaml may say more. 0, or -errno and a message.
 */
int submissions_add_package(struct submissions *all, const char *package, struct buf *message);

/* Once all have been added: makes their ids. */
void submissions_name(struct submissions *all);
void submissions_fini(struct submissions *all);

#endif
