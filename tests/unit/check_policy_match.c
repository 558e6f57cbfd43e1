/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching against a reference that reads the rules as written, one by one, with fnmatch(3): no
 * table, no canonical text, the order of precedence as policy.h states it.
 */
#include <errno.h>
#include <fnmatch.h>
#include <time.h>
#include <unistd.h>

#include "policy/match.h"
#include "tests/unit/policy_text.h"
#include "tests/unit/suite.h"

/* ------------------------------------------------------------------ the reference */

struct written {
	enum rule_kind kind;
	char path[80];
};

/* How many components of PATH the rule names before it reaches beneath; -1: it does not speak of
 * PATH. */
static int reference_reach(enum rule_kind kind, const char *rule, const char *path, bool *ret_tree,
			   bool *ret_wild, bool *ret_exact)
{
	char pattern[80], text[200];
	char *p = pattern, *t = text, *ps, *ts;
	size_t n = strlen(rule);
	int depth = 0;

	snprintf(pattern, sizeof pattern, "%s", rule);
	snprintf(text, sizeof text, "%s", path);
	*ret_exact = n > 1 && rule[n - 1] == '/';
	*ret_tree = !*ret_exact && (strstr(rule, "/**") || !strpbrk(rule, "*?"));
	if (n >= 3 && streq(rule + n - 3, "/**"))
		pattern[n - 3] = '\0';
	*ret_wild = strpbrk(pattern, "*?") != NULL;
	ps = strtok_r(p, "/", &p);
	ts = strtok_r(t, "/", &t);
	for (; ps; ps = strtok_r(NULL, "/", &p), ts = strtok_r(NULL, "/", &t), depth++)
		if (!ts || fnmatch(ps, ts, 0) != 0)
			return -1;
	if (*ret_exact || *ret_tree)
		return ts && *ret_exact ? -1 : depth;
	/* With wildcards: hide and never reach beneath what they name. */
	*ret_tree = ts != NULL;
	return ts && kind == RULE_READ ? -1 : depth;
}

struct score {
	int class, depth, literal, kind;
};

static int compare(const struct score *a, const struct score *b)
{
	if (a->class != b->class)
		return a->class - b->class;
	if (a->depth != b->depth)
		return a->depth - b->depth;
	if (a->literal != b->literal)
		return a->literal - b->literal;
	return a->kind - b->kind;
}

/* The kind of the rule that decides PATH, or -1. */
static int reference(const struct written *rules, size_t n, const char *path)
{
	struct score best = { .class = -1 };
	int kind = -1;
	size_t i;

	for (i = 0; i < n; i++) {
		bool tree, wild, exact;
		int depth =
			reference_reach(rules[i].kind, rules[i].path, path, &tree, &wild, &exact);
		struct score score = { .depth = depth,
				       .literal = !wild,
				       .kind = rules[i].kind == RULE_HIDE };

		if (depth < 0)
			continue;
		if (rules[i].kind == RULE_NEVER)
			return RULE_NEVER;
		score.class = exact ? 3 : tree ? 1 : 2;
		if (score.class != 1)
			score.depth = 0;
		if (compare(&score, &best) > 0) {
			best = score;
			kind = (int)rules[i].kind;
		}
	}
	return kind;
}

/* Some path deeper than PATH is spoken of by a read rule. */
static bool reference_ancestor(const struct written *rules, size_t n, const char *path)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char prefix[80], *slash;
		bool tree, wild, exact;

		if (rules[i].kind != RULE_READ)
			continue;
		snprintf(prefix, sizeof prefix, "%s", rules[i].path);
		if (strlen(prefix) > 1 && prefix[strlen(prefix) - 1] == '/')
			prefix[strlen(prefix) - 1] = '\0';
		if (strlen(prefix) > 3 && streq(prefix + strlen(prefix) - 3, "/**"))
			prefix[strlen(prefix) - 3] = '\0';
		while ((slash = strrchr(prefix, '/')) && slash > prefix) {
			*slash = '\0';
			strcat(prefix, "/"); /* exact */
			if (reference_reach(RULE_READ, prefix, path, &tree, &wild, &exact) >= 0)
				return true;
			prefix[strlen(prefix) - 1] = '\0';
		}
		if (streq(path, "/"))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ random rules and paths */

static uint64_t state;

