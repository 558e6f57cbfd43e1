/* SPDX-License-Identifier: Apache-2.0 */
/* What a run has stored beneath rules with a quota: two rules, of 16 pages and 4 names, and of 8 pages and 2 names. */
#include "supervisor/ledger.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/unit/suite.h"

#define PAGE UINT64_C(4096)

enum { WIDE_PAGES = 16, WIDE_FILES = 4, SMALL_PAGES = 8, SMALL_FILES = 2, MANY = 300, HELD_AT_MOST = 256 };

static struct grant wide = { .quota = { .counted = true, .bytes = WIDE_PAGES * PAGE, .files = WIDE_FILES } };
static struct grant small = { .quota = { .counted = true, .bytes = SMALL_PAGES * PAGE, .files = SMALL_FILES } };
static struct grant plain;
static struct grant *grants[] = { &plain, &wide, &small };
static struct ledger *ledger;
static char place[] = "/tmp/check_ledger.XXXXXX";

static void begin(void)
{
	struct policy policy = { .grants = grants, .n_grants = ARRAY_SIZE(grants), .counts = true };

	strcpy(place + sizeof place - sizeof "XXXXXX", "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(place));
	ck_assert_int_eq(chdir(place), 0);
	wide.quota.files = WIDE_FILES;
	ledger = ledger_new(&policy);
	ck_assert_ptr_nonnull(ledger);
}

static int take(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void end(void)
{
	ledger_free(ledger);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(place, take, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* On an overlay no lease says that a file is nobody's. */
static bool has_leases(void)
{
	struct statfs fs;

	ck_assert_int_eq(statfs(".", &fs), 0);
	return fs.f_type != OVERLAYFS_SUPER_MAGIC;
}

/* How many pages, and how many names, GRANT has room for. */
static uint64_t pages_left(const struct grant *grant)
{
	uint64_t n = 0;

	while (ledger_has_room(ledger, grant, 0, (n + 1) * PAGE))
		n++;
	return n;
}

static uint64_t names_left(const struct grant *grant)
{
	uint64_t n = 0;

	while (ledger_has_room(ledger, grant, n + 1, 0))
		n++;
	return n;
}

/* A new file NAME of LENGTH bytes, open for reading and writing. */
static int make(const char *name, off_t length)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, length), 0);
	return fd;
}

/* And it is entered as made by the run. */
static struct counted *enter_new(const struct grant *grant, const char *name, off_t length, int *ret_fd)
{
	struct counted *file;

	*ret_fd = make(name, length);
	file = ledger_enter(ledger, grant, *ret_fd, true);
	ck_assert_ptr_nonnull(file);
	return file;
}

static uint64_t reach_of(struct counted *file, int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return ledger_reach(ledger, file, &st);
}

static void grow(struct counted *file, int fd, off_t length)
{
	ck_assert_int_eq(ftruncate(fd, length), 0);
	ledger_settle(file, fd);
}

/* Removes NAME as a call does: what it leads to is looked at before. */
static void remove_name(const char *name, int flags)
{
	int fd = open(name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(unlinkat(AT_FDCWD, name, flags), 0);
	ledger_removed(ledger, fd);
	close(fd);
}

START_TEST(test_no_quota_no_ledger)
{
	struct policy policy = { .grants = grants, .n_grants = 1 };
	bool of_files;

	ck_assert_ptr_null(ledger_new(&policy));
	ledger_free(NULL);
	ck_assert(!ledger_counts(NULL, &wide));
	ck_assert(!ledger_counts(ledger, NULL));
	ck_assert(!ledger_counts(ledger, &plain));
	ck_assert(ledger_counts(ledger, &wide));
	ck_assert_ptr_null(ledger_last_refused(NULL, &of_files));
}
END_TEST

START_TEST(test_a_grant_of_no_ledger_has_no_room)
{
	static const struct grant stranger = { .quota = { .counted = true, .bytes = UINT64_MAX, .files = UINT64_MAX } };
	int fd = make("f", 0);

	ck_assert(!ledger_has_room(ledger, &stranger, 0, 0));
	ck_assert(!ledger_has_room(ledger, &plain, 0, 0));
	ck_assert_ptr_null(ledger_enter(ledger, &stranger, fd, true));
	ck_assert_ptr_null(ledger_enter(ledger, &plain, fd, false));
	ck_assert_ptr_null(ledger_enter(ledger, &wide, -1, true));
	close(fd);
}
END_TEST

START_TEST(test_found_by_what_it_is)
{
	int fd, other = make("g", 0), again;
	struct counted *file = enter_new(&wide, "f", 0, &fd);
	struct stat st;

	again = open("f", O_PATH | O_CLOEXEC);
	ck_assert_ptr_eq(ledger_find(ledger, again, &st), file);
	ck_assert_ptr_eq(ledger_enter(ledger, &small, again, false), file); /* it stays where it was entered */
	ck_assert_ptr_eq(ledger_grant(file), &wide);
	ck_assert_ptr_null(ledger_find(ledger, other, &st));
	ck_assert_ptr_null(ledger_find(ledger, -1, &st));
	ck_assert_int_eq(rename("f", "moved"), 0);
	ck_assert_ptr_eq(ledger_find(ledger, fd, &st), file);
	close(fd);
	close(other);
	close(again);
}
END_TEST

START_TEST(test_growth_counts_by_pages)
{
	/* { length, pages } in this order, for one file */
	static const uint64_t steps[][2] = {
		{ 1, 1 }, { PAGE, 1 }, { PAGE + 1, 2 }, { 5 * PAGE, 5 }, { 1, 1 }, { 0, 0 }, { WIDE_PAGES * PAGE, WIDE_PAGES },
	};
	int fd;
	struct counted *file = enter_new(&wide, "f", 0, &fd);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		grow(file, fd, (off_t)steps[i][0]);
		ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - steps[i][1]);
		ck_assert_uint_eq(reach_of(file, fd), WIDE_PAGES * PAGE);
	}
	close(fd);
}
END_TEST

