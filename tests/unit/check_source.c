/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of source: only what the program may read itself, beneath its submission, bounded. */
#include "supervisor/source.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit/suite.h"
#include "tracee/stack.h"

#define RESERVED 900

static char place[64], submission[80];
static struct policy *policy;
static struct resolver *resolver;
static struct source *source;

/* ------------------------------------------------------------------ the place */

static void put_file(const char *name, const void *data, size_t n)
{
	int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
	ck_assert_int_eq(write_full(fd, data, n), (ssize_t)n);
	close(fd);
}

static void put_text(const char *name, const char *text)
{
	put_file(name, text, strlen(text));
}

static void load_policy(void)
{
	_cleanup_free_ char *text = xasprintf(
		"version: 1\non_deny: errno:EACCES\nread:\n  - %s/box\n  - %s/beside\n  - %s/link.py\n"
		"hide:\n  - %s/box/hidden.py\nnever:\n  - %s/box/never.py\n",
		place, place, place, place, place);
	struct policy_context context = { 0 };
	_cleanup_buf_ struct buf messages = { 0 };
	int r = policy_load_text(text, strlen(text), "test.yaml", &context, &policy, &messages);

	ck_assert_msg(r == 0, "%s", messages.data ? messages.data : strerror(-r));
}

static void set_up(void)
{
	snprintf(place, sizeof place, "%s/check_source.XXXXXX", P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(place));
	ck_assert_int_eq(chdir(place), 0);
	/* As the resolver will name it. */
	ck_assert_ptr_nonnull(getcwd(place, sizeof place));
	ck_assert_int_eq(mkdir("box", 0755), 0);
	ck_assert_int_eq(mkdir("box/dir", 0755), 0);
	ck_assert_int_eq(mkdir("beside", 0755), 0);
	put_text("box/solve.py", "one\n  two\nthree\n");
	put_text("box/hidden.py", "hidden\n");
	put_text("box/never.py", "never\n");
	put_text("beside/data.py", "beside\n");
	put_text("outside.py", "outside\n");
	put_text("boxer.py", "boxer\n");
	ck_assert_int_eq(symlink("box/solve.py", "link.py"), 0);
	ck_assert_int_eq(symlink("../beside/data.py", "box/out.py"), 0);
	ck_assert_int_eq(symlink("hidden.py", "box/to-hidden.py"), 0);
	load_policy();
	ck_assert_int_eq(resolver_new(policy, NULL, &resolver), 0);
	snprintf(submission, sizeof submission, "%s/box", place);
	source = source_new(policy, resolver, submission, getpid(), RESERVED);
}

static void tear_down(void)
{
	_cleanup_free_ char *command = xasprintf("rm -rf '%s'", place);

	source_free(source);
	resolver_free(resolver);
	policy_free(policy);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(system(command), 0);
}

/* Line LINE of NAME beneath the place; NULL when there is none. The caller frees. */
static char *line_of(const char *name, int line)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", place, name);
	struct source_line found;

	return source_line(source, path, line, &found) ? xstrndup(found.text, found.len) : NULL;
}

static void expect_line(const char *name, int line, const char *expected)
{
	_cleanup_free_ char *text = line_of(name, line);

	ck_assert_msg(text && streq(text, expected), "%s:%d is %s", name, line, text ? text : "none");
}

static void expect_none(const char *name, int line)
{
	_cleanup_free_ char *text = line_of(name, line);

	ck_assert_msg(!text, "%s:%d is %s", name, line, text);
}

/* ------------------------------------------------------------------ which files */

