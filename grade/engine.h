/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler of runs: takes them from a source, keeps a number of them going, each under a process of its own on
 * one core, and records each result once.
 */
#ifndef PROCTOR_GRADE_ENGINE_H
#define PROCTOR_GRADE_ENGINE_H

#include "grade/checker.h"
#include "grade/groups.h"
#include "grade/results.h"
#include "grade/worker.h"

/* One run to be made. Strings and lists are owned by it. */
struct run_spec {
	char *id;			   /* id_is_good() */
	char key[JOB_KEY_LENGTH + 1];	   /* changes when the job behind an id does */
	char **options;			   /* of `proctor run`, behind the engine's own; or NULL */
	char **words;			   /* PROGRAM ARG... */
	char *cwd;			   /* or NULL */
	char *submission;		   /* a file or tree to be copied to the program's working directory, or NULL */
	char *files;			   /* with SUBMISSION: a tree that is copied there as well, or NULL */
	char *input, *input_text;	   /* standard input: a file, a text, or neither */
	char *expected, *expected_text;	   /* the answer: a file, a text, or neither: not compared */
	size_t n_input_text, n_expected_text;
	struct checker checker;
	struct case_score score;	   /* the score that the run may get */
	uint64_t wall_ns;		   /* its limit; 0: not known */
	bool compiles;			   /* only checks the syntax: RE with status 3, or a limit, means CE */
	json_t *labels;			   /* an object, or NULL */
	size_t owner, item;		   /* the source's own */
};

void run_spec_free(struct run_spec *spec);

enum next { NEXT_NONE, NEXT_LATER, NEXT_RUN, NEXT_FAILED };

struct source {
	void *arg;
	/*
	 * NEXT_RUN: *RET is the run. NEXT_LATER: ask again when a run has ended, or FD is readable.
	 * NEXT_NONE: no more. NEXT_FAILED: the source is wrong and has said so; *RET_STATUS is the exit status.
	 */
	enum next (*next)(void *arg, struct run_spec **ret, int *ret_status);
	/* A run has its result, from this batch or from before it was resumed. */
	void (*done)(void *arg, const struct run_spec *spec, enum final verdict);
	int fd;	      /* or -1 */
	size_t total; /* how many runs there will be; 0: not known */
	bool apart;   /* which run comes next does not depend on results */
};

struct engine_options {
	const char *command;  /* "batch" or "judge", for messages */
	const char *dir;
	unsigned jobs;	      /* runs at a time; 0: one for each core that may be used */
	char **options;	      /* of `proctor run`, for every run; or NULL */
	const char *warm; /* value of --warm for every run, which does not change job keys; or NULL */
	/* `proctor run` itself, to be called in a child, for one run after another, instead of being executed for each;
	 * or NULL. It is never called twice at a time. All runs then have proctor's code at the same addresses. */
	const struct work *work;
	bool resume, quiet;
};

struct engine;

/* Opens DIR, made if need be, and takes its lock. 0, or an exit status after having said what is wrong. */
int engine_open(const struct engine_options *options, struct engine **ret);
void engine_free(struct engine *engine);
#define _cleanup_engine_ _cleanup_(cleanup_engine_p)
static inline void cleanup_engine_p(struct engine **engine)
{
	engine_free(*engine);
}

/*
 * Makes all runs of SOURCE, and writes DIR/summary.json. 0: everything is judged; 1: some runs are JE; other exit
 * statuses after having said what went wrong, 128+n when signal n ended it: runs under way are then not recorded.
 */
int engine_run(struct engine *engine, struct source *source);

/* The engine's results; its DIR as a descriptor. Both remain the engine's. */
struct results *engine_results(struct engine *engine);
int engine_dir_fd(const struct engine *engine);

/* The key of a job, from the N bytes that describe it and the options of all runs. */
void engine_key(const struct engine *engine, const char *description, size_t n, char ret[JOB_KEY_LENGTH + 1]);

#endif
