/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor policy diff A B: what B grants that A does not.
 *
 * Rules are not compared as text: both policies are asked. The questions are, for each rule of either policy, the
 * rule's own path and a name beneath it that no rule mentions. That is enough, because decisions only change at the
 * paths of rules: between two of them, one rule decides for all names alike.
 */
#include "cli/policy_target.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/names.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/policy_calls.h"
#include "cli/suggest.h"
#include "policy/exec.h"
#include "supervisor/policy_facts.h"

/* Something that B grants and A does not. Texts are owned. */
struct gain {
	const char *kind; /* "read" "write" "hide" "connect" "bind" "exec" "call" "process" "terminal" "on_deny" "scratch" "env" "limit"; static */
	char *what;	  /* the rule of B, as written, or the setting */
	char *where;	  /* reference of B's rule; "" when there is none */
	char *because;	  /* how A decides it */
	char *example;	  /* one thing that it lets through, if the rule covers many; or NULL */
};

struct diff {
	const struct policy *a, *b;
	struct gain *gains;
	size_t n, cap;
};

static void diff_fini(struct diff *diff)
{
	size_t i;

	for (i = 0; i < diff->n; i++) {
		free(diff->gains[i].what);
		free(diff->gains[i].where);
		free(diff->gains[i].because);
		free(diff->gains[i].example);
	}
	free(diff->gains);
}

/* BECAUSE is taken over. Each rule is reported once, with the first thing that it lets through as its example. */
static void gain(struct diff *diff, const char *kind, const char *what, const char *where, char *because, const char *example)
{
	size_t i;

	for (i = 0; i < diff->n; i++)
		if (streq(diff->gains[i].kind, kind) && streq(diff->gains[i].what, what) && streq(diff->gains[i].where, where)) {
			free(because);
			return;
		}
	grow_array(&diff->gains, &diff->cap, diff->n + 1, sizeof(*diff->gains));
	diff->gains[diff->n++] = (struct gain){
		kind, xstrdup(what), xstrdup(where), because, example ? xstrdup(example) : NULL,
	};
}

static char *said(const struct decision *decision)
{
	return xasprintf("%s (%s %s)", action_name(decision->action), decision->rule.id,
			 decision->rule.ref ? decision->rule.ref : "?");
}

/* ------------------------------------------------------------------ paths */

/* Both grants allow writing: may more be stored under B than under A? */
static bool holds_more(const struct grant *a, const struct grant *b)
{
	if (!a || !b || !a->quota.counted)
		return false;
	return !b->quota.counted || b->quota.bytes > a->quota.bytes || b->quota.files > a->quota.files;
}

static void ask_path(struct diff *diff, const char *path)
{
	static const struct {
		const char *name;
		unsigned want;
	} wants[] = { { "read", WANT_READ }, { "write", WANT_WRITE }, { "change", WANT_CHANGE } };
	size_t i, len = strlen(path);

	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		struct decision a = policy_decide_path(diff->a, wants[i].want, path, len);
		struct decision b = policy_decide_path(diff->b, wants[i].want, path, len);

		if (b.action == ACTION_ALLOW && a.action != ACTION_ALLOW)
			gain(diff, wants[i].name, b.grant ? b.grant->text : path, b.rule.ref, said(&a), path);
		else if (wants[i].want == WANT_WRITE && b.action == ACTION_ALLOW && holds_more(a.grant, b.grant))
			gain(diff, wants[i].name, b.grant->text, b.rule.ref, xasprintf("less room (%s)", a.rule.ref), path);
	}
}

/* A path that matches PATTERN, with a letter for each wildcard. */
static char *example_of(const char *pattern)
{
	struct buf path = { 0 };

	for (; *pattern; pattern++) {
		if (*pattern == '%' && pattern[1])
			buf_putc(&path, *++pattern);
		else if (*pattern == '*' || *pattern == '?')
			buf_putc(&path, 'x');
		else
			buf_putc(&path, *pattern);
	}
	return buf_steal(&path);
}

static void ask_rules(struct diff *diff, const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];
		_cleanup_free_ char *path = grant->shape == GRANT_PATTERN ? example_of(grant->path) : xstrdup(grant->path);
		_cleanup_free_ char *beneath = xasprintf("%s/.proctor-diff/x", slashed(path));

		/* Neither policy's scratch exists; they are compared separately. */
		if (!streq(grant->text, "%{scratch}")) {
			ask_path(diff, path);
			ask_path(diff, beneath);
		}
	}
}

/* ------------------------------------------------------------------ all else */