static unsigned any(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

static void random_path(char *out, size_t depth, bool wild)
{
	static const char *const names[] = { "a", "b", "ab", "ba", "aab", "c" };
	static const char *const globs[] = { "*", "?", "a*", "*b", "?b", "a?*", "*a*b*" };

	strcpy(out, "/pt");
	while (depth--) {
		strcat(out, "/");
		if (wild && any(3) == 0)
			strcat(out, globs[any(ARRAY_SIZE(globs))]);
		else
			strcat(out, names[any(ARRAY_SIZE(names))]);
	}
}

static void random_rule(struct written *rule)
{
	static const enum rule_kind kinds[] = { RULE_READ, RULE_READ, RULE_READ,
						RULE_HIDE, RULE_HIDE, RULE_NEVER };

	rule->kind = kinds[any(any(4) ? 5 : 6)];
	random_path(rule->path, any(5), any(2));
	if (any(3) == 0)
		strcat(rule->path, "/**");
	else if (!strpbrk(rule->path, "*?") && rule->kind != RULE_NEVER && any(3) == 0)
		strcat(rule->path, "/");
}

static struct policy *load_rules(const struct written *rules, size_t n)
{
	static const char *const lists[] = {
		[RULE_READ] = "read", [RULE_HIDE] = "hide", [RULE_NEVER] = "never"
	};
	static const enum rule_kind kinds[] = { RULE_READ, RULE_HIDE, RULE_NEVER };
	struct buf text = { 0 };
	struct policy *policy;
	size_t i, k;

	buf_puts(&text, "version: 1\n");
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		buf_printf(&text, "%s: [", lists[kinds[k]]);
		for (i = 0; i < n; i++)
			if (rules[i].kind == kinds[k])
				buf_printf(&text, "\"%s\",", rules[i].path);
		buf_puts(&text, "]\n");
	}
	policy = accepted(text.data, NULL);
	buf_fini(&text);
	return policy;
}

/* Reads that never forbids are a mistake in a policy: such sets are thrown again. */
static void random_rules(struct written *rules, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		random_rule(&rules[i]);
	for (i = 0; i < n; i++)
		for (j = 0; j < n && rules[i].kind == RULE_READ; j++) {
			char path[80];
			bool tree, wild, exact;

			snprintf(path, sizeof path, "%s", rules[i].path);
			if (strlen(path) > 3 && streq(path + strlen(path) - 3, "/**"))
				path[strlen(path) - 3] = '\0';
			if (rules[j].kind == RULE_NEVER &&
			    reference_reach(RULE_NEVER, rules[j].path, path, &tree, &wild,
					    &exact) >= 0)
				rules[j].kind = RULE_HIDE;
		}
}

START_TEST(test_match_agrees_with_a_naive_reference_on_random_rules)
{
	struct written rules[24];
	int round, i;

	for (round = 0; round < 400; round++) {
		size_t n = 1 + any(ARRAY_SIZE(rules));
		struct policy *policy;

		random_rules(rules, n);
		policy = load_rules(rules, n);
		for (i = 0; i < 200; i++) {
			char path[120];
			const struct grant *grant;
			int expected;

			random_path(path, any(7), false);
			grant = policy_match(policy, path, strlen(path));
			expected = reference(rules, n, path);
			ck_assert_msg((grant ? (int)grant->rule.kind : -1) == expected,
				      "round %d: %s is decided by %s, expected kind %d", round,
				      path, grant ? grant->text : "nothing", expected);
			ck_assert_msg(policy_is_ancestor(policy, path, strlen(path)) ==
					      reference_ancestor(rules, n, path),
				      "round %d: ancestor %s", round, path);
		}
		policy_free(policy);
	}
}
END_TEST

/* A directory that may be listed and a name in it that is hidden are never overlooked. */
START_TEST(test_no_hidden_name_in_a_listing_is_overlooked)
{
	struct written rules[4];
	unsigned whole = 0, found = 0;
	int round, i;

	for (round = 0; round < 3000; round++) {
		size_t n = 1 + any(ARRAY_SIZE(rules));
		struct policy *policy;

		random_rules(rules, n);
		policy = load_rules(rules, n);
		whole += !policy->hides_names;
		for (i = 0; i < 200; i++) {
			struct decision look;
			char name[120], *slash;

			random_path(name, 1 + any(6), false);
			slash = strrchr(name, '/');
			look = policy_decide_path(policy, WANT_LOOKUP, name, strlen(name));
			if (look.action != ACTION_HIDE || look.rule.kind != RULE_HIDE ||
			    policy_decide_path(policy, WANT_READ, name, (size_t)(slash - name)).action !=
				    ACTION_ALLOW)
				continue;
			found++;
			ck_assert_msg(policy->hides_names, "round %d: %s", round, name);
		}
		policy_free(policy);
	}
	/* Else the test would test nothing. */
	ck_assert_uint_gt(found, 100);
	ck_assert_uint_gt(whole, 100);
}
END_TEST

