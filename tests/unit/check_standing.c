/* SPDX-License-Identifier: Apache-2.0 */
/* What stays open from one run to the next, while names come to lead elsewhere. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "supervisor/standing.h"
#include "tests/unit/suite.h"

static char place[64], directory[80], other[80];

static void make_place(void)
{
	snprintf(place, sizeof place, "/tmp/check-standing-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(place));
	snprintf(directory, sizeof directory, "%s/directory", place);
	snprintf(other, sizeof other, "%s/other", place);
	ck_assert_int_eq(mkdir(directory, 0700), 0);
}

static void remove_place(void)
{
	unlink(directory);
	rmdir(directory);
	rmdir(other);
	rmdir(place);
}

static void keep(struct standing *standing, const char *path)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	standing_keep_root(standing, path, fd);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool leads_to(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

START_TEST(test_a_directory_is_kept_while_it_is_the_same)
{
	struct standing *standing = standing_new();
	int fd;

	ck_assert_int_eq(standing_root(standing, directory), -1);
	keep(standing, directory);
	standing_settle(standing);
	fd = standing_root(standing, directory);
	ck_assert(fd >= 0 && leads_to(fd, directory));
	ck_assert_int_eq(standing_root(standing, other), -1);
	standing_settle(standing);
	ck_assert_int_eq(standing_root(standing, directory), fd);
	standing_free(standing);
	ck_assert(!is_open(fd));
}
END_TEST

START_TEST(test_another_directory_of_the_name_is_noticed)
{
	struct standing *standing = standing_new();
	int was, fd;

	keep(standing, directory);
	standing_settle(standing);
	was = standing_root(standing, directory);
	standing_settle(standing);
	ck_assert_int_eq(rename(directory, other), 0);
	ck_assert_int_eq(standing_root(standing, directory), -1);
	/* A link to the same one is not the same. */
	ck_assert_int_eq(symlink(other, directory), 0);
	ck_assert_int_eq(standing_root(standing, directory), -1);
	ck_assert_int_eq(unlink(directory), 0);
	ck_assert_int_eq(mkdir(directory, 0700), 0);
	ck_assert_int_eq(standing_root(standing, directory), -1);
	/* Nor is one that was removed and made again: the old one's number is not free. */
	keep(standing, directory);
	standing_settle(standing);
	ck_assert(!is_open(was));
	fd = standing_root(standing, directory);
	ck_assert(leads_to(fd, directory));
	standing_settle(standing);
	ck_assert_int_eq(rmdir(directory), 0);
	ck_assert_int_eq(mkdir(directory, 0700), 0);
	ck_assert_int_eq(standing_root(standing, directory), -1);
	standing_free(standing);
}
END_TEST

START_TEST(test_what_a_run_did_not_ask_for_is_closed)
{
	struct standing *standing = standing_new();
	int fds[STANDING_MAX], fd;

	keep(standing, directory);
	keep(standing, "/");
	ck_assert_uint_eq(standing_descriptors(standing, fds), 2);
	standing_settle(standing);
	fd = standing_root(standing, "/");
	standing_settle(standing);
	ck_assert_uint_eq(standing_descriptors(standing, fds), 1);
	ck_assert_int_eq(fds[0], fd);
	ck_assert_int_eq(standing_root(standing, directory), -1);
	standing_settle(standing);
	ck_assert_uint_eq(standing_descriptors(standing, fds), 0);
	standing_free(standing);
}
END_TEST

START_TEST(test_there_is_room_for_so_many)
{
	struct standing *standing = standing_new();
	int fds[STANDING_MAX], i;

	for (i = 0; i < 2 * STANDING_MAX; i++) {
		char name[32];

		snprintf(name, sizeof name, "/%d", i);
		_cleanup_close_ int fd = open("/", O_PATH | O_CLOEXEC);

		standing_keep_root(standing, name, fd);
	}
	standing_keep_ruleset(standing, 1, NULL, 0, STDERR_FILENO);
	ck_assert_uint_eq(standing_descriptors(standing, fds), STANDING_MAX);
	standing_free(standing);
}
END_TEST

START_TEST(test_a_ruleset_is_for_the_same_objects)
{
	struct standing *standing = standing_new();
	struct standing_rule rules[2] = { { .access = 1 }, { .access = 2 } }, changed[2];
	_cleanup_close_ int made = open("/", O_PATH | O_CLOEXEC);
	int fd;

	ck_assert(standing_look(directory, -1, &rules[0].id) && standing_look(place, -1, &rules[1].id));
	ck_assert_int_eq(standing_ruleset(standing, 7, rules, 2), -1);
	standing_keep_ruleset(standing, 7, rules, 2, made);
	standing_settle(standing);
	fd = standing_ruleset(standing, 7, rules, 2);
	ck_assert(fd >= 0 && fd != made);
	ck_assert_int_eq(standing_ruleset(standing, 6, rules, 2), -1);
	ck_assert_int_eq(standing_ruleset(standing, 7, rules, 1), -1);
	memcpy(changed, rules, sizeof rules);
	changed[1].access = 3;
	ck_assert_int_eq(standing_ruleset(standing, 7, changed, 2), -1);
	ck_assert_int_eq(rename(directory, other), 0);
	ck_assert_int_eq(mkdir(directory, 0700), 0);
	memcpy(changed, rules, sizeof rules);
	ck_assert(standing_look(directory, -1, &changed[0].id));
	ck_assert_int_eq(standing_ruleset(standing, 7, changed, 2), -1);
	/* It was asked for by this run, but not by the next. */
	standing_settle(standing);
	ck_assert(is_open(fd));
	standing_settle(standing);
	ck_assert(!is_open(fd));
	standing_free(standing);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("standing");
	TCase *tests = tcase_create("standing");

	tcase_add_checked_fixture(tests, make_place, remove_place);
	tcase_add_test(tests, test_a_directory_is_kept_while_it_is_the_same);
	tcase_add_test(tests, test_another_directory_of_the_name_is_noticed);
	tcase_add_test(tests, test_what_a_run_did_not_ask_for_is_closed);
	tcase_add_test(tests, test_there_is_room_for_so_many);
	tcase_add_test(tests, test_a_ruleset_is_for_the_same_objects);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
