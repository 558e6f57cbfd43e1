/* SPDX-License-Identifier: Apache-2.0 */
/* What the descriptors of a log's processes are open on, as if the log had been written by hand. */
#include "report/export/opened.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

enum { MAIN = 100, CHILD = 200 };

static struct log_health health;
static struct opened opened;
static uint64_t now; /* microseconds */

static void begin(void)
{
	health = (struct log_health){ .has_start = true };
	opened_init(&opened, &health);
	now = 1000;
}

/* A call NAME of the thread TID of PID, with ARGS between bars, from AT to END. */
static void set_up(json_t **ret_json, struct event *ret_event, uint64_t pid, uint64_t tid, uint64_t at, uint64_t end,
		   const char *name, const char *args, int64_t result, const char *path)
{
	_cleanup_free_ char *copy = xstrdup(args);
	json_t *list = json_array();
	struct log_record record = { .kind = RECORD_CALL };
	char *rest = copy;
	char time[40];

	for (char *arg; *copy && (arg = strsep(&rest, "|"));)
		json_array_append_new(list, json_string(arg));
	snprintf(time, sizeof time, "2026-01-01T00:00:00.%06uZ", (unsigned)at);
	*ret_json = json_pack("{s:s, s:{s:s, s:I}, s:{s:I, s:{s:I}, s:{s:I}}, s:{s:o, s:I}}", "@timestamp", time, "event",
			      "action", name, "duration", (json_int_t)((end - at) * 1000), "process", "pid", (json_int_t)pid,
			      "parent", "pid", (json_int_t)(pid == MAIN ? 1 : MAIN), "thread", "id", (json_int_t)tid, "syscall",
			      "args", list, "ret", (json_int_t)result);
	if (path)
		json_object_set_new(*ret_json, "file", json_pack("{s:s}", "path", path));
	record.json = *ret_json;
	event_read(ret_event, &record);
}

static void call_at(uint64_t pid, uint64_t tid, uint64_t at, uint64_t end, const char *name, const char *args,
		    int64_t result, const char *path)
{
	struct event event;
	json_t *json;

	set_up(&json, &event, pid, tid, at, end, name, args, result, path);
	opened_resolve(&opened, &event);
	opened_follow(&opened, &event);
	json_decref(json);
}

static void call(uint64_t pid, const char *name, const char *args, int64_t result)
{
	call_at(pid, pid, now, now + 1, name, args, result, NULL);
	now += 2;
}

static void open_path(uint64_t pid, const char *path, const char *flags, int64_t fd)
{
	_cleanup_free_ char *args = xasprintf("AT_FDCWD|\"%s\"|%s", path, flags);

	call_at(pid, pid, now, now + 1, "openat", args, fd, path);
	now += 2;
}

/* Is PATH what the call NAME, from AT on, of PID's thread TID with ARGS is about? NULL: nobody knows. */
static void expect_at(uint64_t pid, uint64_t tid, uint64_t at, const char *name, const char *args, const char *path)
{
	struct event event;
	json_t *json;

	set_up(&json, &event, pid, tid, at, at + 1, name, args, 1, NULL);
	opened_resolve(&opened, &event);
	ck_assert_pstr_eq(json_string_value(event.path), path);
	ck_assert(event.path_followed == (path != NULL));
	opened_follow(&opened, &event);
	json_decref(json);
}

static void expect(uint64_t pid, const char *fd, const char *path)
{
	expect_at(pid, pid, now, "read", fd, path);
	now += 2;
}

static void finish(void)
{
	opened_fini(&opened);
}

START_TEST(test_a_descriptor_is_what_it_was_opened_on_until_it_is_closed)
{
	begin();
	expect(MAIN, "0", NULL);
	open_path(MAIN, "/a", "O_RDONLY", 3);
	expect(MAIN, "3", "/a");
	call(MAIN, "dup", "3", 4);
	call(MAIN, "close", "3", 0);
	expect(MAIN, "3", NULL);
	expect(MAIN, "4", "/a");
	call(MAIN, "dup2", "4|4", 4);
	call(MAIN, "dup2", "4|7", 7);
	call(MAIN, "fcntl", "7|F_DUPFD_CLOEXEC|0xa", 10);
	call(MAIN, "close_range", "5|-1|0x0", 0);
	expect(MAIN, "4", "/a");
	expect(MAIN, "7", NULL);
	expect(MAIN, "10", NULL);
	open_path(MAIN, "/b", "O_RDONLY", 3);
	call(MAIN, "close", "3", -5);
	expect(MAIN, "3", "/b");
	/* Something without a path gets the number. */
	call(MAIN, "dup2", "0|3", 3);
	expect(MAIN, "3", NULL);
	call(MAIN, "eventfd2", "0|0x0", 4);
	expect(MAIN, "4", NULL);
	open_path(MAIN, "/tmp", "O_RDWR|O_TMPFILE", 5);
	expect(MAIN, "5", NULL);
	open_path(MAIN, "/c", "O_RDONLY", -2);
	expect(MAIN, "-2", NULL);
	finish();
}
END_TEST