/* ------------------------------------------------------------------ stated facts */

static enum action asked(const char *text, unsigned want, const char *path)
{
	struct policy *policy = accepted(text, NULL);
	struct decision d = policy_decide_path(policy, want, path, strlen(path));

	policy_free(policy);
	return d.action;
}

START_TEST(test_a_prefix_of_a_name_is_not_a_parent)
{
	ck_assert_int_eq(asked("version: 1\nread: [/pt/a]\n", WANT_READ, "/pt/ab"), ACTION_DENY);
	ck_assert_int_eq(asked("version: 1\nread: [/pt/ab]\n", WANT_READ, "/pt/a"), ACTION_DENY);
}
END_TEST

START_TEST(test_a_wildcard_never_matches_a_slash)
{
	ck_assert_int_eq(asked("version: 1\nread: [\"/pt/*.txt\"]\n", WANT_READ, "/pt/a.txt"),
			 ACTION_ALLOW);
	ck_assert_int_eq(asked("version: 1\nread: [\"/pt/*.txt\"]\n", WANT_READ, "/pt/a/b.txt"),
			 ACTION_DENY);
	ck_assert_int_eq(asked("version: 1\nread: [\"/pt/?\"]\n", WANT_READ, "/pt/\xc3\xa9"),
			 ACTION_ALLOW);
	ck_assert_int_eq(asked("version: 1\nread: [\"/pt/?\"]\n", WANT_READ, "/pt/ab"),
			 ACTION_DENY);
}
END_TEST

START_TEST(test_many_stars_take_no_exponential_time)
{
	char path[300] = "/pt/";

	memset(path + 4, 'a', 250);
	ck_assert_int_eq(asked("version: 1\nread: [\"/pt/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\"]\n",
			       WANT_READ, path),
			 ACTION_DENY);
}
END_TEST

START_TEST(test_root_can_be_granted_but_not_proc_dev_and_the_kernel)
{
	static const char text[] = "version: 1\nread: [/, /proc/cpuinfo, /dev/null]\n";

	ck_assert_int_eq(asked(text, WANT_READ, "/"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_READ, "/pt/x"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_READ, "/proc/cpuinfo"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_READ, "/proc/1/environ"), ACTION_DENY);
	ck_assert_int_eq(asked(text, WANT_READ, "/proc/self/mem"), ACTION_DENY);
	ck_assert_int_eq(asked(text, WANT_READ, "/proc"), ACTION_DENY);
	ck_assert_int_eq(asked(text, WANT_LOOKUP, "/proc"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_READ, "/dev/null"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_WRITE, "/dev/null"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_CHANGE, "/dev/null"), ACTION_DENY);
	ck_assert_int_eq(asked(text, WANT_READ, "/dev/mem"), ACTION_DENY);
	ck_assert_int_eq(asked(text, WANT_READ, "/sys/kernel/debug/x"), ACTION_DENY);
	ck_assert_int_eq(asked("version: 1\nread: [\"/*/*\"]\n", WANT_READ, "/dev/mem"),
			 ACTION_DENY);
	ck_assert_int_eq(asked("version: 1\nread: [\"/*/mem/**\"]\n", WANT_READ, "/dev/mem/x"),
			 ACTION_DENY);
	ck_assert_int_eq(
		asked("version: 1\nread: [/]\nhide: [/proc]\n", WANT_READ, "/proc/1/environ"),
		ACTION_HIDE);
}
END_TEST

