/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The problem against which submissions are judged: a problem package of ICPC and Kattis (legacy and 2025-09), or
 * simply a folder with NAME.in and NAME.ans or NAME.out.
 */
#ifndef PROCTOR_GRADE_PROBLEM_H
#define PROCTOR_GRADE_PROBLEM_H

#include "grade/checker.h"
#include "grade/groups.h"

struct test_case {
	char *name; /* "secret/group1/03", without an ending */
	char *id;   /* the same as a part of a run's id, unique */
	char *input, *answer;
	char *files; /* a tree to be copied to the working directory, or NULL */
	char **args; /* for the program, or NULL */
	struct checker checker;
	size_t group; /* if the problem has scores */
	struct case_score score;
};

struct problem {
	char *path; /* absolute */
	bool package;
	/* 0: not said. */
	uint64_t cpu_ns, memory_bytes, output_bytes;
	uint64_t validation_ns, validation_memory_bytes, validation_output_bytes; /* of the validator */
	bool scoring;	 /* it has scores, which GROUPS describe */
	struct groups groups;
	bool interactive; /* the validator talks to the program */
	unsigned passes;  /* how many the validator may ask for; 0: a single-pass problem */
	char **flags;	 /* for the output validator in every case, before those of groups */
	char *validator; /* its source: a file or a directory; NULL: the default validator */
	struct test_case *cases; /* in the order in which they are judged */
	size_t n_cases, cap_cases;
};

/*
 * Reads PATH. 0 and a problem that problem_fini() releases; -errno and a message when it is wrong, or of a kind that
 * proctor cannot judge (submit-answer).
 */
int problem_load(const char *path, struct problem *ret, struct buf *message);
void problem_fini(struct problem *problem);

/* NAME with characters replaced that an id cannot have, at most MAX bytes; not empty. The caller frees it. */
char *id_from_name(const char *name, size_t max);

/* The entries of directory PATH that are not hidden, sorted by their bytes; NULL-terminated. 0 or -errno. */
int sorted_entries(const char *path, char ***ret);

/* Is PATH a directory; a regular file? Links are followed. */
bool is_directory(const char *path);
bool is_file(const char *path);
/* NAME without ENDING as a new text; NULL: NAME does not end so. */
char *without_ending(const char *name, const char *ending);

#endif
