/* SPDX-License-Identifier: Apache-2.0 */
/* From the rule that matches to the answer. Pure: only the policy and the arguments count. */
#include "policy/match.h"

#include <errno.h>
#include <stdlib.h>

static const unsigned changes = WANT_WRITE | WANT_CHANGE;
static const unsigned looks = WANT_LOOKUP | WANT_HOLD;

const char *action_name(enum action action)
{
	static const char *const names[] = { "allow", "hide", "deny", "kill" };

	return (size_t)action < ARRAY_SIZE(names) ? names[action] : "unknown";
}

static struct decision refuse(const struct policy *policy, struct rule rule,
			      const struct grant *grant)
{
	struct decision decision = {
		.action = policy->deny_action,
		.err = policy->deny_action == ACTION_DENY ? policy->deny_errno : 0,
		.rule = rule,
		.grant = grant,
		.violation = true,
	};

	return decision;
}

static struct decision allow(struct rule rule, const struct grant *grant)
{
	return (struct decision){ .action = ACTION_ALLOW, .rule = rule, .grant = grant };
}

/*
 * Looking is not reading: programs ask all the time whether something is there, walk upwards in search of a file, and
 * go on. A path that nothing grants looks absent to them; its text alone decides, whether the file is there or not.
 */
static struct decision overlook(struct rule rule, const struct grant *grant)
{
	return (struct decision){ .action = ACTION_HIDE, .err = ENOENT, .rule = rule, .grant = grant };
}

static struct decision hide(int err, const struct grant *grant)
{
	return (struct decision){
		.action = ACTION_HIDE, .err = err, .rule = grant->rule, .grant = grant
	};
}

/*
 * CPython writes what it compiled beside the source and takes any OSError as "not today"; the one
 * that it would meet without a sandbox is that of a read-only filesystem
 * (Lib/importlib/_bootstrap_external.py, SourceFileLoader.set_data).
 */
static bool is_cache(const char *path, size_t len)
{
	static const char name[] = "/__pycache__";
	const char *end = path + len, *p = path;

	if (len > 4 && (memcmp(end - 4, ".pyc", 4) == 0 || memcmp(end - 4, ".pyo", 4) == 0))
		return true;
	while ((p = memmem(p, (size_t)(end - p), name, sizeof name - 1))) {
		p += sizeof name - 1;
		if (p == end || *p == '/')
			return true;
	}
	return false;
}

static struct decision decide_read(const struct policy *policy, unsigned want,
				   const struct grant *grant, const char *path, size_t len)
{
	unsigned missing = want & ~(looks | WANT_READ | grant->extra);

	if (!missing)
		return allow(grant->rule, grant);
	if ((missing & ~changes) == 0) {
		if (grant->write_err)
			return hide(grant->write_err, grant);
		if (is_cache(path, len))
			return hide(EROFS, grant);
	}
	return refuse(policy, policy->on_deny, grant);
}

static struct decision decide_hidden(const struct policy *policy, unsigned want,
				     const struct grant *grant)
{
	if (!(want & changes))
		return hide(grant->err ? grant->err : ENOENT, grant);
	if (grant->write_err)
		return hide(grant->write_err, grant);
	return refuse(policy, policy->on_deny, grant);
}

/* Is it a directory on the way to what is granted, or a link that leads there? Those have to be seen. */
static bool is_passage(const struct match *match)
{
	const struct grant *grant = match->grant;

	if (!match->on_the_way && !(match->node && (match->node->ancestor || match->node->link)))
		return false;
	return !match->ceiling && !(grant && grant->shape == GRANT_EXACT && !grant->builtin);
}

static struct rule passage_rule(const struct policy *policy, const struct match *match)
{
	const struct path_node *node = match->node;
	struct rule rule = { RULE_READ, "read", match->on_the_way };

	if (node && node->ancestor)
		rule.ref = node->ref;
	else if (node && node->link)
		rule.ref = policy->links[node->link - 1].ref;
	return rule;
}

/*
 * What a run itself leaves, or was started with, in a directory that it may read: nothing may grant it, but no policy's
 * author has said that it is forbidden. Test runners look at each name that they find beside the tests.
 */
