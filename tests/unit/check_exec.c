/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on programs: what their patterns stand for, which of several decides, and how a rule is written. */
#include <string.h>

#include "policy/exec.h"
#include "policy/net.h"
#include "tests/unit/policy_text.h"
#include "tests/unit/suite.h"

static struct policy *policy;
static uint64_t used[EXEC_MAX_NUMBERS];

/* The policy of RULES on programs. */
static void with(const char *rules)
{
	_cleanup_free_ char *text = xasprintf("version: 1\nname: t\nexec: [%s]\n", rules);

	policy_free(policy);
	memset(used, 0, sizeof used);
	policy = accepted(text, NULL);
}

static void teardown(void)
{
	policy_free(policy);
	policy = NULL;
}

/* ARGS are words with a NUL behind each, of N bytes. The rule that allows them, or -1. */
static int decide_bytes(const char *args, size_t n, const struct exec_rule **ret_rule, struct decision *ret_decision)
{
	_cleanup_free_ char *path = realpath("/bin/echo", NULL);
	struct exec_ask ask = { .path = path, .args = args };
	size_t i;

	for (i = 0; i < n; i++)
		ask.n_args += args[i] == '\0';
	*ret_decision = policy_decide_exec(policy, &ask, used, ret_rule);
	if (ret_decision->action != ACTION_ALLOW)
		return -1;
	return (int)(*ret_rule - policy->execs);
}

#define DECIDES(words)                                                                                      \
	({                                                                                                  \
		const struct exec_rule *rule_;                                                             \
		struct decision decision_;                                                                 \
		decide_bytes(words, sizeof(words), &rule_, &decision_);                                       \
	})

START_TEST(test_a_pattern_is_one_argument)
{
	with("{path: /bin/echo, argv: [\"-O2\", \"*.c\", a?, \"\"]}");
	ck_assert_int_eq(DECIDES("echo\0-O2\0x.c\0ab\0"), 0);
	ck_assert_int_eq(DECIDES("/bin/echo\0-O2\0/a/b\nc\xff.c\0ab\0"), 0);
	ck_assert_int_eq(DECIDES("echo\0-O2\0x.c\0ab\0x"), -1);
	ck_assert_int_eq(DECIDES("echo\0-O2\0x.c\0ab"), -1);
	ck_assert_int_eq(DECIDES("echo\0-O2\0x.c\0ab\0\0"), -1);
	ck_assert_int_eq(DECIDES("echo\0-O2\0x.c\0abc\0"), -1);
	ck_assert_int_eq(DECIDES("echo\0-O3\0x.c\0ab\0"), -1);
	ck_assert_int_eq(DECIDES("echo"), -1);
}
END_TEST

START_TEST(test_a_wildcard_is_no_option)
{
	with("{path: /bin/echo, argv: [\"*\"]}, {path: /bin/echo, argv: [\"-n*\", \"?\"]}");
	ck_assert_int_eq(DECIDES("echo\0x"), 0);
	ck_assert_int_eq(DECIDES("echo\0"), 0);
	ck_assert_int_eq(DECIDES("echo\0-x"), -1);
	ck_assert_int_eq(DECIDES("echo\0-"), -1);
	ck_assert_int_eq(DECIDES("echo\0-nx\0x"), 1);
	ck_assert_int_eq(DECIDES("echo\0-nx\0-"), -1);
}
END_TEST

START_TEST(test_the_rest_is_anything)
{
	with("{path: /bin/echo, argv: [a, \"**\"]}");
	ck_assert_int_eq(DECIDES("echo\0a"), 0);
	ck_assert_int_eq(DECIDES("echo\0a\0-b\0c"), 0);
	ck_assert_int_eq(DECIDES("echo"), -1);
	with("{path: /bin/echo, argv: []}");
	ck_assert_int_eq(DECIDES("echo"), 0);
	ck_assert_int_eq(DECIDES("echo\0"), -1);
}
END_TEST

/* As subprocess takes a list of arguments. */
START_TEST(test_the_name_in_the_list_is_warned_of)
{
	static const struct {
		const char *argv;
		bool warns;
	} lists[] = { { "echo, a", true }, { "/bin/echo", true }, { "a, echo", false }, { "", false }, { "\"**\"", false }, { "ech", false } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		_cleanup_free_ char *text =
			xasprintf("version: 1\nname: t\nexec: [{path: /bin/echo, argv: [%s]}]\n", lists[i].argv);
		_cleanup_free_ char *warnings = NULL;

		policy_free(policy);
		policy = accepted(text, &warnings);
		ck_assert_msg((warnings && strstr(warnings, "the program's name is no part of the list")) == lists[i].warns, "%s: %s",
			      text, warnings);
	}
}
END_TEST

START_TEST(test_escapes_stand_for_themselves)
{
	with("{path: /bin/echo, argv: [\"%*%?%%\"]}");
	ck_assert_int_eq(DECIDES("echo\0*?%"), 0);
	ck_assert_int_eq(DECIDES("echo\0ab%"), -1);
}
END_TEST

