/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor policy test --cases: a table of expected answers, kept beside a policy. Each line is
 * "DECISION WANT OBJECT": "deny read /etc/passwd", "allow connect 127.0.0.1:80", "deny call ptrace".
 */
#include "cli/policy_target.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/policy_calls.h"
#include "supervisor/policy_facts.h"

static const char *const decisions[] = { "allow ", "hide ", "deny ", "kill ", "depends " };

static const struct want_of_case {
	const char *word;
	unsigned want, flags; /* for a path */
	enum { ASKS_PATH, ASKS_ADDRESS, ASKS_CALL } of;
} wants[] = {
	{ "read ", WANT_READ, RESOLVE_FOLLOW, ASKS_PATH },	{ "stat ", WANT_LOOKUP, RESOLVE_FOLLOW, ASKS_PATH },
	{ "lstat ", WANT_LOOKUP, 0, ASKS_PATH },		{ "write ", WANT_WRITE, RESOLVE_FOLLOW, ASKS_PATH },
	{ "exec ", WANT_EXEC, RESOLVE_FOLLOW, ASKS_PATH },	{ "connect ", NET_CONNECT, 0, ASKS_ADDRESS },
	{ "bind ", NET_BIND, 0, ASKS_ADDRESS },			{ "call ", 0, 0, ASKS_CALL },
};

struct cases {
	struct asked_policy asked;
	const char *file;
	size_t number, n, failed;
	struct buf out;
};

/* The policy's answer, static, and the rule behind it. "error": the path leads nowhere. */
static const char *answer(const struct cases *cases, const struct want_of_case *want, const char *object, struct buf *rule)
{
	const struct policy *policy = cases->asked.policy;
	struct object found = OBJECT_INIT;
	_cleanup_buf_ struct buf address = { 0 };
	struct decision decision = { .action = ACTION_ALLOW };
	enum call_answer call = CALL_REFUSED;
	const char *name;

	if (want->of == ASKS_CALL) {
		call = policy_ask_call(policy, object, &decision);
	} else if (want->of == ASKS_ADDRESS) {
		if (!policy_forbids_call(policy, "socket", &decision) &&
		    !policy_forbids_call(policy, net_use_name((enum net_use)want->want), &decision))
			policy_ask_address(policy, cases->asked.resolver, (enum net_use)want->want, object, &address, &decision);
	} else {
		const char *path = policy_resolve(cases->asked.resolver, object, want->flags, &found);

		if (found.state == OBJECT_ERROR) {
			object_fini(&found);
			return "error";
		}
		if (found.state != OBJECT_DESCRIPTOR)
			decision = policy_decide_path(policy, want->want, path, strlen(path));
	}
	object_fini(&found);
	name = call_answer_name(call, &decision);
	if (call == CALL_REFUSED && decision.rule.ref) {
		buf_printf(rule, "%s ", decision.rule.id);
		text_args(rule, decision.rule.ref);
	}
	return name;
}

/* What is wrong with the object, static; or NULL. */
static const char *wrong_object(const struct want_of_case *want, const char *object)
{
	const char *wrong = NULL;

	if (want->of == ASKS_PATH)
		return *object == '/' ? NULL : "a path is absolute";
	if (want->of == ASKS_CALL)
		return syscall_number(object) < 0 ? "there is no such system call" : NULL;
	return policy_is_address((enum net_use)want->want, object, &wrong) ? NULL : wrong;
}

static void check_case(struct cases *cases, const char *expected, const struct want_of_case *want, const char *object)
{
	_cleanup_buf_ struct buf rule = { 0 };
	const char *got = answer(cases, want, object, &rule);
	size_t n = strlen(got);

	cases->n++;
	if (strncmp(got, expected, n) == 0 && expected[n] == ' ')
		return;
	cases->failed++;
	text_args(&cases->out, cases->file);
	buf_printf(&cases->out, ":%zu: %s", cases->number, want->word);
	text_path(&cases->out, object);
	buf_printf(&cases->out, ": %s, not %.*s", got, (int)strcspn(expected, " "), expected);
	if (rule.len)
		buf_printf(&cases->out, "  (%s)", rule.data);
	buf_putc(&cases->out, '\n');
}

/* 0, or EXIT_USAGE, having said why. */
static int take_line(struct cases *cases, char *line)
{
	const char *expected = NULL, *object = NULL, *rest, *wrong = NULL;
	const struct want_of_case *want = NULL;
	size_t i;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	for (i = 0; i < ARRAY_SIZE(decisions) && !expected; i++)
		if (after_prefix(line, decisions[i]))
			expected = decisions[i];
	rest = expected ? line + strlen(expected) : "";
	rest += strspn(rest, " \t");
	for (i = 0; i < ARRAY_SIZE(wants) && !object; i++) {
		object = after_prefix(rest, wants[i].word);
		want = &wants[i];
	}
	if (object)
		object += strspn(object, " \t");
	if (!expected || !object || !*object)
		wrong = "expected allow, hide, deny, kill or depends; read, stat, lstat, write, exec, connect, bind or call; and what";
	else
		wrong = wrong_object(want, object);
	if (wrong) {
		complain("policy: %s:%zu: %s", cases->file, cases->number, wrong);
		return EXIT_USAGE;
	}
	check_case(cases, expected, want, object);
	return 0;
}

static int take_file(struct cases *cases)
{
	_cleanup_fclose_ FILE *f = fopen(cases->file, "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int r = 0;

	if (!f) {
		complain("policy: %s: %s", cases->file, strerror(errno));
		return EXIT_NOT_FOUND;
	}
	while (!r && (n = getline(&line, &cap, f)) > 0) {
		cases->number++;
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		if (strlen(line) != (size_t)n) {
			complain("policy: %s:%zu: NUL character", cases->file, cases->number);
			r = EXIT_USAGE;
		} else {
			r = take_line(cases, line);
		}
	}
	return r;
}

int policy_test_cases(struct policy_target *target)
{
	struct cases cases = { .file = target->cases };
	int r = policy_target_ask_begin(target, &cases.asked), printed;

	if (!r)
		r = take_file(&cases);
	if (!r)
		buf_printf(&cases.out, "%zu of %zu cases are as they are to be\n", cases.n - cases.failed, cases.n);
	asked_policy_fini(&cases.asked);
	printed = policy_print(&cases.out);
	buf_fini(&cases.out);
	return r ? r : printed ? printed : cases.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
