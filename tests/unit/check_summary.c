/* SPDX-License-Identifier: Apache-2.0 */
#include "report/summary.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/unit/golden.h"
#include "tests/unit/suite.h"

typedef int print_fn(const struct summary *, const struct log_health *, FILE *);

static int print_text(const struct summary *summary, const struct log_health *health, FILE *out)
{
	summary_print(summary, health, out);
	return 0;
}

/* The summary of a log in tests/report/, printed. The caller frees. */
static char *summed_up(const char *name, bool recount, enum summary_order order, print_fn *print)
{
	_cleanup_free_ char *path = golden_path(name);
	struct log_reader *reader;
	struct summary summary;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_int_eq(log_open(path, &reader), 0);
	ck_assert_int_eq(summary_read(reader, recount, &summary), 0);
	summary_sort(&summary, order);
	ck_assert_int_eq(print(&summary, log_health(reader), out), 0);
	fclose(out);
	summary_fini(&summary);
	log_close(reader);
	return text;
}

static const struct {
	const char *log, *expected;
	bool recount;
	enum summary_order order;
	print_fn *print;
} goldens[] = {
	{ "profile.jsonl", "profile.time.txt", false, ORDER_TIME, print_text },
	{ "profile.jsonl", "profile.calls.txt", false, ORDER_CALLS, print_text },
	{ "profile.jsonl", "profile.errors.txt", false, ORDER_ERRORS, print_text },
	{ "profile.jsonl", "profile.broker.txt", true, ORDER_BROKER, print_text },
	{ "profile.jsonl", "profile.name.txt", false, ORDER_NAME, print_text },
	{ "profile.jsonl", "profile.json", false, ORDER_TIME, summary_print_json },
	{ "recount.jsonl", "recount.txt", true, ORDER_TIME, print_text },
	{ "recount.jsonl", "recount.json", true, ORDER_TIME, summary_print_json },
	{ "hostile.jsonl", "hostile.summary.txt", true, ORDER_NAME, print_text },
};

START_TEST(test_summary_says_what_is_expected)
{
	_cleanup_free_ char *text = summed_up(goldens[_i].log, goldens[_i].recount,
					      goldens[_i].order, goldens[_i].print);

	golden_check(goldens[_i].expected, text);
}
END_TEST

/* Reads LOG; the caller finishes the summary. */
static struct summary summary_of(const struct buf *log, bool recount)
{
	struct log_reader *reader = log_open_memory(log->data, log->len);
	struct summary summary;

	ck_assert_int_eq(summary_read(reader, recount, &summary), 0);
	log_close(reader);
	return summary;
}

START_TEST(test_the_summary_record_wins_over_the_calls)
{
	_cleanup_buf_ struct buf log = { 0 };
	struct summary summary;

	buf_puts(&log, "{\"v\":1,\"kind\":\"call\",\"event\":{\"action\":\"openat\"}}\n"
		       "{\"v\":1,\"kind\":\"summary\",\"syscalls\":[{\"nr\":0,\"name\":\"read\","
		       "\"calls\":7}]}\n"
		       "{\"v\":1,\"kind\":\"call\",\"event\":{\"action\":\"stat\"}}\n");
	summary = summary_of(&log, true);
	ck_assert(summary.recorded);
	ck_assert_uint_eq(summary.n, 1);
	ck_assert_uint_eq(summary.rows[0].calls, 7);
	summary_fini(&summary);
}
END_TEST

START_TEST(test_without_recounting_calls_are_passed_over)
{
	_cleanup_buf_ struct buf log = { 0 };
	struct summary summary;

	buf_puts(&log,
		 "{\"v\":1,\"kind\":\"call\",\"event\":{\"sequence\":1,\"action\":\"openat\"}}\n");
	summary = summary_of(&log, false);
	ck_assert(!summary.recorded);
	ck_assert_uint_eq(summary.n, 0);
	summary_fini(&summary);
}
END_TEST

START_TEST(test_the_number_of_rows_is_bounded)
{
	_cleanup_buf_ struct buf log = { 0 };
	struct summary summary;
	uint64_t calls = 0;

	for (int i = 0; i < SUMMARY_MAX_ROWS + 952; i++)
		buf_printf(&log, "{\"v\":1,\"kind\":\"call\",\"event\":{\"action\":\"call%d\"}}\n",
			   i);
	summary = summary_of(&log, true);
	ck_assert_uint_eq(summary.n, SUMMARY_MAX_ROWS);
	ck_assert_str_eq(summary.rows[SUMMARY_MAX_ROWS - 1].name, "(others)");
	for (size_t i = 0; i < summary.n; i++)
		calls += summary.rows[i].calls;
	ck_assert_uint_eq(calls, SUMMARY_MAX_ROWS + 952);
	summary_fini(&summary);
}
END_TEST

START_TEST(test_sums_do_not_wrap)
{
	_cleanup_buf_ struct buf log = { 0 };
	struct summary summary;
	int i;

	buf_puts(&log, "{\"v\":1,\"kind\":\"summary\",\"syscalls\":[");
	for (i = 0; i < 5; i++)
		buf_printf(&log, "%s{\"name\":\"read\",\"calls\":1,\"time_ns\":%" PRId64 "}",
			   i ? "," : "", INT64_MAX);
	buf_puts(&log, "]}\n");
	summary = summary_of(&log, false);
	ck_assert_uint_eq(summary.rows[0].time_ns, UINT64_MAX);
	summary_fini(&summary);
}
END_TEST

START_TEST(test_orders_have_names)
{
	enum summary_order order = ORDER_NAME;

	ck_assert_int_eq(summary_order_from_name("size", &order), -EINVAL);
	ck_assert_int_eq(order, ORDER_NAME);
	ck_assert_int_eq(summary_order_from_name("broker", &order), 0);
	ck_assert_int_eq(order, ORDER_BROKER);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("summary");
	TCase *tcase = tcase_create("summary");

	tcase_add_loop_test(tcase, test_summary_says_what_is_expected, 0, ARRAY_SIZE(goldens));
	tcase_add_test(tcase, test_the_summary_record_wins_over_the_calls);
	tcase_add_test(tcase, test_without_recounting_calls_are_passed_over);
	tcase_add_test(tcase, test_the_number_of_rows_is_bounded);
	tcase_add_test(tcase, test_sums_do_not_wrap);
	tcase_add_test(tcase, test_orders_have_names);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
