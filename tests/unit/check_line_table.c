/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/line_table.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

#define TABLE(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* The line, or -1 when the table is refused; the out-parameter must then be untouched. */
static int line(int minor, const uint8_t *table, size_t size, int first, int64_t offset)
{
	int got = -7, r = line_table_find(minor, table, size, first, offset, &got);

	if (r == 0)
		return got;
	ck_assert_int_eq(r, -EBADMSG);
	ck_assert_int_eq(got, -7);
	return -1;
}

START_TEST(test_lnotab_39_steps_address_and_line)
{
#define T TABLE(0, 1, 8, 1, 4, 0xfe, 255, 0, 45, 3)
	ck_assert_int_eq(line(9, T, 10, 0), 11);
	ck_assert_int_eq(line(9, T, 10, 7), 11);
	ck_assert_int_eq(line(9, T, 10, 8), 12);
	ck_assert_int_eq(line(9, T, 10, 12), 10);
	ck_assert_int_eq(line(9, T, 10, 311), 10);
	ck_assert_int_eq(line(9, T, 10, 312), 13);
	ck_assert_int_eq(line(9, T, 10, 1 << 20), 13);
#undef T
	ck_assert_int_eq(line(9, NULL, 0, 10, 4), 10);
}
END_TEST

START_TEST(test_lnotab_39_refuses_odd_length_and_line_below_one)
{
	ck_assert_int_eq(line(9, TABLE(0, 1, 8), 10, 4), -1);
	ck_assert_int_eq(line(9, TABLE(0, 0x80), 10, 4), -1);
	ck_assert_int_eq(line(9, TABLE(0, 127), INT_MAX - 1, 4), -1);
}
END_TEST

START_TEST(test_ranges_310_give_lines_and_no_line)
{
#define T TABLE(10, 1, 20, 0x80, 4, 0xff, 0, 5, 2, 0)
	ck_assert_int_eq(line(10, T, 10, 0), 11);
	ck_assert_int_eq(line(10, T, 10, 9), 11);
	ck_assert_int_eq(line(10, T, 10, 10), 0);
	ck_assert_int_eq(line(10, T, 10, 29), 0);
	ck_assert_int_eq(line(10, T, 10, 30), 10);
	ck_assert_int_eq(line(10, T, 10, 34), 15);
	ck_assert_int_eq(line(10, T, 10, 36), -1);
#undef T
}
END_TEST

START_TEST(test_ranges_310_refuse_odd_length_and_impossible_lines)
{
	ck_assert_int_eq(line(10, TABLE(10), 10, 0), -1);
	ck_assert_int_eq(line(10, TABLE(10, 0x81), 10, 0), -1);
	ck_assert_int_eq(line(10, NULL, 0, 10, 0), -1);
}
END_TEST

/* The first byte of an entry: CODE for UNITS code units. */
#define ENTRY(code, units) (uint8_t)(0x80 | (code) << 3 | ((units)-1))

START_TEST(test_locations_311_know_every_form)
{
#define T                                                                                          \
	TABLE(ENTRY(0, 2), 0x12,				/* short: same line, units 0-1 */  \
	      ENTRY(11, 1), 4, 9,				/* one line: +1, unit 2 */         \
	      ENTRY(15, 8),					/* none, units 3-10 */             \
	      ENTRY(13, 1), 0x05,				/* no columns: -2, unit 11 */      \
	      ENTRY(14, 1), 0x60, 0x4b, 0x22, 0x41, 0x01, 3, 4, /* long: +70000, unit 12 */        \
	      ENTRY(12, 1), 1, 2)				/* +2, unit 13 */
	static const int want[] = {20, 20, 21, 0, 0, 0, 0, 0, 0, 0, 0, 19, 70019, 70021};

	for (int minor = 11; minor <= 15; minor++) {
		for (size_t i = 0; i < ARRAY_SIZE(want); i++)
			ck_assert_int_eq(line(minor, T, 20, (int64_t)i * 2), want[i]);
		ck_assert_int_eq(line(minor, T, 20, (int64_t)ARRAY_SIZE(want) * 2), -1);
	}
#undef T
}
END_TEST