START_TEST(test_a_write_beside_others_counts_until_it_ends)
{
	int fd;
	struct counted *file = enter_new(&wide, "f", PAGE, &fd);

	ledger_begin_write(file, 5 * PAGE);
	ck_assert(ledger_is_written(file));
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 5);
	/* Whoever looks at it meanwhile takes nothing of that back. */
	ledger_settle(file, fd);
	ledger_settle_at(file, 2 * PAGE);
	reach_of(file, fd);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 5);
	ck_assert_int_eq(ftruncate(fd, 3 * PAGE), 0);
	ledger_end_write(file, fd);
	ck_assert(!ledger_is_written(file));
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 3);
	ledger_settle_at(file, 4 * PAGE + 1);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 5);
	close(fd);
}
END_TEST

START_TEST(test_reach_is_what_is_left)
{
	int a, b;
	struct counted *one = enter_new(&wide, "a", 3 * PAGE + 7, &a), *two = enter_new(&wide, "b", 0, &b);

	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 4);
	ck_assert_uint_eq(reach_of(two, b), (WIDE_PAGES - 4) * PAGE);
	grow(two, b, (WIDE_PAGES - 4) * PAGE);
	ck_assert_uint_eq(pages_left(&wide), 0);
	ck_assert_uint_eq(reach_of(one, a), 4 * PAGE); /* the rest of its last page is paid for */
	ck_assert(ledger_has_room(ledger, &wide, 1, 0));
	ck_assert(!ledger_has_room(ledger, &wide, 0, 1));
	close(a);
	close(b);
}
END_TEST

START_TEST(test_no_number_overflows)
{
	static struct grant endless = { .quota = { .counted = true, .bytes = UINT64_MAX, .files = UINT64_MAX } };
	static struct grant *only[] = { &endless };
	struct policy policy = { .grants = only, .n_grants = 1, .counts = true };
	struct ledger *other = ledger_new(&policy);
	int fd = make("f", 2 * PAGE);
	struct counted *file = ledger_enter(other, &endless, fd, true);
	struct stat st = { .st_size = 2 * PAGE };

	ck_assert_uint_eq(ledger_reach(other, file, &st), INT64_MAX);
	ck_assert(ledger_has_room(other, &endless, 1, INT64_MAX));
	ck_assert(!ledger_has_room(other, &endless, 1, UINT64_MAX)); /* two pages are gone */
	ck_assert(!ledger_has_room(other, &endless, UINT64_MAX, 0)); /* and a name */
	ck_assert(!ledger_has_room(ledger, &wide, 0, UINT64_MAX));
	close(fd);
	ledger_free(other);
}
END_TEST