static bool is_record(const struct grant *grant)
{
	return grant->rule.kind == RULE_NEVER && streq(grant->rule.ref, "builtin:log");
}

/* What POLICY itself says. */
static struct decision decide_alone(const struct policy *policy, unsigned want, const char *path, size_t len)
{
	const struct grant *grant;
	struct match match;

	match_path(policy, path, len, &match);
	grant = match.grant;
	if (grant && grant->rule.kind == RULE_READ)
		return decide_read(policy, want, grant, path, len);
	if ((want & ~looks) == 0 && is_passage(&match))
		return allow(passage_rule(policy, &match), NULL);
	if (grant && grant->rule.kind == RULE_HIDE)
		return decide_hidden(policy, want, grant);
	if (want == WANT_LOOKUP && (!grant || grant->builtin || is_record(grant)))
		return overlook(grant ? grant->rule : policy->on_deny, grant);
	return refuse(policy, grant ? grant->rule : policy->on_deny, grant);
}

/*
 * The stricter of two answers. What the outer policy forbids or hides it forbids and hides whatever the inner one says:
 * a name that the run may not see is in no listing either.
 */
static struct decision stricter(struct decision inner, struct decision outer)
{
	bool forbidden = outer.rule.kind == RULE_NEVER, hidden = outer.rule.kind == RULE_HIDE;

	if (outer.action == ACTION_ALLOW || (inner.rule.kind == RULE_NEVER && inner.action != ACTION_ALLOW))
		return inner;
	return inner.action == ACTION_ALLOW || forbidden || hidden ? outer : inner;
}

struct decision policy_decide_path(const struct policy *policy, unsigned want, const char *path, size_t len)
{
	struct decision decision = decide_alone(policy, want, path, len);

	return policy->within ? stricter(decision, decide_alone(policy->within, want, path, len)) : decision;
}

struct decision policy_decide_refused(const struct policy *policy, int err)
{
	struct rule rule = { RULE_SYSCALL, "syscall", policy->on_deny.ref };
	struct decision decision = refuse(policy, rule, NULL);

	if (err && decision.action == ACTION_DENY)
		decision.err = err;
	return decision;
}

static int compare_name(const void *name, const void *rule)
{
	return strcmp(name, ((const struct call_rule *)rule)->name);
}

/* Groups sort before all names but those that begin with a digit: @ comes before the letters. */
static const struct call_rule *find_group(const struct policy *policy, const char *syscall, enum topic topic)
{
	const struct call_rule *found = NULL;
	size_t i;

	for (i = 0; i < policy->n_calls && policy->calls[i].name[0] <= '@'; i++) {
		const struct call_rule *rule = &policy->calls[i];

		if (rule->name[0] == '@' && group_has(rule->name + 1, topic) && (!found || (rule->never && !found->never)))
			found = rule;
	}
	return found && !policy_is_indispensable(syscall) ? found : NULL;
}

static bool forbids_alone(const struct policy *policy, const char *syscall, enum topic topic,
			  struct decision *ret_decision)
{
	const struct call_rule *found = NULL, *group = find_group(policy, syscall, topic);
	struct rule rule;

	if (policy->n_calls)
		found = bsearch(syscall, policy->calls, policy->n_calls, sizeof(*policy->calls), compare_name);
	if (!found || (group && group->never && !found->never))
		found = group;
	if (!found)
		return false;
	rule = (struct rule){ found->never ? RULE_NEVER : RULE_REFUSE, found->never ? "never" : "refuse", found->ref };
	*ret_decision = refuse(policy, rule, NULL);
	return true;
}

bool policy_decide_syscall(const struct policy *policy, const char *syscall, enum topic topic,
			   struct decision *ret_decision)
{
	struct decision outer;
	bool inner = forbids_alone(policy, syscall, topic, ret_decision);

	if (!policy->within || !forbids_alone(policy->within, syscall, topic, &outer) ||
	    (inner && outer.rule.kind != RULE_NEVER))
		return inner;
	*ret_decision = outer;
	return true;
}