START_TEST(test_a_line_of_the_submission_is_found)
{
	struct source_line line;

	expect_line("box/solve.py", 1, "one");
	expect_line("box/solve.py", 2, "  two");
	expect_line("box/solve.py", 3, "three");
	expect_none("box/solve.py", 4);
	expect_none("box/solve.py", 0);
	expect_none("box/solve.py", -1);
	expect_line("box/dir/../solve.py", 1, "one");
	expect_line("link.py", 1, "one");
	ck_assert(source_line(source, "box/solve.py", 1, &line));
	ck_assert_uint_eq(line.len, 3);
	/* printf 'one\n  two\nthree\n' | sha256sum */
	ck_assert_str_eq(line.sha256,
			 "da2b21944073162830d4d6fd112d9e41e53ead2694e6a8182272d24c7071735c");
}
END_TEST

START_TEST(test_what_the_program_may_not_read_has_no_line)
{
	expect_none("box/hidden.py", 1);
	expect_none("box/to-hidden.py", 1);
	expect_none("box/never.py", 1);
	expect_none("outside.py", 1);
	expect_none("box/../outside.py", 1);
	expect_none("box/absent.py", 1);
}
END_TEST

START_TEST(test_what_is_not_the_submission_has_no_line)
{
	/* Granted, but the line would be shown to whoever handed the program in. */
	expect_none("beside/data.py", 1);
	expect_none("box/../beside/data.py", 1);
	expect_none("box/out.py", 1);
	expect_none("boxer.py", 1);
}
END_TEST

START_TEST(test_names_that_are_none_have_no_line)
{
	char longest[STACK_MAX_TEXT + 128];
	struct source_line line;

	ck_assert(!source_line(source, "", 1, &line));
	ck_assert(!source_line(source, "?", 1, &line));
	ck_assert(!source_line(source, "<string>", 1, &line));
	ck_assert(!source_line(source, "/", 1, &line));
	ck_assert(!source_line(source, "/proc/self/fd/0", 1, &line));
	ck_assert(!source_line(source, "/dev/stdin", 1, &line));
	ck_assert(!source_line(NULL, "box/solve.py", 1, &line));
	/* What was cut in reading a stack may name another file than the program did. */
	memset(longest, '/', sizeof longest);
	snprintf(longest + STACK_MAX_TEXT, 128, "%s/box/solve.py", place);
	ck_assert(!source_line(source, longest, 1, &line));
	ck_assert(source_line(source, longest + STACK_MAX_TEXT / 2, 1, &line));
}
END_TEST

START_TEST(test_a_winding_name_has_no_line)
{
	_cleanup_buf_ struct buf name = { 0 };

	buf_lit(&name, "box/..hid/../");
	ck_assert_int_eq(mkdir("box/..hid", 0755), 0);
	for (int i = 1; i < SOURCE_MAX_UPS; i++)
		buf_lit(&name, "dir/../");
	buf_lit(&name, "solve.py");
	expect_line(name.data, 1, "one");
	name.len -= strlen("solve.py");
	buf_lit(&name, "dir/../solve.py");
	expect_none(name.data, 1);
}
END_TEST

START_TEST(test_only_regular_files_are_opened)
{
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char event[4096];

	ck_assert_int_eq(mkfifo("box/fifo", 0644), 0);
	ck_assert_int_eq(inotify_add_watch(watch, "box", IN_OPEN), 1);
	expect_none("box/fifo", 1);
	expect_none("box/dir", 1);
	/* The resolver opens with O_PATH, which is no opening. */
	ck_assert_int_eq(read(watch, event, sizeof event), -1);
	expect_line("box/solve.py", 1, "one");
	ck_assert_int_gt(read(watch, event, sizeof event), 0);
	close(watch);
}
END_TEST