START_TEST(test_the_name_is_the_programs_where_arguments_are_written)
{
	with("{path: /bin/echo, argv: [a]}");
	ck_assert_int_eq(DECIDES("/x/y/echo\0a"), 0);
	ck_assert_int_eq(DECIDES("rm\0a"), -1);
	ck_assert_int_eq(DECIDES("\0a"), -1);
	with("/bin/echo");
	ck_assert_int_eq(DECIDES("rm\0a"), 0);
}
END_TEST

START_TEST(test_the_first_that_fits_and_is_not_used_up_decides)
{
	const struct exec_rule *rule;
	struct decision decision;

	with("{path: /bin/echo, argv: [a], count: 1}, {path: /bin/echo, argv: [\"*\"], count: 2}");
	ck_assert_int_eq(DECIDES("echo\0a"), 0);
	used[0] = 1;
	ck_assert_int_eq(DECIDES("echo\0a"), 1);
	used[1] = 2;
	ck_assert_int_eq(decide_bytes("echo\0a", sizeof "echo\0a", &rule, &decision), -1);
	ck_assert_int_eq(decision.rule.kind, RULE_COUNT);
	ck_assert(decision.violation);
	ck_assert_int_eq(decide_bytes("echo\0-", sizeof "echo\0-", &rule, &decision), -1);
	ck_assert_int_eq(decision.rule.kind, RULE_ARGUMENTS);
	with("/bin/cat");
	ck_assert_int_eq(decide_bytes("echo", sizeof "echo", &rule, &decision), -1);
	ck_assert_int_eq(decision.rule.kind, RULE_ON_DENY);
	ck_assert_ptr_null(rule);
}
END_TEST

static void wrong(const char *rules, const char *said)
{
	_cleanup_free_ char *text = xasprintf("version: 1\nname: t\n%s", rules), *messages = refused(text);

	ck_assert_msg(strstr(messages, said) != NULL, "%s", messages);
}

