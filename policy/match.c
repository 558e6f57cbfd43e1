/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rule decides a path. One walk along the path's components through the table finds
 * everything: the deepest tree, the patterns rooted on the way, the exact rule at the end. It stops
 * where no rule lies deeper, so its length is bounded by the rules, not by the path; the number
 * of rules does not matter, of patterns neither (wild.h), and nothing is allocated.
 */
#include "policy/match.h"

#include <stdlib.h>

/* Rank among rules of the same shape at the same place: the greater wins. */
static int rank(const struct grant *grant)
{
	static const int kinds[] = { [RULE_READ] = 1, [RULE_HIDE] = 3, [RULE_NEVER] = 4 };

	return kinds[grant->rule.kind] + grant_writes(grant) + (grant->builtin ? 0 : 5);
}

/* Of equal rules of several layers only one is left by now (policy_settle_layers()). */
static const struct grant *better(const struct grant *a, const struct grant *b)
{
	if (!a || !b)
		return a ? a : b;
	return rank(b) > rank(a) ? b : a;
}

/* ------------------------------------------------------------------ building */

static void mark_ancestor(struct path_node *node, const void *arg)
{
	const struct grant *grant = arg;

	if (!node->ancestor)
		node->ref = grant->rule.ref;
	node->ancestor = true;
	if (!node->below)
		node->below = grant;
}

static void mark_link_ancestor(struct path_node *node, const void *arg)
{
	if (!node->ancestor)
		node->ref = arg;
	node->ancestor = true;
}

/* No layer replaces one of NODE's patterns any more. */
static void sort_patterns(struct path_node *node)
{
	while (node->patterns) {
		struct pattern *pattern = node->patterns;

		node->patterns = pattern->next;
		node->wild = node->wild ? node->wild : wild_new();
		wild_add(node->wild, pattern, pattern->grant->rule.kind == RULE_READ);
	}
}

static void place(struct policy *policy, const struct grant *grant)
{
	bool read = grant->rule.kind == RULE_READ, pattern = grant->shape == GRANT_PATTERN;
	const char *path = pattern ? grant->root : grant->path;
	struct path_node *node = path_table_add(policy->table, path, strlen(path),
						read ? mark_ancestor : NULL, grant);

	if (read && pattern)
		mark_ancestor(node, grant);
	else if (read && !node->below)
		node->below = grant;
	if (pattern) {
		sort_patterns(node);
		return;
	}
	if (grant->rule.kind == RULE_NEVER && !grant->builtin)
		node->ceiling = node->ceiling ? node->ceiling : grant;
	else if (grant->shape == GRANT_TREE)
		node->tree = better(node->tree, grant);
	else
		node->exact = better(node->exact, grant);
}

/* By what they name, and then the later layer first. */
static int compare_names(const void *a, const void *b)
{
	const struct grant *x = *(struct grant *const *)a, *y = *(struct grant *const *)b;
	int r = (int)x->shape - (int)y->shape;

	if (!r)
		r = strcmp(x->path, y->path);
	if (!r)
		r = (x->layer < y->layer) - (x->layer > y->layer);
	return r ? r : (x->index > y->index) - (x->index < y->index);
}

static bool same_name(const struct grant *a, const struct grant *b)
{
	return a->shape == b->shape && streq(a->path, b->path);
}

/* Takes the pattern of GRANT off its node. */
static void forget_pattern(struct policy *policy, const struct grant *grant)
{
	struct path_node *node = path_table_get(policy->table, grant->root, strlen(grant->root));
	struct pattern **at = &node->patterns, *found;

	while ((*at)->grant != grant)
		at = &(*at)->next;
	found = *at;
	*at = found->next;
	pattern_free(found);
}

static void replace(struct policy *policy, struct grant *grant)
{
	if (grant->shape == GRANT_PATTERN)
		forget_pattern(policy, grant);
	policy->grants[grant->index] = NULL;
	policy->replaced[policy->n_replaced++] = grant;
}

void policy_settle_layers(struct policy *policy)
{
	_cleanup_free_ struct grant **sorted = xcalloc(policy->n_grants + 1, sizeof(struct grant *));
	size_t i, n = 0, kept = 0;

	for (i = 0; i < policy->n_grants; i++)
		if (!policy->grants[i]->builtin && policy->grants[i]->rule.kind != RULE_NEVER)
			sorted[n++] = policy->grants[i];
	qsort(sorted, n, sizeof(*sorted), compare_names);
	policy->replaced = xcalloc(n + 1, sizeof(*policy->replaced));
	for (i = 0; i < n; i += kept) {
		for (kept = 1; i + kept < n && same_name(sorted[i], sorted[i + kept]); kept++)
			if (sorted[i + kept]->layer < sorted[i]->layer)
				replace(policy, sorted[i + kept]);
	}
	for (i = kept = 0; i < policy->n_grants; i++) {
		struct grant *grant = policy->grants[i];

		if (!grant)
			continue;
		grant->index = kept;
		policy->grants[kept++] = grant;
	}
	policy->n_grants = kept;
}

void policy_sort(struct policy *policy)
{
	while (policy->n_placed < policy->n_grants)
		place(policy, policy->grants[policy->n_placed++]);
}

void policy_freeze(struct policy *policy)
{
	size_t i;

	policy_sort(policy);
	policy_sort_calls(policy);
	for (i = 0; i < policy->n_links; i++) {
		const struct policy_link *link = &policy->links[i];

		path_table_add(policy->table, link->path, strlen(link->path), mark_link_ancestor,
			       link->ref);
	}
	policy->frozen = true;
}

/* ------------------------------------------------------------------ patterns */