START_TEST(test_who_may_not_read_it_gets_no_line)
{
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert(geteuid() != 0);
	expect_line("box/solve.py", 1, "one");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(chmod("box/solve.py", 0), 0);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	expect_none("box/solve.py", 1);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* ------------------------------------------------------------------ lines */

START_TEST(test_lines_end_as_in_python)
{
	put_file("box/ends.py", "\xef\xbb\xbf" "a\r\nb\rc\n\nd\0e\r", 15);
	expect_line("box/ends.py", 1, "a");
	expect_line("box/ends.py", 2, "b");
	expect_line("box/ends.py", 3, "c");
	expect_line("box/ends.py", 4, "");
	expect_line("box/ends.py", 5, "d");
	expect_none("box/ends.py", 6);
	put_text("box/one.py", "no end");
	expect_line("box/one.py", 1, "no end");
	expect_none("box/one.py", 2);
	put_text("box/empty.py", "");
	expect_none("box/empty.py", 1);
}
END_TEST

START_TEST(test_long_lines_are_cut_between_characters)
{
	char text[SOURCE_MAX_LINE + 4];
	struct source_line line;

	memset(text, 'x', sizeof text);
	put_file("box/fits.py", text, SOURCE_MAX_LINE);
	ck_assert(source_line(source, "box/fits.py", 1, &line));
	ck_assert_uint_eq(line.len, SOURCE_MAX_LINE);
	ck_assert(!line.cut);
	put_file("box/cut.py", text, sizeof text);
	ck_assert(source_line(source, "box/cut.py", 1, &line));
	ck_assert_uint_eq(line.len, SOURCE_MAX_LINE);
	ck_assert(line.cut);
	memcpy(text + SOURCE_MAX_LINE - 2, "\xe2\x82\xac", 3);
	put_file("box/euro.py", text, sizeof text);
	ck_assert(source_line(source, "box/euro.py", 1, &line));
	ck_assert_uint_eq(line.len, SOURCE_MAX_LINE - 2);
	memset(text, 0x80, sizeof text);
	put_file("box/no-text.py", text, sizeof text);
	ck_assert(source_line(source, "box/no-text.py", 1, &line));
	ck_assert_uint_ge(line.len, SOURCE_MAX_LINE - 4);
}
END_TEST

/* ------------------------------------------------------------------ what is kept */

START_TEST(test_a_changed_file_is_read_again)
{
	struct source_line line;
	char before[65];

	ck_assert(source_line(source, "box/solve.py", 1, &line));
	snprintf(before, sizeof before, "%s", line.sha256);
	put_text("box/solve.py", "other, and longer than before\n");
	expect_line("box/solve.py", 1, "other, and longer than before");
	expect_none("box/solve.py", 2);
	ck_assert(source_line(source, "box/solve.py", 1, &line));
	ck_assert_str_ne(line.sha256, before);
}
END_TEST

START_TEST(test_a_file_is_read_once)
{
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char event[4096];

	expect_line("box/solve.py", 1, "one");
	ck_assert_int_eq(inotify_add_watch(watch, "box", IN_OPEN | IN_ACCESS), 1);
	for (int i = 0; i < 100; i++)
		expect_line("box/solve.py", 1 + i % 3, i % 3 == 0 ? "one" : i % 3 == 1 ? "  two" : "three");
	ck_assert_int_eq(read(watch, event, sizeof event), -1);
	close(watch);
}
END_TEST

START_TEST(test_a_long_file_has_no_line)
{
	_cleanup_free_ char *text = xmalloc(SOURCE_MAX_FILE + 1);

	memset(text, '\n', SOURCE_MAX_FILE + 1);
	put_file("box/longest.py", text, SOURCE_MAX_FILE);
	expect_line("box/longest.py", SOURCE_MAX_FILE, "");
	expect_none("box/longest.py", SOURCE_MAX_FILE + 1);
	put_file("box/too-long.py", text, SOURCE_MAX_FILE + 1);
	expect_none("box/too-long.py", 1);
}
END_TEST

START_TEST(test_what_a_run_makes_it_read_is_bounded)
{
	enum { SIZE = SOURCE_MAX_FILE / 2, FILES = 2 * SOURCE_MAX_READ / SIZE };
	_cleanup_free_ char *text = xcalloc(1, SIZE);
	int found = 0;

	expect_line("box/solve.py", 1, "one");
	for (int i = 0; i < FILES; i++) {
		_cleanup_free_ char *name = xasprintf("box/f%d.py", i), *line = NULL;

		put_file(name, text, SIZE);
		line = line_of(name, 1);
		found += line != NULL;
		/* What is in use stays, and costs nothing. */
		expect_line("box/solve.py", 3, "three");
	}
	ck_assert_int_gt(found, 1);
	ck_assert_int_lt(found, SOURCE_MAX_READ / SIZE);
}
END_TEST

/* Frame number I, called FUNCTION, at LINE of FILE, in a stack of two. */
static bool has_line(const char *file, const char *function, int line, size_t i)
{
	struct python_frame frames[] = { { "box/solve.py", "<module>", 1, false }, { "box/solve.py", "<module>", 1, false } };
	const struct stack stack = { .python = frames, .n_python = 2, .python_total = 2 };
	struct source_line found;

	frames[i] = (struct python_frame){ file, function, line, false };
	return source_frame(source, &stack, i, &found);
}

START_TEST(test_a_given_text_has_lines_for_what_it_defines)
{
	static const char text[] = "def f():\n  g\nclass C:\n  m\nx = lambda: 1\n[y for y in z]\nundef q\n";
	struct buf given = { .data = (char *)text, .len = sizeof text - 1 };
	static const struct {
		const char *function;
		int line;
		size_t at;
		bool found;
	} cases[] = {
		{ "<module>", 2, 1, true },	{ "<module>", 2, 0, false }, /* something ran it: exec() */
		{ "f", 2, 0, true },		{ "f.<locals>.h", 2, 0, true },
		{ "C.m", 4, 0, true },		{ "C.m", 2, 0, false },
		{ "fun", 2, 0, false },		{ "g", 2, 0, false },
		{ "q", 7, 0, false },		{ "<lambda>", 5, 0, true },
		{ "<lambda>", 2, 0, false },	{ "<listcomp>", 6, 0, true },
		{ "<listcomp>", 5, 0, false },	{ "", 1, 0, false },
		{ "f", 0, 0, false },		{ "f", -1, 0, false },
		{ "f", 8, 0, false },		{ "<module>", 7, 1, true },
	};
	size_t i;

	ck_assert(!has_line("<string>", "<module>", 1, 1));
	source_give(source, "<string>", &given);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ck_assert_msg(has_line("<string>", cases[i].function, cases[i].line, cases[i].at) == cases[i].found,
			      "%s:%d", cases[i].function, cases[i].line);
	ck_assert(!has_line("<stdin>", "<module>", 1, 1));
	/* Standard input's name is nobody else's. */
	source_give(source, "<stdin>", &given);
	ck_assert(has_line("<stdin>", "anything", 1, 0));
	ck_assert(!has_line("<string>", "<module>", 1, 1));
	given.len = 0;
	source_give(source, "<stdin>", &given);
	ck_assert(!has_line("<stdin>", "<module>", 1, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source");
	TCase *tcase = tcase_create("source");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_a_line_of_the_submission_is_found);
	tcase_add_test(tcase, test_what_the_program_may_not_read_has_no_line);
	tcase_add_test(tcase, test_what_is_not_the_submission_has_no_line);
	tcase_add_test(tcase, test_names_that_are_none_have_no_line);
	tcase_add_test(tcase, test_a_winding_name_has_no_line);
	tcase_add_test(tcase, test_only_regular_files_are_opened);
	tcase_add_test(tcase, test_who_may_not_read_it_gets_no_line);
	tcase_add_test(tcase, test_lines_end_as_in_python);
	tcase_add_test(tcase, test_long_lines_are_cut_between_characters);
	tcase_add_test(tcase, test_a_changed_file_is_read_again);
	tcase_add_test(tcase, test_a_given_text_has_lines_for_what_it_defines);
	tcase_add_test(tcase, test_a_file_is_read_once);
	tcase_add_test(tcase, test_a_long_file_has_no_line);
	tcase_add_test(tcase, test_what_a_run_makes_it_read_is_bounded);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