START_TEST(test_passages_are_seen_through_hidden_trees_but_not_listed)
{
	static const char text[] = "version: 1\nread: [/pt/h/u/sub]\nhide: [/pt/h/**]\n";

	ck_assert_int_eq(asked(text, WANT_LOOKUP, "/pt/h/u"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_READ, "/pt/h/u"), ACTION_HIDE);
	ck_assert_int_eq(asked(text, WANT_LOOKUP | WANT_READ, "/pt"), ACTION_DENY);
	ck_assert_int_eq(asked(text, WANT_LOOKUP, "/pt/h/v"), ACTION_HIDE);
	ck_assert_int_eq(asked(text, WANT_READ, "/pt/h/u/sub/x"), ACTION_ALLOW);
	ck_assert_int_eq(
		asked("version: 1\nread: [/pt/a/b]\nhide: [/pt/a/]\n", WANT_LOOKUP, "/pt/a"),
		ACTION_HIDE);
}
END_TEST

START_TEST(test_python_caches_are_read_only_not_refused)
{
	struct policy *policy = accepted("version: 1\nread: [/pt]\n", NULL);
	static const char *const caches[] = { "/pt/__pycache__", "/pt/a/__pycache__/x.pyc.123",
					      "/pt/x.pyc" };
	static const char *const others[] = { "/pt/__pycache__x/y", "/pt/x__pycache__", "/pt/x.py",
					      "/q/__pycache__/x" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		struct decision d =
			policy_decide_path(policy, WANT_WRITE, caches[i], strlen(caches[i]));

		ck_assert_int_eq(d.action, ACTION_HIDE);
		ck_assert_int_eq(d.err, EROFS);
		ck_assert(!d.violation);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		struct decision d =
			policy_decide_path(policy, WANT_WRITE, others[i], strlen(others[i]));

		ck_assert_msg(d.action == ACTION_DENY && d.violation && d.err == EACCES, "%s",
			      others[i]);
	}
	policy_free(policy);
}
END_TEST

START_TEST(test_execution_is_not_reading)
{
	ck_assert_int_eq(asked("version: 1\nread: [/pt]\n", WANT_EXEC, "/pt/x"), ACTION_DENY);
}
END_TEST

START_TEST(test_kill_has_no_errno_and_names_the_rule)
{
	struct policy *policy = accepted("version: 1\non_deny: kill\nhide: [/pt/h]\n", NULL);
	struct decision d = policy_decide_path(policy, WANT_READ, "/etc/x", 6);

	ck_assert_int_eq(d.action, ACTION_KILL);
	ck_assert_int_eq(d.err, 0);
	ck_assert_str_eq(d.rule.id, "on_deny");
	ck_assert_str_eq(d.rule.ref, "t.yaml:2:1");
	ck_assert_int_eq(policy_decide_path(policy, WANT_READ, "/pt/h", 5).action, ACTION_HIDE);
	ck_assert_int_eq(policy_decide_refused(policy, ENOSYS).action, ACTION_KILL);
	policy_free(policy);
	policy = accepted("version: 1\n", NULL);
	ck_assert_int_eq(policy_decide_refused(policy, ENOSYS).err, ENOSYS);
	ck_assert_int_eq(policy_decide_refused(policy, 0).err, EACCES);
	ck_assert_str_eq(policy_decide_refused(policy, 0).rule.id, "syscall");
	policy_free(policy);
}
END_TEST

START_TEST(test_nearest_is_the_grant_with_the_longest_common_beginning)
{
	struct policy *policy =
		accepted("version: 1\nread: [/pt/a/b/c, /pt/x]\nhide: [/pt/a/h/i/j]\n", NULL);

	ck_assert_str_eq(policy_nearest(policy, "/pt/a/b/d", 9)->path, "/pt/a/b/c");
	ck_assert_str_eq(policy_nearest(policy, "/pt/a/h/i/j/k", 13)->path, "/pt/a/b/c");
	ck_assert_str_eq(policy_nearest(policy, "/pt/x/y", 7)->path, "/pt/x");
	ck_assert_ptr_null(policy_nearest(policy, "/etc/passwd", 11));
	policy_free(policy);
}
END_TEST

