/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/offsets.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

/* clang-format off */
/* What CPython 3.13.0 publishes on x86-64, up to asciiobject_size. */
static const uint64_t python_3_13[OFFSETS_DEBUG_WORDS] = {
	[0] = 0x7970677562656478, /* "xdebugpy" */
	[1] = 0x030d00f0, [3] = 283320, [4] = 608, [5] = 632,
	[6] = 194968, [7] = 7272, [8] = 7264, [9] = 7344,
	[19] = 304, [20] = 0, [21] = 8, [22] = 16, [23] = 72, [24] = 152, [25] = 160, [26] = 232, [27] = 32,
	[28] = 80, [29] = 8, [30] = 0, [31] = 56, [32] = 72, [33] = 70,
	[34] = 208, [35] = 112, [36] = 120, [37] = 128, [38] = 136, [39] = 68, [40] = 52, [43] = 200,
	[44] = 16, [45] = 8, [64] = 40, [65] = 16, [66] = 32, [67] = 64, [68] = 32, [69] = 16, [70] = 40,
};
/* clang-format on */

START_TEST(test_layouts_up_to_3_12_are_in_the_table)
{
	for (int minor = 9; minor <= 12; minor++) {
		const struct python_offsets *o = offsets_known(minor);

		ck_assert_ptr_nonnull(o);
		ck_assert_int_eq(o->minor, minor);
		ck_assert_uint_le(o->frame_bytes, OFFSETS_FRAME_MAX);
		ck_assert_uint_le(o->code_bytes, OFFSETS_CODE_MAX);
		ck_assert_uint_le(o->string_compact, OFFSETS_STRING_MAX);
		ck_assert_uint_le(o->frame_instr + 8, o->frame_bytes);
		ck_assert_uint_le(o->code_linetable + 8, o->code_bytes);
	}
	ck_assert_ptr_null(offsets_known(8));
	ck_assert_ptr_null(offsets_known(13));
}
END_TEST

START_TEST(test_published_layout_is_taken)
{
	struct python_offsets o;
	int major, minor;

	ck_assert(offsets_are_published(python_3_13));
	offsets_version(python_3_13, &major, &minor);
	ck_assert_int_eq(major, 3);
	ck_assert_int_eq(minor, 13);
	ck_assert_int_eq(offsets_from_debug(python_3_13, &o), 0);
	ck_assert_uint_eq(o.interpreters_head, 632);
	ck_assert_uint_eq(o.thread_id, 152);
	ck_assert_uint_eq(o.frame_instr, 56);
	ck_assert_uint_eq(o.code_name, 128);
	ck_assert_uint_eq(o.string_ascii, 40);
	ck_assert_uint_eq(o.string_compact, 56);
	ck_assert_uint_eq(o.code_tag_mask, 0);
}
END_TEST

START_TEST(test_unknown_version_is_not_supported_and_leaves_the_result)
{
	struct python_offsets o = {.minor = 99};
	uint64_t word[OFFSETS_DEBUG_WORDS];

	memcpy(word, python_3_13, sizeof word);
	word[1] = 0x03100000;
	ck_assert_int_eq(offsets_from_debug(word, &o), -ENOTSUP);
	word[1] = 0x040d0000;
	ck_assert_int_eq(offsets_from_debug(word, &o), -ENOTSUP);
	ck_assert_int_eq(o.minor, 99);
	word[0]++;
	ck_assert(!offsets_are_published(word));
}
END_TEST

/* Every word that is used, made huge or pointing just past its structure. */
START_TEST(test_offset_outside_its_structure_is_refused)
{
	static const uint8_t used[] = {3,  5,  6,  8,  9,  19, 20, 21, 22, 23, 24, 28, 29, 30,
				       31, 33, 34, 35, 37, 38, 39, 43, 45, 65, 66, 68, 69, 70};
	static const uint64_t hostile[] = {UINT64_MAX, UINT64_C(1) << 63, UINT64_C(1) << 32,
					   1 << 23};
	uint64_t word[OFFSETS_DEBUG_WORDS];
	struct python_offsets o;

	for (size_t i = 0; i < ARRAY_SIZE(used); i++)
		for (size_t k = 0; k < ARRAY_SIZE(hostile); k++) {
			memcpy(word, python_3_13, sizeof word);
			word[used[i]] = hostile[k];
			ck_assert_int_eq(offsets_from_debug(word, &o), -EBADMSG);
		}
	memcpy(word, python_3_13, sizeof word);
	word[31] = 80 - 7;
	ck_assert_int_eq(offsets_from_debug(word, &o), -EBADMSG);
	word[31] = 80 - 8;
	ck_assert_int_eq(offsets_from_debug(word, &o), 0);
	word[28] = 4;
	ck_assert_int_eq(offsets_from_debug(word, &o), -EBADMSG);
}
END_TEST

