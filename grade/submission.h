/* SPDX-License-Identifier: Apache-2.0 */
/* A submission: a Python file, or a folder of them. */
#ifndef PROCTOR_GRADE_SUBMISSION_H
#define PROCTOR_GRADE_SUBMISSION_H

#include "grade/expected.h"

struct submission {
	char *name;	 /* as it is shown */
	char *id;	 /* as a part of a run's id, unlike all others */
	char *root;	 /* absolute: the file or the folder */
	char *directory; /* absolute: where it runs, which it may read */
	char *main;	 /* absolute */
	char **files;	 /* all of its Python files, absolute */
	unsigned wanted; /* with --verify: a bit for each final verdict that it may have; 0: any */
	bool partial;	 /* likewise: its score is to be less than the greatest */
};

struct submissions {
	struct submission *list;
	size_t n, cap;
	/* With submissions_add_package(). */
	size_t n_left_out; /* those that are not Python */
	struct expectations expected;
};

/*
 * Adds PATH under NAME (the last part of PATH, when NULL). Of a folder the program is main.py, __main__.py,
 * FOLDER.py or the only Python file. 0, or -errno and a message.
 */
int submissions_add(struct submissions *all, const char *path, const char *name, struct buf *message);

/*
 * Adds PACKAGE/submissions/, whose folders say what each is to come to: accepted, wrong_answer,
 * time_limit_exceeded, run_time_error, rejected, partially_accepted, brute_force; others may come to anything. Its
 * submissions.yaml may say more. 0, or -errno and a message.
 */
int submissions_add_package(struct submissions *all, const char *package, struct buf *message);

/* When all are there: makes their ids. */
void submissions_name(struct submissions *all);
void submissions_fini(struct submissions *all);

#endif
