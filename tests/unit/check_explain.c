/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explain.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "report/collect.h"
#include "tests/unit/golden.h"
#include "tests/unit/suite.h"

/* What explain says about the N bytes at LOG. The caller frees. */
static char *explained(const char *log, size_t n, const struct explain_options *options,
		       int *ret_status)
{
	struct log_reader *reader = log_open_memory(log, n);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	*ret_status = explain_log(reader, options, "log", out);
	fclose(out);
	log_close(reader);
	return text;
}

static char *explained_text(const struct buf *log)
{
	static const struct explain_options options = { 0 };
	int status;
	char *text = explained(log->data, log->len, &options, &status);

	ck_assert_int_eq(status, EXPLAIN_OK);
	return text;
}

/* ------------------------------------------------------------------ golden texts */

static const struct {
	const char *log, *expected, *columns;
	struct explain_options options;
} goldens[] = {
	{ "design", "design.txt", NULL, { 0 } },
	{ "design", "design.narrow.txt", "50", { 0 } },
	{ "design", "design.student.txt", NULL, { .student = true } },
	{ "design", "design.json", NULL, { .json = true } },
	{ "kinds", "kinds.txt", NULL, { 0 } },
	{ "kinds", "kinds.all.txt", NULL, { .all = true } },
	{ "kinds", "kinds.student.txt", NULL, { .student = true, .all = true } },
	{ "kinds", "kinds.student.json", NULL, { .student = true, .json = true, .all = true } },
	{ "kinds", "kinds.10.txt", NULL, { .sequence = 10 } },
	{ "killed", "killed.txt", NULL, { 0 } },
	{ "killed", "killed.json", NULL, { .json = true } },
	{ "cpu", "cpu.txt", NULL, { 0 } },
	{ "cpu", "cpu.student.txt", NULL, { .student = true } },
	{ "cpu", "cpu.json", NULL, { .json = true } },
	{ "memory", "memory.txt", NULL, { 0 } },
	{ "crash", "crash.txt", NULL, { 0 } },
	{ "crash", "crash.student.txt", NULL, { .student = true } },
	{ "itself", "itself.txt", NULL, { 0 } },
	{ "nothing", "nothing.txt", NULL, { 0 } },
	{ "nothing", "nothing.student.txt", NULL, { .student = true } },
	{ "raised", "raised.txt", "80", { 0 } },
	{ "raised", "raised.student.txt", "80", { .student = true } },
	{ "raised", "raised.student.json", NULL, { .student = true, .json = true } },
	{ "descends", "descends.txt", NULL, { 0 } },
	{ "descends", "descends.student.txt", NULL, { .student = true } },
	{ "descends", "descends.json", NULL, { .json = true } },
	{ "broken", "broken.txt", NULL, { 0 } },
	{ "hostile", "hostile.txt", NULL, { .all = true } },
	{ "hostile", "hostile.json", NULL, { .json = true, .all = true } },
	{ "audit", "audit.txt", NULL, { 0 } },
	{ "audit", "audit.1.txt", NULL, { .sequence = 1 } },
};

static char *golden_output(int i)
{
	_cleanup_free_ char *name = xasprintf("%s.jsonl", goldens[i].log),
			    *path = golden_path(name), *log = NULL;
	size_t n;
	char *text;
	int status;

	if (goldens[i].columns)
		setenv("COLUMNS", goldens[i].columns, 1);
	else
		unsetenv("COLUMNS");
	ck_assert_msg(read_file(AT_FDCWD, path, 1u << 20, &log, &n) == 0, "cannot read %s", path);
	text = explained(log, n, &goldens[i].options, &status);
	ck_assert_int_eq(status,
			 streq(goldens[i].log, "broken") ? EXPLAIN_INCOMPLETE : EXPLAIN_OK);
	return text;
}

START_TEST(test_explain_says_what_is_expected)
{
	_cleanup_free_ char *text = golden_output(_i);

	golden_check(goldens[_i].expected, text);
}
END_TEST

START_TEST(test_explain_sends_no_control_character)
{
	_cleanup_free_ char *text = golden_output(_i);

	for (const char *p = text; *p; p++)
		ck_assert(*p == '\n' || ((unsigned char)*p >= 0x20 && *p != 0x7f));
	ck_assert_ptr_null(strstr(text, "\xe2\x80\xae"));
}
END_TEST