START_TEST(test_locations_311_refuse_what_is_malformed)
{
	ck_assert_int_eq(line(11, TABLE(0x01, 0), 20, 0), -1);	   /* no entry start */
	ck_assert_int_eq(line(11, TABLE(ENTRY(0, 1)), 20, 0), -1); /* cut */
	ck_assert_int_eq(line(11, TABLE(ENTRY(11, 1), 1), 20, 0), -1);
	ck_assert_int_eq(line(11, TABLE(ENTRY(13, 1), 0x40), 20, 0), -1);
	ck_assert_int_eq(line(11, TABLE(ENTRY(14, 1), 2, 0), 20, 0), -1);
	ck_assert_int_eq(line(11, TABLE(ENTRY(13, 1), 0x80), 20, 0),
			 -1); /* start inside a number */
	ck_assert_int_eq(
		line(11, TABLE(ENTRY(13, 1), 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x01), 20, 0), -1);
	ck_assert_int_eq(line(11, TABLE(ENTRY(13, 1), 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x03), 20, 0),
			 -1);
	ck_assert_int_eq(line(11, NULL, 0, 20, 0), -1);
}
END_TEST

START_TEST(test_before_the_first_instruction_is_the_first_line)
{
	for (int minor = 9; minor <= 15; minor++) {
		ck_assert_int_eq(line(minor, TABLE(1, 1), 33, -1), 33);
		ck_assert_int_eq(line(minor, TABLE(1, 1), 0, -1), -1);
	}
}
END_TEST

START_TEST(test_longest_table_is_read_and_a_longer_one_refused)
{
	_cleanup_free_ uint8_t *t = xmalloc(LINE_TABLE_MAX + 2);

	memset(t, ENTRY(15, 8), LINE_TABLE_MAX + 2);
	ck_assert_int_eq(line(12, t, LINE_TABLE_MAX, 1, (int64_t)LINE_TABLE_MAX * 16 - 2), 0);
	ck_assert_int_eq(line(12, t, LINE_TABLE_MAX, 1, (int64_t)LINE_TABLE_MAX * 16), -1);
	ck_assert_int_eq(line(12, t, LINE_TABLE_MAX + 2, 1, 0), -1);
}
END_TEST

/* Exact allocations, so that a sanitizer sees any byte read past the end. */
START_TEST(test_random_and_cut_tables_are_answered_within_their_bounds)
{
	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)rand() % 24;
		_cleanup_free_ uint8_t *t = xmalloc(n);

		for (size_t i = 0; i < n; i++)
			t[i] = (uint8_t)(rand() % 3 ? rand() | 0x80 : rand());
		for (int minor = 9; minor <= 11; minor++)
			ck_assert_int_ge(line(minor, t, n, rand() % 100, rand() % 64 - 2), -1);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("line_table");
	TCase *tc = tcase_create("line_table");

	tcase_add_test(tc, test_lnotab_39_steps_address_and_line);
	tcase_add_test(tc, test_lnotab_39_refuses_odd_length_and_line_below_one);
	tcase_add_test(tc, test_ranges_310_give_lines_and_no_line);
	tcase_add_test(tc, test_ranges_310_refuse_odd_length_and_impossible_lines);
	tcase_add_test(tc, test_locations_311_know_every_form);
	tcase_add_test(tc, test_locations_311_refuse_what_is_malformed);
	tcase_add_test(tc, test_before_the_first_instruction_is_the_first_line);
	tcase_add_test(tc, test_longest_table_is_read_and_a_longer_one_refused);
	tcase_add_test(tc, test_random_and_cut_tables_are_answered_within_their_bounds);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