/* Does OTHER grant everything that RULE grants? */
static bool covers(const struct net_rule *other, const struct net_rule *rule)
{
	struct net_address at = rule->address;

	if (other->use != rule->use || other->address.transport != at.transport)
		return false;
	if (at.transport == NET_UNIX)
		return other->address.abstract == at.abstract && other->address.len == at.len &&
		       memcmp(other->address.name, at.name, at.len) == 0;
	if (other->address.ipv6 != at.ipv6 || other->bits > rule->bits || (rule->any_port && !other->any_port) ||
	    (!other->any_port && other->address.port != at.port))
		return false;
	return memcmp(other->address.ip, at.ip, other->bits / 8) == 0 &&
	       (other->bits % 8 == 0 || !((other->address.ip[other->bits / 8] ^ at.ip[other->bits / 8]) >> (8 - other->bits % 8)));
}

static void ask_net(struct diff *diff)
{
	size_t i, k;

	for (i = 0; i < diff->b->n_net; i++) {
		const struct net_rule *rule = &diff->b->net[i];

		for (k = 0; k < diff->a->n_net && !covers(&diff->a->net[k], rule); k++)
			;
		if (k == diff->a->n_net)
			gain(diff, net_use_name(rule->use), rule->text, rule->rule.ref, xstrdup("no rule names all of it"), NULL);
	}
}

/* RULE without the policy that its program gets, as text. */
static void put_program(const struct policy *policy, const struct exec_rule *rule, struct buf *out)
{
	struct exec_rule alone = *rule;

	alone.narrower = 0;
	exec_put_rule(policy, &alone, out);
}

/* Does OTHER, a rule of A, let RULE's program be executed with these arguments, so often? */
static bool lets(const struct diff *diff, const struct exec_rule *other, const struct exec_rule *rule)
{
	_cleanup_buf_ struct buf text = { 0 }, as = { 0 };

	if (!streq(other->path, rule->path))
		return false;
	put_program(diff->b, rule, &text);
	put_program(diff->a, other, &as);
	return streq(as.data, text.data) || (other->any_arguments && other->count >= rule->count);
}

static void ask_all(struct diff *diff);

/* Does the program get a policy from OTHER, a rule of A, that grants less than what it has by RULE? What that grants
 * more is the gain. */
static void ask_its_policy(struct diff *diff, const struct exec_rule *other, const struct exec_rule *rule, const char *what)
{
	_cleanup_(diff_fini) struct diff inner = { .a = policy_of_program(diff->a, other), .b = policy_of_program(diff->b, rule) };
	size_t i;

	if (!other->narrower)
		return;
	ask_all(&inner);
	for (i = 0; i < inner.n; i++)
		gain(diff, "exec", what, rule->rule.ref,
		     xasprintf("under %s, which does not grant it %s %s", inner.a->name, inner.gains[i].kind, inner.gains[i].what), NULL);
}

/* The interpreter, which may be executed again where processes may be made, is reported with `process`. */
static void ask_programs(struct diff *diff)
{
	size_t i, k;

	for (i = 0; i < diff->b->n_execs; i++) {
		const struct exec_rule *rule = &diff->b->execs[i];
		_cleanup_buf_ struct buf text = { 0 };

		if (streq(rule->rule.id, "process"))
			continue;
		exec_put_rule(diff->b, rule, &text);
		for (k = 0; k < diff->a->n_execs && !lets(diff, &diff->a->execs[k], rule); k++)
			;
		if (k < diff->a->n_execs)
			ask_its_policy(diff, &diff->a->execs[k], rule, text.data);
		else
			gain(diff, "exec", text.data, rule->rule.ref, xstrdup("no rule names it with these arguments, so often"), NULL);
	}
}

static void ask_calls(struct diff *diff)
{
	struct decision a, b;
	unsigned nr;

	for (nr = 0; nr < syscall_limit(); nr++) {
		const struct syscall_row *row = syscall_row(nr);

		if (row && policy_forbids_row(diff->a, row, &a) && !policy_forbids_row(diff->b, row, &b) &&
		    policy_ask_call(diff->b, row->name, &b) != CALL_REFUSED)
			gain(diff, "call", row->name, "", said(&a), NULL);
	}
}

static void ask_limits(struct diff *diff)
{
	enum limit limit;

	for (limit = 0; limit < N_LIMITS; limit++)
		if (limits_get(&diff->b->limits, limit) > limits_get(&diff->a->limits, limit))
			gain(diff, "limit", limit_name(limit), diff->b->limits.ref[limit] ? diff->b->limits.ref[limit] : "",
			     xasprintf("less (%s)", diff->a->limits.ref[limit]), NULL);
}

static void ask_variables(struct diff *diff)
{
	size_t i, k;

	for (i = 0; i < diff->b->n_env; i++) {
		const struct policy_variable *variable = &diff->b->env[i];

		for (k = 0; k < diff->a->n_env && !(streq(diff->a->env[k].name, variable->name) &&
						     streq_or_null(diff->a->env[k].value, variable->value)); k++)
			;
		if (k == diff->a->n_env)
			gain(diff, "env", variable->name, variable->ref, xstrdup("not given, or another value"), NULL);
	}
}