/* What the patterns that begin in one directory say of a path. */
struct said {
	size_t len; /* of the path */
	bool bound;
	const struct grant *way, *ceiling, *whole, *tree;
	size_t tree_depth;
};

/* Of two patterns of one rank the later one. */
static void take_later(const struct grant **best, const struct grant *grant)
{
	if (!*best || grant->index > (*best)->index)
		*best = grant;
}

static void take_better(const struct grant **best, const struct grant *grant)
{
	if (*best && rank(grant) == rank(*best))
		take_later(best, grant);
	else
		*best = better(*best, grant);
}

static void take_end(const struct pattern *pattern, size_t at, struct said *said)
{
	const struct grant *grant = pattern->grant;

	if (grant->rule.kind == RULE_NEVER) {
		take_later(&said->ceiling, grant);
	} else if (pattern->whole && at == said->len) {
		take_better(&said->whole, grant);
	} else if (pattern->tree) {
		if (at > said->tree_depth)
			said->tree = NULL;
		if (!said->tree || at == said->tree_depth) {
			take_better(&said->tree, grant);
			said->tree_depth = at;
		}
	}
}

static void take_reached(const struct wild *wild, size_t at, void *arg)
{
	struct said *said = arg;
	const struct pattern *pattern;

	/* The path ends before these patterns do: it may be a directory on the way. */
	if (at == said->len && wild->n_tables)
		said->bound = true;
	if (at == said->len && wild->way)
		take_later(&said->way, wild->way);
	for (pattern = wild->ends; pattern; pattern = pattern->next)
		take_end(pattern, at, said);
}

/* Takes into account the patterns that begin at NODE, which is what PATH has in its first AT bytes. */
static void try_patterns(const struct path_node *node, const char *path, size_t at, size_t len, struct match *match)
{
	struct said said = { .len = len };

	match->steps += wild_walk(node->wild, path, at, len, take_reached, &said);
	match->bound |= said.bound;
	if (said.way && !match->on_the_way)
		match->on_the_way = said.way->rule.ref;
	match->ceiling = match->ceiling ? match->ceiling : said.ceiling;
	match->whole = better(match->whole, said.whole);
	if (!said.tree || (match->wild_tree && said.tree_depth < match->wild_depth))
		return;
	match->wild_tree = said.tree_depth > match->wild_depth ? said.tree : better(match->wild_tree, said.tree);
	match->wild_depth = said.tree_depth;
}

/* ------------------------------------------------------------------ the walk */

static void visit(const struct path_node *node, const char *path, size_t at, size_t len,
		  struct match *match)
{
	match->steps++;
	if (node->tree) {
		match->tree = node->tree;
		match->tree_depth = at;
	}
	if (node->ceiling && !match->ceiling)
		match->ceiling = node->ceiling;
	if (node->below && at)
		match->nearest = node->below;
	if (node->wild)
		try_patterns(node, path, at, len, match);
}

static const struct grant *choose(const struct match *match)
{
	/* The built-in refusal of /proc and the like: no wildcard may override it. */
	bool guarded = match->tree && match->tree->rule.kind == RULE_NEVER;
	const struct grant *whole = match->whole, *wild = match->wild_tree;

	if (match->ceiling)
		return match->ceiling;
	if (match->node && match->node->exact)
		return match->node->exact;
	if (whole && !(guarded && whole->rule.kind == RULE_READ))
		return whole;
	if (wild && (!match->tree || match->wild_depth > match->tree_depth) &&
	    !(guarded && wild->rule.kind == RULE_READ))
		return wild;
	return match->tree;
}

void match_path(const struct policy *policy, const char *path, size_t len, struct match *ret)
{
	const struct path_table *table = policy->table;
	const struct path_node *node;
	uint64_t hash = PATH_HASH_ROOT;
	size_t at = 0;

	*ret = (struct match){ 0 };
	if (len == 1 && path[0] == '/')
		len = 0;
	node = path_table_find(table, hash, path, 0);
	while (node) {
		const char *slash;
		size_t end;

		visit(node, path, at, len, ret);
		if (at >= len)
			break;
		slash = memchr(path + at + 1, '/', len - at - 1);
		end = slash ? (size_t)(slash - path) : len;
		hash = path_hash_step(hash, path + at + 1, end - at - 1);
		node = path_table_find(table, hash, path, end);
		at = end;
	}
	ret->node = node;
	ret->grant = choose(ret);
}

const struct grant *policy_match(const struct policy *policy, const char *path, size_t len)
{
	struct match match;

	match_path(policy, path, len, &match);
	return match.grant;
}

bool policy_is_ancestor(const struct policy *policy, const char *path, size_t len)
{
	struct match match;

	match_path(policy, path, len, &match);
	return (match.node && match.node->ancestor) || match.on_the_way;
}

bool policy_is_bound(const struct policy *policy, const char *path, size_t len)
{
	struct match match;

	match_path(policy, path, len, &match);
	return match.node || match.bound || (policy->within && policy_is_bound(policy->within, path, len));
}

const struct policy_link *policy_link_at(const struct policy *policy, const char *path, size_t len)
{
	const struct path_node *node = path_table_get(policy->table, path, len);

	return node && node->link ? &policy->links[node->link - 1] : NULL;
}

const struct grant *policy_nearest(const struct policy *policy, const char *path, size_t len)
{
	struct match match;

	match_path(policy, path, len, &match);
	/* What a program's own policy grants, the run's has refused. */
	if (policy->within && match.grant && match.grant->rule.kind == RULE_READ)
		match_path(policy->within, path, len, &match);
	return match.nearest;
}