START_TEST(test_what_lay_there_is_free)
{
	static const char page[4096] = "x";
	int fd = make("f", 0), i;
	struct counted *file;

	for (i = 0; i < 3; i++)
		ck_assert_int_eq(write(fd, page, sizeof page), sizeof page);
	ck_assert_int_eq(fsync(fd), 0); /* until then some file systems have no blocks for it */
	file = ledger_enter(ledger, &small, fd, false);
	ck_assert_uint_eq(names_left(&small), SMALL_FILES);
	ck_assert_uint_eq(pages_left(&small), SMALL_PAGES);
	ck_assert_uint_eq(reach_of(file, fd), (3 + SMALL_PAGES) * PAGE);
	grow(file, fd, 0);
	ck_assert_uint_eq(pages_left(&small), SMALL_PAGES); /* no more than the quota for what it gave up */
	grow(file, fd, 5 * PAGE);
	ck_assert_uint_eq(pages_left(&small), SMALL_PAGES - 2);
	ck_assert_uint_eq(reach_of(file, fd), (3 + SMALL_PAGES) * PAGE);
	close(fd);
}
END_TEST

START_TEST(test_holes_of_what_lay_there_count)
{
	int fd = make("f", WIDE_PAGES * PAGE), large = make("g", (WIDE_PAGES + 1) * PAGE);
	struct counted *file = ledger_enter(ledger, &wide, large, false);

	ck_assert_uint_eq(reach_of(file, large), 0); /* they could not all be filled */
	ledger_settle(file, large);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES);
	file = ledger_enter(ledger, &wide, fd, false);
	ck_assert_uint_eq(reach_of(file, fd), WIDE_PAGES * PAGE);
	ledger_settle(file, fd);
	ck_assert_uint_eq(pages_left(&wide), 0);
	close(fd);
	close(large);
}
END_TEST

START_TEST(test_promised_counts_until_it_is_looked_at)
{
	struct counted *file;
	int fd;

	file = enter_new(&wide, "f", 2 * PAGE, &fd);
	ledger_promise(file, 5 * PAGE + 1);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 6);
	ledger_promise(file, PAGE); /* less than the file has, and than was promised before */
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 6);
	ck_assert_uint_eq(reach_of(file, fd), WIDE_PAGES * PAGE); /* it was not written */
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 2);
	ledger_promise(file, WIDE_PAGES * PAGE);
	ck_assert_uint_eq(pages_left(&wide), 0);
	ck_assert_int_eq(ftruncate(fd, WIDE_PAGES * PAGE), 0); /* as the write would */
	ck_assert_uint_eq(reach_of(file, fd), WIDE_PAGES * PAGE);
	ck_assert_uint_eq(pages_left(&wide), 0);
	ledger_promise(file, WIDE_PAGES * PAGE);
	grow(file, fd, PAGE);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
	close(fd);
}
END_TEST

START_TEST(test_each_name_counts)
{
	int fd;
	struct counted *file = enter_new(&wide, "f", PAGE, &fd);

	ck_assert_int_eq(link("f", "g"), 0);
	ledger_linked(file);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 2);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
	close(fd);
	remove_name("f", 0);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 1);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
	remove_name("g", 0);
	ck_assert_uint_eq(names_left(&wide), has_leases() ? WIDE_FILES : WIDE_FILES - 1);
	ck_assert_uint_eq(pages_left(&wide), has_leases() ? WIDE_PAGES : WIDE_PAGES - 1);
}
END_TEST

START_TEST(test_names_that_lay_there_are_free)
{
	int fd = make("f", 0);
	struct counted *file;

	ck_assert_int_eq(link("f", "g"), 0);
	file = ledger_enter(ledger, &wide, fd, false);
	remove_name("g", 0);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES);
	ck_assert_int_eq(link("f", "h"), 0);
	ledger_linked(file);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 1);
	close(fd);
	remove_name("h", 0);
	remove_name("f", 0);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES);
}
END_TEST