static void ask_settings(struct diff *diff)
{
	const struct policy *a = diff->a, *b = diff->b;

	if (b->process != PROCESS_NO && a->process == PROCESS_NO)
		gain(diff, "process", "fork", b->process_ref, xstrdup("no"), NULL);
	if (b->terminal != a->terminal && (b->terminal == TERMINAL_YES || a->terminal == TERMINAL_NO))
		gain(diff, "terminal", b->terminal == TERMINAL_YES ? "yes" : "where there is one", "",
		     xstrdup(a->terminal == TERMINAL_NO ? "no" : "where there is one"), NULL);
	if (a->deny_action == ACTION_KILL && b->deny_action != ACTION_KILL)
		gain(diff, "on_deny", "a refusal does not end the run", b->on_deny.ref, xasprintf("kill (%s)", a->on_deny.ref), NULL);
	if (b->scratch_ref && !a->scratch_ref)
		gain(diff, "write", "%{scratch}", b->scratch_ref, xstrdup("no scratch"), NULL);
	else if (b->scratch_ref && (b->scratch.bytes > a->scratch.bytes || b->scratch.files > a->scratch.files))
		gain(diff, "scratch", "more room", b->scratch.ref ? b->scratch.ref : b->scratch_ref,
		     xasprintf("less (%s)", a->scratch.ref ? a->scratch.ref : a->scratch_ref), NULL);
	ask_limits(diff);
	ask_variables(diff);
}

static void ask_all(struct diff *diff)
{
	ask_rules(diff, diff->b);
	ask_rules(diff, diff->a);
	ask_net(diff);
	ask_programs(diff);
	ask_calls(diff);
	ask_settings(diff);
}

/* ------------------------------------------------------------------ telling */

static void tell(const struct diff *diff, struct buf *out)
{
	size_t i;

	for (i = 0; i < diff->n; i++) {
		const struct gain *g = &diff->gains[i];

		buf_printf(out, "+ %-8s  ", g->kind);
		text_path(out, g->what);
		if (*g->where) {
			buf_lit(out, "  ");
			text_path(out, g->where);
		}
		buf_lit(out, "\n    before: ");
		text_args(out, g->because);
		if (g->example && !streq(g->example, g->what)) {
			buf_lit(out, "; as ");
			text_path(out, g->example);
		}
		buf_putc(out, '\n');
	}
	if (!diff->n)
		buf_lit(out, "nothing is granted that was not before\n");
}

static void tell_json(const struct diff *diff, struct buf *out)
{
	size_t i;

	json_open(out, NULL);
	json_put_word(out, "schema", "proctor.policy-diff/1");
	json_put_text(out, "a", diff->a->file);
	json_put_text(out, "b", diff->b->file);
	json_open_list(out, "granted");
	for (i = 0; i < diff->n; i++) {
		const struct gain *g = &diff->gains[i];

		json_open(out, NULL);
		json_put_word(out, "kind", g->kind);
		json_put_text(out, "rule", g->what);
		json_put_text(out, "ref", *g->where ? g->where : NULL);
		json_put_text(out, "before", g->because);
		json_put_text(out, "example", g->example);
		json_close(out);
	}
	json_close_list(out);
	json_close(out);
	buf_putc(out, '\n');
}

/* ------------------------------------------------------------------ */

static int compare_policies(const struct policy *a, const struct policy *b, bool json)
{
	_cleanup_(diff_fini) struct diff diff = { .a = a, .b = b };
	_cleanup_buf_ struct buf out = { 0 };
	int r;

	ask_all(&diff);
	(json ? tell_json : tell)(&diff, &out);
	r = policy_print(&out);
	return r ? r : diff.n ? EXIT_FAILURE : EXIT_SUCCESS;
}

int policy_diff(int argc, char **argv)
{
	_cleanup_(policy_target_fini) struct policy_target a = { 0 }, b = { 0 };
	int status = policy_target_options(&a, argc, argv);

	if (status >= 0)
		return status;
	if (policy_target_grants(&a) || a.n_queries || a.from || a.filter || a.cases || a.under || a.calls)
		return policy_bad_usage("diff: --script, --python and --json are its options");
	if (a.policy || argc - optind != 2)
		return policy_bad_usage("diff: expected two policies");
	b.script = a.script;
	b.python = a.python;
	a.policy = argv[optind];
	b.policy = argv[optind + 1];
	status = policy_target_load(&a);
	if (!status)
		status = policy_target_load(&b);
	return status ? status : compare_policies(a.loaded, b.loaded, a.json);
}