START_TEST(test_explain_keeps_to_the_width)
{
	_cleanup_free_ char *text = golden_output(1);
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		size_t columns = 0;

		for (const char *p = line; *p; p++)
			columns += (*p & 0xc0) != 0x80;
		ck_assert_uint_le(columns, 50);
	}
}
END_TEST

START_TEST(test_students_see_nothing_of_the_policy)
{
	static const char *const secrets[] = {
		"pure.yaml", "/etc",  "/srv",	 "/home", "/opt",
		"/usr",	     "never", "on_deny", "read:", "builtin"
	};
	_cleanup_free_ char *text = golden_output(6), *json = golden_output(7);

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		ck_assert_msg(!strstr(text, secrets[i]), "%s in %s", secrets[i], text);
		ck_assert_msg(!strstr(json, secrets[i]), "%s in %s", secrets[i], json);
	}
}
END_TEST

/* ------------------------------------------------------------------ made logs */

static void put_start(struct buf *log, const char *more)
{
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"start\",\"@timestamp\":\"2026-01-05T10:11:12Z\",\"run\":{"
		   "\"id\":\"r\"}%s}\n",
		   more);
}

static void put_refusal(struct buf *log, uint64_t sequence, const char *path, unsigned line)
{
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":%" PRIu64
		   ",\"action\":\"openat\"},\"process\":{\"pid\":4,"
		   "\"thread\":{\"id\":4}},\"syscall\":{\"topic\":\"open\",\"args\":[\"3\"],\"errno\":\"EACCES\"},"
		   "\"file\":{\"path\":\"%s\"},"
		   "\"decision\":{\"action\":\"deny\",\"violation\":true},\"rule\":{\"id\":\"on_"
		   "deny\",\"ref\":\"p:1:1\"},"
		   "\"code\":{\"file.path\":\"/box/a.py\",\"line.number\":%u}}\n",
		   sequence, path, line);
}

static void put_allowed(struct buf *log, uint64_t sequence)
{
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":%" PRIu64
		   "},\"decision\":{\"action\":\"allow\"}}\n",
		   sequence);
}

static void put_end(struct buf *log, const char *status, int code)
{
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"end\",\"status\":\"%s\",\"exit\":{\"code\":%d,\"signal\":"
		   "null}}\n",
		   status, code);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

START_TEST(test_ten_thousand_alike_get_one_explanation)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL;

	put_start(&log, "");
	for (uint64_t i = 1; i <= 10000; i++)
		put_refusal(&log, i, "/x", 3);
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_uint_eq(count(text, "DENIED"), 1);
	ck_assert_ptr_nonnull(strstr(text, "10,000 times alike, #1 to #10000"));
	ck_assert_ptr_nonnull(strstr(text, "read: \"/x\"    (exact if it is a file; 10,000 calls here)"));
}
END_TEST

START_TEST(test_another_line_is_another_explanation)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL;

	put_start(&log, "");
	put_refusal(&log, 1, "/x", 3);
	put_refusal(&log, 2, "/x", 4);
	put_refusal(&log, 3, "/y", 4);
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_uint_eq(count(text, "DENIED"), 3);
}
END_TEST

START_TEST(test_a_line_with_many_names_is_one_explanation)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL;

	put_start(&log, "");
	for (uint64_t i = 1; i <= 5000; i++) {
		char path[32];

		snprintf(path, sizeof path, "/p%" PRIu64, i % 1000);
		put_refusal(&log, i, path, 3);
	}
	for (uint64_t i = 1; i <= COLLECT_MAX_NAMES; i++) {
		char path[32];

		snprintf(path, sizeof path, "/q%" PRIu64, i);
		put_refusal(&log, 5000 + i, path, 4);
	}
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_uint_eq(count(text, "DENIED"), 20); /* as many as are told without --all */
	ck_assert_ptr_nonnull(strstr(text, "/p1\""));
	ck_assert_ptr_null(strstr(text, "/p2\""));
	ck_assert_ptr_nonnull(strstr(text, "4,995 more refusals at this line, of /p*, #1 to #5000"));
	ck_assert_ptr_nonnull(strstr(text, "1 more explanation"));
	ck_assert_ptr_null(strstr(text, "not grouped"));
}
END_TEST

