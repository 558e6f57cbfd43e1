/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/live.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/suite.h"
#include "words/telling.h"

static struct refusal refused(const char *path)
{
	return (struct refusal){
		.syscall = "openat",
		.topic = TOPIC_OPEN,
		.args = "AT_FDCWD, \"x\", O_RDONLY",
		.path = path,
		.action = ACTION_DENY,
		.err = "EACCES",
		.rule = RULE_ON_DENY,
		.rule_ref = "p.yaml:5:1",
		.file = "/box/solve.py",
		.line = 12,
		.function = "load",
		.submission = "/box",
	};
}

/* What is in the pipe now; the reader's end must be non-blocking. The caller frees. */
static char *drain(int fd)
{
	struct buf text = { 0 };
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		buf_put(&text, chunk, (size_t)n);
	return buf_steal(&text);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static int pipe_ends[2];

static void open_pipe(void)
{
	ck_assert_int_eq(pipe2(pipe_ends, O_CLOEXEC), 0);
	ck_assert_int_eq(fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK), 0);
}

static void close_pipe(void)
{
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

START_TEST(test_a_line_says_what_where_why_and_how_to_see_more)
{
	struct live *live = live_new(pipe_ends[1], false, "run.jsonl");
	struct refusal r = refused("/etc/passwd");
	_cleanup_free_ char *text = NULL;

	live_refusal(live, &r, 214);
	text = drain(pipe_ends[0]);
	ck_assert_str_eq(
		text, "proctor: #214 denied openat(\"x\", O_RDONLY) = EACCES → /etc/passwd at "
		      "solve.py:12 in "
		      "load: nothing grants reading it; on_deny p.yaml:5:1 (proctor explain run.jsonl 214)\n");
	live_free(live);
}
END_TEST

START_TEST(test_repeats_are_counted_and_told_once)
{
	struct live *live = live_new(pipe_ends[1], false, NULL);
	struct refusal one = refused("/a"), two = refused("/b");
	_cleanup_free_ char *first = NULL, *last = NULL;

	for (uint64_t i = 1; i <= 10000; i++)
		live_refusal(live, i % 4 ? &one : &two, i);
	first = drain(pipe_ends[0]);
	ck_assert_uint_eq(count(first, "\n"), 2);
	live_finish(live);
	last = drain(pipe_ends[0]);
	ck_assert_ptr_nonnull(strstr(last, "#1 happened 7,500 times"));
	ck_assert_ptr_nonnull(strstr(last, "#4 happened 2,500 times"));
	ck_assert_ptr_nonnull(strstr(last, "10,000 refusals, 2 distinct\n"));
	live_free(live);
}
END_TEST

START_TEST(test_no_more_than_so_many_are_told)
{
	struct live *live = live_new(pipe_ends[1], false, NULL);
	_cleanup_buf_ struct buf all = { 0 };
	_cleanup_free_ char *last = NULL;

	for (uint64_t i = 1; i <= TELLING_MAX + 500; i++) {
		_cleanup_free_ char *path = xasprintf("/p%llu", (unsigned long long)i),
				    *text = NULL;
		struct refusal r = refused(path);

		live_refusal(live, &r, i);
		text = drain(pipe_ends[0]);
		buf_puts(&all, text);
	}
	ck_assert_uint_eq(count(all.data, "#"), TELLING_MAX);
	ck_assert_uint_eq(count(all.data, "further refusals not shown\n"), 1);
	live_finish(live);
	last = drain(pipe_ends[0]);
	ck_assert_ptr_nonnull(strstr(last, "500 not shown"));
	live_free(live);
}
END_TEST

START_TEST(test_a_slow_reader_never_stops_the_supervisor)
{
	struct live *live = live_new(pipe_ends[1], false, NULL);
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	_cleanup_buf_ struct buf all = { 0 };

	/* The pipe takes 64 KiB, the reserve as much; the rest must be dropped. */
	for (uint64_t i = 1; i <= 1000; i++) {
		_cleanup_free_ char *path = xasprintf("/%llu/%0300d", (unsigned long long)i, 0);
		struct refusal r;

		r = refused(path);
		r.args = path;
		live_refusal(live, &r, i);
	}
	live_finish(live);
	ck_assert_uint_lt(clock_ns(CLOCK_MONOTONIC) - begin, UINT64_C(10000000000));
	for (int i = 0; i < 4; i++) {
		_cleanup_free_ char *text = drain(pipe_ends[0]);

		buf_puts(&all, text);
		live_finish(live);
	}
	ck_assert_uint_gt(all.len, 100000);
	ck_assert_ptr_nonnull(strstr(all.data, "1,000 refusals, 1,000 distinct, "));
	ck_assert_ptr_nonnull(strstr(all.data, "lines dropped"));
	live_free(live);
}
END_TEST

START_TEST(test_the_shared_description_stays_blocking)
{
	struct live *live = live_new(pipe_ends[1], false, NULL);
	struct refusal r = refused("/a");

	live_refusal(live, &r, 1);
	ck_assert_int_eq(fcntl(pipe_ends[1], F_GETFL) & O_NONBLOCK, 0);
	live_free(live);
	ck_assert_int_ge(fcntl(pipe_ends[1], F_GETFD), 0);
}
END_TEST

START_TEST(test_a_reader_that_is_gone_raises_no_signal)
{
	struct live *live;
	struct refusal r = refused("/a");
	sigset_t pending;

	ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	live = live_new(pipe_ends[1], false, NULL);
	close(pipe_ends[0]);
	live_refusal(live, &r, 1);
	r.path = "/b";
	live_refusal(live, &r, 2);
	live_finish(live);
	sigpending(&pending);
	ck_assert_int_eq(sigismember(&pending, SIGPIPE), 0);
	live_free(live);
	pipe_ends[0] = open("/dev/null", O_RDONLY);
}
END_TEST

START_TEST(test_a_socket_is_written_without_waiting)
{
	struct refusal r = refused("/a");
	_cleanup_free_ char *text = NULL;
	struct live *live;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	live = live_new(ends[1], false, NULL);
	live_refusal(live, &r, 1);
	text = drain(ends[0]);
	ck_assert_uint_eq(count(text, "\n"), 1);
	close(ends[0]);
	r.path = "/b";
	live_refusal(live, &r, 2);
	live_free(live);
	close(ends[1]);
}
END_TEST

START_TEST(test_control_characters_do_not_reach_the_terminal)
{
	struct live *live = live_new(pipe_ends[1], false, "log\033[1m");
	struct refusal r = refused("/\033[2J\n\xff\xe2\x80\xae");
	_cleanup_free_ char *text = NULL;

	r.args = "\"\033]0;x\a\"";
	r.file = "/box/\r.py";
	r.function = "f\n";
	r.rule_ref = "p\n";
	r.err = "E\n";
	live_refusal(live, &r, 1);
	live_finish(live);
	text = drain(pipe_ends[0]);
	ck_assert_uint_eq(count(text, "\n"), 2);
	ck_assert_uint_eq(count(text, "\033") + count(text, "\r") + count(text, "\a") +
				  count(text, "\xe2\x80\xae"),
			  0);
	live_free(live);
}
END_TEST

START_TEST(test_a_line_is_bounded_and_whole_characters)
{
	struct live *live = live_new(pipe_ends[1], false, NULL);
	_cleanup_free_ char *path = xmalloc(90001), *text = NULL;
	struct refusal r;

	for (size_t i = 0; i < 90000; i += 3)
		memcpy(path + i, "/\xc3\xa9", 3);
	path[90000] = '\0';
	r = refused(path);
	r.args = r.function = r.file = r.rule_ref = path;
	live_refusal(live, &r, 1);
	text = drain(pipe_ends[0]);
	ck_assert_uint_lt(strlen(text), 2048);
	ck_assert_uint_eq(count(text, "\n"), 1);
	ck_assert_uint_eq(count(text, "\xc3…"), 0);
	live_free(live);
}
END_TEST

START_TEST(test_a_file_is_appended_to)
{
	char path[] = "/tmp/check_live.XXXXXX";
	int fd = mkstemp(path);
	struct live *live = live_new(fd, true, NULL);
	struct refusal r = refused("/a");
	_cleanup_free_ char *text = NULL;

	live_refusal(live, &r, 1);
	live_finish(live);
	live_free(live);
	ck_assert_int_eq(read_file(AT_FDCWD, path, 4096, &text, NULL), 0);
	ck_assert_uint_eq(count(text, "\n"), 2);
	ck_assert_ptr_nonnull(strstr(text, "\033[1;31m#1 denied\033[0m"));
	close(fd);
	unlink(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("live");
	TCase *tcase = tcase_create("live");

	tcase_add_checked_fixture(tcase, open_pipe, close_pipe);
	tcase_add_test(tcase, test_a_line_says_what_where_why_and_how_to_see_more);
	tcase_add_test(tcase, test_repeats_are_counted_and_told_once);
	tcase_add_test(tcase, test_no_more_than_so_many_are_told);
	tcase_add_test(tcase, test_a_slow_reader_never_stops_the_supervisor);
	tcase_add_test(tcase, test_the_shared_description_stays_blocking);
	tcase_add_test(tcase, test_a_reader_that_is_gone_raises_no_signal);
	tcase_add_test(tcase, test_a_socket_is_written_without_waiting);
	tcase_add_test(tcase, test_control_characters_do_not_reach_the_terminal);
	tcase_add_test(tcase, test_a_line_is_bounded_and_whole_characters);
	tcase_add_test(tcase, test_a_file_is_appended_to);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