START_TEST(test_a_call_that_copies_has_two)
{
	struct event event;
	json_t *json;

	begin();
	open_path(MAIN, "/from", "O_RDONLY", 3);
	open_path(MAIN, "/to", "O_WRONLY", 4);
	set_up(&json, &event, MAIN, MAIN, now, now + 1, "sendfile", "4|3|NULL|9", 9, NULL);
	opened_resolve(&opened, &event);
	ck_assert_pstr_eq(json_string_value(event.path), "/from");
	ck_assert_pstr_eq(json_string_value(event.to_path), "/to");
	json_decref(json);
	set_up(&json, &event, MAIN, MAIN, now, now + 1, "copy_file_range", "3|NULL|4|NULL|9|0x0", 9, NULL);
	opened_resolve(&opened, &event);
	ck_assert_pstr_eq(json_string_value(event.path), "/from");
	ck_assert_pstr_eq(json_string_value(event.to_path), "/to");
	json_decref(json);
	expect_at(MAIN, MAIN, now, "newfstatat", "3|\"\"|0x7ffe|AT_EMPTY_PATH", "/from");
	expect_at(MAIN, MAIN, now, "newfstatat", "3|\"x\"|0x7ffe|0", NULL);
	expect_at(MAIN, MAIN, now, "utimensat", "3|NULL|NULL|0", "/from");
	finish();
}
END_TEST

START_TEST(test_a_child_has_what_its_parent_had)
{
	begin();
	open_path(MAIN, "/a", "O_RDONLY", 3);
	open_path(MAIN, "/b", "O_RDONLY|O_CLOEXEC", 4);
	call(MAIN, "clone", "CLONE_CHILD_SETTID|SIGCHLD|NULL", CHILD);
	call(MAIN, "close", "3", 0);
	expect(CHILD, "3", "/a");
	call(CHILD, "close", "4", 0);
	expect(MAIN, "4", "/b");
	expect(MAIN, "3", NULL);
	open_path(CHILD, "/c", "O_RDONLY", 4);
	expect(MAIN, "4", "/b");
	expect(CHILD, "4", "/c");
	call(CHILD, "exit_group", "0", 0);
	expect(CHILD, "4", NULL);
	/* The number comes again. */
	call(MAIN, "fork", "", CHILD);
	expect(CHILD, "4", "/b");
	call(MAIN, "wait4", "-1|NULL|0x0|NULL", CHILD);
	expect(CHILD, "4", NULL);
	finish();
}
END_TEST

/* The child's first calls may be recorded before the one that made it. */
START_TEST(test_a_child_may_be_seen_before_it_is_made)
{
	begin();
	open_path(MAIN, "/a", "O_RDONLY", 3);
	expect(CHILD, "3", "/a");
	open_path(CHILD, "/b", "O_RDONLY", 3);
	call_at(MAIN, MAIN, now - 4, now, "vfork", "", CHILD, NULL);
	expect(CHILD, "3", "/b");
	/* Where its parent has threads that open and close meanwhile, it is known only then. */
	call(MAIN, "clone", "CLONE_VM|CLONE_FILES|CLONE_THREAD|0x1", MAIN + 1);
	open_path(MAIN, "/c", "O_RDONLY", 5);
	call_at(MAIN, MAIN + 1, now + 1, now + 2, "openat", "AT_FDCWD|\"/d\"|O_RDONLY", 6, "/d");
	expect_at(CHILD + 1, CHILD + 1, now + 3, "read", "5", NULL);
	expect_at(CHILD + 1, CHILD + 1, now + 4, "read", "6", NULL);
	call_at(CHILD + 1, CHILD + 1, now + 5, now + 6, "close", "3", 0, NULL);
	call_at(MAIN, MAIN, now, now + 7, "fork", "", CHILD + 1, NULL);
	now += 10;
	expect(CHILD + 1, "5", "/c");
	/* It was opened while the process was made: before or after? */
	expect(CHILD + 1, "6", NULL);
	expect(CHILD + 1, "3", NULL);
	finish();
}
END_TEST

START_TEST(test_an_exec_closes_what_is_marked)
{
	begin();
	open_path(MAIN, "/kept", "O_RDONLY", 3);
	open_path(MAIN, "/closed", "O_RDONLY|O_CLOEXEC", 4);
	open_path(MAIN, "/unmarked", "O_RDONLY|O_CLOEXEC", 5);
	open_path(MAIN, "/marked", "O_RDONLY", 6);
	open_path(MAIN, "/too", "O_RDONLY", 7);
	open_path(MAIN, "/range", "O_RDONLY", 8);
	call(MAIN, "fcntl", "5|F_SETFD|0x0", 0);
	call(MAIN, "fcntl", "6|F_SETFD|0x1", 0);
	call(MAIN, "ioctl", "7|FIOCLEX|0x0", 0);
	call(MAIN, "close_range", "8|8|0x4", 0);
	call(MAIN, "execve", "\"/bin/x\"|[]|0x0", -2);
	expect(MAIN, "4", "/closed");
	call(MAIN, "execve", "\"/bin/x\"|[]|0x0", 0);
	expect(MAIN, "3", "/kept");
	expect(MAIN, "5", "/unmarked");
	expect(MAIN, "4", NULL);
	expect(MAIN, "6", NULL);
	expect(MAIN, "7", NULL);
	expect(MAIN, "8", NULL);
	finish();
}
END_TEST