START_TEST(test_names_that_are_made_up_are_one_explanation)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL;

	put_start(&log, "");
	for (uint64_t i = 0; i < 12; i++) {
		char path[64];

		/* Four of each, and each once more. */
		snprintf(path, sizeof path, "/v/%c/%08x-b364-4825-8646-5a06ebe8d0b7", "abc"[i % 3], (unsigned)i / 6);
		put_refusal(&log, 1 + i, path, 3);
	}
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_uint_eq(count(text, "DENIED"), 3);
	ck_assert_uint_eq(count(text, "2 more refusals at this line, of /v/"), 3);
	ck_assert_ptr_nonnull(strstr(text, "of /v/c/*, #3 to #12"));
	ck_assert_uint_eq(count(text, "(exact if it is a file; 2 calls here)"), 3);
}
END_TEST

START_TEST(test_the_number_of_groups_is_bounded)
{
	static const struct explain_options all = { .all = true };
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL, *everything = NULL;
	int status;

	put_start(&log, "");
	for (uint64_t i = 1; i <= COLLECT_MAX_GROUPS + 76; i++) {
		char path[32];

		snprintf(path, sizeof path, "/p%" PRIu64, i);
		put_refusal(&log, i, path, (unsigned)(i / COLLECT_MAX_NAMES));
	}
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_uint_eq(count(text, "DENIED"), 20);
	ck_assert_ptr_nonnull(strstr(text, "1,004 more explanations: --all shows them"));
	ck_assert_ptr_nonnull(strstr(text, "76 more refusals were not grouped"));
	everything = explained(log.data, log.len, &all, &status);
	ck_assert_uint_eq(count(everything, "DENIED"), COLLECT_MAX_GROUPS);
}
END_TEST

START_TEST(test_the_last_refusal_before_the_end_comes_first)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL;

	put_start(&log, "");
	put_refusal(&log, 1, "/survived", 3);
	put_refusal(&log, 2, "/tried.gz", 9);
	put_refusal(&log, 3, "/last", 9);
	put_allowed(&log, 4);
	put_end(&log, "RE", 1);
	text = explained_text(&log);
	ck_assert_ptr_nonnull(strstr(text, "exit status 1; 3 refusals, whether one of them is the reason is not known"));
	ck_assert_ptr_nonnull(strstr(text, "this is the last refusal before exit status 1"));
	/* With what the same line tried before. */
	ck_assert(strstr(text, "/tried.gz") < strstr(text, "/last"));
	ck_assert(strstr(text, "/last") < strstr(text, "/survived"));
}
END_TEST

/* Whatever else it holds: which refusal was the last is known without its text. */
START_TEST(test_the_last_refusal_may_be_too_long_to_keep)
{
	_cleanup_buf_ struct buf log = { 0 }, last = { 0 };
	_cleanup_free_ char *text = NULL, *filler = xmalloc(COLLECT_MAX_LINE + 1);
	char *at;

	memset(filler, 'x', COLLECT_MAX_LINE);
	filler[COLLECT_MAX_LINE] = '\0';
	put_start(&log, "");
	put_refusal(&log, 1, "/survived", 3);
	put_refusal(&log, 2, "/last", 9);
	put_refusal(&last, 3, "/last", 9);
	at = strstr(last.data, "\"kind\"");
	buf_put(&log, last.data, (size_t)(at - last.data));
	buf_printf(&log, "\"filler\":\"%s\",", filler);
	buf_puts(&log, at);
	put_end(&log, "RE", 1);
	text = explained_text(&log);
	ck_assert_ptr_nonnull(strstr(text, "#3 of them is the last refusal before exit status 1"));
	ck_assert(strstr(text, "/last") < strstr(text, "/survived"));
}
END_TEST

/* However many calls come after it, and whatever the status: neither tells what the program died of. */
START_TEST(test_no_refusal_is_blamed_without_knowing)
{
	static const struct explain_options student = { .student = true }, json = { .json = true };
	static const int calls[] = { 0, 3, 1000 }, codes[] = { 1, 2, 120 };

	for (size_t i = 0; i < ARRAY_SIZE(calls) * ARRAY_SIZE(codes); i++) {
		_cleanup_buf_ struct buf log = { 0 };
		_cleanup_free_ char *to_staff = NULL, *to_student = NULL, *document = NULL;
		uint64_t n = (uint64_t)calls[i / 3];
		int status;

		put_start(&log, "");
		put_refusal(&log, 1, "/x", 3);
		for (uint64_t k = 0; k < n; k++)
			put_allowed(&log, 2 + k);
		put_end(&log, "RE", codes[i % 3]);
		to_staff = explained_text(&log);
		ck_assert_ptr_null(strstr(to_staff, "probably"));
		ck_assert_ptr_null(strstr(to_staff, "no refusal explains"));
		ck_assert_ptr_nonnull(strstr(to_staff, "not known"));
		to_student = explained(log.data, log.len, &student, &status);
		ck_assert_ptr_nonnull(strstr(to_student, "whether that is the reason is not known"));
		document = explained(log.data, log.len, &json, &status);
		ck_assert_ptr_nonnull(strstr(document, "\"kind\": \"exit\",\n    \"certain\": false,\n    \"sequence\": 1"));
	}
}
END_TEST

