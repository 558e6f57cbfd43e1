/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/policy_text.h"
#include "tests/unit/suite.h"

/* Every mistake and where it is said to be. */
static const struct {
	const char *text, *message;
} mistakes[] = {
	{ "", "t.yaml: empty policy" },
	{ "name: x\n", "t.yaml:1:1: version is missing" },
	{ "version: 2\n", "t.yaml:1:10: version must be 1" },
	{ "version: [1]\n", "t.yaml:1:10: version must be text, not a list" },
	{ "version: 1\nread: no\n", "t.yaml:2:7: \"no\" is relative" },
	{ "version: 1\nread: {a: b}\n", "t.yaml:2:7: read must be a list" },
	{ "version: 1\nraed: []\n",
	  "t.yaml:2:1: unknown key \"raed\" (known: version, name, extends, on_deny, read" },
	{ "version: 1\nname: a\nname: b\n", "t.yaml:3:1: duplicate key \"name\"" },
	{ "version: 1\nname: \"\"\n", "t.yaml:2:7: name must have" },
	{ "version: 1\nname: \"a\\nb\"\n", "t.yaml:2:7: name must have" },
	{ "version: 1\nread: &x [/pt]\n", "t.yaml:2:7: anchors are not allowed" },
	{ "version: 1\nread: [*x]\n", "t.yaml:2:8: aliases are not allowed" },
	{ "version: 1\nread: [!!str /pt]\n", "t.yaml:2:8: tags are not allowed" },
	{ "version: 1\nname: !foo bar\n", "t.yaml:2:7: tags are not allowed" },
	{ "%TAG ! tag:x,2000:\n---\nversion: 1\n", "tags are not allowed" },
	{ "version: 1\n---\nversion: 1\n", "t.yaml:2:1: more than one document" },
	{ "version: 1\nread:\n  - /pt/a b\n", "t.yaml:3:5: a path with a space must be quoted" },
	{ "version: 1\nread:\n  - pt/a\n", "t.yaml:3:5: \"pt/a\" is relative" },
	{ "version: 1\nread:\n  - \"\"\n", "t.yaml:3:5: empty path" },
	{ "version: 1\nread:\n  - {a: b}\n", "t.yaml:3:5: a path must be text, not a mapping" },
	{ "version: 1\nread:\n  - \"/pt/\\0x\"\n", "t.yaml:3:5: NUL character in a path" },
	{ "version: 1\nread:\n  - \"/pt/\\tx\"\n", "t.yaml:3:5: control character in a path" },
	{ "version: 1\nread:\n  - \"/pt/%{home}\"\n", "t.yaml:3:5: unknown %" },
	{ "version: 1\nread:\n  - /pt/50%\n", "t.yaml:3:5: unknown %" },
	{ "version: 1\nread:\n  - /pt/**/x\n", "t.yaml:3:5: ** must be the whole last component" },
	{ "version: 1\nread:\n  - /pt/a**\n", "t.yaml:3:5: ** must be the whole last component" },
	{ "version: 1\nread:\n  - /pt/***\n", "t.yaml:3:5: ** must be the whole last component" },
	{ "version: 1\nread:\n  - /pt/*/../x\n",
	  "t.yaml:3:5: \".\" and \"..\" cannot follow a wildcard" },
	{ "version: 1\nread:\n  - /pt/x/../y\n",
	  "t.yaml:3:5: \"..\" follows a component that is not" },
	{ "version: 1\nread: [/proc/self/maps]\n",
	  "t.yaml:2:8: /proc/self/maps: files of a process" },
	{ "version: 1\nread: [/proc/thread-self]\n",
	  "t.yaml:2:8: /proc/thread-self: files of a process" },
	{ "version: 1\nread: [/proc/1/environ]\n",
	  "t.yaml:2:8: /proc/1/environ: files of a process" },
	{ "version: 1\nread: [/proc/mounts]\n", "t.yaml:2:8: /proc/mounts: files of a process" },
	{ "version: 1\nread: [/proc]\n", "t.yaml:2:8: /proc: beneath /proc only single files" },
	{ "version: 1\nread: [\"/proc/*/maps\"]\n", "beneath /proc only single files" },
	{ "version: 1\nread: [/proc/sys/**]\n", "beneath /proc only single files" },
	{ "version: 1\nread: [/dev]\n", "t.yaml:2:8: /dev: of /dev only null" },
	{ "version: 1\nread: [/dev/stdin]\n", "files of a process cannot be granted" },
	{ "version: 1\nread: [/dev/mem]\n", "of /dev only null" },
	{ "version: 1\nread: [\"/sys/kernel/**\"]\n", "beneath /sys/kernel only single files" },
	{ "version: 1\nextends: pure\n",
	  "t.yaml:2:10: extends must be builtin:python or builtin:pure" },
	{ "version: 1\non_deny: errno:EFOO\n", "t.yaml:2:10: on_deny must be kill or errno:NAME" },
	{ "version: 1\non_deny: EACCES\n", "t.yaml:2:10: on_deny must be" },
	{ "version: 1\nlimits: 3\n", "t.yaml:2:9: limits must be a mapping" },
	{ "version: 1\nlimits: {cpu: 2 apples}\n", "t.yaml:2:15: cpu must be a time such as" },
	{ "version: 1\nlimits: {cpu: 0}\n",
	  "t.yaml:2:15: cpu must be a time such as 2s or 500ms in range" },
	{ "version: 1\nlimits: {memory: 256}\n", "t.yaml:2:18: memory must have a unit: B, KiB" },
	{ "version: 1\nlog: {max: 1000}\n", "t.yaml:2:12: max must have a unit: B, KiB" },
	{ "version: 1\nlimits: {cpu: -1s}\n", "t.yaml:2:15: cpu must be" },
	{ "version: 1\nlimits: {memory: 99999999TiB}\n",
	  "t.yaml:2:18: memory must be a size such as 256MiB in range" },
	{ "version: 1\nlimits: {tasks: 1.5}\n", "t.yaml:2:17: tasks must be a number" },
	{ "version: 1\nlimits: {disk: 1}\n", "t.yaml:2:10: unknown key \"disk\"" },
	{ "version: 1\nlog: {calls: some}\n",
	  "t.yaml:2:14: calls must be denied, brokered or all" },
	{ "version: 1\nlog: {on_full: stop}\n", "t.yaml:2:16: on_full must be kill or drop" },
	{ "version: 1\nlog: {max: big}\n", "t.yaml:2:12: max must be a size" },
	{ "version: 1\nnever: [Bpf]\n",
	  "t.yaml:2:9: never takes names of system calls, groups of them, and absolute paths" },
	{ "version: 1\nnever: [exit_group]\n",
	  "t.yaml:2:9: never: exit_group cannot be forbidden: no program ends without it" },
	{ "version: 1\nnever: [bpf, rt_sigreturn]\n",
	  "t.yaml:2:14: never: rt_sigreturn cannot be forbidden: no signal handler returns" },
	{ "version: 1\nrefuse: [/etc/passwd]\n", "t.yaml:2:10: refuse takes names of system calls and groups of them" },
	{ "version: 1\nrefuse: [\"@netwerk\"]\n", "t.yaml:2:10: refuse: there is no group @netwerk" },
	{ "version: 1\nrefuse: [\"@other\"]\n", "t.yaml:2:10: refuse: there is no group @other" },
	{ "version: 1\nrefuse: [exit]\n", "t.yaml:2:10: refuse: exit cannot be forbidden" },
	{ "version: 1\nnever: [\"@\"]\n", "t.yaml:2:9: never takes names" },
	{ "version: 1\nnever: [etc/passwd]\n", "t.yaml:2:9: \"etc/passwd\" is relative" },
	{ "version: 1\nnever: [/pt/a]\nread: [/pt/a/b]\n",
	  "t.yaml:3:8: /pt/a/b is under never (t.yaml:2:9)" },
	{ "version: 1\nname: [\n", "t.yaml:" },
	{ "version: 1\nname: \x01\n", "t.yaml: byte " },
	{ "version: 1\nname: [[[[[[[[[[a]]]]]]]]]]\n", "t.yaml:2:14: nested too deeply" },
	{ "- version\n", "t.yaml:1:1: a policy must be a mapping" },
	{ "version: 1\n? [a]\n: b\n", "t.yaml:2:3: a key must be text, not a list" },
};

