/* SPDX-License-Identifier: Apache-2.0 */
#include "report/learn_writes.h"

#include <check.h>
#include <stdlib.h>

#include "report/diff.h"
#include "report/diff_modules.h"
#include "tests/unit/suite.h"

/* ------------------------------------------------------------------ counting */

static void count(struct tally_table *table, const char *key, uint64_t run, unsigned flags, const char *place)
{
	struct tally_entry entry = { .count = 1, .runs = 1, .first_run = run, .last_run = run, .flags = flags };

	entry.key = xstrdup(key);
	entry.place = place ? xstrdup(place) : NULL;
	tally_add(table, &entry);
}

START_TEST(test_calls_and_runs_are_counted_apart)
{
	struct tally_table table = { 0 };
	const struct tally_entry *entry;

	count(&table, "b", 1, 1, NULL);
	count(&table, "a", 1, 1, NULL);
	count(&table, "b", 1, 2, "first");
	count(&table, "b", 3, 4, "second");
	tally_merge(&table);
	count(&table, "b", 3, 0, NULL);
	tally_merge(&table);
	ck_assert_uint_eq(table.n, 2);
	entry = tally_find(&table, "b");
	ck_assert_ptr_nonnull(entry);
	ck_assert_uint_eq(entry->count, 4);
	ck_assert_uint_eq(entry->runs, 2);
	ck_assert_uint_eq(entry->flags, 7);
	ck_assert_str_eq(entry->place, "first");
	ck_assert_ptr_null(tally_find(&table, "c"));
	tally_fini(&table);
}
END_TEST

START_TEST(test_many_equal_keys_take_little_room)
{
	struct tally_table table = { 0 };
	char key[16];
	size_t i;

	for (i = 0; i < 500000; i++) {
		snprintf(key, sizeof key, "%zu", i % 1000);
		count(&table, key, 1, 0, NULL);
	}
	ck_assert_uint_le(table.cap, 131072);
	tally_merge(&table);
	ck_assert_uint_eq(table.n, 1000);
	ck_assert_uint_eq(tally_find(&table, "7")->count, 500);
	tally_fini(&table);
}
END_TEST

/* ------------------------------------------------------------------ names */

static const struct {
	const char *a, *b;
	bool alike;
} pairs[] = {
	{ "/tmp/tmpab12cd_x", "/tmp/tmpq8z_k01m", true },
	{ "/x/abc123.txt", "/x/zzz987.txt", true },
	{ "/x/3f2a9c41-aa11", "/x/9d0b7e55-bb42", true },
	{ "/tmp/tmpyivclhpb", "/tmp/tmpzxiomrsa", true }, /* by tempfile, and of letters alone by chance */
	{ "/x/yivclhpb", "/x/zxiomrsa", false },
	{ "/same/name", "/same/name", true },
	{ "/x/january", "/x/october", false },
	{ "/x/2024-12-31", "/x/2025-01-05", false },
	{ "/x/100000001", "/x/987654321", false },
	{ "/x/a1", "/x/b2", false },
	{ "/x/tmpab12cd_x", "/y/tmpq8z_k01m", false },
	{ "/x/tmpab12cd_x", "/x/tmpq8z_k01mm", false },
	{ "/x/tmpab12cd_x/f", "/x/tmpq8z_k01m", false },
	{ "/x/tmpab12cd_x/f", "/x/tmpq8z_k01m/f", true },
	{ "/x/tmpab12cd_x/f", "/x/tmpq8z_k01m/g", false },
	{ "/x/ab\xff" "12cd", "/x/zz\xfe" "98kk", false },
};

START_TEST(test_names_drawn_by_lot_are_alike)
{
	ck_assert_msg(diff_names_alike(pairs[_i].a, pairs[_i].b) == pairs[_i].alike, "%s %s", pairs[_i].a, pairs[_i].b);
	ck_assert_msg(diff_names_alike(pairs[_i].b, pairs[_i].a) == pairs[_i].alike, "%s %s", pairs[_i].b, pairs[_i].a);
}
END_TEST

START_TEST(test_what_is_never_a_tree)
{
	static const char *const yes[] = { "/", "/etc", "/etc/ssl/certs", "/proc/1", "/sys", "/dev/shm", "/srv", "/tmp", "/home/x",
					   "/home/x/.ssh", "/home/x/.ssh/deep", "/data/.git/objects", "/root", "/users/me" };
	static const char *const no[] = { "/srv/data", "/home/x/work", "/etcetera/a", "/root/work", "/users/me/work", "/users/meow" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(yes); i++)
		ck_assert_msg(learn_is_protected(yes[i], "/users/me"), "%s", yes[i]);
	for (i = 0; i < ARRAY_SIZE(no); i++)
		ck_assert_msg(!learn_is_protected(no[i], "/users/me"), "%s", no[i]);
}
END_TEST

/* ------------------------------------------------------------------ rules */

static void nothing_there(const char *path, struct learn_seen *ret_seen)
{
	(void)path;
	*ret_seen = (struct learn_seen){ 0 };
}

