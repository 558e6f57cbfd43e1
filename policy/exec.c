/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/exec.h"

#include <string.h>

#include "base/escape.h"
#include "policy/rules.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A wildcard at the beginning means no options: to allow them a rule has to write the "-". */
static bool pattern_matches(const char *pattern, const char *arg, size_t n)
{
	if (*arg == '-' && (*pattern == WILD_ANY || *pattern == WILD_ONE))
		return false;
	return component_matches(pattern, arg, n);
}

/*
 * Where a rule has arguments, the name that the program is given must be the rule's or its file's: some programs do
 * something else under each of their names.
 */
static bool arguments_match(const struct exec_rule *rule, const struct exec_ask *ask)
{
	const char *at = ask->args, *name;
	size_t i;

	if (rule->any_arguments)
		return true;
	if (ask->n_args < 1 + rule->n_patterns || (ask->n_args > 1 + rule->n_patterns && !rule->any_more))
		return false;
	name = base_name(at);
	if (!streq(name, base_name(rule->text)) && !streq(name, base_name(rule->path)))
		return false;
	for (i = 0; i < rule->n_patterns; i++) {
		at += strlen(at) + 1;
		if (!pattern_matches(rule->patterns[i], at, strlen(at)))
			return false;
	}
	return true;
}

/* What POLICY itself says. */
static struct decision decide_alone(const struct policy *policy, const struct exec_ask *ask, const uint64_t *used,
				    const struct exec_rule **ret_rule)
{
	struct decision decision = policy_decide_refused(policy, 0);
	size_t i;

	*ret_rule = NULL;
	decision.rule = policy->on_deny;
	for (i = 0; i < policy->n_execs; i++) {
		const struct exec_rule *rule = &policy->execs[i];

		if (!streq(rule->path, ask->path))
			continue;
		if (!arguments_match(rule, ask)) {
			if (!*ret_rule)
				decision.rule = (struct rule){ RULE_ARGUMENTS, "exec.argv", rule->rule.ref };
		} else if (used && used[rule->number] >= rule->count) {
			decision.rule = (struct rule){ RULE_COUNT, "exec.count", rule->rule.ref };
		} else {
			*ret_rule = rule;
			return (struct decision){ .action = ACTION_ALLOW, .rule = rule->rule };
		}
		*ret_rule = rule;
	}
	return decision;
}

struct decision policy_decide_exec(const struct policy *policy, const struct exec_ask *ask, const uint64_t *used,
				   const struct exec_rule **ret_rule)
{
	struct decision decision = decide_alone(policy, ask, used, ret_rule), outer;
	const struct exec_rule *rule;

	if (decision.action != ACTION_ALLOW || !policy->within)
		return decision;
	outer = decide_alone(policy->within, ask, used, &rule);
	if (outer.action == ACTION_ALLOW && policy_of_program(policy, rule) == policy)
		return decision;
	if (outer.action == ACTION_ALLOW) {
		outer = policy_decide_refused(policy, 0);
		outer.rule = (struct rule){ RULE_PROGRAM_POLICY, "exec.policy", rule->rule.ref };
	}
	*ret_rule = rule;
	return outer;
}

const struct policy *policy_of_program(const struct policy *policy, const struct exec_rule *rule)
{
	return rule->narrower ? policy_outermost(policy)->narrower[rule->narrower - 1] : policy;
}

const struct policy *policy_named_within(const struct policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->n_narrower; i++)
		if (streq(policy->narrower[i]->name, name))
			return policy->narrower[i];
	return NULL;
}

const struct exec_rule *policy_exec_of(const struct policy *policy, dev_t dev, ino_t ino)
{
	size_t i;

	for (i = 0; i < policy->n_execs; i++)
		if (policy->execs[i].dev == dev && policy->execs[i].ino == ino)
			return &policy->execs[i];
	return NULL;
}

/* Coded TEXT as a policy would have it. */
static void put_pattern(const char *text, struct buf *out)
{
	_cleanup_buf_ struct buf plain = { 0 };

	for (; *text; text++) {
		if (strchr("%*?", *text))
			buf_putc(&plain, '%');
		buf_putc(&plain, (char)(*text == WILD_ANY ? '*' : *text == WILD_ONE ? '?' : *text));
	}
	text_yaml_string(out, plain.data ? plain.data : "", plain.len);
}

void exec_put_rule(const struct policy *policy, const struct exec_rule *rule, struct buf *out)
{
	size_t i;

	buf_lit(out, "{path: ");
	put_pattern(rule->text, out);
	if (!rule->any_arguments) {
		buf_lit(out, ", argv: [");
		for (i = 0; i < rule->n_patterns; i++) {
			buf_puts(out, i ? ", " : "");
			put_pattern(rule->patterns[i], out);
		}
		buf_puts(out, !rule->any_more ? "]" : i ? ", \"**\"]" : "\"**\"]");
	}
	if (rule->count != UINT64_MAX)
		buf_printf(out, ", count: %llu", (unsigned long long)rule->count);
	if (rule->narrower) {
		const char *file = policy->narrower[rule->narrower - 1]->file;

		buf_lit(out, ", policy: ");
		text_yaml_string(out, file, strlen(file));
	}
	buf_putc(out, '}');
}

bool policy_names_program(const struct policy *policy, const char *path)
{
	const char *name = base_name(path);
	size_t i;

	for (i = 0; i < policy->n_execs; i++)
		if (streq(name, base_name(policy->execs[i].text)) || streq(name, base_name(policy->execs[i].path)))
			return true;
	return false;
}

const struct exec_rule *policy_exec_at(const struct policy *policy, const char *path)
{
	size_t i;

	for (i = 0; i < policy->n_execs; i++)
		if (streq(policy->execs[i].path, path))
			return &policy->execs[i];
	return NULL;
}

bool policy_makes_processes(const struct policy *policy)
{
	return policy->process == PROCESS_FORK || policy->n_execs > 0;
}

const char *policy_process_ref(const struct policy *policy)
{
	return policy->process == PROCESS_FORK ? policy->process_ref : policy->n_execs ? policy->execs[0].rule.ref : NULL;
}