START_TEST(test_parse_says_what_is_wrong_and_where)
{
	char *messages = refused(mistakes[_i].text);

	ck_assert_msg(strstr(messages, mistakes[_i].message), "policy:\n%s\nsaid: %s\nexpected: %s",
		      mistakes[_i].text, messages, mistakes[_i].message);
	free(messages);
}
END_TEST

START_TEST(test_parse_says_several_mistakes_at_once)
{
	char *messages = refused("version: 2\nfoo: 1\nread: [x]\n");

	ck_assert_ptr_nonnull(strstr(messages, "t.yaml:1:10:"));
	ck_assert_ptr_nonnull(strstr(messages, "t.yaml:2:1:"));
	ck_assert_ptr_nonnull(strstr(messages, "t.yaml:3:8:"));
	free(messages);
}
END_TEST

START_TEST(test_parse_stops_saying_after_twenty_mistakes)
{
	struct buf text = { 0 };
	char *messages, *p;
	int i, lines = 0;

	buf_puts(&text, "version: 1\nread:\n");
	for (i = 0; i < 1000; i++)
		buf_puts(&text, "  - relative\n");
	messages = refused(text.data);
	for (p = messages; (p = strchr(p, '\n')); p++)
		lines++;
	ck_assert_int_eq(lines, 21);
	free(messages);
	buf_fini(&text);
}
END_TEST