START_TEST(test_a_student_is_not_told_of_what_the_program_went_on_from)
{
	static const struct explain_options student = { .student = true }, json = { .student = true, .json = true };
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL, *document = NULL;
	int status;

	put_start(&log, "");
	put_refusal(&log, 1, "/x", 3);
	put_end(&log, "OK", 0);
	text = explained(log.data, log.len, &student, &status);
	ck_assert_str_eq(text, "The program ran to its end.\n");
	document = explained(log.data, log.len, &json, &status);
	ck_assert_ptr_null(strstr(document, "not allowed"));
}
END_TEST

static void put_socket(struct buf *log, uint64_t sequence, unsigned line)
{
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":%" PRIu64
		   ",\"action\":\"socket\"},\"process\":{\"pid\":4,\"thread\":{\"id\":4}},"
		   "\"syscall\":{\"topic\":\"network\",\"args\":[\"AF_INET\",\"%" PRIu64 "\"]},"
		   "\"decision\":{\"action\":\"deny\",\"violation\":true},\"rule\":{\"id\":\"syscall\"},"
		   "\"code\":{\"file.path\":\"/box/a.py\",\"line.number\":%u}}\n",
		   sequence, sequence, line);
}

START_TEST(test_a_name_that_is_looked_up_is_one_act)
{
	static const struct explain_options student = { .student = true };
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL, *to_student = NULL;
	int status;

	put_start(&log, "");
	put_refusal(&log, 1, "/etc/resolv.conf", 3);
	put_refusal(&log, 2, "/etc/hosts", 3);
	put_socket(&log, 3, 3);
	put_socket(&log, 4, 3);
	put_refusal(&log, 5, "/etc/hosts", 7); /* opened by the program, elsewhere */
	put_end(&log, "RE", 1);
	text = explained_text(&log);
	ck_assert_ptr_nonnull(strstr(text, "2 refusals (5 calls)"));
	ck_assert_uint_eq(count(text, "DENIED"), 2);
	ck_assert_ptr_nonnull(strstr(text, "4 calls to look up a name, #1 to #4"));
	ck_assert_ptr_nonnull(strstr(text, "there is no network"));
	to_student = explained(log.data, log.len, &student, &status);
	ck_assert_uint_eq(count(to_student, "Using sockets or the network is not allowed (/box/a.py:3)") +
				  count(to_student, "Using sockets or the network is not allowed"), 1);
	ck_assert_uint_eq(count(to_student, "Opening that file is not allowed"), 1);
}
END_TEST

/* Of what every start of an interpreter asks nothing is said, and with --all one line. */
START_TEST(test_what_interpreters_do_without_is_one_line)
{
	static const struct explain_options all = { .all = true };
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL, *everything = NULL;
	int status;

	put_start(&log, "");
	for (unsigned i = 1; i <= 40; i++)
		buf_printf(&log,
			   "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":%u,\"action\":\"stat\"},\"syscall\":{"
			   "\"topic\":\"look\",\"args\":[],\"errno\":\"ENOENT\"},\"file\":{\"path\":\"/lib/%u\"},"
			   "\"decision\":{\"action\":\"hide\"},\"rule\":{\"id\":\"hide\",\"ref\":\"%s\"}}\n",
			   i, i, i == 40 ? "p.yaml:1:1" : "builtin:python");
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_ptr_nonnull(strstr(text, "0 refusals, 1 that does not count (--all shows it)"));
	everything = explained(log.data, log.len, &all, &status);
	ck_assert_uint_eq(count(everything, "HIDDEN"), 1);
	ck_assert_ptr_nonnull(strstr(everything, "39 calls between #1 and #39 for files that an interpreter looks for"));
}
END_TEST

