/* SPDX-License-Identifier: Apache-2.0 */
/* Runs policy.table; its head says how it is written. Every line is tried, each failure is told. */
#include <stdio.h>
#include <stdlib.h>

#include "base/names.h"
#include "policy/net.h"

static const char *table_path;
static size_t line_number, n_cases, n_failed;

static void fail_line(const char *what, const char *got, const char *expected)
{
	n_failed++;
	printf("%s:%zu: %s is %s, expected %s\n", table_path, line_number, what, got, expected);
}

static unsigned parse_want(const char *letters)
{
	static const char known[] = "lrwxch"; /* in the order of enum want's bits */
	unsigned want = 0;

	for (; *letters; letters++) {
		const char *p = strchr(known, *letters);

		if (!p)
			return 0;
		want |= 1u << (p - known);
	}
	return want;
}

/* WANT is connect or bind, and TEXT one address. */
static bool decide_address(const struct policy *policy, const char *want, const char *text, struct decision *ret)
{
	enum net_use use = streq(want, "connect") ? NET_CONNECT : NET_BIND;
	struct net_rule rule;
	const char *wrong;

	if (!streq(want, net_use_name(use)) || !net_parse(text, use, &rule, &wrong))
		return false;
	*ret = policy_decide_address(policy, use, &rule.address);
	net_rule_fini(&rule);
	return true;
}

static void run_case(const struct policy *policy, char *line)
{
	char want[9], path[256], action[8], err[16], rule[16], ref[64];
	struct decision d;
	const char *got_ref;

	if (sscanf(line, "%8s %255s %7s %15s %15s %63s", want, path, action, err, rule, ref) != 6 ||
	    (!parse_want(want) && !decide_address(policy, want, path, &d))) {
		fail_line("the line", line, "a case");
		return;
	}
	n_cases++;
	if (parse_want(want))
		d = policy_decide_path(policy, parse_want(want), path, strlen(path));
	got_ref = after_prefix(d.rule.ref, "t:");
	got_ref = got_ref ? got_ref : d.rule.ref;
	if (!streq(action_name(d.action), action))
		fail_line("action", action_name(d.action), action);
	if (!streq(d.err ? errno_name(d.err) : "-", err))
		fail_line("errno", d.err ? errno_name(d.err) : "-", err);
	if (!streq(d.rule.id, rule))
		fail_line("rule", d.rule.id, rule);
	if (!streq(got_ref, ref))
		fail_line("ref", got_ref, ref);
	if (d.violation != (d.action == ACTION_DENY || d.action == ACTION_KILL))
		fail_line("violation", d.violation ? "true" : "false", "the other");
}

static struct policy *load(const struct buf *text)
{
	struct policy_context context = { .submission = "/pt/sub" };
	struct policy *policy = NULL;
	struct buf messages = { 0 };

	if (policy_load_text(text->data, text->len, "t", &context, &policy, &messages) < 0)
		fail_line("the policy above", messages.data, "right");
	buf_fini(&messages);
	return policy;
}

static void run_table(FILE *table)
{
	struct policy *policy = NULL;
	struct buf text = { 0 };
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, table) > 0) {
		line_number++;
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		if (after_prefix(line, "policy ")) {
			policy_free(policy);
			policy = NULL;
			buf_clear(&text);
		} else if (after_prefix(line, "| ")) {
			buf_puts(&text, line + 2);
			buf_putc(&text, '\n');
		} else {
			if (!policy)
				policy = load(&text);
			if (policy)
				run_case(policy, line);
		}
	}
	policy_free(policy);
	buf_fini(&text);
	free(line);
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	char *path = argc > 1 ? xstrdup(argv[1])
			      : xasprintf("%s/tests/table/policy.table", top ? top : ".");
	FILE *table = fopen(path, "re");

	table_path = path;
	if (!table) {
		perror(path);
		return 1;
	}
	run_table(table);
	fclose(table);
	free(path);
	printf("%zu cases, %zu failures\n", n_cases, n_failed);
	return n_failed || !n_cases;
}