START_TEST(test_parse_bounds_the_number_of_rules)
{
	struct buf text = { 0 };
	char *messages;
	int i;

	buf_puts(&text, "version: 1\nread:\n");
	for (i = 0; i < 16385; i++)
		buf_printf(&text, "  - /pt/%d\n", i);
	messages = refused(text.data);
	ck_assert_ptr_nonnull(strstr(messages, "t.yaml:16387:5: more than 16384 rules"));
	free(messages);
	buf_fini(&text);
}
END_TEST

START_TEST(test_parse_refuses_more_than_a_mebibyte)
{
	struct buf text = { 0 }, messages = { 0 };
	struct policy *policy = NULL;

	buf_puts(&text, "version: 1\n#");
	while (text.len <= 1u << 20)
		buf_puts(&text,
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	ck_assert_int_eq(
		policy_load_text(text.data, text.len, "t.yaml", &test_context, &policy, &messages),
		-EINVAL);
	ck_assert_str_eq(messages.data, "t.yaml: longer than 1048576 bytes\n");
	buf_fini(&text);
	buf_fini(&messages);
}
END_TEST

START_TEST(test_parse_reads_every_key)
{
	struct policy *p = accepted(
		"version: 1\n"
		"name: everything\n"
		"on_deny: errno:ENOENT\n"
		"read: [/pt/a]\n"
		"hide: [/pt/b]\n"
		"limits: {cpu: 2s, wall: 1500ms, memory: 256MiB, output: 0, tasks: 4, files: 32}\n"
		"log: {calls: all, max: 32MiB, on_full: drop}\n"
		"never: [bpf, /pt/c]\n",
		NULL);
	struct decision decision;

	ck_assert_str_eq(p->name, "everything");
	ck_assert_int_eq(p->deny_action, ACTION_DENY);
	ck_assert_int_eq(p->deny_errno, ENOENT);
	ck_assert_str_eq(p->on_deny.ref, "t.yaml:3:1");
	ck_assert_uint_eq(p->limits.cpu_ns, 2000000000u);
	ck_assert_uint_eq(p->limits.wall_ns, 1500000000u);
	ck_assert_uint_eq(p->limits.memory_bytes, 256u << 20);
	ck_assert_uint_eq(p->limits.output_bytes, 0);
	ck_assert_uint_eq(p->limits.tasks, 4);
	ck_assert_uint_eq(p->limits.files, 32);
	ck_assert_str_eq(p->limits.ref[LIMIT_CPU], "t.yaml:6:15");
	ck_assert_int_eq(p->log_calls, LOG_ALL);
	ck_assert_uint_eq(p->log_max, 32u << 20);
	ck_assert_int_eq(p->log_on_full, LOG_FULL_DROP);
	ck_assert(policy_decide_syscall(p, "bpf", TOPIC_NONE, &decision));
	ck_assert_int_eq(decision.action, ACTION_DENY);
	ck_assert_int_eq(decision.err, ENOENT);
	ck_assert(decision.violation);
	ck_assert_str_eq(decision.rule.ref, "t.yaml:8:9");
	ck_assert(!policy_decide_syscall(p, "bp", TOPIC_NONE, &decision));
	ck_assert(!policy_decide_syscall(p, "read", TOPIC_NONE, &decision));
	ck_assert_int_eq(policy_decide_path(p, WANT_READ, "/pt/c/d", 7).rule.kind, RULE_NEVER);
	ck_assert_int_ne(policy_decide_path(p, WANT_READ, "/pt/d", 5).rule.kind, RULE_NEVER);
	policy_free(p);
}
END_TEST

START_TEST(test_parse_leaves_defaults_where_nothing_is_said)
{
	struct policy *p = accepted("version: 1\n", NULL);

	ck_assert_str_eq(p->name, "t.yaml");
	ck_assert_int_eq(p->deny_action, ACTION_DENY);
	ck_assert_int_eq(p->deny_errno, EACCES);
	ck_assert_uint_eq(p->limits.cpu_ns, UINT64_MAX);
	ck_assert_uint_eq(p->limits.tasks, UINT64_MAX);
	ck_assert_int_eq(p->log_calls, LOG_BROKERED);
	ck_assert_uint_eq(p->log_max, LOG_MAX_DEFAULT);
	policy_free(p);
}
END_TEST

START_TEST(test_parse_reads_scalars_as_text_never_as_yaml_booleans)
{
	struct policy *p =
		accepted("version: 1\nname: no\nread: [/pt/on, /pt/~, /pt/0x10]\n", NULL);

	ck_assert_str_eq(p->name, "no");
	ck_assert_ptr_nonnull(policy_match(p, "/pt/on", 6));
	ck_assert_ptr_nonnull(policy_match(p, "/pt/~", 5));
	ck_assert_ptr_nonnull(policy_match(p, "/pt/0x10", 8));
	policy_free(p);
}
END_TEST

START_TEST(test_parse_reads_json)
{
	struct policy *p =
		accepted("{\"version\": 1, \"read\": [\"/pt/a b\"], \"on_deny\": \"kill\"}", NULL);

	ck_assert_ptr_nonnull(policy_match(p, "/pt/a b", 7));
	ck_assert_int_eq(p->deny_action, ACTION_KILL);
	policy_free(p);
}
END_TEST

START_TEST(test_extending_pure_grants_the_submission_and_bounds_tasks_and_files)
{
	struct policy *p =
		accepted("version: 1\nextends: builtin:pure\nlimits: {files: none}\n", NULL);

	ck_assert_ptr_nonnull(policy_match(p, "/pt/submission/x", 16));
	ck_assert_uint_eq(p->limits.tasks, 256);
	ck_assert_str_eq(p->limits.ref[LIMIT_TASKS], "builtin:pure");
	ck_assert_uint_eq(p->limits.files, UINT64_MAX);
	policy_free(p);
}
END_TEST

START_TEST(test_submission_is_substituted_and_its_wildcards_are_literal)
{
	struct policy_context context = { .submission = "/pt/s*b" };
	static const char text[] = "version: 1\nread: [\"%{submission}/d%%\"]\n";
	struct buf messages = { 0 };
	struct policy *p;

	ck_assert_int_eq(policy_load_text(text, strlen(text), "t.yaml", &context, &p, &messages),
			 0);
	ck_assert_ptr_nonnull(policy_match(p, "/pt/s*b/d%", 10));
	ck_assert_ptr_null(policy_match(p, "/pt/sxb/d%", 10));
	ck_assert_str_eq(p->grants[0]->text, "/pt/s%*b/d%%");
	policy_free(p);
	buf_fini(&messages);
}
END_TEST

START_TEST(test_submission_without_a_script_is_an_error_except_for_lint)
{
	struct policy_context context = { 0 };
	static const char text[] = "version: 1\nread: [\"%{submission}\"]\nextends: builtin:python\n";
	struct buf messages = { 0 };
	struct policy *p;

	ck_assert_int_eq(policy_load_text(text, strlen(text), "t.yaml", &context, &p, &messages),
			 -EINVAL);
	ck_assert_ptr_nonnull(
		strstr(messages.data, "t.yaml:2:8: %{submission} has no meaning here"));
	buf_clear(&messages);
	context.lint = true;
	ck_assert_int_eq(policy_load_text(text, strlen(text), "t.yaml", &context, &p, &messages),
			 0);
	ck_assert_uint_eq(messages.len, 0);
	policy_free(p);
	buf_fini(&messages);
}
END_TEST

START_TEST(test_a_submission_of_the_whole_system_is_left_out)
{
	struct policy_context context = { .submission = "/" };
	static const char text[] = "version: 1\nextends: builtin:pure\n";
	struct buf messages = { 0 };
	struct policy *p;

	ck_assert_int_eq(policy_load_text(text, strlen(text), "t.yaml", &context, &p, &messages),
			 0);
	ck_assert_ptr_nonnull(strstr(messages.data, "left out"));
	ck_assert_ptr_null(policy_match(p, "/etc/passwd", 11));
	policy_free(p);
	buf_fini(&messages);
}
END_TEST

/* ------------------------------------------------------------------ against real files */

static char dir[64];

static void make_files(void)
{
	strcpy(dir, "/tmp/check-policy-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(mkdir("real", 0755), 0);
	ck_assert_int_eq(mkdir("real/sub", 0755), 0);
	ck_assert_int_eq(close(open("real/file", O_CREAT | O_WRONLY, 0644)), 0);
	ck_assert_int_eq(close(open("real/st*r", O_CREAT | O_WRONLY, 0644)), 0);
	ck_assert_int_eq(symlink("real", "link"), 0);
	ck_assert_int_eq(symlink("link/file", "far"), 0);
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	ck_assert_int_eq(symlink("/proc/self/environ", "environ"), 0);
}

static void remove_files(void)
{
	static const char *const names[] = { "environ",	  "loop",      "far",	   "link",
					     "real/st*r", "real/file", "real/sub", "real" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_int_eq(remove(names[i]), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* A policy of one list with one path, "%s" standing for the directory. */
static struct policy *one_rule(const char *list, const char *path, char **ret_warnings)
{
	char *text = xasprintf("version: 1\n%s: [\"%s%s\"]\n", list, dir, path);
	struct policy *policy = accepted(text, ret_warnings);

	free(text);
	return policy;
}

static bool reads(const struct policy *policy, const char *path)
{
	char *full = xasprintf("%s%s", dir, path);
	struct decision d = policy_decide_path(policy, WANT_READ, full, strlen(full));

	free(full);
	return d.action == ACTION_ALLOW;
}

START_TEST(test_a_grant_through_a_symlink_is_canonical_and_remembers_the_link)
{
	struct policy *p = one_rule("read", "/link/sub", NULL);
	char *link = xasprintf("%s/link", dir);
	const struct policy_link *found = policy_link_at(p, link, strlen(link));

	ck_assert(reads(p, "/real/sub/x"));
	ck_assert(!reads(p, "/link/sub/x"));
	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->target, "real");
	ck_assert_int_eq(policy_decide_path(p, WANT_LOOKUP, link, strlen(link)).action,
			 ACTION_ALLOW);
	ck_assert_int_eq(policy_decide_path(p, WANT_READ, link, strlen(link)).action, ACTION_DENY);
	policy_free(p);
	free(link);
}
END_TEST

START_TEST(test_links_of_links_are_all_remembered)
{
	struct policy *p = one_rule("read", "/far", NULL);

	ck_assert(reads(p, "/real/file"));
	ck_assert(!reads(p, "/real/other"));
	ck_assert_uint_eq(p->n_links, 2);
	policy_free(p);
}
END_TEST

/* Where PATH, beneath the test's directory, leads by the links that P records; the caller frees it. NULL: there is none. */
static char *crossed(const struct policy *p, const char *path)
{
	char *full = xasprintf("%s%s", dir, path), *beyond = policy_cross_links(p, full);

	free(full);
	return beyond;
}

START_TEST(test_recorded_links_are_crossed_without_a_look)
{
	struct policy *p = one_rule("read", "/far", NULL);
	char *expected = xasprintf("%s/real/file", dir), *deeper = xasprintf("%s/real/absent/x", dir);
	char *far = crossed(p, "/far"), *link = crossed(p, "/./link//nothing/../absent/x"), *none = crossed(p, "/real/file");

	ck_assert_str_eq(far, expected);
	ck_assert_str_eq(link, deeper);
	ck_assert_ptr_null(none);
	policy_free(p);
	free(expected);
	free(deeper);
	free(far);
	free(link);
}
END_TEST

START_TEST(test_a_directory_grants_its_tree_and_a_file_itself)
{
	struct policy *p = one_rule("read", "/real", NULL);

	ck_assert(reads(p, "/real"));
	ck_assert(reads(p, "/real/sub/deep/er"));
	ck_assert(!reads(p, "/realer"));
	policy_free(p);
	p = one_rule("read", "/real/file", NULL);
	ck_assert(reads(p, "/real/file"));
	ck_assert(!reads(p, "/real/file/x"));
	ck_assert_int_eq(p->grants[0]->shape, GRANT_EXACT);
	ck_assert_str_eq(strrchr(p->grants[0]->root, '/'), "/real");
	policy_free(p);
}
END_TEST

START_TEST(test_a_trailing_slash_grants_the_directory_alone)
{
	char *warnings;
	struct policy *p = one_rule("read", "/real/", &warnings);

	ck_assert(reads(p, "/real"));
	ck_assert(!reads(p, "/real/file"));
	ck_assert_str_eq(warnings, ""); /* explain proposes it */
	ck_assert_str_eq(p->grants[0]->root, p->grants[0]->path);
	free(warnings);
	policy_free(p);
}
END_TEST

START_TEST(test_a_path_that_does_not_exist_warns)
{
	char *warnings;
	struct policy *p = one_rule("read", "/link/absent/x", &warnings);

	ck_assert_ptr_nonnull(strstr(warnings, "t.yaml:2:8: warning: "));
	ck_assert_ptr_nonnull(strstr(warnings, "/link/absent/x does not exist"));
	ck_assert(reads(p, "/real/absent/x"));
	free(warnings);
	policy_free(p);
}
END_TEST

START_TEST(test_a_link_loop_is_an_error)
{
	char *text = xasprintf("version: 1\nread: [%s/loop]\n", dir), *messages = refused(text);

	ck_assert_ptr_nonnull(strstr(messages, "Too many levels of symbolic links"));
	free(messages);
	free(text);
}
END_TEST

START_TEST(test_a_link_into_proc_self_cannot_be_granted)
{
	char *text = xasprintf("version: 1\nread: [%s/environ]\n", dir), *messages = refused(text);

	ck_assert_ptr_nonnull(strstr(messages, "files of a process cannot be granted"));
	free(messages);
	free(text);
}
END_TEST

START_TEST(test_hiding_a_link_hides_it_and_what_it_leads_to)
{
	char *text = xasprintf("version: 1\nread: [%s]\nhide: [%s/link]\n", dir, dir);
	struct policy *p = accepted(text, NULL);
	char *link = xasprintf("%s/link", dir);

	ck_assert(!reads(p, "/real/file"));
	ck_assert_int_eq(policy_decide_path(p, WANT_LOOKUP, link, strlen(link)).action,
			 ACTION_HIDE);
	policy_free(p);
	free(text);
	free(link);
}
END_TEST

static struct policy *with_r(const char *path, int expected, struct buf *messages)
{
	const char *read[] = { path };
	struct policy_context context = { .read = read, .n_read = 1 };
	static const char text[] = "version: 1\n";
	struct policy *p = NULL;

	ck_assert_int_eq(policy_load_text(text, strlen(text), "t.yaml", &context, &p, messages),
			 expected);
	return p;
}

START_TEST(test_r_takes_relative_paths_and_ignores_a_trailing_slash)
{
	struct buf messages = { 0 };
	struct policy *p = with_r("link/../real/", 0, &messages);

	ck_assert(reads(p, "/real/sub/x"));
	ck_assert_uint_eq(messages.len, 0);
	ck_assert_str_eq(p->grants[0]->rule.ref, "-r");
	policy_free(p);
	p = with_r("real/s*", 0, &messages);
	ck_assert(reads(p, "/real/sub"));
	ck_assert(reads(p, "/real/st*r"));
	policy_free(p);
	buf_fini(&messages);
}
END_TEST

START_TEST(test_r_takes_a_path_that_exists_literally)
{
	struct buf messages = { 0 };
	struct policy *p = with_r("real/st*r", 0, &messages);

	ck_assert(reads(p, "/real/st*r"));
	ck_assert(!reads(p, "/real/star"));
	policy_free(p);
	with_r("/proc/self", -EINVAL, &messages);
	ck_assert_ptr_nonnull(strstr(messages.data, "-r: /proc/self: files of a process"));
	buf_fini(&messages);
}
END_TEST

START_TEST(test_show_loads_to_the_same_decisions)
{
	static const char *const paths[] = { "/real", "/real/file", "/real/sub/x", "/link",
					     "/h/x",  "/p/q/r",	    "/star*",	   "/" };
	char *text = xasprintf("version: 1\nname: \"a: b\"\non_deny: errno:EPERM\nread: [%s/link, "
			       "\"%s/p/?/*\", \"%s/star%%*\"]\n"
			       "hide: [%s/h]\nlimits: {cpu: 1500ms, memory: 300KiB, tasks: "
			       "3}\nnever: [bpf, %s/n]\n",
			       dir, dir, dir, dir, dir);
	struct policy *p = accepted(text, NULL), *q;
	struct buf shown = { 0 };
	size_t i;

	policy_show(p, &shown);
	q = accepted(shown.data, NULL);
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		char *path = xasprintf("%s%s", dir, paths[i]);
		struct decision a = policy_decide_path(p, WANT_READ, path, strlen(path));
		struct decision b = policy_decide_path(q, WANT_READ, path, strlen(path));

		ck_assert_msg(a.action == b.action && a.err == b.err, "%s\n%s", path, shown.data);
		free(path);
	}
	ck_assert_str_eq(q->name, "a: b");
	ck_assert_uint_eq(q->limits.cpu_ns, p->limits.cpu_ns);
	ck_assert_uint_eq(q->limits.memory_bytes, p->limits.memory_bytes);
	policy_free(p);
	policy_free(q);
	buf_fini(&shown);
	free(text);
}
END_TEST

START_TEST(test_load_says_when_there_is_no_such_policy)
{
	struct buf messages = { 0 };
	struct policy *p = NULL;

	ck_assert_int_eq(policy_load("absent", &test_context, &p, &messages), -ENOENT);
	ck_assert_str_eq(
		messages.data,
		"proctor: absent: no such file, and no policy that comes with proctor (proctor policy list)\n");
	buf_clear(&messages);
	ck_assert_int_eq(policy_load("/tmp", &test_context, &p, &messages), -EISDIR);
	ck_assert_str_eq(messages.data, "proctor: /tmp: Is a directory\n");
	buf_clear(&messages);
	ck_assert_int_eq(policy_load("builtin:pure", &test_context, &p, &messages), 0);
	ck_assert_str_eq(p->name, "pure");
	ck_assert_str_eq(p->file, "builtin:pure");
	ck_assert_str_eq(p->text, "");
	ck_assert_str_eq(p->on_deny.ref, "builtin:pure");
	policy_free(p);
	buf_fini(&messages);
}
END_TEST

static const char *examples;

START_TEST(test_shipped_examples_load_without_a_mistake)
{
	static const char *const names[] = { "pure.yaml", "data.yaml", "strict.yaml",
					     "quiet.yaml", "science.yaml", "pytest.yaml" };
	struct policy_context context = { .lint = true };
	struct buf messages = { 0 };
	char *path = xasprintf("%s/%s", examples, names[_i]);
	struct policy *p = NULL;

	ck_assert_msg(policy_load(path, &context, &p, &messages) == 0, "%s",
		      messages.data ? messages.data : "");
	policy_free(p);
	buf_fini(&messages);
	free(path);
}
END_TEST

int main(void)
{
	const char *top = getenv("top_srcdir");
	Suite *suite = suite_create("policy_parse");
	TCase *text = tcase_create("text"), *files = tcase_create("files");

	examples = xasprintf("%s/policy/examples", top ? top : ".");
	tcase_add_loop_test(text, test_parse_says_what_is_wrong_and_where, 0,
			    (int)ARRAY_SIZE(mistakes));
	tcase_add_test(text, test_parse_says_several_mistakes_at_once);
	tcase_add_test(text, test_parse_stops_saying_after_twenty_mistakes);
	tcase_add_test(text, test_parse_bounds_the_number_of_rules);
	tcase_add_test(text, test_parse_refuses_more_than_a_mebibyte);
	tcase_add_test(text, test_parse_reads_every_key);
	tcase_add_test(text, test_parse_leaves_defaults_where_nothing_is_said);
	tcase_add_test(text, test_parse_reads_scalars_as_text_never_as_yaml_booleans);
	tcase_add_test(text, test_parse_reads_json);
	tcase_add_test(text, test_extending_pure_grants_the_submission_and_bounds_tasks_and_files);
	tcase_add_test(text, test_submission_is_substituted_and_its_wildcards_are_literal);
	tcase_add_test(text, test_submission_without_a_script_is_an_error_except_for_lint);
	tcase_add_test(text, test_a_submission_of_the_whole_system_is_left_out);
	tcase_add_test(text, test_load_says_when_there_is_no_such_policy);
	tcase_add_loop_test(text, test_shipped_examples_load_without_a_mistake, 0, 6);
	tcase_add_checked_fixture(files, make_files, remove_files);
	tcase_add_test(files, test_a_grant_through_a_symlink_is_canonical_and_remembers_the_link);
	tcase_add_test(files, test_links_of_links_are_all_remembered);
	tcase_add_test(files, test_recorded_links_are_crossed_without_a_look);
	tcase_add_test(files, test_a_directory_grants_its_tree_and_a_file_itself);
	tcase_add_test(files, test_a_trailing_slash_grants_the_directory_alone);
	tcase_add_test(files, test_a_path_that_does_not_exist_warns);
	tcase_add_test(files, test_a_link_loop_is_an_error);
	tcase_add_test(files, test_a_link_into_proc_self_cannot_be_granted);
	tcase_add_test(files, test_hiding_a_link_hides_it_and_what_it_leads_to);
	tcase_add_test(files, test_r_takes_relative_paths_and_ignores_a_trailing_slash);
	tcase_add_test(files, test_r_takes_a_path_that_exists_literally);
	tcase_add_test(files, test_show_loads_to_the_same_decisions);
	suite_add_tcase(suite, text);
	suite_add_tcase(suite, files);
	return run_suite(suite);
}
