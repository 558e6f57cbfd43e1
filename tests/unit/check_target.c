/* SPDX-License-Identifier: Apache-2.0 */
/* Where a run's outputs lead by their names, which may share a place, and how a verdict gets to its file. */
#include "cli/target.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char directory[] = "/tmp/proctor-check-target-XXXXXX";
static struct targets targets;
static struct identity identity;
static struct target_path found;
static uid_t owner;
static struct buf text;

static void set_up(void)
{
	ck_assert_int_eq(chdir(directory), 0);
	found = (struct target_path)TARGET_PATH_INIT;
	identity = (struct identity){ 0 };
	targets_init(&targets, NULL, NULL, NULL, 0);
}

static void empty_directory(void)
{
	DIR *d = opendir(".");
	struct dirent *entry;

	while ((entry = readdir(d)))
		if (unlinkat(dirfd(d), entry->d_name, 0) < 0)
			unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
	closedir(d);
}

static void tear_down(void)
{
	target_path_fini(&found);
	targets_fini(&targets);
	identity_fini(&identity);
	buf_fini(&text);
	empty_directory();
}

static unsigned names_in_directory(void)
{
	DIR *d = opendir(".");
	struct dirent *entry;
	unsigned n = 0;

	while ((entry = readdir(d)))
		n += !streq(entry->d_name, ".") && !streq(entry->d_name, "..");
	closedir(d);
	return n;
}

static void put(const char *name, const char *content)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write_full(fd, content, strlen(content)), (int)strlen(content));
	close(fd);
}

static void ck_content(const char *name, const char *wanted)
{
	_cleanup_free_ char *data = NULL;

	ck_assert_int_eq(read_file(AT_FDCWD, name, 1000, &data, NULL), 0);
	ck_assert_str_eq(data, wanted);
}

static int settle(const char *log, const char *verdict, const char *live)
{
	targets_fini(&targets);
	targets_init(&targets, log, verdict, live, 0);
	return targets_settle(&targets, &identity, NULL);
}

/* ------------------------------------------------------------------ names */

START_TEST(test_names_of_descriptors)
{
	char own[64];

	ck_assert_int_eq(target_number("-"), 1);
	ck_assert_int_eq(target_number("0"), 0);
	ck_assert_int_eq(target_number("42"), 42);
	ck_assert_int_eq(target_number("/dev/stdout"), 1);
	ck_assert_int_eq(target_number("/dev/stderr"), 2);
	ck_assert_int_eq(target_number("/dev/fd/9"), 9);
	ck_assert_int_eq(target_number("/proc/self/fd/9"), 9);
	snprintf(own, sizeof own, "/proc/%d/fd/7", getpid());
	ck_assert_int_eq(target_number(own), 7);
}
END_TEST

