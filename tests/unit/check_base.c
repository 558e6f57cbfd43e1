/* SPDX-License-Identifier: Apache-2.0 */
/* base/: names and units, JSON text, buffers, and what util.h promises. */
#include "base/json.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/names.h"
#include "base/util.h"
#include "tests/unit/suite.h"

/* ------------------------------------------------------------------ units */

static void assert_size(const char *text, int expected_r, uint64_t expected)
{
	uint64_t value = 42;
	int r = parse_size(text, &value);

	ck_assert_msg(r == expected_r && value == (r ? 42 : expected), "%s: %d, %llu", text, r,
		      (unsigned long long)value);
}

START_TEST(test_sizes)
{
	assert_size("4096B", 0, 4096);
	assert_size("4096", -EDOM, 0);
	assert_size("256", -EDOM, 0);
	assert_size("0.5", -EDOM, 0);
	assert_size("0", 0, 0);
	assert_size("1B", 0, 1);
	assert_size("16M", 0, 16u << 20);
	assert_size("256MiB", 0, 256u << 20);
	assert_size("256mib", 0, 256u << 20);
	assert_size("1.5GiB", 0, UINT64_C(3) << 29);
	assert_size("2MB", 0, 2000000);
	assert_size("1kB", 0, 1000);
	assert_size("1T", 0, UINT64_C(1) << 40);
	assert_size("0.1K", 0, 102);
	assert_size("9223372036854775807B", 0, INT64_MAX);
	assert_size("9223372036854775808B", -ERANGE, 0);
	assert_size("18446744073709551616", -ERANGE, 0);
	assert_size("99999999T", -ERANGE, 0);
	assert_size("8388608T", -ERANGE, 0);
}
END_TEST

START_TEST(test_what_is_no_size)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "M", "1X", "1MiBs", "1.M", ".5M", "1..5M", "0x10",
					   "1e3", "1,5M", "1 M", "inf", "nan" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_size(bad[i], -EINVAL, 0);
}
END_TEST

static void assert_duration(const char *text, int expected_r, uint64_t expected)
{
	uint64_t value = 42;
	int r = parse_duration(text, &value);

	ck_assert_msg(r == expected_r && value == (r ? 42 : expected), "%s: %d, %llu", text, r,
		      (unsigned long long)value);
}

START_TEST(test_durations)
{
	assert_duration("2s", 0, 2000000000);
	assert_duration("2", -EDOM, 0);
	assert_duration("1.5", -EDOM, 0);
	assert_duration("0", 0, 0);
	assert_duration("2min", 0, UINT64_C(120000000000));
	assert_duration("500ms", 0, 500000000);
	assert_duration("0.1s", 0, 100000000);
	assert_duration("0.3s", 0, 300000000); /* not 299999999, as a double would have it */
	assert_duration("2m", 0, UINT64_C(120000000000));
	assert_duration("1h", 0, UINT64_C(3600000000000));
	assert_duration("1us", 0, 1000);
	assert_duration("7ns", 0, 7);
	assert_duration("0.0000000019s", 0, 1);
	assert_duration("9999999999999s", -ERANGE, 0);
	assert_duration("1d", -EINVAL, 0);
	assert_duration("-1s", -EINVAL, 0);
	assert_duration("1s ", -EINVAL, 0);
}
END_TEST

START_TEST(test_counts)
{
	uint64_t value = 42;

	ck_assert_int_eq(parse_count("17", &value), 0);
	ck_assert_uint_eq(value, 17);
	ck_assert_int_eq(parse_count("1.0", &value), -EINVAL);
	ck_assert_int_eq(parse_count("1K", &value), -EINVAL);
	ck_assert_int_eq(parse_count("", &value), -EINVAL);
	ck_assert_int_eq(parse_count("18446744073709551616", &value), -ERANGE);
	ck_assert_uint_eq(value, 17);
}
END_TEST

/* ------------------------------------------------------------------ names */