START_TEST(test_removed_counts_while_somebody_has_it)
{
	int fd, by_map;
	void *map;

	enter_new(&wide, "f", 2 * PAGE, &fd);
	enter_new(&wide, "g", PAGE, &by_map);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, by_map, 0);
	ck_assert_ptr_ne(map, MAP_FAILED);
	close(by_map);
	remove_name("f", 0);
	remove_name("g", 0);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 3);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 2);
	close(fd);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
	munmap(map, PAGE);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES);
}
END_TEST

START_TEST(test_removed_counts_while_it_is_looked_at)
{
	int fd, look;

	ledger_looked(enter_new(&wide, "f", PAGE, &fd));
	look = open("f", O_PATH | O_CLOEXEC);
	close(fd);
	remove_name("f", 0);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
	close(look);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES);
}
END_TEST

START_TEST(test_directories_and_links_end)
{
	int look;

	ck_assert_int_eq(mkdir("d", 0700), 0);
	look = open("d", O_PATH | O_CLOEXEC);
	ledger_enter(ledger, &wide, look, true);
	close(look);
	ck_assert_int_eq(symlink("text", "l"), 0);
	look = open("l", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ledger_enter(ledger, &wide, look, true);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 2);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1); /* the link's text */
	remove_name("d", AT_REMOVEDIR);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 1);
	remove_name("l", 0);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 1);
	close(look);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES);
}
END_TEST

/* Each of its names would report the end when it goes. */
START_TEST(test_looked_at_with_several_names_counts_for_good)
{
	int fd, look;
	struct counted *file = enter_new(&wide, "f", PAGE, &fd);

	ledger_looked(file);
	ck_assert_int_eq(link("f", "g"), 0);
	ledger_linked(file);
	look = open("g", O_PATH | O_CLOEXEC);
	close(fd);
	remove_name("f", 0);
	remove_name("g", 0);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
	close(look);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
}
END_TEST

START_TEST(test_the_held_are_bounded)
{
	int fds[MANY], i;
	char name[16];

	wide.quota.files = MANY;
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "f%d", i);
		enter_new(&wide, name, 0, &fds[i]);
	}
	ck_assert_uint_eq(names_left(&wide), 0);
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "f%d", i);
		remove_name(name, 0);
	}
	ck_assert_uint_eq(names_left(&wide), 0);
	for (i = 0; i < MANY; i++)
		close(fds[i]);
	ck_assert_uint_eq(names_left(&wide), has_leases() ? HELD_AT_MOST : MANY); /* the others count until the run ends */
}
END_TEST

START_TEST(test_reused_number_is_another_file)
{
	int fd;
	struct counted *file;

	enter_new(&wide, "f", 3 * PAGE, &fd);
	ck_assert_int_eq(ftruncate(fd, PAGE), 0);
	file = ledger_enter(ledger, &small, fd, true); /* as if it had gone, and come again elsewhere */
	ck_assert_ptr_eq(ledger_grant(file), &small);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES);
	ck_assert_uint_eq(names_left(&small), SMALL_FILES - 1);
	ck_assert_uint_eq(pages_left(&small), SMALL_PAGES - 1);
	close(fd);
}
END_TEST

/* The kernel drops reports when too many wait, so that a number can come again before its file's end is known. */
START_TEST(test_reused_number_of_one_that_is_waited_for)
{
	int fd;

	ledger_looked(enter_new(&wide, "f", PAGE, &fd));
	remove_name("f", 0);
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - 1);
	ck_assert_ptr_nonnull(ledger_enter(ledger, &small, fd, true));
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES);
	ck_assert_uint_eq(pages_left(&small), SMALL_PAGES - 1);
	close(fd); /* and now its end is reported, which is not the new file's */
	ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES);
	ck_assert_uint_eq(pages_left(&small), SMALL_PAGES - 1);
}
END_TEST

START_TEST(test_rules_are_apart)
{
	int a, b;
	struct counted *one = enter_new(&wide, "a", 0, &a), *two = enter_new(&small, "b", 0, &b);

	grow(one, a, WIDE_PAGES * PAGE);
	ck_assert_uint_eq(pages_left(&wide), 0);
	ck_assert_uint_eq(pages_left(&small), SMALL_PAGES);
	ck_assert_uint_eq(reach_of(two, b), SMALL_PAGES * PAGE);
	ck_assert_uint_eq(names_left(&wide), WIDE_FILES - 1);
	ck_assert_uint_eq(names_left(&small), SMALL_FILES - 1);
	close(a);
	close(b);
}
END_TEST

