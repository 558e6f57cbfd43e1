/* SPDX-License-Identifier: Apache-2.0 */
#include "report/log_reader.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/suite.h"

#define START "{\"v\":1,\"kind\":\"start\",\"settings\":{\"calls\":\"brokered\"}}\n"
#define END "{\"v\":1,\"kind\":\"end\",\"status\":\"OK\"}\n"
#define CALL(n, action)                                                                            \
	"{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":" #n                                   \
	"},\"decision\":{\"action\":\"" action "\"},\"x\":1}\n"

/* Reads TEXT to its end; the number of records. */
static size_t read_all(const char *text, size_t n, struct log_health *ret_health)
{
	struct log_reader *reader = log_open_memory(text, n);
	struct log_record record;
	size_t records = 0;

	while (log_next(reader, &record) > 0)
		records++;
	*ret_health = *log_health(reader);
	log_close(reader);
	return records;
}

static struct log_health health_of(const char *text)
{
	struct log_health health;

	read_all(text, strlen(text), &health);
	return health;
}

static void expect_told(const struct log_health *health, const char *what)
{
	_cleanup_buf_ struct buf text = { 0 };

	log_health_tell(health, &text);
	ck_assert_msg(text.data && strstr(text.data, what), "not told: %s\nbut: %s", what,
		      text.data);
}

START_TEST(test_a_whole_log_has_nothing_to_tell)
{
	struct log_health health = health_of(START CALL(1, "allow") CALL(2, "deny") END);
	_cleanup_buf_ struct buf text = { 0 };

	ck_assert_uint_eq(health.records, 4);
	log_health_tell(&health, &text);
	ck_assert_uint_eq(text.len, 0);
	ck_assert(!log_is_foreign(&health));
}
END_TEST

START_TEST(test_every_beginning_of_a_log_is_told_apart)
{
	static const char log[] = START CALL(1, "allow") CALL(2, "deny") END;
	size_t n = sizeof log - 1;

	for (size_t cut = 0; cut < n; cut++) {
		struct log_health health;
		bool at_line = cut == 0 || log[cut - 1] == '\n' || log[cut] == '\n';

		read_all(log, cut, &health);
		ck_assert_int_eq(health.cut_off, !at_line);
		ck_assert_uint_eq(health.garbage, 0);
		ck_assert_int_eq(health.has_end, cut == n - 1);
		ck_assert_int_eq(log_is_whole(&health), cut == n - 1);
	}
}
END_TEST

START_TEST(test_a_missing_end_is_told)
{
	struct log_health health = health_of(START CALL(1, "allow"));

	expect_told(&health, "no end record");
	health = health_of(CALL(1, "allow") END);
	expect_told(&health, "no start record");
}
END_TEST

START_TEST(test_a_newer_version_is_told)
{
	struct log_health health = health_of(START "{\"v\":7,\"kind\":\"hologram\"}\n" END);

	ck_assert_uint_eq(health.unknown, 1);
	expect_told(&health, "version 7, newer");
	ck_assert(!log_is_foreign(&health));
}
END_TEST

START_TEST(test_lines_that_are_no_records_are_counted)
{
	struct log_health health =
		health_of(START "\n[1]\n{}\n{\"kind\":3}\n\xff\n{\"kind\":\"call\"\nnull\n" END);

	ck_assert_uint_eq(health.garbage, 7);
	ck_assert_uint_eq(health.first_garbage, 2);
	ck_assert_uint_eq(health.records, 2);
	expect_told(&health, "7 lines that are no records, first at line 2");
}
END_TEST

START_TEST(test_another_file_is_foreign)
{
	struct log_health health = health_of("root:x:0:0\n{\"a\":1}\n[]\n");

	ck_assert(log_is_foreign(&health));
	health = health_of("\n");
	ck_assert(log_is_foreign(&health));
	health = health_of("{\"version\": 1");
	ck_assert(log_is_foreign(&health));
	health = health_of("{\"kind\":\"Pod\"}\n");
	ck_assert(log_is_foreign(&health));
}
END_TEST

/* A run that was killed at once, or whose disk was full, leaves that. */
START_TEST(test_a_log_that_ends_before_its_first_record_is_a_log)
{
	static const char start[] = START;
	struct log_health health = health_of("");

	ck_assert(!log_is_foreign(&health));
	ck_assert(!log_is_whole(&health));
	expect_told(&health, "the log is empty");
	for (size_t n = 1; n < sizeof start - 2; n++) {
		read_all(start, n, &health);
		ck_assert(!log_is_foreign(&health));
		ck_assert(!log_is_whole(&health));
		expect_told(&health, "cut off in the middle");
	}
}
END_TEST

