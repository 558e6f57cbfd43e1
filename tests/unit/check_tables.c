/* SPDX-License-Identifier: Apache-2.0 */
#include "report/table.h"

#include <check.h>

#include "report/event.h"
#include "tests/unit/suite.h"

START_TEST(test_table_numbers_keys_in_order_of_arrival)
{
	struct table table;
	bool is_new;

	table_init(&table, 100000, SIZE_MAX);
	for (uint32_t i = 0; i < 5000; i++) {
		ck_assert_uint_eq(table_put(&table, &i, sizeof i, &is_new), i);
		ck_assert(is_new);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		ck_assert_uint_eq(table_put(&table, &i, sizeof i, &is_new), i);
		ck_assert(!is_new);
	}
	ck_assert_uint_eq(table.n, 5000);
	table_fini(&table);
}
END_TEST

START_TEST(test_table_that_is_full_still_knows_its_own)
{
	struct table table;
	bool is_new;

	table_init(&table, 2, SIZE_MAX);
	ck_assert_uint_eq(table_put(&table, "", 0, &is_new), 0);
	ck_assert_uint_eq(table_put(&table, "\0", 1, &is_new), 1);
	ck_assert_uint_eq(table_put(&table, "c", 1, &is_new), TABLE_FULL);
	ck_assert(!is_new);
	ck_assert_uint_eq(table_put(&table, "", 0, &is_new), 0);
	table_fini(&table);
}
END_TEST

START_TEST(test_table_bounds_the_bytes_of_its_keys)
{
	struct table table;
	bool is_new;

	table_init(&table, 100, 10);
	ck_assert_uint_eq(table_put(&table, "abcd", 4, &is_new), 0);
	ck_assert_uint_eq(table_put(&table, "efgh", 4, &is_new), 1);
	/* What is there takes no more room. */
	for (int i = 0; i < 10; i++)
		ck_assert_uint_eq(table_put(&table, "abcd", 4, &is_new), 0);
	ck_assert_uint_eq(table.bytes, 8);
	ck_assert_uint_eq(table_put(&table, "ij", 2, &is_new), 2);
	ck_assert_uint_eq(table_put(&table, "k", 1, &is_new), TABLE_FULL);
	ck_assert(!is_new);
	ck_assert_uint_eq(table_put(&table, "efgh", 4, &is_new), 1);
	table_fini(&table);
}
END_TEST

START_TEST(test_table_that_was_full_once_takes_nothing_new)
{
	struct table table;
	bool is_new;

	table_init(&table, 100, 10);
	ck_assert_uint_eq(table_put(&table, "abcd", 4, &is_new), 0);
	ck_assert_uint_eq(table_put(&table, "0123456789", 10, &is_new), TABLE_FULL);
	/* There would be room: but who counts what is beyond in a row behind the others has given number 1 away. */
	ck_assert_uint_eq(table_put(&table, "e", 1, &is_new), TABLE_FULL);
	ck_assert_uint_eq(table_put(&table, "abcd", 4, &is_new), 0);
	ck_assert_uint_eq(table.n, 1);
	table_fini(&table);
}
END_TEST

START_TEST(test_what_the_caller_keeps_for_its_keys_counts)
{
	struct table table;
	bool is_new;

	table_init(&table, 100, 10);
	ck_assert_uint_eq(table_put(&table, "a", 1, &is_new), 0);
	table.bytes += 20;
	ck_assert_uint_eq(table_put(&table, "a", 1, &is_new), 0);
	ck_assert_uint_eq(table_put(&table, "", 0, &is_new), TABLE_FULL);
	table_fini(&table);
}
END_TEST

START_TEST(test_times_are_read_to_the_nanosecond)
{
	int64_t ns = 0;

	ck_assert(event_time("2026-01-05T10:11:12.345678901Z", &ns));
	ck_assert_int_eq(ns, INT64_C(1767607872345678901));
	ck_assert(event_time("1970-01-01T00:00:00Z", &ns));
	ck_assert_int_eq(ns, 0);
	ck_assert(event_time("1970-01-01T00:00:00.5Z", &ns));
	ck_assert_int_eq(ns, 500000000);
	ck_assert(event_time("2000-02-29T23:59:60Z", &ns));
}
END_TEST

START_TEST(test_what_is_no_time_leaves_the_result_alone)
{
	static const char *const texts[] = {
		NULL, "", "x", "2026", "2026-01-05", "2026-01-05T10:11:12", "2026-01-05 10:11:12Z", "2026-13-05T10:11:12Z",
		"2026-01-00T10:11:12Z", "2026-01-05T24:11:12Z", "2026-01-05T10:60:12Z", "2026-01-05T10:11:61Z",
		"2026-01-05T10:11:1", "2026-01-05T10:11:12.Zx", "2026-01-05T10:11:12.1234567890Z", "9999-01-05T10:11:12Z",
		"-026-01-05T10:11:12Z",
	};
	int64_t ns = 7;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		ck_assert_msg(!event_time(texts[i], &ns), "%s", texts[i]);
		ck_assert_int_eq(ns, 7);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tables");
	TCase *tcase = tcase_create("tables");

	tcase_add_test(tcase, test_table_numbers_keys_in_order_of_arrival);
	tcase_add_test(tcase, test_table_that_is_full_still_knows_its_own);
	tcase_add_test(tcase, test_table_bounds_the_bytes_of_its_keys);
	tcase_add_test(tcase, test_table_that_was_full_once_takes_nothing_new);
	tcase_add_test(tcase, test_what_the_caller_keeps_for_its_keys_counts);
	tcase_add_test(tcase, test_times_are_read_to_the_nanosecond);
	tcase_add_test(tcase, test_what_is_no_time_leaves_the_result_alone);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
