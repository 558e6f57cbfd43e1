/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of what a policy grants was used.
 *
 * The start record has the policy's rules as text, each with where it was written ("# pure.yaml:9:5");
 * the record of a call has the same reference for the rule that decided it. Where several rules share
 * a reference, as in a built-in policy, the most specific one that covers the path is taken. Nothing
 * is loaded or looked up: a log's rules are only compared with its paths.
 */
#ifndef PROCTOR_REPORT_HTML_GRANTS_H
#define PROCTOR_REPORT_HTML_GRANTS_H

#include "report/event.h"
#include "report/table.h"

enum { GRANTS_MAX = 4096, GRANTS_MAX_TEXT = 4096, GRANTS_MEMO = 65536 };
#define GRANTS_MAX_STEPS (UINT64_C(400) << 20) /* characters compared for one log */

struct grant_row {
	char *verb;	/* "read", "write", "hide", "never" */
	char *pattern;	/* as written, raw */
	char *ref;	/* raw */
	uint64_t calls; /* that it decided */
	uint64_t first; /* the record of the first */
	size_t weight;	/* the more specific, the higher */
};

struct grants {
	struct grant_row *rows;
	size_t n, cap;
	char *effective; /* the whole text, raw; or NULL */
	bool too_many;	 /* more rules than are kept */
	bool gave_up;	 /* not all paths were compared: "never used" is not known */
	uint64_t steps;
	struct table memo_table;
	int32_t *memo;
	size_t cap_memo;
};

/* Empty; release with grants_fini(). */
void grants_init(struct grants *grants);
void grants_fini(struct grants *grants);

/* Takes the rules of the start record's policy.effective; only the first time. */
void grants_take(struct grants *grants, const char *effective);
/* Counts a call on PATH (raw). */
void grants_count(struct grants *grants, const struct event *event, const char *path);

/* Does PATTERN, as a policy writes it, cover PATH? Adds the number of characters compared to STEPS. */
bool grant_holds(const char *pattern, const char *path, uint64_t *steps);

#endif
