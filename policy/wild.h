/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wildcards: what a component with some matches, and the patterns that begin in one directory.
 *
 * Theory of operation. Patterns that begin with the same components share them: they are a tree, with a component at
 * each node. The components that may come next are found by what of them is fixed, their beginning up to the first
 * wildcard and their end behind the last one: for each pair of lengths that occurs there is one table. So which
 * patterns match a path is found in about as many steps as there are such pairs, however many patterns there are.
 *
 * Ownership: a directory's patterns belong to its node (path_table.h). Errors: none.
 */
#ifndef PROCTOR_POLICY_WILD_H
#define PROCTOR_POLICY_WILD_H

#include <stdbool.h>
#include <stddef.h>

struct grant;

/* A rule with wildcards, kept at the node of its longest literal directory. */
struct pattern {
	struct pattern *next;
	const struct grant *grant;
	bool whole; /* decides a path that it matches to the end: it was written without ** */
	bool tree;  /* reaches beneath: written with ** (which is not among the components), or
		     * it hides or forbids: hiding a directory hides its contents too */
	size_t n;
	char *components[]; /* with WILD_ANY and WILD_ONE for wildcards, so that * may stand for
			       itself */
};
#define WILD_ANY '\1'
#define WILD_ONE '\2'

struct wild_table;

/* A component of patterns that are alike up to there; or where they all begin. */
struct wild {
	const char *component;	   /* the first such pattern's; NULL: where they begin */
	size_t hash;		   /* of what of it is fixed */
	struct pattern *ends;	   /* patterns that end here; owned */
	const struct grant *way;   /* the last read rule that goes on beneath, or NULL */
	struct wild_table *tables; /* of what comes next; owned */
	size_t n_tables, cap_tables;
};

/* S, N bytes, matches the single component PATTERN. */
bool component_matches(const char *pattern, const char *s, size_t n);

void pattern_free(struct pattern *pattern);

struct wild *wild_new(void);
void wild_free(struct wild *wild); /* NULL: nothing */
/* Adds PATTERN, whose components and which itself are taken, to those that begin at WILD; READ: it is a read rule. */
void wild_add(struct wild *wild, struct pattern *pattern, bool read);

/* Calls REACHED for each component that PATH (LEN bytes) leads to from WILD, which begins behind its first AT bytes, and
 * first for WILD itself; AT is then how much of the path that is. Returns what was looked at, in steps. */
typedef void wild_reached_fn(const struct wild *wild, size_t at, void *arg);
size_t wild_walk(const struct wild *wild, const char *path, size_t at, size_t len, wild_reached_fn *reached, void *arg);

#endif