START_TEST(test_other_names)
{
	static const char *const names[] = {
		"",	    "./5",	 "5 ",	      "+5",	   "-5",	   "--",		 "0x5",
		"5.json",   "/5",	 "/dev/fd/",  "/dev/fd/x", "/dev/fd/-1",   "/dev/fd/3/",	 "/dev/fd/3/x",
		"dev/fd/3", "/dev/null", "/proc/1/fd/3", "/proc/self/fd", "/proc/self/fd/", "/proc/self/task/1/fd/1",
		"99999999999", "18446744073709551617",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_msg(target_number(names[i]) == -1, "%s", names[i]);
}
END_TEST

START_TEST(test_walk_to_a_file_that_is_not_there)
{
	struct stat st;

	ck_assert_int_eq(target_path_find("new", &found, &owner), 0);
	ck_assert_str_eq(found.base, "new");
	ck_assert_int_eq(found.object, -1);
	ck_assert_int_eq(fstat(found.dir, &st), 0);
	ck_assert_uint_eq(st.st_ino, found.dir_st.st_ino);
	ck_assert(!found.by_link);
}
END_TEST

START_TEST(test_walk_through_links)
{
	_cleanup_free_ char *absolute = xasprintf("%s/d", directory);
	struct stat st;

	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(symlink(absolute, "to-d"), 0);
	ck_assert_int_eq(symlink("../to-d/./..//to-d/new", "d/link"), 0);
	ck_assert_int_eq(target_path_find("to-d/link", &found, &owner), 0);
	ck_assert_str_eq(found.base, "new");
	ck_assert(found.by_link);
	ck_assert_int_eq(stat("d", &st), 0);
	ck_assert_uint_eq(st.st_ino, found.dir_st.st_ino);
	unlink("d/link");
}
END_TEST

START_TEST(test_walk_that_fails)
{
	static const struct {
		const char *name;
		int error;
	} cases[] = {
		{ "", -ENOENT },	 { ".", -EISDIR },     { "/", -EISDIR },       { "..", -EISDIR },
		{ "d", -EISDIR },	 { "d/", -EISDIR },    { "new/", -EISDIR },    { "no/new", -ENOENT },
		{ "file/", -ENOTDIR },	 { "file/x", -ENOTDIR }, { "loop", -ELOOP },   { "loop/x", -ELOOP },
		{ "to-d", -EISDIR },	 { "d/../file/x", -ENOTDIR },
	};
	size_t i;

	ck_assert_int_eq(mkdir("d", 0700), 0);
	put("file", "");
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	ck_assert_int_eq(symlink("d", "to-d"), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ck_assert_msg(target_path_find(cases[i].name, &found, &owner) == cases[i].error, "%s", cases[i].name);
}
END_TEST

START_TEST(test_links_of_proc_lead_nowhere)
{
	static const char *const names[] = { "/proc/self/root/tmp/x", "/proc/self/cwd/x", "/proc/self/exe",
					     "/proc/self/ns/mnt" };
	_cleanup_free_ char *other = xasprintf("/proc/%d/fd/1", getppid());
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_msg(target_path_find(names[i], &found, &owner) == -EPERM, "%s", names[i]);
	ck_assert_int_ne(target_path_find(other, &found, &owner), 0);
	ck_assert_int_eq(target_path_find("/proc/thread-self/../../fd/1", &found, &owner), 0);
	ck_assert_int_eq(found.number, 1);
}
END_TEST

START_TEST(test_a_link_to_a_descriptor)
{
	ck_assert_int_eq(symlink("/proc/self/fd/1", "one"), 0);
	ck_assert_int_eq(symlink("one", "two"), 0);
	ck_assert_int_eq(target_path_find("two", &found, &owner), 0);
	ck_assert_int_eq(found.number, 1);
}
END_TEST

START_TEST(test_links_of_others_are_not_followed)
{
	if (geteuid() != 0)
		return; /* nobody else's link can be made; tests/live/outputs.py has more */
	put("precious", "precious");
	ck_assert_int_eq(symlink("precious", "link"), 0);
	ck_assert_int_eq(symlink(".", "here"), 0);
	ck_assert_int_eq(lchown("link", 65534, 65534), 0);
	ck_assert_int_eq(lchown("here", 65534, 65534), 0);
	ck_assert_int_eq(target_path_find("link", &found, &owner), -EPERM);
	ck_assert_uint_eq(owner, 65534);
	ck_assert_int_eq(target_path_find("here/new", &found, &owner), -EPERM);
	ck_assert_int_eq(settle(NULL, "link", NULL), EXIT_LOG);
	ck_content("precious", "precious");
}
END_TEST

/* ------------------------------------------------------------------ settling */

START_TEST(test_descriptor_must_be_inherited_and_writable)
{
	int own = open("/dev/null", O_WRONLY | O_CLOEXEC), given = dup(own), reader = dup(open("/dev/zero", O_RDONLY));
	_cleanup_free_ char *own_name = xasprintf("%d", own), *given_name = xasprintf("/dev/fd/%d", given),
			    *reader_name = xasprintf("%d", reader);

	ck_assert_int_eq(settle(own_name, NULL, NULL), EXIT_USAGE);
	ck_assert_int_eq(settle(reader_name, NULL, NULL), EXIT_USAGE);
	ck_assert_int_eq(settle(given_name, given_name, given_name), 0);
	ck_assert_int_eq(targets.of[TARGET_LOG].number, given);
	ck_assert_int_ne(targets.of[TARGET_LOG].fd, given);
	close(given);
	ck_assert_int_eq(settle(given_name, NULL, NULL), EXIT_USAGE);
}
END_TEST

START_TEST(test_two_outputs_in_one_place)
{
	int pipe_fds[2], again;
	_cleanup_free_ char *a = NULL, *b = NULL;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	again = dup(pipe_fds[1]);
	a = xasprintf("%d", pipe_fds[1]);
	b = xasprintf("%d", again);
	put("there", "");
	ck_assert_int_eq(link("there", "other-name"), 0);
	ck_assert_int_eq(settle(a, b, NULL), EXIT_USAGE);
	ck_assert_int_eq(settle(a, NULL, a), EXIT_USAGE);
	ck_assert_int_eq(settle("new", "new", NULL), EXIT_USAGE);
	ck_assert_int_eq(settle("new", NULL, "./new"), EXIT_USAGE);
	ck_assert_int_eq(settle(NULL, "there", "other-name"), EXIT_USAGE);
	/* The log is there already, and what is there is no old verdict. */
	ck_assert_int_eq(settle("there", "there", NULL), EXIT_USAGE);
	ck_content("there", "");
	ck_assert_int_eq(settle("new", "newer", "newest"), 0);
	ck_assert_int_eq(settle("/dev/null", "/dev/null", "/dev/null"), 0);
}
END_TEST

START_TEST(test_settling_makes_nothing_and_removes_the_old_verdict)
{
	put("verdict", "old");
	put("log", "precious");
	/* Whatever is wrong with the others. */
	ck_assert_int_eq(settle("log", "verdict", "no/such/place"), EXIT_USAGE);
	ck_assert_int_lt(access("verdict", F_OK), 0);
	ck_content("log", "precious");
	ck_assert_uint_eq(names_in_directory(), 1);
	ck_assert_int_eq(settle("new", "verdict", "live"), 0);
	ck_assert_uint_eq(names_in_directory(), 1);
}
END_TEST

START_TEST(test_no_verdict_replaces_what_the_run_reads)
{
	const char *others[] = { "no-such-file", "script", NULL };

	put("script", "precious");
	ck_assert_int_eq(symlink("script", "link"), 0);
	targets_init(&targets, NULL, "link", NULL, 0);
	ck_assert_int_eq(targets_settle(&targets, &identity, others), EXIT_USAGE);
	ck_content("script", "precious");
}
END_TEST

START_TEST(test_forgetting_a_verdict)
{
	put("verdict", "{\"schema\":\"proctor.verdict/1\",\"run\":{}}\n");
	put("other", "{\"schema\":\"another/1\"}\n");
	put("short", "{");
	target_forget_verdict("verdict");
	target_forget_verdict("other");
	target_forget_verdict("short");
	target_forget_verdict("no-such-file");
	target_forget_verdict(".");
	target_forget_verdict("1");
	ck_assert_int_lt(access("verdict", F_OK), 0);
	ck_assert_uint_eq(names_in_directory(), 2);
}
END_TEST

/* ------------------------------------------------------------------ writing */

START_TEST(test_verdict_appears_as_a_whole)
{
	struct stat st;

	put("elsewhere", "old");
	ck_assert_int_eq(symlink("elsewhere", "link"), 0);
	ck_assert_int_eq(settle(NULL, "link", NULL), 0);
	ck_assert_int_lt(access("link", F_OK), 0);
	buf_lit(&text, "a whole new one");
	ck_assert_int_eq(target_write_verdict(&targets, &text), 0);
	ck_assert_int_eq(lstat("link", &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_content("elsewhere", "a whole new one");
	ck_assert_int_eq(stat("link", &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_uint_eq(names_in_directory(), 2);
}
END_TEST

START_TEST(test_verdict_takes_the_place_of_a_quicker_one_only)
{
	buf_lit(&text, "x");
	ck_assert_int_eq(settle(NULL, "verdict", NULL), 0);
	put("verdict", "of another run");
	ck_assert_int_eq(target_write_verdict(&targets, &text), 0);
	ck_content("verdict", "x");
	unlink("verdict");
	ck_assert_int_eq(mkfifo("verdict", 0600), 0);
	ck_assert_int_eq(target_write_verdict(&targets, &text), -EEXIST);
	unlink("verdict");
	ck_assert_int_eq(symlink("precious", "verdict"), 0);
	ck_assert_int_eq(target_write_verdict(&targets, &text), -EEXIST);
	ck_assert_uint_eq(names_in_directory(), 1);
}
END_TEST

START_TEST(test_pipe_that_does_not_wait_gets_all_of_it)
{
	_cleanup_free_ char *name = NULL;
	char *big = xcalloc(1, 300000);
	int pipe_fds[2], fd;
	size_t got = 0;
	ssize_t n;

	ck_assert_int_eq(pipe2(pipe_fds, O_NONBLOCK), 0);
	name = xasprintf("%d", pipe_fds[1]);
	ck_assert_int_eq(settle(name, NULL, NULL), 0);
	ck_assert_int_eq(target_open_log(&targets, &fd), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	close(fd);
	ck_assert_int_eq(settle(NULL, name, NULL), 0);
	memset(big, 'x', 300000);
	buf_put(&text, big, 300000);
	free(big);
	if (fork() == 0)
		_exit(target_write_verdict(&targets, &text) == 0 ? 0 : 1);
	targets_fini(&targets);
	close(pipe_fds[1]);
	fcntl(pipe_fds[0], F_SETFL, 0);
	big = xcalloc(1, 4096);
	while ((n = read(pipe_fds[0], big, 4096)) > 0)
		got += (size_t)n;
	free(big);
	ck_assert_uint_eq(got, 300000);
}
END_TEST

START_TEST(test_live_lines_go_behind_what_is_there)
{
	int fd;

	put("live", "old\n");
	ck_assert_int_eq(settle(NULL, NULL, "live"), 0);
	ck_assert_int_eq(target_open_live(&targets, &fd), 0);
	ck_assert_int_eq(write_full(fd, "new\n", 4), 4);
	close(fd);
	ck_content("live", "old\nnew\n");
	unlink("live");
	ck_assert_int_eq(settle(NULL, NULL, "live"), 0);
	put("live", "another run's\n");
	ck_assert_int_eq(target_open_live(&targets, &fd), 0);
	ck_assert_int_eq(write_full(fd, "new\n", 4), 4);
	close(fd);
	ck_content("live", "another run's\nnew\n");
	unlink("live");
	ck_assert_int_eq(settle(NULL, NULL, "live"), 0);
	ck_assert_int_eq(symlink("precious", "live"), 0);
	ck_assert_int_eq(target_open_live(&targets, &fd), EXIT_LOG);
	ck_assert_uint_eq(names_in_directory(), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("target");
	TCase *tc = tcase_create("target");
	int status;

	if (!mkdtemp(directory))
		return 1;
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_names_of_descriptors);
	tcase_add_test(tc, test_other_names);
	tcase_add_test(tc, test_walk_to_a_file_that_is_not_there);
	tcase_add_test(tc, test_walk_through_links);
	tcase_add_test(tc, test_walk_that_fails);
	tcase_add_test(tc, test_links_of_proc_lead_nowhere);
	tcase_add_test(tc, test_a_link_to_a_descriptor);
	tcase_add_test(tc, test_links_of_others_are_not_followed);
	tcase_add_test(tc, test_descriptor_must_be_inherited_and_writable);
	tcase_add_test(tc, test_two_outputs_in_one_place);
	tcase_add_test(tc, test_settling_makes_nothing_and_removes_the_old_verdict);
	tcase_add_test(tc, test_no_verdict_replaces_what_the_run_reads);
	tcase_add_test(tc, test_forgetting_a_verdict);
	tcase_add_test(tc, test_verdict_appears_as_a_whole);
	tcase_add_test(tc, test_verdict_takes_the_place_of_a_quicker_one_only);
	tcase_add_test(tc, test_pipe_that_does_not_wait_gets_all_of_it);
	tcase_add_test(tc, test_live_lines_go_behind_what_is_there);
	suite_add_tcase(suite, tc);
	status = run_suite(suite);
	rmdir(directory);
	return status;
}