START_TEST(test_threads_share_and_a_number_given_again_is_not_mistaken)
{
	begin();
	open_path(MAIN, "/a", "O_RDONLY", 3);
	call(MAIN, "clone", "CLONE_VM|CLONE_FILES|CLONE_THREAD|0x1", MAIN + 1);
	expect_at(MAIN, MAIN + 1, now, "read", "3", "/a");
	now += 10;
	/* One thread reads what the other closes and opens anew. */
	call_at(MAIN, MAIN, now + 1, now + 2, "close", "3", 0, NULL);
	call_at(MAIN, MAIN, now + 3, now + 4, "openat", "AT_FDCWD|\"/b\"|O_RDONLY", 3, "/b");
	expect_at(MAIN, MAIN + 1, now, "read", "3", NULL);
	expect_at(MAIN, MAIN + 1, now + 5, "read", "3", "/b");
	/* A close of the former one is recorded late. */
	call_at(MAIN, MAIN + 1, now + 2, now + 6, "close", "3", 0, NULL);
	expect_at(MAIN, MAIN, now + 7, "read", "3", "/b");
	finish();
}
END_TEST

START_TEST(test_nothing_is_said_where_it_would_be_a_guess)
{
	begin();
	open_path(MAIN, "/a", "O_RDONLY", 3);
	call(MAIN, "clone", "CLONE_VM|CLONE_FILES|SIGCHLD|0x1", CHILD);
	expect(MAIN, "3", NULL);
	expect(CHILD, "3", NULL);
	finish();
	begin();
	open_path(MAIN, "/a", "O_RDONLY", 3);
	health.missing = 1;
	expect(MAIN, "3", NULL);
	open_path(MAIN, "/b", "O_RDONLY", 3);
	expect(MAIN, "3", NULL);
	finish();
}
END_TEST

START_TEST(test_memory_is_for_what_is_open)
{
	static char path[OPENED_MAX_BYTES / 4];
	char args[16];
	int64_t fd;

	begin();
	for (int i = 0; i < 5000; i++) {
		open_path(MAIN, "/some/path", "O_RDONLY", 3);
		call(MAIN, i % 2 ? "close" : "eventfd2", i % 2 ? "3" : "0|0x0", i % 2 ? 0 : 3);
	}
	ck_assert_uint_le(opened.n, 2);
	ck_assert_uint_eq(opened.bytes, 0);
	memset(path, 'x', sizeof path - 1);
	for (fd = 3; fd < 10; fd++)
		open_path(MAIN, path, "O_RDONLY", fd);
	ck_assert_uint_le(opened.bytes, OPENED_MAX_BYTES);
	expect(MAIN, "3", path);
	expect(MAIN, "9", NULL);
	open_path(MAIN, "/far", "O_RDONLY", 70000);
	expect(MAIN, "70000", NULL);
	finish();
	/* More processes than there is room for, each with as many as it can have. */
	begin();
	open_path(MAIN, "/a", "O_RDONLY", 60000);
	for (uint64_t pid = CHILD; pid < CHILD + 2 * PROCESSES_MAX; pid++)
		call(MAIN, "fork", "", (int64_t)pid);
	expect(CHILD, "60000", "/a");
	snprintf(args, sizeof args, "%d", 60000);
	expect(CHILD + 2 * PROCESSES_MAX - 1, args, NULL);
	ck_assert_uint_le(opened.descriptors.n, PROCESSES_MAX);
	for (uint64_t pid = CHILD; pid < CHILD + PROCESSES_MAX; pid++)
		call(pid, "exit_group", "0", 0);
	call(MAIN, "fork", "", 9999);
	expect(9999, "60000", "/a");
	finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("descriptors");
	TCase *tcase = tcase_create("descriptors");

	tcase_add_test(tcase, test_a_descriptor_is_what_it_was_opened_on_until_it_is_closed);
	tcase_add_test(tcase, test_a_call_that_copies_has_two);
	tcase_add_test(tcase, test_a_child_has_what_its_parent_had);
	tcase_add_test(tcase, test_a_child_may_be_seen_before_it_is_made);
	tcase_add_test(tcase, test_an_exec_closes_what_is_marked);
	tcase_add_test(tcase, test_threads_share_and_a_number_given_again_is_not_mistaken);
	tcase_add_test(tcase, test_nothing_is_said_where_it_would_be_a_guess);
	tcase_add_test(tcase, test_memory_is_for_what_is_open);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
