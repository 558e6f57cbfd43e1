/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/unicode.h"

#include <check.h>
#include <errno.h>
#include <unistd.h>

#include "tracee/python/texts.h"
#include "tests/unit/suite.h"

static struct budget budget;
static struct pages pages;

static void setup(void)
{
	budget_start(&budget, UINT64_C(60000000000));
	pages_init(&pages, &budget);
	pages_begin(&pages, getpid());
}

static void teardown(void)
{
	pages_fini(&pages);
}

static const char *encoded(const void *p, unsigned int width, size_t n)
{
	static char out[256];

	out[unicode_encode(p, width, n, out)] = '\0';
	return out;
}

START_TEST(test_each_width_is_encoded)
{
	ck_assert_str_eq(encoded("caf\xe9", 1, 4), "caf\xc3\xa9");
	ck_assert_str_eq(encoded((const uint16_t[]){'a', 0x7ff, 0x800, 0xffff}, 2, 4),
			 "a\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
	ck_assert_str_eq(encoded((const uint32_t[]){0x1f600, 0x10ffff}, 4, 2),
			 "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf");
}
END_TEST

START_TEST(test_undecodable_byte_of_a_file_name_comes_back)
{
	ck_assert_str_eq(encoded((const uint16_t[]){'a', 0xdcff, 0xdc80}, 2, 3), "a\xff\x80");
}
END_TEST

START_TEST(test_surrogates_nul_and_beyond_unicode_are_replaced)
{
	ck_assert_str_eq(
		encoded((const uint32_t[]){0xd800, 0xdc7f, 0xdfff, 0, 0x110000, UINT32_MAX}, 4, 6),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}
END_TEST

/* A str object as 3.12 lays it out: 40 bytes before ASCII, 56 before other characters. */
struct object {
	uint64_t refcount, type, length, hash;
	uint32_t state, padding;
	uint64_t utf8_length, utf8;
	unsigned char rest[3000];
};

enum { KIND1 = 1 << 2, KIND2 = 2 << 2, KIND4 = 4 << 2, COMPACT = 0x20, ASCII = 0x40 };

static ssize_t read_object(const struct object *o, char *out)
{
	pages_drop(&pages);
	return unicode_read(&pages, offsets_known(12), 77, (uint64_t)(uintptr_t)o, out);
}

START_TEST(test_str_object_is_read)
{
	struct object o = {.type = 77, .length = 5, .state = KIND1 | COMPACT | ASCII};
	char out[UNICODE_BYTES];

	memcpy((char *)&o + 40, "hello", 5);
	ck_assert_int_eq(read_object(&o, out), 5);
	ck_assert_str_eq(out, "hello");
	o.state = KIND2 | COMPACT;
	o.length = 2;
	memcpy((char *)&o + 56, (const uint16_t[]){0x4e2d, 'x'}, 4);
	ck_assert_int_eq(read_object(&o, out), 4);
	ck_assert_str_eq(out, "\xe4\xb8\xadx");
}
END_TEST

START_TEST(test_str_that_lies_about_being_ascii_is_encoded)
{
	struct object o = {.type = 77, .length = 3, .state = KIND1 | COMPACT | ASCII};
	char out[UNICODE_BYTES];

	memcpy((char *)&o + 40, "a\0\xff", 3);
	ck_assert_int_eq(read_object(&o, out), 6);
	ck_assert_str_eq(out, "a\xef\xbf\xbd\xc3\xbf");
}
END_TEST

START_TEST(test_long_str_is_cut_with_an_ellipsis)
{
	struct object o = {.type = 77, .length = 2000, .state = KIND1 | COMPACT | ASCII};
	char out[UNICODE_BYTES];

	memset((char *)&o + 40, 'x', 2000);
	ck_assert_int_eq(read_object(&o, out), UNICODE_CHARS + 3);
	ck_assert_str_eq(out + UNICODE_CHARS, "\xe2\x80\xa6");
}
END_TEST

START_TEST(test_what_is_no_str_is_refused)
{
	struct object o = {.type = 78, .length = 1, .state = KIND1 | COMPACT | ASCII};
	char out[UNICODE_BYTES];

	ck_assert_int_eq(read_object(&o, out), -EBADMSG);
	o.type = 77;
	ck_assert_int_eq(read_object(&o, out), 3);
	o.state = KIND1 | ASCII;
	ck_assert_int_eq(read_object(&o, out), -EBADMSG);
	o.state = 3 << 2 | COMPACT;
	ck_assert_int_eq(read_object(&o, out), -EBADMSG);
	o.state = KIND1 | COMPACT | ASCII;
	o.length = UINT64_MAX;
	ck_assert_int_eq(read_object(&o, out), -EBADMSG);
	ck_assert_int_eq(unicode_read(&pages, offsets_known(12), 77, 8, out), -EFAULT);
	ck_assert_int_eq(
		unicode_read(&pages, offsets_known(12), 77, (uint64_t)(uintptr_t)&o + 4, out),
		-EFAULT);
}
END_TEST

START_TEST(test_texts_stay_until_reset_and_are_bounded)
{
	struct texts t = {0};
	const char *first = texts_add(&t, "first", 5), *text = first;
	char big[4000];
	size_t n = 0;

	memset(big, 'b', sizeof big);
	while (text) {
		text = texts_add(&t, big, sizeof big);
		n += text != NULL;
	}
	ck_assert_uint_le(n * sizeof big, TEXTS_MAX);
	ck_assert_uint_ge(n * sizeof big, TEXTS_MAX * 9 / 10);
	ck_assert_str_eq(first, "first");
	texts_reset(&t);
	ck_assert_str_eq(texts_add(&t, "again", 5), "again");
	ck_assert_ptr_null(texts_add(&t, big, TEXTS_CHUNK));
	texts_fini(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("python_unicode");
	TCase *tc = tcase_create("python_unicode");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_each_width_is_encoded);
	tcase_add_test(tc, test_undecodable_byte_of_a_file_name_comes_back);
	tcase_add_test(tc, test_surrogates_nul_and_beyond_unicode_are_replaced);
	tcase_add_test(tc, test_str_object_is_read);
	tcase_add_test(tc, test_str_that_lies_about_being_ascii_is_encoded);
	tcase_add_test(tc, test_long_str_is_cut_with_an_ellipsis);
	tcase_add_test(tc, test_what_is_no_str_is_refused);
	tcase_add_test(tc, test_texts_stay_until_reset_and_are_bounded);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
