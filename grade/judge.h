/* SPDX-License-Identifier: Apache-2.0 */
/* The source of runs that takes submissions through the cases of a problem, and the result of each submission. */
#ifndef PROCTOR_GRADE_JUDGE_H
#define PROCTOR_GRADE_JUDGE_H

#include "grade/engine.h"
#include "grade/problem.h"
#include "grade/score.h"
#include "grade/submission.h"

struct judge_options {
	char *const *limits; /* of `proctor run`, unless the command line says otherwise; or NULL */
	uint64_t wall_ns;
	bool all;	     /* every case, also after one that fails */
	bool python_given;   /* --python is among the engine's options */
	bool own_validator;  /* the problem's own validator is the checker of its cases */
	const char *dir; /* the engine's DIR, absolute: the syntax check is a script in it, so that there is a %{submission}
			  * for policies to name, and a held interpreter to begin in; or NULL */
};

struct judge;

/* PROBLEM, SUBMISSIONS, OPTIONS and ENGINE remain the caller's and outlive the judge. Never NULL. */
struct judge *judge_new(const struct problem *problem, const struct submissions *submissions,
			const struct judge_options *options, const struct engine *engine);
void judge_free(struct judge *judge);
#define _cleanup_judge_ _cleanup_(cleanup_judge_p)
static inline void cleanup_judge_p(struct judge **judge)
{
	judge_free(*judge);
}

struct source judge_source(struct judge *judge);

/* The result of a submission, once everything has been run. */
struct judgement {
	const struct submission *submission;
	enum final verdict; /* of the first case that failed, or from the graders of a legacy package; else AC */
	unsigned seen; /* a bit for each final verdict that a case came to */
	size_t n_run, n_cases;
	uint64_t cpu_ns, memory_bytes; /* the largest of any case */
	char *first;	    /* the case that decided VERDICT, or NULL */
	char *cause;	    /* one line, or NULL */
	bool as_wanted;	    /* with --verify; otherwise true */
	/* Of a problem that has scores. */
	bool scored;
	double score, max_score;     /* MAX_SCORE infinite: there is no maximum */
	struct group_score *groups; /* as many as the problem has, or NULL */
};

/*
 * Reads DIR_FD/results.jsonl. 0 and a list of as many judgements as there are submissions, for judgements_free(), or
 * -errno.
 */
int judgements_read(const struct problem *problem, const struct submissions *submissions, int dir_fd,
		    struct judgement **ret);
void judgements_free(struct judgement *list, size_t n);

/* The table for a terminal. */
void judgements_print(const struct problem *problem, const struct judgement *list, size_t n, FILE *out);

/* {"schema":"proctor.judgements/1",...}, without a newline at the end. The caller frees it; NULL: out of memory. */
char *judgements_json(const struct problem *problem, const struct judgement *list, size_t n);

#endif