START_TEST(test_errno_names_there_and_back)
{
	int err;

	for (err = 1; err < 134; err++)
		if (errno_name(err))
			ck_assert_int_eq(errno_from_name(errno_name(err)), err);
	ck_assert_str_eq(errno_name(EACCES), "EACCES");
	ck_assert_str_eq(errno_name(EHWPOISON), "EHWPOISON");
	ck_assert_int_eq(errno_from_name("EWOULDBLOCK"), EAGAIN);
	ck_assert_int_eq(errno_from_name("ENOTSUP"), EOPNOTSUPP);
	ck_assert_int_eq(errno_from_name("eacces"), 0);
	ck_assert_int_eq(errno_from_name(""), 0);
	ck_assert_ptr_null(errno_name(4000));
	ck_assert_ptr_null(errno_name(-1));
}
END_TEST

START_TEST(test_restart_codes_have_names)
{
	ck_assert_str_eq(errno_name(512), "ERESTARTSYS");
	ck_assert_str_eq(errno_name(516), "ERESTART_RESTARTBLOCK");
	/* A policy cannot ask for one. */
	ck_assert_int_eq(errno_from_name("ERESTARTSYS"), 0);
}
END_TEST

START_TEST(test_signal_names)
{
	ck_assert_str_eq(signal_name(SIGKILL), "SIGKILL");
	ck_assert_str_eq(signal_name(SIGSYS), "SIGSYS");
	ck_assert_str_eq(signal_name(34), "SIGRTMIN");
	ck_assert_str_eq(signal_name(64), "SIGRTMIN+30");
	ck_assert_str_eq(signal_name(99), "SIG99");
	ck_assert_str_eq(signal_name(0), "SIG0");
	ck_assert_str_eq(signal_name(-5), "SIG-5");
}
END_TEST

/* ------------------------------------------------------------------ JSON */

static void assert_json(const char *text, size_t n, const char *expected, bool exact)
{
	_cleanup_buf_ struct buf b = { 0 };

	ck_assert_int_eq(json_string_n(&b, text, n), exact);
	ck_assert_str_eq(b.data, expected);
	ck_assert_uint_eq(b.len, strlen(expected));
}
#define ASSERT_JSON(text, expected, exact) assert_json(text, sizeof(text) - 1, expected, exact)

START_TEST(test_yaml_text_shows_what_would_deceive)
{
	static const char text[] = "a\"\\\n\x1b\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81\xff\xc3\xa9";
	_cleanup_buf_ struct buf out = { 0 };

	text_yaml_string(&out, text, sizeof text - 1);
	ck_assert_str_eq(out.data, "\"a\\\"\\\\\\n\\u001b\\u007f\\U0000009b\\U0000202e\\U000e0001\xef\xbf\xbd\xc3\xa9\"");
}
END_TEST

START_TEST(test_json_escapes)
{
	ASSERT_JSON("", "\"\"", true);
	ASSERT_JSON("plain /text", "\"plain /text\"", true);
	ASSERT_JSON("a\"b\\c", "\"a\\\"b\\\\c\"", true);
	ASSERT_JSON("\n\r\t", "\"\\n\\r\\t\"", true);
	ASSERT_JSON("\0", "\"\\u0000\"", true);
	ASSERT_JSON("\x1b[31m\x7f", "\"\\u001b[31m\\u007f\"", true);
}
END_TEST

START_TEST(test_json_keeps_utf8)
{
	ASSERT_JSON("caf\xc3\xa9", "\"caf\xc3\xa9\"", true);
	ASSERT_JSON("\xe2\x82\xac \xf0\x9f\x90\x8d \xf4\x8f\xbf\xbf", "\"\xe2\x82\xac \xf0\x9f\x90\x8d \xf4\x8f\xbf\xbf\"", true);
	ASSERT_JSON("\xed\x9f\xbf\xee\x80\x80", "\"\xed\x9f\xbf\xee\x80\x80\"", true);
}
END_TEST

#define FFFD "\xef\xbf\xbd"

