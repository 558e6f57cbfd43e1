/* SPDX-License-Identifier: Apache-2.0 */
/* What of a batch of directory entries is handed on. */
#include "supervisor/handlers/listing.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct policy *policy;
static struct listed dir;
static char entries[4096];
static struct batch batch;

static void set_up(void)
{
	static const char text[] =
		"version: 1\nread: [/pt/d]\nhide: [/pt/d/hidden, '/pt/d/*.ans', '/pt/d/nodot/**']\n";
	const struct policy_context context = { 0 };
	struct buf messages = { 0 };

	ck_assert_int_eq(policy_load_text(text, strlen(text), "t.yaml", &context, &policy, &messages), 0);
	buf_fini(&messages);
	strcpy(dir.path, "/pt/d/");
	dir.len = strlen(dir.path);
	batch = (struct batch){ .entries = entries };
}

static void tear_down(void)
{
	policy_free(policy);
}

/* Appends an entry as the kernel lays it out, with OFF to tell entries apart. */
static void put(const char *name, int64_t off)
{
	size_t at = batch.old ? 18 : 19, size = (at + strlen(name) + 2 + 7) & ~(size_t)7;
	char *entry = entries + batch.n;
	uint16_t len = (uint16_t)size;

	ck_assert_uint_le(batch.n + size, sizeof entries);
	memset(entry, 0, size);
	memcpy(entry + 8, &off, sizeof off);
	memcpy(entry + 16, &len, sizeof len);
	strcpy(entry + at, name);
	batch.n += size;
}

static void fill(bool old)
{
	static const char *const names[] = { ".", "hidden", "a", "1.ans", "..", "nodot", "hidden2", "2.ans" };
	size_t i;

	batch.n = 0;
	batch.old = old;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		put(names[i], (int64_t)i + 1);
}

/* The names in the first N bytes, each with a blank behind it. */
static const char *names_in(int n)
{
	static char text[1024];
	size_t at = 0, used = 0;
	uint16_t len;

	text[0] = '\0';
	while (at < (size_t)n) {
		memcpy(&len, entries + at + 16, sizeof len);
		used += (size_t)snprintf(text + used, sizeof text - used, "%s ",
					 entries + at + (batch.old ? 18 : 19));
		at += len;
	}
	return text;
}

START_TEST(test_what_is_hidden_is_taken_out_and_all_else_stays_in_order)
{
	fill(_i);
	ck_assert_str_eq(names_in(listing_filter(policy, &dir, &batch, sizeof entries)), ". a .. hidden2 ");
	ck_assert(!batch.cut);
}
END_TEST

START_TEST(test_what_does_not_go_in_is_left_for_the_next_time)
{
	int kept;

	fill(false);
	kept = listing_filter(policy, &dir, &batch, 24 + 24 + 23);
	ck_assert_str_eq(names_in(kept), ". a ");
	ck_assert(batch.cut);
	/* Where "a" says that the listing goes on, not where the last one read does. */
	ck_assert_int_eq(batch.next, 3);
	fill(false);
	ck_assert_int_eq(listing_filter(policy, &dir, &batch, 23), -EINVAL);
	ck_assert(!batch.cut);
	fill(false);
	ck_assert_int_eq(listing_filter(policy, &dir, &batch, 0), -EINVAL);
}
END_TEST

START_TEST(test_a_hidden_name_never_decides_what_goes_in)
{
	batch.n = 0;
	put("a-long-name-that-is-hidden-and-would-not-go-in.ans", 1);
	put("b", 2);
	ck_assert_str_eq(names_in(listing_filter(policy, &dir, &batch, 24)), "b ");
	ck_assert(!batch.cut);
	batch.n = 0;
	put("b", 1);
	put("a-long-name-that-is-hidden-and-would-not-go-in.ans", 2);
	ck_assert_str_eq(names_in(listing_filter(policy, &dir, &batch, 24)), "b ");
	ck_assert(!batch.cut);
	batch.n = 0;
	put("1.ans", 1);
	ck_assert_int_eq(listing_filter(policy, &dir, &batch, 0), 0);
}
END_TEST

START_TEST(test_the_root_directory_is_one_too)
{
	strcpy(dir.path, "/");
	dir.len = 1;
	batch.n = 0;
	put("hidden", 1);
	put("pt", 2);
	ck_assert_str_eq(names_in(listing_filter(policy, &dir, &batch, sizeof entries)), "hidden pt ");
}
END_TEST

START_TEST(test_what_is_no_list_of_entries_is_handed_to_nobody)
{
	static const uint16_t lengths[] = { 0, 1, 18, 19, 4000, 65535 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		batch.n = 0;
		put("a", 1);
		put("b", 2);
		memcpy(entries + 24 + 16, &lengths[i], sizeof lengths[i]);
		ck_assert_int_eq(listing_filter(policy, &dir, &batch, sizeof entries), -EIO);
	}
	/* A name without an end, and one that is none. */
	batch.n = 0;
	put("a", 1);
	memset(entries + 19, 'a', 5);
	ck_assert_int_eq(listing_filter(policy, &dir, &batch, sizeof entries), 24);
	batch.n = 0;
	put("", 1);
	ck_assert_int_eq(listing_filter(policy, &dir, &batch, sizeof entries), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("listing");
	TCase *tc = tcase_create("listing");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_what_is_hidden_is_taken_out_and_all_else_stays_in_order, 0, 2);
	tcase_add_test(tc, test_what_does_not_go_in_is_left_for_the_next_time);
	tcase_add_test(tc, test_a_hidden_name_never_decides_what_goes_in);
	tcase_add_test(tc, test_the_root_directory_is_one_too);
	tcase_add_test(tc, test_what_is_no_list_of_entries_is_handed_to_nobody);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