START_TEST(test_hidden_working_directory_hides_its_parents_too_unless_they_are_passages)
{
	const char *hide[] = { "/pt/u/work" };
	struct policy_context context = { .hide = hide, .n_hide = 1 };
	static const char text[] = "version: 1\nread: [/pt/u/data]\n";
	struct buf messages = { 0 };
	struct policy *p;

	ck_assert_int_eq(policy_load_text(text, strlen(text), "t.yaml", &context, &p, &messages),
			 0);
	ck_assert_int_eq(policy_decide_path(p, WANT_READ, "/pt/u/work", 10).action, ACTION_HIDE);
	ck_assert_int_eq(policy_decide_path(p, WANT_LOOKUP, "/pt/u", 5).action, ACTION_ALLOW);
	ck_assert_int_eq(policy_decide_path(p, WANT_READ, "/pt/u", 5).action, ACTION_HIDE);
	ck_assert_int_eq(policy_decide_path(p, WANT_READ, "/pt/u/work/x", 12).action, ACTION_DENY);
	ck_assert_int_eq(policy_decide_path(p, WANT_READ, "/pt/u/data", 10).action, ACTION_ALLOW);
	policy_free(p);
	buf_fini(&messages);
}
END_TEST

/* -r wins over the working directory's hiding, and what the policy shows says so. */
START_TEST(test_working_directory_is_hidden_only_where_no_rule_speaks_of_it)
{
	const char *hide[] = { "/pt/u/work/deep" };
	static const char *const texts[] = {
		"version: 1\nread: [/pt/u/work/deep]\n",
		"version: 1\nread: [/pt/u]\n",
		"version: 1\nread: ['/pt/*/work/**']\n",
	};
	struct policy_context context = { .hide = hide, .n_hide = 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_buf_ struct buf messages = { 0 }, shown = { 0 };
		struct policy *p;

		ck_assert_int_eq(policy_load_text(texts[i], strlen(texts[i]), "t.yaml", &context, &p, &messages),
				 0);
		ck_assert_int_eq(policy_decide_path(p, WANT_READ, hide[0], strlen(hide[0])).action, ACTION_ALLOW);
		ck_assert_int_eq(policy_decide_path(p, WANT_READ, "/pt", 3).action, ACTION_HIDE);
		policy_show(p, &shown);
		ck_assert_ptr_null(strstr(shown.data, "/deep/\"  # builtin:cwd"));
		policy_free(p);
	}
}
END_TEST

START_TEST(test_a_never_rule_beats_a_more_specific_read_rule_of_a_lower_layer)
{
	/* builtin:pure grants the submission; the user's ceiling lies above it. */
	static const char text[] =
		"version: 1\nextends: builtin:pure\nnever: [/pt/submission/secret]\n";

	ck_assert_int_eq(asked(text, WANT_READ, "/pt/submission/x"), ACTION_ALLOW);
	ck_assert_int_eq(asked(text, WANT_READ, "/pt/submission/secret/x"), ACTION_DENY);
	ck_assert_int_eq(asked(text, WANT_LOOKUP, "/pt/submission/secret"), ACTION_DENY);
}
END_TEST

START_TEST(test_the_time_of_a_decision_does_not_grow_with_the_number_of_rules)
{
	/* A ratio in one run: 4,000 rules may not cost ten times what 4 do. */
	struct buf text = { 0 };
	static const char path[] = "/pt/d3/lib/python3.11/json/decoder.py";
	uint64_t took[2];
	int sizes[] = { 4, 4000 }, s, i;

	for (s = 0; s < 2; s++) {
		uint64_t best = UINT64_MAX;
		struct policy *policy;
		int round, allowed = 0;

		buf_clear(&text);
		buf_puts(&text, "version: 1\nread:\n");
		for (i = 0; i < sizes[s]; i++)
			buf_printf(&text, "  - /pt/d%d/lib/python3.11\n", i);
		policy = accepted(text.data, NULL);
		for (round = 0; round < 20; round++) {
			uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

			for (i = 0; i < 2000; i++)
				allowed +=
					policy_decide_path(policy, WANT_READ, path, sizeof path - 1)
						.action == ACTION_ALLOW;
			best = MIN(best, clock_ns(CLOCK_THREAD_CPUTIME_ID) - start);
		}
		took[s] = best / 2000;
		ck_assert_int_eq(allowed, 40000);
		policy_free(policy);
	}
	ck_assert_msg(took[1] < 10 * took[0] + 100, "%d rules: %lu ns, %d rules: %lu ns", sizes[0],
		      (unsigned long)took[0], sizes[1], (unsigned long)took[1]);
	printf("a decision: %lu ns with 4 rules, %lu ns with 4000\n", (unsigned long)took[0],
	       (unsigned long)took[1]);
	buf_fini(&text);
}
END_TEST

/* ------------------------------------------------------------------ writing */