START_TEST(test_json_replaces_what_is_not_utf8)
{
	ASSERT_JSON("\xff", "\"" FFFD "\"", false);
	ASSERT_JSON("a\x80z", "\"a" FFFD "z\"", false);
	ASSERT_JSON("\xc0\x80", "\"" FFFD FFFD "\"", false);		   /* overlong */
	ASSERT_JSON("\xe0\x9f\xbf", "\"" FFFD FFFD FFFD "\"", false);	   /* overlong */
	ASSERT_JSON("\xf0\x8f\xbf\xbf", "\"" FFFD FFFD FFFD FFFD "\"", false);
	ASSERT_JSON("\xed\xa0\x80", "\"" FFFD FFFD FFFD "\"", false);	   /* a surrogate */
	ASSERT_JSON("\xf4\x90\x80\x80", "\"" FFFD FFFD FFFD FFFD "\"", false); /* past U+10FFFF */
	ASSERT_JSON("\xe2\x82", "\"" FFFD FFFD "\"", false);		   /* cut */
	ASSERT_JSON("\xe2\x82\"", "\"" FFFD FFFD "\\\"\"", false);	   /* a quote does not hide in it */
	ASSERT_JSON("\xf0\x9f\x90", "\"" FFFD FFFD FFFD "\"", false);
}
END_TEST

START_TEST(test_utf8_does_not_look_past_its_end)
{
	static const unsigned char euro[] = { 0xe2, 0x82, 0xac };
	size_t n;

	for (n = 1; n < 3; n++) {
		unsigned char *cut = xmemdup(euro, n); /* ASan watches its end */

		ck_assert_uint_eq(utf8_length(cut, n), 0);
		free(cut);
	}
	ck_assert_uint_eq(utf8_length(euro, 3), 3);
}
END_TEST

START_TEST(test_json_writer_puts_the_commas)
{
	_cleanup_buf_ struct buf b = { 0 }, inner = { 0 };

	json_open(&b, NULL);
	json_put_u64(&b, "v", 1);
	json_open(&b, "empty");
	json_close(&b);
	json_open_list(&b, "list");
	json_put_i64(&b, NULL, -1);
	json_open(&b, NULL);
	json_put_word(&b, "w", "{[:,");
	json_close(&b);
	json_open_list(&b, NULL);
	json_close_list(&b);
	json_put_item_cut(&b, "text", 8);
	json_close_list(&b);
	json_put_members(&b, &inner);
	json_put_bool(&inner, "yes", true);
	json_put_text(&inner, "none", NULL);
	json_put_members(&b, &inner);
	json_close(&b);
	ck_assert_str_eq(b.data, "{\"v\":1,\"empty\":{},\"list\":[-1,{\"w\":\"{[:,\"},[],\"text\"],\"yes\":true,\"none\":null}");
	buf_putc(&b, '\n');
	json_open(&b, NULL);
	json_close(&b);
	ck_assert_ptr_nonnull(strstr(b.data, "}\n{}"));
}
END_TEST

START_TEST(test_member_has_a_twin_when_it_is_not_utf8)
{
	_cleanup_buf_ struct buf b = { 0 };

	json_put_text(&b, "path", "/a");
	ck_assert_str_eq(b.data, "\"path\":\"/a\"");
	buf_clear(&b);
	json_put_text(&b, "path", "/\xff");
	ck_assert_str_eq(b.data, "\"path\":\"/" FFFD "\",\"path_b64\":\"L/8=\"");
}
END_TEST

START_TEST(test_json_fit_counts_what_is_written)
{
	/* plain, escaped short and long, UTF-8 of two to four bytes, bytes that are none */
	static const char text[] = "ab\"\\\n\t\r\x01\x1f\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\xe2\x82zz";
	const size_t n = sizeof text - 1;
	size_t max, last = 0;

	for (max = 0; max < 100; max++) {
		_cleanup_buf_ struct buf b = { 0 }, more = { 0 };
		size_t fits = json_fit(text, n, max);

		ck_assert_uint_ge(fits, last);
		ck_assert_uint_le(fits, n);
		json_string_n(&b, text, fits);
		ck_assert_uint_le(b.len - 2, max);
		if (fits < n) {
			size_t one = utf8_length((const unsigned char *)text + fits, n - fits);

			json_string_n(&more, text, fits + (one ? one : 1));
			ck_assert_uint_gt(more.len - 2, max);
		}
		last = fits;
	}
	ck_assert_uint_eq(last, n);
}
END_TEST

