/* SPDX-License-Identifier: Apache-2.0 */
/* The source of runs that takes submissions through the cases of a problem, and what each came to. */
#ifndef PROCTOR_GRADE_JUDGE_H
#define PROCTOR_GRADE_JUDGE_H

#include "grade/engine.h"
#include "grade/problem.h"
#include "grade/score.h"
#include "grade/submission.h"

struct judge_options {
	char *const *limits; /* of `proctor run`, where the command line says nothing else; or NULL */
	uint64_t wall_ns;
	bool all;	     /* every case, also behind the first that fails */
	bool python_given;   /* --python is among the engine's options */
	bool own_validator;  /* the problem's own validator is the checker of its cases */
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

/* What a submission came to, once all has been run. */
struct judgement {
	const struct submission *submission;
	enum final verdict; /* of the first case that failed, or what a legacy package's graders say; else AC */
	unsigned seen; /* a bit for each final verdict that a case came to */
	size_t n_run, n_cases;
	uint64_t cpu_ns, memory_bytes; /* the most of any case */
	char *first;	    /* the case that VERDICT is of, or NULL */
	char *cause;	    /* one line, or NULL */
	bool as_wanted;	    /* with --verify; otherwise true */
	/* Of a problem that has scores. */
	bool scored;
	double score, max_score;     /* infinite: there is no greatest one */
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