/* Sockets alone, or the files alone, are told as they are. */
START_TEST(test_what_is_no_look_up_is_not_told_as_one)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL;

	put_start(&log, "");
	put_refusal(&log, 1, "/etc/hosts", 3);
	put_refusal(&log, 2, "/etc/resolv.conf", 3);
	put_socket(&log, 3, 4);
	put_socket(&log, 4, 4);
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_uint_eq(count(text, "DENIED"), 4);
	ck_assert_ptr_null(strstr(text, "look up"));
}
END_TEST

START_TEST(test_a_long_stack_is_folded)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *text = NULL;

	put_start(&log, "");
	buf_puts(&log,
		 "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":1,\"action\":\"open\"},"
		 "\"file\":{\"path\":\"/x\"},"
		 "\"decision\":{\"action\":\"deny\",\"violation\":true},\"stack\":{\"python\":[");
	for (int i = 0; i < 900; i++)
		buf_puts(&log, "{\"file\":\"/a.py\",\"line\":4,\"function\":\"f\"},");
	for (int i = 0; i < 50; i++)
		buf_printf(&log, "{\"file\":\"/a.py\",\"line\":%d,\"function\":\"g\"},", 100 + i);
	buf_puts(&log, "{\"file\":\"/a.py\",\"line\":9,\"function\":\"<module>\"}]}}\n");
	put_end(&log, "OK", 0);
	text = explained_text(&log);
	ck_assert_ptr_nonnull(strstr(text, "/a.py:4 in f() (899 times)"));
	ck_assert_ptr_nonnull(strstr(text, "more, called from /a.py:9 in <module>"));
	ck_assert_uint_lt(strlen(text), 1000);
}
END_TEST

START_TEST(test_what_is_no_log_is_refused)
{
	static const struct explain_options options = { 0 }, one = { .sequence = 7 };
	_cleanup_buf_ struct buf log = { 0 };
	int status;

	free(explained("hello\n", 6, &options, &status));
	ck_assert_int_eq(status, EXPLAIN_NOT_A_LOG);
	put_start(&log, "");
	put_end(&log, "OK", 0);
	free(explained(log.data, log.len, &one, &status));
	ck_assert_int_eq(status, EXPLAIN_NOT_A_LOG);
}
END_TEST

/* ------------------------------------------------------------------ logs that are not whole */

#define TO_STUDENT "Part of the record of this run is missing"
#define CALL_ALLOWED                                                                              \
	"{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":1,\"action\":\"openat\"},\"decision\":{"      \
	"\"action\":\"allow\"}}\n"
#define RUN_START "{\"v\":1,\"kind\":\"start\",\"@timestamp\":\"2026-01-05T10:11:12Z\",\"run\":{\"id\":\"r\"}}\n"
#define RUN_END "{\"v\":1,\"kind\":\"end\",\"status\":\"OK\",\"exit\":{\"code\":0,\"signal\":null}}\n"

/* The N bytes at LOG are explained as incomplete to everybody: by status, in words, in JSON. */
static void expect_incomplete(const char *log, size_t n)
{
	static const struct explain_options staff = { 0 }, student = { .student = true },
					    json = { .json = true },
					    student_json = { .json = true, .student = true };
	const struct explain_options *all[] = { &staff, &student, &json, &student_json };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		int status;
		_cleanup_free_ char *text = explained(log, n, all[i], &status);
		const char *must = all[i]->json	   ? "\"complete\": false"
				   : all[i]->student ? TO_STUDENT
						     : "the log ";
		const char *nothing = strcasestr(text, "nothing was refused");

		ck_assert_msg(status == EXPLAIN_INCOMPLETE, "%d for %.*s", status, (int)n, log);
		ck_assert_msg(strstr(text, must) != NULL, "%s", text);
		if (nothing)
			ck_assert_msg(after_prefix(nothing + 19, " in the part that is there"),
				      "%s", text);
		else
			ck_assert(all[i]->json);
	}
}

START_TEST(test_a_log_that_was_cut_anywhere_says_so)
{
	static const char log[] = RUN_START CALL_ALLOWED RUN_END;
	static const struct explain_options staff = { 0 };
	int status;

	for (size_t n = 0; n < sizeof log - 2; n++)
		expect_incomplete(log, n);
	/* A newline that is missing at the end takes nothing away. */
	free(explained(log, sizeof log - 2, &staff, &status));
	ck_assert_int_eq(status, EXPLAIN_OK);
	free(explained(log, sizeof log - 1, &staff, &status));
	ck_assert_int_eq(status, EXPLAIN_OK);
}
END_TEST