START_TEST(test_member_is_cut_at_its_bound)
{
	static const char *const fills[] = { "a", "\x01", "\xff", "\xe2\x82\xac", "\x01\xff", "\\", "\xc3" };
	size_t i, n, max;

	for (i = 0; i < ARRAY_SIZE(fills); i++)
		for (n = 0; n < 40; n++)
			for (max = 8; max < 70; max += 3) {
				_cleanup_buf_ struct buf text = { 0 }, b = { 0 };
				size_t k;
				bool whole;

				buf_puts(&text, "x");
				for (k = 0; k < n; k++)
					buf_puts(&text, fills[i]);
				whole = json_put_text_cut(&b, "file", text.data, max);
				ck_assert_uint_le(b.len, JSON_MEMBER_MAX(max));
				ck_assert_int_eq(whole, json_fit(text.data, text.len, max) == text.len);
				ck_assert_int_eq(strstr(b.data, "\xe2\x80\xa6\"") == NULL, whole);
			}
}
END_TEST

START_TEST(test_base64)
{
	static const char *const pairs[][2] = {
		/* RFC 4648 section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "+//+" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		_cleanup_buf_ struct buf b = { 0 };

		buf_lit(&b, "");
		json_base64(&b, pairs[i][0], strlen(pairs[i][0]));
		ck_assert_str_eq(b.data, pairs[i][1]);
	}
}
END_TEST

/* ------------------------------------------------------------------ buffers */

START_TEST(test_numbers_in_buffers)
{
	_cleanup_buf_ struct buf b = { 0 };

	buf_u64(&b, 0);
	buf_putc(&b, ' ');
	buf_u64(&b, UINT64_MAX);
	buf_putc(&b, ' ');
	buf_i64(&b, INT64_MIN);
	buf_putc(&b, ' ');
	buf_i64(&b, -1);
	buf_putc(&b, ' ');
	buf_hex(&b, 0);
	buf_putc(&b, ' ');
	buf_hex(&b, UINT64_MAX);
	ck_assert_str_eq(b.data, "0 18446744073709551615 -9223372036854775808 -1 0x0 0xffffffffffffffff");
}
END_TEST

START_TEST(test_printf_of_any_length)
{
	char text[300];
	size_t n;

	memset(text, 'x', sizeof text);
	for (n = 0; n < sizeof text; n++) {
		_cleanup_buf_ struct buf b = { 0 };

		buf_lit(&b, "begin ");
		buf_printf(&b, "%.*s|", (int)n, text);
		ck_assert_uint_eq(b.len, n + 7);
		ck_assert_uint_eq(strlen(b.data), n + 7);
		ck_assert_int_eq(b.data[b.len - 1], '|');
	}
}
END_TEST

START_TEST(test_buffers_hold_nul_and_are_handed_on)
{
	struct buf b = { 0 };
	char *text;

	text = buf_steal(&b);
	ck_assert_str_eq(text, "");
	free(text);
	buf_put(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_mem_eq(b.data, "a\0b", 4);
	text = buf_steal(&b);
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.len + b.cap, 0);
	free(text);
	buf_fini(&b);
}
END_TEST

/* ------------------------------------------------------------------ files */

static char directory[] = "/tmp/proctor-check-base-XXXXXX";

static int make_file(const char *name, size_t size)
{
	int dirfd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	_cleanup_free_ char *data = xcalloc(size + 1, 1);

	ck_assert_int_ge(fd, 0);
	memset(data, 'd', size);
	ck_assert_int_eq(write_full(fd, data, size), (ssize_t)size);
	return dirfd;
}

START_TEST(test_read_file_is_bounded)
{
	_cleanup_close_ int dirfd = make_file("file", 10000);
	char *data = NULL;
	size_t len = 0;

	ck_assert_int_eq(read_file(dirfd, "file", 9999, &data, &len), -EFBIG);
	ck_assert_ptr_null(data);
	ck_assert_int_eq(read_file(dirfd, "file", 10000, &data, &len), 0);
	ck_assert_uint_eq(len, 10000);
	ck_assert_uint_eq(strlen(data), 10000);
	free(data);
	ck_assert_int_eq(read_file(dirfd, "absent", 10, &data, &len), -ENOENT);
}
END_TEST

START_TEST(test_read_file_reads_files_of_size_0)
{
	char *data;
	size_t len;

	ck_assert_int_eq(read_file(AT_FDCWD, "/proc/self/status", 1 << 20, &data, &len), 0);
	ck_assert_uint_gt(len, 100);
	free(data);
	ck_assert_int_eq(read_file(AT_FDCWD, "/proc/self/status", 20, &data, &len), -EFBIG);
}
END_TEST

START_TEST(test_read_file_refuses_what_is_no_file)
{
	_cleanup_close_ int dirfd = make_file("file", 1);
	char *data;

	ck_assert_int_eq(mkfifoat(dirfd, "fifo", 0600), 0);
	ck_assert_int_eq(read_file(dirfd, "fifo", 10, &data, NULL), -EINVAL); /* and does not wait for a writer */
	ck_assert_int_eq(read_file(dirfd, ".", 10, &data, NULL), -EISDIR);
	ck_assert_int_eq(read_file(AT_FDCWD, "/dev/zero", 10, &data, NULL), -EINVAL);
	ck_assert_int_eq(unlinkat(dirfd, "fifo", 0), 0);
}
END_TEST

START_TEST(test_read_link)
{
	_cleanup_close_ int dirfd = make_file("file", 1);
	char *target = NULL;

	ck_assert_int_eq(symlinkat("where it leads", dirfd, "link"), 0);
	ck_assert_int_eq(read_link(dirfd, "link", &target), 0);
	ck_assert_str_eq(target, "where it leads");
	free(target);
	ck_assert_int_eq(read_link(dirfd, "file", &target), -EINVAL);
	ck_assert_int_eq(unlinkat(dirfd, "link", 0), 0);
}
END_TEST

static void expect_rest(const char *got, const char *expected)
{
	ck_assert_msg(streq_or_null(got, expected), "%s, and not %s", got ? got : "NULL", expected ? expected : "NULL");
}

START_TEST(test_beneath_means_by_whole_names)
{
	expect_rest(path_rest("/box/a", "/box"), "/a");
	expect_rest(path_rest("/box/a", "/box/"), "/a");
	expect_rest(path_rest("/box", "/box"), "");
	expect_rest(path_rest("/box", "/"), "/box");
	expect_rest(path_rest("/", "/"), "/");
	expect_rest(path_rest("box/a", "box"), "/a");
	expect_rest(path_rest("/boxes/a", "/box"), NULL);
	expect_rest(path_rest("/", "/box"), NULL);
	expect_rest(path_rest("box/a", "/"), NULL);
	expect_rest(path_rest("", "/"), NULL);
	expect_rest(path_rest("/box", ""), NULL);
	expect_rest(path_rest(NULL, "/box"), NULL);
	expect_rest(path_rest("/box", NULL), NULL);
}
END_TEST

START_TEST(test_what_climbs_is_not_inside)
{
	expect_rest(path_inside("/box/a", "/box"), "/a");
	expect_rest(path_inside("/box", "/box"), "");
	expect_rest(path_inside("/box/../etc/x", "/box"), NULL);
	expect_rest(path_inside("/box/a/..", "/box"), NULL);
	expect_rest(path_inside("/box/../../x", "/box"), NULL);
	expect_rest(path_inside("/box/..a/b../...", "/box"), "/..a/b../...");
	expect_rest(path_inside("/box/..a/../..", "/box"), NULL);
	expect_rest(path_inside("/../box/a", "/../box"), "/a");
	expect_rest(path_inside("/etc", "/box"), NULL);
	expect_rest(path_inside(NULL, "/box"), NULL);
}
END_TEST

START_TEST(test_digits_of_bytes)
{
	static const uint8_t bytes[] = { 0x00, 0x7f, 0xa5, 0xff };
	char text[2 * sizeof bytes + 1] = "x";

	hex_text(bytes, sizeof bytes, text);
	ck_assert_str_eq(text, "007fa5ff");
	hex_text(bytes, 0, text);
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(test_a_sum_ends_at_the_largest)
{
	uint64_t sum = 1;

	add_saturated(&sum, 2);
	ck_assert_uint_eq(sum, 3);
	add_saturated(&sum, UINT64_MAX - 3);
	ck_assert_uint_eq(sum, UINT64_MAX);
	add_saturated(&sum, 1);
	ck_assert_uint_eq(sum, UINT64_MAX);
}
END_TEST

START_TEST(test_read_full_ends_at_the_end)
{
	char got[8] = "";
	int pipe_fds[2];

	ck_assert_int_eq(pipe(pipe_fds), 0);
	ck_assert_int_eq(write_full(pipe_fds[1], "abc", 3), 3);
	close(pipe_fds[1]);
	ck_assert_int_eq(read_full(pipe_fds[0], got, sizeof got), 3);
	ck_assert_str_eq(got, "abc");
	ck_assert_int_eq(read_full(-1, got, 1), -EBADF);
	ck_assert_int_eq(write_full(pipe_fds[0], got, 1), -EBADF);
	close(pipe_fds[0]);
}
END_TEST

START_TEST(test_cleanup_keeps_errno)
{
	errno = ENOTTY;
	{
		_cleanup_close_ int fd = 99999;

		(void)fd;
	}
	ck_assert_int_eq(errno, ENOTTY);
}
END_TEST

START_TEST(test_steal_leaves_nothing)
{
	char *text = xstrdup("text"), *other = steal_ptr(&text);
	int fd = 7;

	ck_assert_ptr_null(text);
	ck_assert_str_eq(other, "text");
	free(other);
	ck_assert_int_eq(steal_fd(&fd), 7);
	ck_assert_int_eq(fd, -1);
	ck_assert_str_eq(after_prefix("/box/x", "/box"), "/x");
	ck_assert_ptr_null(after_prefix("/bo", "/box"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");
	int status;

	if (!mkdtemp(directory))
		return 1;
	tcase_add_test(tc, test_sizes);
	tcase_add_test(tc, test_what_is_no_size);
	tcase_add_test(tc, test_durations);
	tcase_add_test(tc, test_counts);
	tcase_add_test(tc, test_errno_names_there_and_back);
	tcase_add_test(tc, test_restart_codes_have_names);
	tcase_add_test(tc, test_signal_names);
	tcase_add_test(tc, test_yaml_text_shows_what_would_deceive);
	tcase_add_test(tc, test_json_writer_puts_the_commas);
	tcase_add_test(tc, test_json_escapes);
	tcase_add_test(tc, test_json_keeps_utf8);
	tcase_add_test(tc, test_json_replaces_what_is_not_utf8);
	tcase_add_test(tc, test_utf8_does_not_look_past_its_end);
	tcase_add_test(tc, test_member_has_a_twin_when_it_is_not_utf8);
	tcase_add_test(tc, test_json_fit_counts_what_is_written);
	tcase_add_test(tc, test_member_is_cut_at_its_bound);
	tcase_add_test(tc, test_base64);
	tcase_add_test(tc, test_numbers_in_buffers);
	tcase_add_test(tc, test_printf_of_any_length);
	tcase_add_test(tc, test_buffers_hold_nul_and_are_handed_on);
	tcase_add_test(tc, test_read_file_is_bounded);
	tcase_add_test(tc, test_read_file_reads_files_of_size_0);
	tcase_add_test(tc, test_read_file_refuses_what_is_no_file);
	tcase_add_test(tc, test_read_link);
	tcase_add_test(tc, test_beneath_means_by_whole_names);
	tcase_add_test(tc, test_what_climbs_is_not_inside);
	tcase_add_test(tc, test_digits_of_bytes);
	tcase_add_test(tc, test_a_sum_ends_at_the_largest);
	tcase_add_test(tc, test_read_full_ends_at_the_end);
	tcase_add_test(tc, test_cleanup_keeps_errno);
	tcase_add_test(tc, test_steal_leaves_nothing);
	suite_add_tcase(suite, tc);
	status = run_suite(suite);
	_cleanup_free_ char *file = xasprintf("%s/file", directory);
	unlink(file);
	rmdir(directory);
	return status;
}
