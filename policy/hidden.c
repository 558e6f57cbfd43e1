/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can a listing hold a name that is hidden? Only then is every listing looked through; a run whose
 * directories hold nothing hidden lists them at no cost. Errs towards yes.
 */
#include "policy/match.h"

#include <sys/stat.h>

/* Where the paths that GRANT names begin. */
static const char *begin_of(const struct grant *grant)
{
	return grant->shape == GRANT_PATTERN ? grant->root : grant->path;
}

/* Does GRANT name a file? That is known for exact rules only. */
static bool is_file(const struct grant *grant)
{
	return grant->shape == GRANT_EXACT && !streq(grant->root, grant->path);
}

/* May a program list the directory that PATH is a name in? */
static bool parent_is_listed(const struct policy *policy, const char *path)
{
	size_t len = (size_t)(strrchr(path, '/') - path);

	return policy_decide_path(policy, WANT_READ, len ? path : "/", len ? len : 1).action == ACTION_ALLOW;
}

/* May READ grant the listing of a directory in which HIDE, a tree or a pattern, hides a name? For a tree that means
 * beneath it; but a granted tree, which begins deeper there, wins, and nothing in it is hidden. */
static bool may_meet(const struct grant *hide, const struct grant *read)
{
	const char *hidden = begin_of(hide), *listed = begin_of(read);

	if (is_file(read))
		return false;
	if (hide->shape == GRANT_TREE)
		return read->shape != GRANT_TREE && path_rest(listed, hidden);
	return path_rest(listed, hidden) || path_rest(hidden, listed);
}

/* Does a pattern grant the hidden directory PATH itself, or may it grant one beneath? */
static bool is_patterned(const struct policy *policy, const char *path)
{
	struct match match;

	match_path(policy, path, strlen(path), &match);
	return match.on_the_way || (match.whole && match.whole->rule.kind == RULE_READ);
}

static bool is_listed(const struct policy *policy, const struct grant *hide)
{
	size_t i;

	if (hide->shape != GRANT_PATTERN && parent_is_listed(policy, hide->path))
		return true;
	if (hide->shape == GRANT_EXACT)
		return false;
	if (hide->shape == GRANT_TREE && is_patterned(policy, hide->path))
		return true;
	for (i = 0; i < policy->n_grants; i++)
		if (policy->grants[i]->rule.kind == RULE_READ && may_meet(hide, policy->grants[i]))
			return true;
	return false;
}

/* proctor's own rules hide what an interpreter looks for and mostly does not find. */
static bool is_there(const struct grant *hide)
{
	struct stat st;

	return hide->shape == GRANT_PATTERN || lstat(hide->path, &st) == 0;
}

bool policy_find_hidden_names(const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];

		if (grant->rule.kind == RULE_HIDE && is_listed(policy, grant) &&
		    (!grant->builtin || is_there(grant)))
			return true;
	}
	return false;
}
