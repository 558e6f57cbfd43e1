/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of what a program used over time. */
#include "supervisor/meter.h"
#include "supervisor/profile.h"

#include <check.h>
#include <string.h>

#include "base/util.h"
#include "tests/unit/suite.h"

static struct meter new_meter(void)
{
	struct meter meter;

	meter_begin(&meter);
	return meter;
}

/* N points, as if ticks came just when they are due; at point PEAK memory is MOST. */
static void take(struct meter *meter, unsigned n, unsigned peak, uint64_t most)
{
	uint64_t at = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		at += meter->every_ns;
		meter_take(meter, &(struct meter_point){ .at_ns = at,
							 .cpu_ns = at / 2,
							 .memory_bytes = i == peak ? most : 1000,
							 .output_bytes = i,
							 .threads = 1 });
	}
}

START_TEST(test_one_point_is_not_told)
{
	_cleanup_buf_ struct buf out = { 0 };
	struct meter meter = new_meter();

	take(&meter, METER_LEAST - 1, 0, 1);
	meter_format(&meter, true, &out);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(test_points_are_told_as_columns)
{
	_cleanup_buf_ struct buf out = { 0 }, less = { 0 };
	struct meter meter = new_meter();

	take(&meter, 2, 1, 2000);
	meter_format(&meter, true, &out);
	ck_assert_str_eq(out.data, "\"usage\":{\"every_ns\":50000000,\"at_ns\":[50000000,100000000],"
				   "\"cpu_ns\":[25000000,50000000],\"memory_bytes\":[1000,2000],"
				   "\"output_bytes\":[0,1],\"threads\":[1,1]}");
	meter_format(&meter, false, &less);
	ck_assert_ptr_null(strstr(less.data, "output_bytes"));
}
END_TEST

/* However long a program runs, and wherever its peak was: memory is bounded, order kept, the peak still there. */
START_TEST(test_thinning_keeps_the_peak_and_the_order)
{
	static const unsigned lengths[] = { 1, METER_POINTS - 1, METER_POINTS, METER_POINTS + 1, 300, 2000 };
	size_t l;
	unsigned i, peak, most;

	for (l = 0; l < ARRAY_SIZE(lengths); l++)
		for (peak = 0; peak < lengths[l]; peak += lengths[l] / 13 + 1) {
			struct meter meter = new_meter();

			take(&meter, lengths[l], peak, 9000);
			ck_assert_uint_le(meter.n, METER_POINTS);
			ck_assert_uint_eq(meter.points[meter.n - 1].output_bytes, lengths[l] - 1);
			for (i = most = 0; i < meter.n; i++) {
				most += meter.points[i].memory_bytes == 9000;
				if (i) {
					ck_assert_uint_lt(meter.points[i - 1].at_ns, meter.points[i].at_ns);
					ck_assert_uint_lt(meter.points[i - 1].cpu_ns, meter.points[i].cpu_ns);
				}
			}
			ck_assert_uint_eq(most, 1);
		}
}
END_TEST

START_TEST(test_it_waits_for_its_time)
{
	struct meter meter = { 0 };
	uint64_t at;

	ck_assert(!meter_is_due(&meter, &at));
	meter = new_meter();
	/* As far in the past as a point is away. */
	meter.start_ns -= METER_EVERY_NS;
	ck_assert(meter_is_due(&meter, &at));
	ck_assert_uint_ge(at, METER_EVERY_NS);
	meter_take(&meter, &(struct meter_point){ .at_ns = at + UINT64_C(3600000000000) });
	meter.start_ns -= UINT64_C(3600000000000);
	ck_assert(!meter_is_due(&meter, &at));
}
END_TEST

/* N samples of a stack of FRAMES. */
static void sample(struct profile *profile, struct python_frame *frames, size_t n_frames, unsigned n)
{
	struct stack stack = { .python = frames, .n_python = n_frames };

	for (; n > 0; n--)
		profile_take(profile, &stack);
}

START_TEST(test_what_starts_python_is_not_the_programs_line)
{
	static const char *const library[] = { "/lib/python3.9", NULL };
	struct python_frame of_pth[] = { { "<string>", "<module>", 2, false }, { "/lib/python3.9/site.py", "addpackage", 170, false } },
			    frozen[] = { { "<string>", "<module>", 2, false }, { "<frozen site>", "addpackage", 186, false } },
			    of_library[] = { { "/lib/python3.9/os.py", "f", 3, false } },
			    own[] = { { "/lib/python3.9/os.py", "f", 3, false }, { "/box/solve.py", "main", 7, false } };
	struct profile_hottest hot;
	struct profile profile;

	profile_init(&profile, 100, false, library);
	sample(&profile, of_pth, ARRAY_SIZE(of_pth), 20);
	sample(&profile, frozen, ARRAY_SIZE(frozen), 20);
	sample(&profile, of_library, ARRAY_SIZE(of_library), 20);
	profile_hottest(&profile, &hot);
	ck_assert_ptr_null(hot.file);
	sample(&profile, own, ARRAY_SIZE(own), 18);
	profile_hottest(&profile, &hot);
	ck_assert_str_eq(hot.file, "/box/solve.py");
	ck_assert_uint_eq(hot.line, 7);
	ck_assert_uint_eq(hot.samples, 18);
	ck_assert_uint_eq(hot.of, 78);
	profile_hottest_fini(&hot);
	profile_fini(&profile);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("meter");
	TCase *tcase = tcase_create("points");

	tcase_add_test(tcase, test_one_point_is_not_told);
	tcase_add_test(tcase, test_points_are_told_as_columns);
	tcase_add_test(tcase, test_thinning_keeps_the_peak_and_the_order);
	tcase_add_test(tcase, test_it_waits_for_its_time);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("samples");
	tcase_add_test(tcase, test_what_starts_python_is_not_the_programs_line);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