/* Files are made, grown to what they may reach at most, shortened and removed, as a generator says. */
START_TEST(test_never_more_than_the_quota)
{
	enum { FILES = WIDE_FILES, STEPS = 2000 };
	struct counted *files[FILES] = { 0 };
	uint64_t state = 12345, total, reach;
	int fds[FILES], step, i, k;
	char name[16];
	struct stat st;

	for (step = 0; step < STEPS; step++) {
		state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
		i = (int)(state >> 33) % FILES;
		snprintf(name, sizeof name, "f%d", i);
		if (!files[i]) {
			ck_assert(ledger_has_room(ledger, &wide, 1, 0));
			files[i] = enter_new(&wide, name, 0, &fds[i]);
		} else if (state >> 60 == 0) {
			remove_name(name, 0);
			close(fds[i]);
			files[i] = NULL;
		} else {
			reach = reach_of(files[i], fds[i]);
			ck_assert_int_eq(fstat(fds[i], &st), 0);
			ck_assert_uint_ge(reach, (uint64_t)st.st_size);
			grow(files[i], fds[i], (off_t)((state >> 20) % (reach + 1)));
		}
		for (total = 0, k = 0; k < FILES; k++)
			if (files[k] && fstat(fds[k], &st) == 0)
				total += ((uint64_t)st.st_size + PAGE - 1) / PAGE;
		ck_assert_uint_le(total, WIDE_PAGES);
		ck_assert_uint_eq(pages_left(&wide), WIDE_PAGES - total);
	}
	for (k = 0; k < FILES; k++)
		if (files[k])
			close(fds[k]);
}
END_TEST

START_TEST(test_one_open_at_a_time)
{
	ck_assert(ledger_may_open(ledger));
	ledger_begin_open(ledger);
	ck_assert(!ledger_may_open(ledger));
	ledger_end_open(ledger);
	ck_assert(ledger_may_open(ledger));
}
END_TEST

START_TEST(test_last_refused)
{
	bool of_files = false;

	ck_assert_ptr_null(ledger_last_refused(ledger, &of_files));
	ledger_refused(ledger, &wide, true);
	ck_assert_ptr_eq(ledger_last_refused(ledger, &of_files), &wide.quota);
	ck_assert(of_files);
	ledger_refused(ledger, &small, false);
	ck_assert_ptr_eq(ledger_last_refused(ledger, &of_files), &small.quota);
	ck_assert(!of_files);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tc = tcase_create("ledger");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, test_no_quota_no_ledger);
	tcase_add_test(tc, test_a_grant_of_no_ledger_has_no_room);
	tcase_add_test(tc, test_found_by_what_it_is);
	tcase_add_test(tc, test_growth_counts_by_pages);
	tcase_add_test(tc, test_a_write_beside_others_counts_until_it_ends);
	tcase_add_test(tc, test_reach_is_what_is_left);
	tcase_add_test(tc, test_no_number_overflows);
	tcase_add_test(tc, test_what_lay_there_is_free);
	tcase_add_test(tc, test_holes_of_what_lay_there_count);
	tcase_add_test(tc, test_promised_counts_until_it_is_looked_at);
	tcase_add_test(tc, test_each_name_counts);
	tcase_add_test(tc, test_names_that_lay_there_are_free);
	tcase_add_test(tc, test_removed_counts_while_somebody_has_it);
	tcase_add_test(tc, test_removed_counts_while_it_is_looked_at);
	tcase_add_test(tc, test_directories_and_links_end);
	tcase_add_test(tc, test_looked_at_with_several_names_counts_for_good);
	tcase_add_test(tc, test_the_held_are_bounded);
	tcase_add_test(tc, test_reused_number_is_another_file);
	tcase_add_test(tc, test_reused_number_of_one_that_is_waited_for);
	tcase_add_test(tc, test_rules_are_apart);
	tcase_add_test(tc, test_never_more_than_the_quota);
	tcase_add_test(tc, test_one_open_at_a_time);
	tcase_add_test(tc, test_last_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