static void all_there(const char *path, struct learn_seen *ret_seen)
{
	bool directory = strchr(strrchr(path, '/'), '.') == NULL;

	*ret_seen = (struct learn_seen){ .directory = directory, .file = !directory, .real = xstrdup(path) };
}

/* The policy that is made of one fact for each of PATHS. The caller frees. */
static char *policy_of(void (*look)(const char *, struct learn_seen *), unsigned flags, const char *const *paths)
{
	struct learn learn;
	struct buf out = { 0 };

	learn_init(&learn);
	learn.look = look;
	learn.use_submission = true;
	learn.runs = 1;
	for (; *paths; paths++) {
		struct tally_entry fact = { .count = 1, .runs = 1, .first_run = 1, .last_run = 1, .flags = flags };

		fact.key = xasprintf("%08x:%s", 0, *paths);
		fact.at = 9;
		learn_wish(&learn, &fact, "/sub");
		free(fact.key);
	}
	learn_rules(&learn);
	learn_policy(&learn, &out);
	learn_fini(&learn);
	return buf_steal(&out);
}

static bool has(const char *policy, const char *line)
{
	return strstr(policy, line) != NULL;
}

START_TEST(test_rules_are_exact_and_relative_to_the_submission)
{
	_cleanup_free_ char *text = policy_of(all_there, LEARN_READ,
					      (const char *const[]){ "/sub/a.txt", "/sub", "/x/%{submission}/*.txt", "/subway.txt", NULL });

	ck_assert(has(text, "- \"%{submission}/a.txt\"\n"));
	ck_assert(has(text, "- \"%{submission}/\"\n"));
	ck_assert(has(text, "- \"/x/%%{submission}/%*.txt\"\n"));
	ck_assert(has(text, "- \"/subway.txt\"\n"));
}
END_TEST

START_TEST(test_what_is_not_known_to_be_a_file_is_granted_alone)
{
	_cleanup_free_ char *text = policy_of(nothing_there, LEARN_READ, (const char *const[]){ "/srv/what", NULL });

	ck_assert(has(text, "- \"/srv/what/\"\n"));
}
END_TEST

START_TEST(test_siblings_become_a_tree_and_that_one_again)
{
	_cleanup_free_ char *text = policy_of(all_there, LEARN_READ,
					      (const char *const[]){ "/d/x/1.t", "/d/x/2.t", "/d/x/3.t", "/d/x/4.t", "/d/y/1.t",
								     "/d/y/2.t", "/d/y/3.t", "/e/z/1.t", NULL });

	ck_assert(has(text, "- \"/d/x/**\"\n"));
	ck_assert(!has(text, "/d/x/1.t"));
	ck_assert(has(text, "- \"/d/y/1.t\"\n"));
	ck_assert(has(text, "- \"/e/z/1.t\"\n"));
}
END_TEST

START_TEST(test_protected_directories_become_none)
{
	_cleanup_free_ char *text = policy_of(all_there, LEARN_READ,
					      (const char *const[]){ "/etc/ssl/1.t", "/etc/ssl/2.t", "/etc/ssl/3.t", "/etc/ssl/4.t",
								     "/h/.k/1.t", "/h/.k/2.t", "/h/.k/3.t", "/h/.k/4.t", "/s/1.t",
								     "/s/2.t", "/s/3.t", "/s/4.t", NULL });

	ck_assert(!has(text, "**"));
	ck_assert(has(text, "- \"/etc/ssl/4.t\"\n"));
}
END_TEST

START_TEST(test_absent_names_drawn_by_lot_become_a_pattern)
{
	_cleanup_free_ char *text = policy_of(nothing_there, LEARN_ABSENT,
					      (const char *const[]){ "/d/tmpab12cd_x", "/d/tmpq8z_k01m", "/d/tmp9x8y7z6w", "/d/tmpm_n1b2v3",
								     "/d/word", "/d/other", NULL });

	ck_assert(has(text, "- \"/d/tmp\?\?\?\?\?\?\?\?\"\n"));
	ck_assert(has(text, "- \"/d/word\"\n"));
	ck_assert(has(text, "hide:"));
	ck_assert(!has(text, "read:"));
}
END_TEST

START_TEST(test_hostile_names_are_comments)
{
	_cleanup_free_ char *text = policy_of(nothing_there, LEARN_READ,
					      (const char *const[]){ "/a\nread: [/]", "/b/../../etc", "//", "/", "relative", "/c/./d",
								     "/\xff", "/e/", NULL });

	ck_assert(!has(text, "  - "));
	ck_assert(!has(text, "\nread: [/]"));
	ck_assert(has(text, "# Not granted"));
}
END_TEST

/* ------------------------------------------------------------------ runs as wholes */

