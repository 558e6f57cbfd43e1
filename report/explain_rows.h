/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of one explanation, shared by the texts for staff and for students. */
#ifndef PROCTOR_REPORT_EXPLAIN_ROWS_H
#define PROCTOR_REPORT_EXPLAIN_ROWS_H

#include "report/collect.h"
#include "report/page.h"

struct explainer {
	struct page page;
	const struct run_info *run;
	const struct cause_record *cause; /* the exception that ended it, or NULL */
	bool all, student;
	bool by_call; /* the exception is told under the refused call that caused it */
	bool told;	  /* something was put on the page */
	char **sentences; /* that a student has been told already */
	size_t n_sentences, cap_sentences;
};

/*
 * Is GROUP told? A student is told of a refusal only if it may be why the program ended: one after which the
 * program went on would only accuse. FIRST: the group that ended it, or NULL.
 */
bool explain_shows(const struct explainer *e, const struct group *group, const struct group *first,
		   const struct outcome *outcome);

/* The group that OUTCOME is about, which is told first; NULL when it is not about a refusal, or the call was hidden
 * and a student must not know of it. */
struct group *explain_first(const struct explainer *e, const struct collection *c, const struct outcome *outcome);

/* A row of one text, fit for a terminal. */
void row_text(struct explainer *e, const char *label, const char *text);
/* who: the line of code, what called it, and the line itself. */
void rows_who(struct explainer *e, const struct refusal_record *record);
/* meant: what the call was for, by the program's own word. */
void rows_meant(struct explainer *e, const struct refusal_record *record);
/* path: how it was resolved, step by step. */
void rows_path(struct explainer *e, const struct refusal_record *record);
/* rule: which one, and the nearest grant with why it did not match. */
void rows_rule(struct explainer *e, const struct refusal_record *record);
/* fix: what to change; COUNT calls here would be allowed by it. */
void rows_fix(struct explainer *e, const struct refusal_record *record, uint64_t count);

/* Appends "/a → /a/b → …"; false when the record has no resolution. Also for JSON. */
bool resolution_text(struct buf *out, json_t *record, const char *path);
/* Why the grant written as NEAREST does not cover PATH. */
void nearest_reason(struct buf *out, const char *nearest, const char *path);

#endif
