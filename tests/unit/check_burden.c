/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the supervisor's CPU time counts as the program's. */
#include "supervisor/burden.h"

#include <check.h>

#include "base/util.h"
#include "tests/unit/suite.h"

#define MS UINT64_C(1000000)

START_TEST(test_work_of_honest_programs_does_not_count)
{
	/* { program, supervisor, wall }: as measured of programs that only stat, only open, only are refused
	 * three hundred frames deep, only import; one that sleeps for a day under a memory limit */
	static const uint64_t honest[][3] = {
		{ 529 * MS, 2456 * MS, 3020 * MS }, { 637 * MS, 1533 * MS, 2170 * MS }, { 84 * MS, 919 * MS, 1000 * MS },
		{ 133 * MS, 42 * MS, 220 * MS },    { 18 * MS, 864000 * MS, 86400000 * MS }, { 0, 500 * MS, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(honest); i++)
		ck_assert_uint_eq(burden_counted(honest[i][0], honest[i][1], honest[i][2]), 0);
}
END_TEST

START_TEST(test_what_is_beyond_the_share_counts)
{
	ck_assert_uint_eq(burden_counted(0, 500 * MS + 1, 0), 1);
	ck_assert_uint_eq(burden_counted(100 * MS, 1500 * MS, 0), 0);
	ck_assert_uint_eq(burden_counted(100 * MS, 1500 * MS + 7, 0), 7);
	ck_assert_uint_eq(burden_counted(100 * MS, 8430 * MS, 10000 * MS), 6430 * MS);
}
END_TEST

START_TEST(test_no_number_overflows)
{
	ck_assert_uint_eq(burden_counted(UINT64_MAX, UINT64_MAX, UINT64_MAX), 0);
	ck_assert_uint_eq(burden_counted(UINT64_MAX / 10, UINT64_MAX, 0), 0);
	ck_assert_uint_eq(burden_counted(0, UINT64_MAX, 0), UINT64_MAX - 500 * MS);
	ck_assert_uint_eq(burden_counted(0, 0, 0), 0);
}
END_TEST

/* The promise: whatever a program does, at some moment its own time and what counts pass the limit. */
START_TEST(test_what_a_program_costs_is_bounded)
{
	const uint64_t limit = 1000 * MS, step = 50 * MS; /* a tick */
	uint64_t share; /* of its time on a processor, in hundredths, that is the program's own */

	for (share = 0; share <= 100; share++) {
		uint64_t program = 0, supervisor = 0, wall = 0;

		while (program + burden_counted(program, supervisor, wall) <= limit) {
			program += step * share / 100;
			supervisor += step - step * share / 100;
			wall += step;
			ck_assert_uint_lt(wall, 60000 * MS);
		}
		ck_assert_uint_le(program, limit + step);
		ck_assert_uint_le(supervisor, limit + 10 * program + 500 * MS + wall / 20 + step);
	}
}
END_TEST

START_TEST(test_stops_for_counted_writes_are_no_work)
{
	ck_assert_uint_eq(burden_of_stops(500 * MS, 0), 0);
	ck_assert_uint_eq(burden_of_stops(500 * MS, 600 * MS), 300 * MS);
	ck_assert_uint_eq(burden_of_stops(100 * MS, 600 * MS), 100 * MS); /* never more than there is */
	ck_assert_uint_eq(burden_of_stops(UINT64_MAX, UINT64_MAX), UINT64_MAX / BURDEN_STOPS_SHARE);
}
END_TEST

START_TEST(test_clock_is_of_this_thread)
{
	uint64_t begin = burden_clock();

	while (burden_clock() == begin)
		; /* busy: it is this thread's time that moves */
	ck_assert_uint_gt(burden_clock(), begin);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("burden");
	TCase *tc = tcase_create("burden");

	tcase_add_test(tc, test_work_of_honest_programs_does_not_count);
	tcase_add_test(tc, test_what_is_beyond_the_share_counts);
	tcase_add_test(tc, test_no_number_overflows);
	tcase_add_test(tc, test_what_a_program_costs_is_bounded);
	tcase_add_test(tc, test_stops_for_counted_writes_are_no_work);
	tcase_add_test(tc, test_clock_is_of_this_thread);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