static const struct {
	const char *path, *file, *directory; /* NULL: none */
} modules[] = {
	{ "/usr/lib/python3.11/json/__pycache__/decoder.cpython-311.pyc", "json.decoder", NULL },
	{ "/usr/lib/python3.11/json/__init__.py", "json", NULL },
	{ "/usr/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so", "_json", NULL },
	{ "/opt/lib64/python3.13/site-packages/a/lib/python3.9/b/c.pyc", "b.c", NULL },
	{ "/usr/lib/python3/dist-packages/yaml/__init__.py", "yaml", NULL },
	{ "/usr/lib/python3.11/os.py", "os", NULL },
	{ "/usr/lib/python3.11/__init__.py", NULL, NULL },
	{ "/usr/lib/python3.11/LICENSE.txt", NULL, NULL },
	{ "/usr/lib/python3.11/a.py/secret", NULL, NULL },
	{ "/usr/lib/python3.11", NULL, "" },
	{ "/usr/lib/python3.11/lib-dynload", NULL, "" },
	{ "/usr/lib/python3.11/json/__pycache__", NULL, "json" },
	{ "/usr/lib/pythons/os.py", NULL, NULL },
	{ "/usr/python3.11/os.py", NULL, NULL },
	{ "/usr/lib/x86_64-linux-gnu/libssl.so", NULL, NULL },
	{ "", NULL, NULL },
	{ "lib/python3.11/os.py", NULL, NULL },
};

START_TEST(test_files_of_modules_are_known)
{
	_cleanup_buf_ struct buf name = { 0 };
	const char *path = modules[_i].path;

	ck_assert_msg(module_of_file(path, &name) == !!modules[_i].file, "%s", path);
	ck_assert_str_eq(name.len ? name.data : "", modules[_i].file ? modules[_i].file : "");
	buf_clear(&name);
	if (modules[_i].file)
		return;
	ck_assert_msg(module_of_directory(path, &name) || !modules[_i].directory, "%s", path);
	if (modules[_i].directory)
		ck_assert_str_eq(name.len ? name.data : "", modules[_i].directory);
}
END_TEST

/* A profile of samples in lines 1, 2 and so on of the program. */
static void take_samples(struct diff_profile *profile, const struct run_info *run, const int *samples, size_t n)
{
	json_t *record = json_pack("{s:{s:[]}}", "profile", "stacks");

	for (size_t i = 0; i < n; i++)
		json_array_append_new(json_at(record, "profile.stacks"),
				      json_pack("{s:i, s:[{s:s, s:i}, {s:s, s:i}]}", "samples", samples[i], "python", "file",
						"/usr/lib/python3.11/json.py", "line", 9, "file", "/s/solve.py", "line", (int)i + 1));
	diff_profile_take(profile, record, run);
	json_decref(record);
}

static const struct {
	int first[3], second[3];
	size_t n;
	unsigned shares[2]; /* of the first line told */
} profiles[] = {
	{ { 100, 0, 0 }, { 0, 100, 0 }, 2, { 100, 0 } },
	{ { 60, 40, 0 }, { 40, 60, 0 }, 0, { 0 } },
	{ { 60, 40, 0 }, { 10, 40, 50 }, 2, { 60, 10 } },
	{ { 19, 0, 0 }, { 0, 100, 0 }, 0, { 0 } }, /* too few */
	{ { 0, 0, 0 }, { 0, 0, 0 }, 0, { 0 } },
};

START_TEST(test_another_line_takes_the_time)
{
	struct run_info run = { .submission = (char *)"/s" };
	struct diff_profile first = { 0 }, second = { 0 };
	struct diff_share shares[DIFF_SHARES];

	take_samples(&first, &run, profiles[_i].first, 3);
	take_samples(&second, &run, profiles[_i].second, 3);
	ck_assert_uint_eq(diff_shares(&first, &second, shares), profiles[_i].n);
	if (profiles[_i].n) {
		ck_assert_str_eq(shares[0].place, "solve.py:1");
		ck_assert_uint_eq(shares[0].first, profiles[_i].shares[0]);
		ck_assert_uint_eq(shares[0].second, profiles[_i].shares[1]);
	}
	diff_profile_fini(&first);
	diff_profile_fini(&second);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("learn");
	TCase *t = tcase_create("learn");

	tcase_add_test(t, test_calls_and_runs_are_counted_apart);
	tcase_add_test(t, test_many_equal_keys_take_little_room);
	tcase_add_loop_test(t, test_names_drawn_by_lot_are_alike, 0, ARRAY_SIZE(pairs));
	tcase_add_test(t, test_what_is_never_a_tree);
	tcase_add_test(t, test_rules_are_exact_and_relative_to_the_submission);
	tcase_add_test(t, test_what_is_not_known_to_be_a_file_is_granted_alone);
	tcase_add_test(t, test_siblings_become_a_tree_and_that_one_again);
	tcase_add_test(t, test_protected_directories_become_none);
	tcase_add_test(t, test_absent_names_drawn_by_lot_become_a_pattern);
	tcase_add_test(t, test_hostile_names_are_comments);
	tcase_add_loop_test(t, test_files_of_modules_are_known, 0, ARRAY_SIZE(modules));
	tcase_add_loop_test(t, test_another_line_takes_the_time, 0, ARRAY_SIZE(profiles));
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