/* A policy with text behind its first line, where every %s is directory DIR. */
static struct policy *policy_in(const char *dir, const char *text)
{
	_cleanup_buf_ struct buf out = { 0 };
	const char *p;

	buf_puts(&out, "version: 1\n");
	for (p = text; *p; p++)
		if (p[0] == '%' && p[1] == 's') {
			buf_puts(&out, dir);
			p++;
		} else {
			buf_putc(&out, *p);
		}
	return accepted(out.data, NULL);
}

static enum action ask(const struct policy *policy, unsigned want, const char *dir, const char *rest)
{
	_cleanup_free_ char *path = xasprintf("%s%s", dir, rest);

	return policy_decide_path(policy, want, path, strlen(path)).action;
}

static bool bound(const struct policy *policy, const char *dir, const char *rest)
{
	_cleanup_free_ char *path = xasprintf("%s%s", dir, rest);

	return policy_is_bound(policy, path, strlen(path));
}

START_TEST(test_a_write_rule_grants_all_but_what_a_deeper_rule_says)
{
	char dir[] = "/tmp/proctor-write-XXXXXX";
	const unsigned all = WANT_LOOKUP | WANT_READ | WANT_WRITE | WANT_CHANGE;
	struct policy *policy;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	policy = policy_in(dir, "write: [\"%s\"]\nread: [\"%s/fixed\"]\nhide: [\"%s/*/secret\"]\nnever: [\"%s/log\"]\n");
	ck_assert_int_eq(ask(policy, all, dir, ""), ACTION_ALLOW);
	ck_assert_int_eq(ask(policy, all, dir, "/a/b"), ACTION_ALLOW);
	ck_assert_int_eq(ask(policy, WANT_EXEC, dir, "/a/b"), ACTION_DENY);
	ck_assert_int_eq(ask(policy, WANT_READ, dir, "/fixed/x"), ACTION_ALLOW);
	ck_assert_int_eq(ask(policy, WANT_WRITE, dir, "/fixed/x"), ACTION_DENY);
	ck_assert_int_eq(ask(policy, WANT_CHANGE, dir, "/fixed"), ACTION_DENY);
	ck_assert_int_eq(ask(policy, WANT_READ, dir, "/a/secret"), ACTION_HIDE);
	ck_assert_int_eq(ask(policy, WANT_WRITE, dir, "/a/secret"), ACTION_DENY);
	ck_assert_int_eq(ask(policy, WANT_READ, dir, "/log/x"), ACTION_DENY);
	ck_assert_int_eq(ask(policy, WANT_WRITE, dir, "x"), ACTION_DENY);
	ck_assert_str_eq(policy_match(policy, dir, strlen(dir))->rule.id, "write");
	policy_free(policy);
	rmdir(dir);
}
END_TEST

START_TEST(test_of_equal_rules_the_one_that_lets_write_wins_and_a_hidden_one_over_both)
{
	char dir[] = "/tmp/proctor-write-XXXXXX";
	struct policy *policy;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	policy = policy_in(dir, "read: [\"%s\"]\nwrite: [\"%s/**\"]\n");
	ck_assert_int_eq(ask(policy, WANT_CHANGE, dir, "/a"), ACTION_ALLOW);
	policy_free(policy);
	policy = policy_in(dir, "hide: [\"%s\"]\nwrite: [\"%s/\"]\n");
	ck_assert_int_eq(ask(policy, WANT_CHANGE, dir, "/a"), ACTION_DENY);
	ck_assert_int_eq(ask(policy, WANT_READ, dir, "/a"), ACTION_HIDE);
	policy_free(policy);
	rmdir(dir);
}
END_TEST

START_TEST(test_names_are_bound_that_other_rules_speak_of_or_lead_through)
{
	char dir[] = "/tmp/proctor-write-XXXXXX";
	struct policy *policy;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	policy = policy_in(dir, "write: [\"%s\"]\nread: [\"%s/a/fixed\"]\nhide: [\"%s/b/*/secret\", \"%s/c/x*\"]\n");
	ck_assert(bound(policy, dir, ""));
	ck_assert(bound(policy, dir, "/a"));
	ck_assert(bound(policy, dir, "/a/fixed"));
	ck_assert(bound(policy, dir, "/b"));
	ck_assert(bound(policy, dir, "/b/any"));
	ck_assert(bound(policy, dir, "/c"));
	ck_assert(!bound(policy, dir, "/d"));
	ck_assert(!bound(policy, dir, "/a/other"));
	ck_assert(!bound(policy, dir, "/b/any/thing"));
	ck_assert(!bound(policy, dir, "/c/y"));
	policy_free(policy);
	rmdir(dir);
}
END_TEST