START_TEST(test_a_log_that_lacks_something_says_so)
{
	static const char *const logs[] = {
		CALL_ALLOWED RUN_END,
		RUN_START CALL_ALLOWED "garbage\n" RUN_END,
		RUN_START CALL_ALLOWED CALL_ALLOWED RUN_END,
		RUN_START CALL_ALLOWED "{\"v\":1,\"kind\":\"signal\",\"event\":{\"sequence\":3}}\n" RUN_END,
		RUN_START CALL_ALLOWED
		"{\"v\":1,\"kind\":\"lost\",\"event\":{\"sequence\":2},\"count\":1}\n" RUN_END,
		RUN_START RUN_END CALL_ALLOWED,
		RUN_START "{\"v\":3,\"kind\":\"news\"}\n" RUN_END,
	};

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++)
		expect_incomplete(logs[i], strlen(logs[i]));
}
END_TEST

START_TEST(test_a_record_of_an_incomplete_log_is_explained_as_such)
{
	static const struct explain_options one = { .sequence = 1 }, two = { .sequence = 2 };
	static const char log[] = RUN_START CALL_ALLOWED;
	_cleanup_free_ char *text = NULL;
	int status;

	text = explained(log, sizeof log - 1, &one, &status);
	ck_assert_int_eq(status, EXPLAIN_INCOMPLETE);
	ck_assert_ptr_nonnull(strstr(text, "no end record"));
	ck_assert_ptr_nonnull(strstr(text, "#1 ALLOWED"));
	free(explained(log, sizeof log - 1, &two, &status));
	ck_assert_int_eq(status, EXPLAIN_NOT_A_LOG);
}
END_TEST

/* The run was ended when its log was full: nothing is missing, but that is what ended it. */
START_TEST(test_a_run_that_a_full_log_ended_is_not_without_a_reason)
{
	static const char log[] = RUN_START CALL_ALLOWED
		"{\"v\":1,\"kind\":\"end\",\"status\":\"PV\",\"exit\":{\"code\":null,\"signal\":\"SIGKILL\"},"
		"\"log_full\":true}\n";
	static const struct explain_options staff = { 0 }, student = { .student = true },
					    json = { .json = true };
	_cleanup_free_ char *to_staff = NULL, *to_student = NULL, *document = NULL;
	int status;

	to_staff = explained(log, sizeof log - 1, &staff, &status);
	ck_assert_int_eq(status, EXPLAIN_OK);
	ck_assert_ptr_nonnull(strstr(to_staff, "the log has reached its cap"));
	ck_assert_ptr_null(strstr(to_staff, "nothing was refused"));
	to_student = explained(log, sizeof log - 1, &student, &status);
	ck_assert_str_eq(to_student, "✗ The program made more calls than can be recorded.\n");
	document = explained(log, sizeof log - 1, &json, &status);
	ck_assert_ptr_nonnull(strstr(document, "\"kind\": \"policy\""));
}
END_TEST

/* ------------------------------------------------------------------ long words */

/* The processor time of explaining a word of N bytes, the least of three. */
static uint64_t time_of_word(size_t n)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *word = xmalloc(n + 1);
	uint64_t least = UINT64_MAX;

	memset(word, 'x', n);
	word[n] = '\0';
	put_start(&log, "");
	put_refusal(&log, 1, word, 3);
	put_end(&log, "OK", 0);
	for (int i = 0; i < 3; i++) {
		uint64_t begin = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

		free(explained_text(&log));
		least = MIN(least, clock_ns(CLOCK_PROCESS_CPUTIME_ID) - begin);
	}
	return least;
}

START_TEST(test_a_long_word_takes_time_by_its_length)
{
	uint64_t little, much;

	setenv("COLUMNS", "80", 1);
	/* Eight times as long: 8 times as much time, and 64 times if it were quadratic. What is too
	 * short to be measured counts as 2 ms. */
	little = MAX(time_of_word(40000), UINT64_C(2000000));
	much = time_of_word(320000);
	unsetenv("COLUMNS");
	ck_assert_msg(much / little < 24, "%" PRIu64 " ns, then %" PRIu64, little, much);
}
END_TEST