static void write_policy(const char *rules)
{
	FILE *file = fopen("check_exec_inner.yaml", "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "version: 1\n%s", rules);
	fclose(file);
}

static enum action reads(const struct policy *of, unsigned want, const char *path, enum rule_kind *ret_rule)
{
	struct decision decision = policy_decide_path(of, want, path, strlen(path));

	*ret_rule = decision.rule.kind;
	return decision.action;
}

/* A policy of its own for a program: what the run's does not let, it does not let either, whoever refuses. */
START_TEST(test_a_programs_policy_is_within_the_runs)
{
	static const char run[] = "version: 1\nname: t\nread: [/usr, /etc]\nhide: [/usr/share/a]\nnever: [/usr/share/b, bpf, getpid]\n"
				  "net: {connect: [\"127.0.0.0/8:*\"]}\n"
				  "exec: [{path: /bin/echo, policy: ./check_exec_inner.yaml, count: 2}, {path: /bin/cat, policy: builtin:python}, /bin/sh]\n";
	static const char inner[] = "name: inner\nread: [/usr/share, /var]\nhide: [/usr/share/c]\nnever: [times]\n"
				    "refuse: [getpid]\nnet: {connect: [\"127.0.0.1:80\", \"10.0.0.1:80\"], bind: [\"udp:127.0.0.1:1\"]}\n"
				    "exec: [{path: /bin/echo, count: 9}, /bin/cat, /bin/ls]\n";
	const struct policy *within;
	const struct exec_rule *rule;
	struct decision decision;
	enum rule_kind kind;
	_cleanup_free_ char *echo = realpath("/bin/echo", NULL), *cat = realpath("/bin/cat", NULL), *ls = realpath("/bin/ls", NULL);
	struct exec_ask ask = { .path = echo, .args = "echo", .n_args = 1 };

	write_policy(inner);
	policy_free(policy);
	policy = accepted(run, NULL);
	remove("check_exec_inner.yaml");
	ck_assert_uint_eq(policy->n_narrower, 2);
	within = policy_named_within(policy, "inner");
	ck_assert_ptr_nonnull(within);
	ck_assert_ptr_null(policy_named_within(policy, "t"));
	ck_assert_ptr_eq(policy_outermost(within), policy);
	ck_assert_int_eq(reads(within, WANT_READ, "/usr/share/x", &kind), ACTION_ALLOW);
	ck_assert_int_eq(reads(within, WANT_READ, "/etc/x", &kind), ACTION_DENY);
	ck_assert_int_eq(reads(within, WANT_READ, "/var/x", &kind), ACTION_DENY);
	ck_assert_int_eq(reads(within, WANT_READ, "/usr/share/a", &kind), ACTION_HIDE);
	ck_assert_int_eq(reads(within, WANT_READ, "/usr/share/c", &kind), ACTION_HIDE);
	ck_assert_int_eq(reads(within, WANT_LOOKUP, "/usr/share/b", &kind), ACTION_DENY);
	ck_assert_int_eq(kind, RULE_NEVER);
	/* What it is itself is granted, to be started. */
	ck_assert_int_eq(reads(within, WANT_READ, echo, &kind), ACTION_ALLOW);
	ck_assert_int_eq(reads(within, WANT_READ, ls, &kind), ACTION_ALLOW);
	ck_assert_int_eq(reads(policy, WANT_EXEC, ls, &kind), ACTION_DENY);
	ck_assert_int_eq(reads(within, WANT_EXEC, ls, &kind), ACTION_DENY);
	ck_assert(policy_decide_syscall(within, "bpf", TOPIC_NONE, &decision));
	ck_assert(policy_decide_syscall(within, "times", TOPIC_NONE, &decision));
	ck_assert(!policy_decide_syscall(policy, "times", TOPIC_NONE, &decision));
	ck_assert(policy_decide_syscall(within, "getpid", TOPIC_NONE, &decision));
	ck_assert_int_eq(decision.rule.kind, RULE_NEVER);
	ck_assert(policy_grants_transport(within, NET_TCP));
	ck_assert(!policy_grants_transport(within, NET_UDP));
	ck_assert(policy_grants_net(within));
	/* Both count, and both have to name it. */
	ck_assert_int_eq(policy_decide_exec(within, &ask, used, &rule).action, ACTION_ALLOW);
	ck_assert_ptr_eq(rule, &within->execs[0]);
	used[policy->execs[0].number] = 2;
	decision = policy_decide_exec(within, &ask, used, &rule);
	ck_assert_int_eq(decision.rule.kind, RULE_COUNT);
	ck_assert_ptr_eq(rule, &policy->execs[0]);
	ask.path = ls;
	ck_assert_int_eq(policy_decide_exec(within, &ask, used, &rule).action, ACTION_DENY);
	/* Another one than its own it does not come under. */
	ask.path = cat;
	decision = policy_decide_exec(within, &ask, used, &rule);
	ck_assert_int_eq(decision.rule.kind, RULE_PROGRAM_POLICY);
	ck_assert_ptr_eq(policy_of_program(policy, rule), policy->narrower[1]);
}
END_TEST

START_TEST(test_a_programs_policy_that_cannot_be)
{
	static const char rule[] = "exec: [{path: /bin/cat, policy: check_exec_inner.yaml}]\n";

	wrong("exec: [{path: /bin/cat, policy: no-such}]\n", "policy must be builtin:python");
	wrong("exec: [{path: /bin/cat, policy: ./no/such.yaml}]\n", "t.yaml:3:33: the policy of this program cannot be read");
	wrong("exec: [{path: /bin/cat, policy: [a]}]\n", "policy must be text");
	write_policy("name: inner\nexec: [{path: /bin/cat, policy: builtin:pure}]\n");
	wrong(rule, "gives none to other programs");
	write_policy("name: inner\nwrite: [{path: /tmp, quota: 1MiB}]\n");
	wrong(rule, "has no quota");
	write_policy("name: t\n");
	wrong(rule, "is that of another policy");
	remove("check_exec_inner.yaml");
}
END_TEST

START_TEST(test_a_rule_is_written_as_it_is_read)
{
	static const char text[] = "{path: \"/bin/echo\", argv: [\"a%*\", \"*.c\", \"q\\\"?\", \"**\"], count: 3}";
	struct buf out = { 0 };

	with(text);
	exec_put_rule(policy, &policy->execs[0], &out);
	ck_assert_str_eq(out.data, text);
	buf_fini(&out);
}
END_TEST

START_TEST(test_naming_a_program_lets_processes_be_made)
{
	with("/bin/echo");
	ck_assert(policy_makes_processes(policy));
	ck_assert(policy_names_program(policy, "/elsewhere/echo"));
	ck_assert(!policy_names_program(policy, "/elsewhere/cat"));
	ck_assert_str_eq(policy_process_ref(policy), "t.yaml:3:8");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exec");
	TCase *tcase = tcase_create("exec");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, test_a_pattern_is_one_argument);
	tcase_add_test(tcase, test_a_wildcard_is_no_option);
	tcase_add_test(tcase, test_the_rest_is_anything);
	tcase_add_test(tcase, test_the_name_in_the_list_is_warned_of);
	tcase_add_test(tcase, test_escapes_stand_for_themselves);
	tcase_add_test(tcase, test_the_name_is_the_programs_where_arguments_are_written);
	tcase_add_test(tcase, test_the_first_that_fits_and_is_not_used_up_decides);
	tcase_add_test(tcase, test_a_programs_policy_is_within_the_runs);
	tcase_add_test(tcase, test_a_programs_policy_that_cannot_be);
	tcase_add_test(tcase, test_a_rule_is_written_as_it_is_read);
	tcase_add_test(tcase, test_naming_a_program_lets_processes_be_made);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