START_TEST(test_the_end_record_counts_the_others)
{
	struct log_health health =
		health_of(START CALL(1, "allow") "{\"v\":1,\"kind\":\"end\",\"records\":3}\n");

	ck_assert(log_is_whole(&health));
	health = health_of(START "{\"v\":1,\"kind\":\"end\",\"records\":3}\n");
	ck_assert(!log_is_whole(&health));
	expect_told(&health, "the log has 2 records, but its end record counts 3");
}
END_TEST

START_TEST(test_order_and_gaps_are_checked)
{
	struct log_health health = health_of(START CALL(1, "allow") CALL(3, "allow") CALL(3, "deny")
						     CALL(2, "allow") CALL(10, "deny") END);

	ck_assert_uint_eq(health.disordered, 2);
	ck_assert_uint_eq(health.first_disordered, 3);
	ck_assert_uint_eq(health.missing, 7);
	ck_assert_uint_eq(health.first_missing, 2);
}
END_TEST

START_TEST(test_what_was_lost_is_told)
{
	struct log_health health =
		health_of(START CALL(1, "allow") "{\"v\":1,\"kind\":\"lost\",\"event\":{"
						 "\"sequence\":2},\"count\":3}\n" END);

	ck_assert_uint_eq(health.missing, 0);
	expect_told(&health, "3 records were left out");
}
END_TEST

START_TEST(test_records_behind_the_end_are_told)
{
	struct log_health health = health_of(START END CALL(1, "deny"));

	expect_told(&health, "1 record behind its end record");
}
END_TEST

START_TEST(test_allowed_calls_are_passed_over_but_counted)
{
	static const char log[] = START CALL(1, "allow") CALL(2, "deny") CALL(3, "allow") END;
	struct log_reader *reader = log_open_memory(log, sizeof log - 1);
	size_t parsed = 0, records = 0;
	struct log_record record;

	log_skip_allowed(reader);
	while (log_next(reader, &record) > 0) {
		records++;
		parsed += record.json != NULL;
		if (record.kind == RECORD_CALL)
			ck_assert_int_eq(record.json != NULL, record.sequence == 2);
	}
	ck_assert_uint_eq(records, 5);
	ck_assert_uint_eq(parsed, 3);
	ck_assert_uint_eq(log_health(reader)->disordered, 0);
	log_close(reader);
}
END_TEST

START_TEST(test_a_refusal_cannot_hide_behind_an_argument)
{
	/* The path holds the very text that allowed calls are known by. */
	static const char log[] = "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":1},"
				  "\"syscall\":{\"args\":[\"\\\"decision\\\":{\\\"action"
				  "\\\":\\\"allow\\\"\"]},\"decision\":{\"action\":\"deny\"}}\n";
	struct log_reader *reader = log_open_memory(log, sizeof log - 1);
	struct log_record record;

	log_skip_allowed(reader);
	ck_assert_int_eq(log_next(reader, &record), 1);
	ck_assert_ptr_nonnull(record.json);
	log_close(reader);
}
END_TEST

START_TEST(test_one_record_can_be_picked)
{
	static const char log[] = START CALL(1, "allow") CALL(2, "allow") CALL(3, "deny") END;
	struct log_reader *reader = log_open_memory(log, sizeof log - 1);
	struct log_record record;

	log_only(reader, 2);
	while (log_next(reader, &record) > 0)
		if (record.kind == RECORD_CALL)
			ck_assert_int_eq(record.json != NULL, record.sequence == 2);
	log_close(reader);
}
END_TEST

/* START, a line of N bytes, END. */
static char *long_log(size_t n, const char *filler, size_t *ret_len)
{
	struct buf log = { 0 };

	buf_puts(&log, START "{\"kind\":\"call\",\"x\":\"");
	while (log.len < n)
		buf_puts(&log, filler);
	buf_puts(&log, "\"}\n" END);
	*ret_len = log.len;
	return buf_steal(&log);
}

START_TEST(test_a_line_that_is_too_long_is_passed_over)
{
	struct log_health health;
	size_t n;
	_cleanup_free_ char *log = long_log((16u << 20) + 4096,
					    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &n);

	ck_assert_uint_eq(read_all(log, n, &health), 2);
	ck_assert_uint_eq(health.too_long, 1);
	ck_assert_uint_eq(health.garbage, 1);
	ck_assert(health.has_end);
	/* Cut off inside. */
	ck_assert_uint_eq(read_all(log, n - 100, &health), 1);
	ck_assert(health.cut_off);
}
END_TEST