/* Wrapped at the width, put together again it is the word. */
START_TEST(test_a_long_word_is_wrapped_whole)
{
	static const char *const pieces[] = { "x", "é", "漢", "e\u0301", "漢x" };

	setenv("COLUMNS", "40", 1);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		_cleanup_buf_ struct buf log = { 0 }, word = { 0 }, joined = { 0 };
		_cleanup_free_ char *text = NULL;
		char *rest, *line;

		for (int k = 0; k < 1000; k++)
			buf_puts(&word, pieces[i]);
		put_start(&log, "");
		put_refusal(&log, 1, word.data, 3);
		put_end(&log, "OK", 0);
		text = explained_text(&log);
		rest = strstr(text, "  path  ");
		ck_assert_ptr_nonnull(rest);
		rest += 2 + 4 + 2;
		while ((line = strsep(&rest, "\n")) && strncmp(line, "  rule", 6) != 0) {
			line += strspn(line, " ");
			ck_assert_uint_le(text_width(line, strlen(line)), 32);
			buf_puts(&joined, line);
		}
		ck_assert_str_eq(joined.data, word.data);
	}
	unsetenv("COLUMNS");
}
END_TEST

/* ------------------------------------------------------------------ source lines */

static char directory[64];

static void make_directory(void)
{
	snprintf(directory, sizeof directory, "/tmp/check_explain.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void)
{
	_cleanup_free_ char *command = xasprintf("rm -rf '%s'", directory);

	ck_assert_int_eq(system(command), 0);
}

/*
 * A log with a refusal at line 2 of FILE, with the members MORE in its "code", of the script
 * solve.py of the directory, whose digest at the start was "00".
 */
static void put_source(struct buf *log, const char *file, const char *more)
{
	_cleanup_free_ char *start = xasprintf(
		",\"script\":{\"path\":\"%s/solve.py\",\"directory\":\"%s\",\"sha256\":\"00\"},"
		"\"process\":{\"working_directory\":\"%s\"}",
		directory, directory, directory);

	put_start(log, start);
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":1,\"action\":\"open\"},"
		   "\"file\":{\"path\":\"%s/refused\"},"
		   "\"decision\":{\"action\":\"deny\",\"violation\":true},\"code\":{\"file.path\":"
		   "\"%s\",\"line.number\":2%s}}\n",
		   directory, file, more);
	put_end(log, "OK", 0);
}

static char *explain_source(const char *file, const char *more)
{
	_cleanup_buf_ struct buf log = { 0 };

	put_source(&log, file, more);
	return explained_text(&log);
}

#define CHANGED "the file changed while the program ran"

START_TEST(test_the_recorded_line_is_shown)
{
	_cleanup_free_ char *file = xasprintf("%s/solve.py", directory), *text = NULL, *cut = NULL,
			    *exact = NULL;

	text = explain_source(file, ",\"source\":\"\\topen('/x')  # \\u001b[2J\"");
	ck_assert_ptr_nonnull(strstr(text, "   2 | open('/x')  # \\x1b[2J\n"));
	cut = explain_source(file, ",\"source\":\"open(\",\"source_cut\":true");
	ck_assert_ptr_nonnull(strstr(cut, "   2 | open(…\n"));
	exact = explain_source(file, ",\"source\":\"?\",\"source_b64\":\"YfE=\"");
	ck_assert_ptr_nonnull(strstr(exact, "   2 | a\\xf1\n"));
}
END_TEST

START_TEST(test_a_script_that_changed_is_told)
{
	_cleanup_free_ char *file = xasprintf("%s/solve.py", directory), *same = NULL, *text = NULL,
			    *relative = NULL, *other = NULL;

	same = explain_source(file, ",\"source\":\"two\",\"source_sha256\":\"00\"");
	ck_assert_ptr_nonnull(strstr(same, "   2 | two\n"));
	ck_assert_ptr_null(strstr(same, CHANGED));
	text = explain_source(file, ",\"source\":\"two\",\"source_sha256\":\"01\"");
	ck_assert_ptr_nonnull(strstr(text, "   2 | two\n"));
	ck_assert_ptr_nonnull(strstr(text, CHANGED));
	relative = explain_source("solve.py", ",\"source\":\"two\",\"source_sha256\":\"01\"");
	ck_assert_ptr_nonnull(strstr(relative, CHANGED));
	other = explain_source("module.py", ",\"source\":\"two\",\"source_sha256\":\"01\"");
	ck_assert_ptr_null(strstr(other, CHANGED));
}
END_TEST

START_TEST(test_a_source_of_a_wrong_type_is_none)
{
	static const char *const members[] = { "", ",\"source\":7", ",\"source\":null",
					       ",\"source\":[\"x\"],\"source_sha256\":1" };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		_cleanup_free_ char *text = explain_source("solve.py", members[i]);

		ck_assert_ptr_null(strstr(text, "   2 | "));
	}
}
END_TEST