START_TEST(test_structures_may_grow_in_a_patch_release)
{
	uint64_t word[OFFSETS_DEBUG_WORDS];
	struct python_offsets o;

	memcpy(word, python_3_13, sizeof word);
	word[3] += 4096;
	word[19] += 64;
	word[28] += 8;
	word[34] += 16;
	ck_assert_int_eq(offsets_from_debug(word, &o), 0);
	ck_assert_uint_eq(o.frame_bytes, 88);
}
END_TEST

/* No word may lead to a field outside the buffers that are read for it. */
START_TEST(test_whatever_is_accepted_fits_the_buffers)
{
	uint64_t word[OFFSETS_DEBUG_WORDS];
	struct python_offsets o;
	int accepted = 0;

	srand(1);
	for (int round = 0; round < 100000; round++) {
		memcpy(word, python_3_13, sizeof word);
		for (int i = rand() % 4; i >= 0; i--)
			word[3 + rand() % 68] = (uint64_t)(rand() % 300);
		if (offsets_from_debug(word, &o) < 0)
			continue;
		accepted++;
		ck_assert_uint_le(o.frame_bytes, OFFSETS_FRAME_MAX);
		ck_assert_uint_le(MAX(o.frame_prev, MAX(o.frame_code, o.frame_instr)) + 8,
				  o.frame_bytes);
		ck_assert_uint_lt(o.frame_owner, o.frame_bytes);
		ck_assert_uint_le(o.code_bytes, OFFSETS_CODE_MAX);
		ck_assert_uint_le(MAX(o.code_filename, MAX(o.code_name, o.code_linetable)) + 8,
				  o.code_bytes);
		ck_assert_uint_le(o.ob_type + 8, o.code_bytes);
		ck_assert_uint_le(o.string_compact, OFFSETS_STRING_MAX);
		ck_assert_uint_le(MAX(o.string_length + 8, o.string_state + 4), o.string_ascii);
	}
	ck_assert_int_gt(accepted, 1000);
}
END_TEST

START_TEST(test_free_threaded_build_has_wide_string_state_from_3_14)
{
	uint64_t word[OFFSETS_DEBUG_WORDS];
	struct python_offsets o;

	memcpy(word, python_3_13, sizeof word);
	word[2] = 1;
	ck_assert_int_eq(offsets_from_debug(word, &o), 0);
	ck_assert(o.free_threaded);
	ck_assert_uint_eq(o.string_compact_mask, 0x20);
	/* 3.14's words: every size 1000, then every offset 0 is inside. */
	memset(word, 0, sizeof word);
	memcpy(word, "xdebugpy", 8);
	word[1] = 0x030e0000;
	word[2] = 1;
	word[3] = word[6] = word[22] = word[39] = 1000;
	word[31] = 96;
	word[38] = 72;
	word[49] = 208;
	word[51] = 24;
	word[80] = 40;
	word[78] = 32;
	word[79] = 16;
	ck_assert_int_eq(offsets_from_debug(word, &o), 0);
	ck_assert_uint_eq(o.string_compact_mask, 0x800);
	ck_assert_uint_eq(o.string_ascii_mask, 0x1000);
	ck_assert_uint_eq(o.string_kind_shift, 8);
	ck_assert_uint_eq(o.frame_tlbc, 72);
	ck_assert_uint_eq(o.code_tlbc, 208);
	ck_assert_uint_eq(o.code_tag_mask, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("python_offsets");
	TCase *tc = tcase_create("python_offsets");

	tcase_add_test(tc, test_layouts_up_to_3_12_are_in_the_table);
	tcase_add_test(tc, test_published_layout_is_taken);
	tcase_add_test(tc, test_unknown_version_is_not_supported_and_leaves_the_result);
	tcase_add_test(tc, test_offset_outside_its_structure_is_refused);
	tcase_add_test(tc, test_structures_may_grow_in_a_patch_release);
	tcase_add_test(tc, test_whatever_is_accepted_fits_the_buffers);
	tcase_add_test(tc, test_free_threaded_build_has_wide_string_state_from_3_14);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
