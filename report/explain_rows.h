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
	bool by_call; /* that exception is told as the refused call that it came from */
	bool told;	  /* something was put on the page */
	char **sentences; /* what a student was told already */
	size_t n_sentences, cap_sentences;
};

/*
 * Is GROUP told? A student is told of a refusal only where it may be why the program ended: one that the
 * program went on from would only accuse. FIRST, or NULL: the group that ended it.
 */
bool explain_shows(const struct explainer *e, const struct group *group, const struct group *first,
		   const struct outcome *outcome);

/* The group that OUTCOME is about, and that is told first; NULL when it is no refusal, or one that a student is not
 * to know of: what is hidden. */
struct group *explain_first(const struct explainer *e, const struct collection *c, const struct outcome *outcome);

/* A row of one text, fit for a terminal. */
void row_text(struct explainer *e, const char *label, const char *text);
/* who: the line of code, what called it, and the line itself. */
void rows_who(struct explainer *e, const struct refusal_record *record);
/* path: how it was resolved, step by step. */
void rows_path(struct explainer *e, const struct refusal_record *record);
/* rule: which one, and the nearest grant with why it did not match. */
void rows_rule(struct explainer *e, const struct refusal_record *record);
/* fix: what to change; COUNT calls here would be allowed by it. */
void rows_fix(struct explainer *e, const struct refusal_record *record, uint64_t count);

/* /a → /a/b → … as one text; false when the record has no resolution. Also for JSON. */
bool resolution_text(struct buf *out, json_t *record, const char *path);
/* Why the grant written as NEAREST does not hold PATH. */
void nearest_reason(struct buf *out, const char *nearest, const char *path);

#endif