START_TEST(test_a_long_line_within_bounds_is_read)
{
	struct log_health health;
	size_t n;
	_cleanup_free_ char *log =
		long_log(12u << 20, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", &n);

	ck_assert_uint_eq(read_all(log, n, &health), 3);
	ck_assert_uint_eq(health.garbage, 0);
}
END_TEST

START_TEST(test_a_line_of_too_many_values_is_passed_over)
{
	_cleanup_buf_ struct buf log = { 0 };
	struct log_health health;

	buf_puts(&log, START "{\"kind\":\"call\",\"x\":[0");
	for (size_t i = 0; i < 400000; i++)
		buf_puts(&log, ",0");
	buf_puts(&log, "]}\n{\"kind\":\"call\",\"x\":");
	for (size_t i = 0; i < 100000; i++)
		buf_putc(&log, '[');
	buf_puts(&log, "\n" END);
	ck_assert_uint_eq(read_all(log.data, log.len, &health), 2);
	ck_assert_uint_eq(health.too_long, 1);
	ck_assert_uint_eq(health.garbage, 2);
}
END_TEST

START_TEST(test_lines_across_reads_are_whole)
{
	char path[] = "/tmp/check_log_reader.XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	_cleanup_buf_ struct buf log = { 0 };
	struct log_reader *reader;
	struct log_record record;
	uint64_t expected = 1;

	ck_assert_int_ge(fd, 0);
	for (uint64_t i = 1; i <= 20000; i++)
		buf_printf(&log,
			   "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":%llu},\"pad\":\"%*"
			   "s\"}\n",
			   (unsigned long long)i, (int)(i % 97), "");
	ck_assert_int_eq(write_full(fd, log.data, log.len), (ssize_t)log.len);
	ck_assert_int_eq(log_open(path, &reader), 0);
	while (log_next(reader, &record) > 0)
		ck_assert_uint_eq(record.sequence, expected++);
	ck_assert_uint_eq(expected, 20001);
	ck_assert_uint_eq(log_health(reader)->garbage, 0);
	log_close(reader);
	unlink(path);
}
END_TEST

START_TEST(test_what_cannot_be_opened_is_an_error)
{
	struct log_reader *reader = NULL;

	ck_assert_int_eq(log_open("/proc/nonexistent/log", &reader), -ENOENT);
	ck_assert_int_eq(log_open("/tmp", &reader), -EISDIR);
	ck_assert_ptr_null(reader);
}
END_TEST

START_TEST(test_members_of_a_wrong_type_are_absent)
{
	_cleanup_(json_decrefp) json_t *json =
		json_loads("{\"a\":{\"b\":3,\"c\":\"t\",\"d\":-1},\"p\":\"x\",\"p_b64\":\"//"
			   "4=\",\"q\":\"y\",\"q_b64\":\"!\",\"r\":1}",
			   0, NULL);
	_cleanup_free_ char *p = json_raw(json, "p"), *q = json_raw(json, "q"),
			    *r = json_raw(json, "r");

	ck_assert_uint_eq(json_number(json, "a.b", 9), 3);
	ck_assert_uint_eq(json_number(json, "a.c", 9), 9);
	ck_assert_uint_eq(json_number(json, "a.d", 9), 9);
	ck_assert_uint_eq(json_number(json, "a.b.c.d", 9), 9);
	ck_assert_str_eq(json_text(json, "a.c"), "t");
	ck_assert_ptr_null(json_text(json, "a"));
	ck_assert_ptr_null(json_text(NULL, "a"));
	ck_assert_str_eq(p, "\xff\xfe");
	ck_assert_str_eq(q, "y");
	ck_assert_ptr_null(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log_reader");
	TCase *tcase = tcase_create("log_reader");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_a_whole_log_has_nothing_to_tell);
	tcase_add_test(tcase, test_every_beginning_of_a_log_is_told_apart);
	tcase_add_test(tcase, test_a_missing_end_is_told);
	tcase_add_test(tcase, test_a_newer_version_is_told);
	tcase_add_test(tcase, test_lines_that_are_no_records_are_counted);
	tcase_add_test(tcase, test_another_file_is_foreign);
	tcase_add_test(tcase, test_the_end_record_counts_the_others);
	tcase_add_test(tcase, test_a_log_that_ends_before_its_first_record_is_a_log);
	tcase_add_test(tcase, test_order_and_gaps_are_checked);
	tcase_add_test(tcase, test_what_was_lost_is_told);
	tcase_add_test(tcase, test_records_behind_the_end_are_told);
	tcase_add_test(tcase, test_allowed_calls_are_passed_over_but_counted);
	tcase_add_test(tcase, test_a_refusal_cannot_hide_behind_an_argument);
	tcase_add_test(tcase, test_one_record_can_be_picked);
	tcase_add_test(tcase, test_a_line_that_is_too_long_is_passed_over);
	tcase_add_test(tcase, test_a_long_line_within_bounds_is_read);
	tcase_add_test(tcase, test_a_line_of_too_many_values_is_passed_over);
	tcase_add_test(tcase, test_lines_across_reads_are_whole);
	tcase_add_test(tcase, test_what_cannot_be_opened_is_an_error);
	tcase_add_test(tcase, test_members_of_a_wrong_type_are_absent);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