START_TEST(test_write_rules_that_cannot_be_are_told)
{
	static const struct {
		const char *rule, *message;
	} wrong[] = {
		{ "/pt/none", "there is no such directory" }, { "/etc/passwd", "this is not a directory" },
		{ "/", "names one directory" },		      { "/**", "names one directory" },
		{ "/tmp/*", "without wildcards" },	      { "/dev", "only null" },
		{ "/sys/class", "kernel's own files" },	      { "/proc", "only single files" },
		{ "rel", "relative" },			      { "%{scratch}/x", "unknown %" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_free_ char *text = xasprintf("version: 1\nwrite: \"%s\"\n", wrong[i].rule);
		_cleanup_free_ char *messages = refused(text);

		ck_assert_msg(strstr(messages, wrong[i].message) != NULL, "%s: %s", wrong[i].rule, messages);
	}
	free(refused("version: 1\nread: \"%{scratch}\"\n"));
}
END_TEST

static const char *give_scratch(void *arg, const struct scratch_size *size, bool *ret_counts)
{
	*ret_counts = true;
	ck_assert_uint_eq(size->bytes, SCRATCH_BYTES_DEFAULT);
	ck_assert_uint_eq(size->files, SCRATCH_FILES_DEFAULT);
	++*(int *)arg;
	return "/pt/made";
}

START_TEST(test_the_scratch_is_made_once_and_only_for_a_policy_that_is_right)
{
	static const char good[] = "version: 1\nwrite: [\"%{scratch}\", \"%{scratch}\"]\n", bad[] = "version: 2\nwrite: \"%{scratch}\"\n";
	int made = 0;
	const struct policy_context context = { .make_scratch = give_scratch, .scratch_arg = &made };
	_cleanup_buf_ struct buf messages = { 0 }, shown = { 0 };
	struct policy *policy = NULL;

	ck_assert_int_eq(policy_load_text(bad, strlen(bad), "t.yaml", &context, &policy, &messages), -EINVAL);
	ck_assert_int_eq(made, 0);
	ck_assert_int_eq(policy_load_text(good, strlen(good), "t.yaml", &context, &policy, &messages), 0);
	ck_assert_int_eq(made, 1);
	ck_assert_int_eq(ask(policy, WANT_CHANGE, "/pt", "/made/x"), ACTION_ALLOW);
	policy_show(policy, &shown);
	/* The same for every run: the policy's hash is made from it. */
	ck_assert_ptr_nonnull(strstr(shown.data, "write:\n  - \"%{scratch}\"  # t.yaml:2:9\n"));
	ck_assert_ptr_null(strstr(shown.data, "/pt/made"));
	policy_free(policy);
}
END_TEST

/* What it costs to decide PATH. */
static size_t steps_of(const struct policy *p, const char *path)
{
	struct match match;

	match_path(p, path, strlen(path), &match);
	return match.steps;
}

/* What it costs to decide each of a hundred names under N rules, of trees, of files and of hidden names by turns. */
static size_t steps_with(int n)
{
	struct buf text = { 0 };
	struct policy *p;
	size_t steps = 0;
	int i;

	buf_puts(&text, "version: 1\nread: [");
	for (i = 0; i < n; i++)
		buf_printf(&text, "%s/pt/d%d/%s", i ? ", " : "", i % 100, i % 2 ? "t" : "f");
	for (i = 0; i < n; i++)
		buf_printf(&text, ", /pt/d%d/n%d", i % 100, i);
	buf_puts(&text, "]\nhide: [/pt/x]\n");
	p = accepted(text.data, NULL);
	for (i = 0; i < 100; i++) {
		_cleanup_free_ char *path = xasprintf("/pt/d%d/t/a/b", i % 10);

		steps += steps_of(p, path);
	}
	policy_free(p);
	buf_fini(&text);
	return steps;
}

/* The same under N patterns, of a number between BEFORE and AFTER. */
static size_t steps_with_patterns(const char *before, const char *after, int n)
{
	struct buf text = { 0 };
	struct policy *p;
	size_t steps = 0;
	int i;

	buf_puts(&text, "version: 1\nread: [");
	for (i = 0; i < n; i++)
		buf_printf(&text, "%s\"/pt/%s%05d%s\"", i ? ", " : "", before, i, after);
	buf_puts(&text, "]\n");
	p = accepted(text.data, NULL);
	for (i = 0; i < 100; i++) {
		_cleanup_free_ char *path = xasprintf("/pt/x/y%05dx.txt", i % n), *other = xasprintf("/pt/%05d.y", i % n);

		steps += steps_of(p, path) + steps_of(p, other);
	}
	policy_free(p);
	buf_fini(&text);
	return steps;
}

START_TEST(test_ten_thousand_patterns_cost_no_more_than_twice_what_ten_do)
{
	/* Whatever is fixed: the beginning, the end, both, what comes later, or only the middle of what comes first. */
	static const char *const patterns[][2] = { { "", "*" }, { "*", "" }, { "x*.", "" }, { "", "?.y" },
						   { "*/y", "x.txt" }, { "?/y", "*" }, { "*/*/a", "/**" }, { "", "?/b*" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		size_t few = steps_with_patterns(patterns[i][0], patterns[i][1], 10);
		size_t many = steps_with_patterns(patterns[i][0], patterns[i][1], 10000);

		ck_assert_uint_gt(few, 100);
		ck_assert_msg(many <= 2 * few, "%s0%s: %zu steps, and %zu with few rules", patterns[i][0], patterns[i][1], many,
			      few);
	}
}
END_TEST

START_TEST(test_ten_thousand_rules_cost_no_more_than_twice_what_ten_do)
{
	size_t few = steps_with(10), many = steps_with(5000);

	ck_assert_uint_gt(few, 100);
	ck_assert_msg(many <= 2 * few, "%zu steps, and %zu with few rules", many, few);
}
END_TEST

int main(void)
{
	const char *seed = getenv("PROCTOR_TEST_SEED");
	Suite *suite = suite_create("policy_match");
	TCase *tests = tcase_create("match");

	state = seed ? strtoull(seed, NULL, 0) | 1 : 0x9e3779b97f4a7c15ull;
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, test_match_agrees_with_a_naive_reference_on_random_rules);
	tcase_add_test(tests, test_no_hidden_name_in_a_listing_is_overlooked);
	tcase_add_test(tests, test_a_prefix_of_a_name_is_not_a_parent);
	tcase_add_test(tests, test_a_wildcard_never_matches_a_slash);
	tcase_add_test(tests, test_many_stars_take_no_exponential_time);
	tcase_add_test(tests, test_root_can_be_granted_but_not_proc_dev_and_the_kernel);
	tcase_add_test(tests, test_passages_are_seen_through_hidden_trees_but_not_listed);
	tcase_add_test(tests, test_python_caches_are_read_only_not_refused);
	tcase_add_test(tests, test_execution_is_not_reading);
	tcase_add_test(tests, test_kill_has_no_errno_and_names_the_rule);
	tcase_add_test(tests, test_nearest_is_the_grant_with_the_longest_common_beginning);
	tcase_add_test(
		tests,
		test_hidden_working_directory_hides_its_parents_too_unless_they_are_passages);
	tcase_add_test(tests, test_working_directory_is_hidden_only_where_no_rule_speaks_of_it);
	tcase_add_test(tests, test_a_never_rule_beats_a_more_specific_read_rule_of_a_lower_layer);
	tcase_add_test(tests, test_the_time_of_a_decision_does_not_grow_with_the_number_of_rules);
	tcase_add_test(tests, test_a_write_rule_grants_all_but_what_a_deeper_rule_says);
	tcase_add_test(tests, test_of_equal_rules_the_one_that_lets_write_wins_and_a_hidden_one_over_both);
	tcase_add_test(tests, test_names_are_bound_that_other_rules_speak_of_or_lead_through);
	tcase_add_test(tests, test_write_rules_that_cannot_be_are_told);
	tcase_add_test(tests, test_ten_thousand_rules_cost_no_more_than_twice_what_ten_do);
	tcase_add_test(tests, test_ten_thousand_patterns_cost_no_more_than_twice_what_ten_do);
	tcase_add_test(tests, test_the_scratch_is_made_once_and_only_for_a_policy_that_is_right);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