/* Everything of the directory that is opened, read or looked through after this tells on the result. */
static int watch_directory(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(inotify_add_watch(fd, directory, IN_OPEN | IN_ACCESS), 0);
	return fd;
}

START_TEST(test_no_file_is_opened_for_a_log)
{
	static const char *const names[] = { "solve.py", "fifo", "link", "module.py" };
	static const struct explain_options forms[] = {
		{ 0 }, { .student = true }, { .json = true }, { .sequence = 1 }, { .all = true }
	};
	_cleanup_free_ char *fifo = xasprintf("%s/fifo", directory),
			    *link = xasprintf("%s/link", directory);
	_cleanup_close_ int watch = -1;
	char event[4096];

	for (size_t i = 0; i < ARRAY_SIZE(names); i += 3) {
		_cleanup_free_ char *path = xasprintf("%s/%s", directory, names[i]);
		FILE *f = fopen(path, "w");

		ck_assert_ptr_nonnull(f);
		fputs("one\nsecret\n", f);
		fclose(f);
	}
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_int_eq(symlink("solve.py", link), 0);
	watch = watch_directory();
	for (size_t i = 0; i < ARRAY_SIZE(names) * ARRAY_SIZE(forms); i++) {
		_cleanup_buf_ struct buf log = { 0 };
		_cleanup_free_ char *text = NULL;
		_cleanup_free_ char *file =
			xasprintf("%s/%s", directory, names[i % ARRAY_SIZE(names)]);
		int status;

		put_source(&log, file, "");
		text = explained(log.data, log.len, &forms[i / ARRAY_SIZE(names)], &status);
		ck_assert_int_eq(status, 0);
		ck_assert_ptr_null(strstr(text, "secret"));
	}
	ck_assert_int_eq(read(watch, event, sizeof event), -1);
	ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *tcase = tcase_create("logs"), *source = tcase_create("source");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_explain_says_what_is_expected, 0, ARRAY_SIZE(goldens));
	tcase_add_loop_test(tcase, test_explain_sends_no_control_character, 0, ARRAY_SIZE(goldens));
	tcase_add_test(tcase, test_explain_keeps_to_the_width);
	tcase_add_test(tcase, test_students_see_nothing_of_the_policy);
	tcase_add_test(tcase, test_ten_thousand_alike_get_one_explanation);
	tcase_add_test(tcase, test_another_line_is_another_explanation);
	tcase_add_test(tcase, test_a_line_with_many_names_is_one_explanation);
	tcase_add_test(tcase, test_names_that_are_made_up_are_one_explanation);
	tcase_add_test(tcase, test_the_number_of_groups_is_bounded);
	tcase_add_test(tcase, test_the_last_refusal_before_the_end_comes_first);
	tcase_add_test(tcase, test_the_last_refusal_may_be_too_long_to_keep);
	tcase_add_test(tcase, test_no_refusal_is_blamed_without_knowing);
	tcase_add_test(tcase, test_a_student_is_not_told_of_what_the_program_went_on_from);
	tcase_add_test(tcase, test_a_name_that_is_looked_up_is_one_act);
	tcase_add_test(tcase, test_what_is_no_look_up_is_not_told_as_one);
	tcase_add_test(tcase, test_what_interpreters_do_without_is_one_line);
	tcase_add_test(tcase, test_a_long_stack_is_folded);
	tcase_add_test(tcase, test_what_is_no_log_is_refused);
	tcase_add_test(tcase, test_a_log_that_was_cut_anywhere_says_so);
	tcase_add_test(tcase, test_a_log_that_lacks_something_says_so);
	tcase_add_test(tcase, test_a_record_of_an_incomplete_log_is_explained_as_such);
	tcase_add_test(tcase, test_a_run_that_a_full_log_ended_is_not_without_a_reason);
	tcase_add_test(tcase, test_a_long_word_takes_time_by_its_length);
	tcase_add_test(tcase, test_a_long_word_is_wrapped_whole);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(source, make_directory, remove_directory);
	tcase_add_test(source, test_the_recorded_line_is_shown);
	tcase_add_test(source, test_a_script_that_changed_is_told);
	tcase_add_test(source, test_a_source_of_a_wrong_type_is_none);
	tcase_add_test(source, test_no_file_is_opened_for_a_log);
	suite_add_tcase(suite, source);
	return run_suite(suite);
}
