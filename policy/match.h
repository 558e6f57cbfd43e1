/* SPDX-License-Identifier: Apache-2.0 */
/* Everything one walk along a path finds. Private to policy/. */
#ifndef PROCTOR_POLICY_MATCH_H
#define PROCTOR_POLICY_MATCH_H

#include "policy/rules.h"

struct match {
	const struct grant *grant;    /* the rule that decides, or NULL */
	const struct path_node *node; /* of the whole path, or NULL */
	bool bound;		      /* a pattern of any kind may decide beneath the path */
	const char *on_the_way;	      /* ref of a read pattern that may match beneath the path */
	const struct grant *nearest;  /* policy_nearest() */
	/* Candidates. */
	const struct grant *ceiling, *whole, *tree, *wild_tree;
	size_t steps; /* nodes and patterns that were looked at: what the look-up cost */
	size_t tree_depth, wild_depth; /* bytes of the path at which the trees begin */
};

/* Looks PATH (LEN bytes, canonical) up in a frozen POLICY. */
void match_path(const struct policy *policy, const char *path, size_t len, struct match *ret);

#endif
