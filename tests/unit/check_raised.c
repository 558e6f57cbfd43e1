/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/raised.h"

#include <check.h>
#include <errno.h>

#include "base/util.h"
#include "tests/unit/suite.h"

static struct raised_table table;

static void teardown(void)
{
	raised_fini(&table);
}

/* A refusal by ERR of PATH, GIVEN by the program so, in FUNCTION of FILE at LINE (0: its stack is not known). */
static void note(uint64_t sequence, const char *err, const char *given, const char *path, const char *function, int line)
{
	struct python_frame frame = { .file = "solve.py", .function = function, .line = line };
	struct stack stack = { .python = &frame, .n_python = 1 };
	struct refusal refusal = { .syscall = "openat", .err = err, .path = path, .topic = TOPIC_OPEN };

	raised_note(&table, &refusal, given, sequence, true, line ? &stack : NULL);
}

static void note_socket(uint64_t sequence, int line)
{
	struct python_frame frame = { .file = "solve.py", .function = "look", .line = line };
	struct stack stack = { .python = &frame, .n_python = 1 };
	struct refusal refusal = { .syscall = "socket", .err = "EACCES", .topic = TOPIC_SOCKET };

	raised_note(&table, &refusal, NULL, sequence, true, &stack);
}

static const char *const os_bases[] = { "PermissionError", "OSError", "Exception" };
static const char *const other_bases[] = { "ValueError", "Exception" };
static const char *const gai_bases[] = { "socket.gaierror", "OSError", "Exception" };

static struct exception_frame frames[2] = {
	{ .file = "solve.py", .function = "<module>", .line = 9 },
	{ .file = "solve.py", .function = "load", .line = 3 },
};

static struct exception_facts os_error(int error, const char *filename)
{
	return (struct exception_facts){
		.type = "PermissionError", .module = "builtins", .bases = os_bases, .n_bases = 3, .error = error,
		.filename = filename, .frames = frames, .n_frames = 2,
	};
}

static struct exception_facts value_error(void)
{
	return (struct exception_facts){
		.type = "ValueError", .module = "builtins", .bases = other_bases, .n_bases = 2, .frames = frames, .n_frames = 2,
	};
}

static void finds(const struct exception_facts *x, uint64_t sequence, bool certain)
{
	struct raised_match match = raised_find(&table, x);

	ck_assert_uint_eq(match.sequence, sequence);
	ck_assert_int_eq(match.certain, certain);
	ck_assert((match.refusal != NULL) == (sequence != 0));
}

START_TEST(test_errno_name_and_place_agree)
{
	struct exception_facts x = os_error(EACCES, "data/x");

	note(5, "EACCES", "data/x", "/srv/data/x", "load", 3);
	finds(&x, 5, true);
	x.filename = "/srv/data/x"; /* as it was resolved */
	finds(&x, 5, true);
	x.filename = "data/y";
	finds(&x, 0, false);
	x.filename = NULL;
	finds(&x, 5, true);
	x.error = ENOENT;
	finds(&x, 0, false);
}
END_TEST

START_TEST(test_another_place_is_another_error)
{
	struct exception_facts x = os_error(EACCES, "data/x");

	note(5, "EACCES", "data/x", "/srv/data/x", "load", 4);
	finds(&x, 0, false);
	note(6, "EACCES", "data/x", "/srv/data/x", "save", 3);
	finds(&x, 0, false);
}
END_TEST

START_TEST(test_without_a_stack_the_name_has_to_agree)
{
	struct exception_facts x = os_error(EACCES, "data/x");

	note(5, "EACCES", "data/x", "/srv/data/x", NULL, 0);
	finds(&x, 5, true);
	x.filename = NULL;
	finds(&x, 0, false);
	x.filename = "data/x";
	x.n_frames = 0;
	finds(&x, 5, true);
}
END_TEST

START_TEST(test_no_place_is_no_place_in_common)
{
	struct exception_facts x = os_error(EACCES, NULL), other = value_error();

	note(5, "EACCES", "data/x", "/srv/data/x", NULL, 0);
	x.n_frames = other.n_frames = 0;
	finds(&x, 0, false);
	finds(&other, 0, false);
}
END_TEST

START_TEST(test_another_exception_of_that_place_is_perhaps_from_it)
{
	struct exception_facts x = value_error();

	note(5, "EACCES", "data/x", "/srv/data/x", "load", 3);
	finds(&x, 5, false);
	frames[1].line = 4;
	finds(&x, 0, false);
	frames[1].line = 3;
}
END_TEST

START_TEST(test_a_file_that_was_looked_for_and_is_missed_is_perhaps_that_one)
{
	static const char *const bases[] = { "FileNotFoundError", "OSError", "Exception" };
	struct exception_facts x = { .type = "FileNotFoundError", .module = "builtins", .bases = bases, .n_bases = 3,
				     .message = "no data at /srv/data/x", .frames = frames, .n_frames = 2 };

	note(5, "ENOENT", "/srv/data/x", "/srv/data/x", "exists", 19);
	note(6, "ENOENT", "/srv/data/y", "/srv/data/y", "exists", 19);
	finds(&x, 5, false);
	x.message = "no data";
	finds(&x, 0, false);
	x.message = NULL;
	finds(&x, 0, false);
	/* With an errno a call has raised it, and it is known which. */
	x.message = "[Errno 2] No such file or directory: '/srv/data/x'";
	x.error = ENOENT;
	finds(&x, 0, false);
}
END_TEST

START_TEST(test_a_name_that_cannot_be_looked_up)
{
	struct exception_facts x = value_error();

	frames[1].function = "look";
	x.type = "gaierror";
	x.module = "socket";
	x.bases = gai_bases;
	x.n_bases = 3;
	x.error = -3; /* EAI_AGAIN: no errno */
	note(4, "EACCES", "data/x", "/srv/data/x", "look", 3);
	note_socket(5, 3);
	finds(&x, 5, true);
	frames[1].line = 4;
	finds(&x, 0, false);
	frames[1].line = 3;
	frames[1].function = "load";
}
END_TEST

START_TEST(test_the_chain_and_the_group_are_looked_through)
{
	struct exception_facts x = value_error(), chain[2] = { value_error(), os_error(EACCES, "data/x") };

	note(5, "EACCES", "data/x", "/srv/data/x", "load", 3);
	frames[1].line = 7; /* of all, so nothing agrees */
	x.chain = chain;
	x.n_chain = 2;
	finds(&x, 0, false);
	frames[1].line = 3;
	finds(&x, 5, true); /* certain by the second of the chain, though the place of the first agrees */
	x.chain = NULL;
	x.n_chain = 0;
	x.group = chain + 1;
	x.n_group = 1;
	finds(&x, 5, true);
}
END_TEST

START_TEST(test_the_newest_that_agrees_is_it)
{
	struct exception_facts x = os_error(EACCES, "data/x");
	struct raised_match match;

	note(5, "EACCES", "data/x", "/srv/data/x", "load", 3);
	note(6, "EACCES", "data/y", "/srv/data/y", "load", 3);
	note(7, "EACCES", "data/x", "/srv/data/x", "load", 3); /* the same again */
	finds(&x, 7, true);
	match = raised_find(&table, &x);
	ck_assert_str_eq(match.refusal->path, "/srv/data/x");
	/* One act on one line: nothing was survived elsewhere. */
	ck_assert_uint_eq(match.felt, 0);
	ck_assert_uint_eq(match.violations, 0);
	note(8, "EACCES", "z", "/z", "other", 1);
	match = raised_find(&table, &x);
	ck_assert_uint_eq(match.felt, 1);
	ck_assert_uint_eq(match.violations, 1);
	x.filename = "nothing";
	match = raised_find(&table, &x);
	ck_assert_uint_eq(match.sequence, 0);
	ck_assert_uint_eq(match.felt, 4);
}
END_TEST

START_TEST(test_what_was_not_refused_is_not_noted)
{
	struct python_frame frame = { .file = "solve.py", .function = "load", .line = 3 };
	struct stack stack = { .python = &frame, .n_python = 1 };
	struct refusal refusal = { .syscall = "openat", .err = "EACCES", .path = "/srv/data/x", .audit = true };
	struct exception_facts x = os_error(EACCES, "/srv/data/x");

	raised_note(&table, &refusal, "/srv/data/x", 5, true, &stack);
	refusal.audit = false;
	raised_note(&table, &refusal, "/srv/data/x", 0, true, &stack); /* its record is not in the log */
	finds(&x, 0, false);
	ck_assert_uint_eq(table.felt, 0);
}
END_TEST

START_TEST(test_the_import_machinery_is_in_no_traceback)
{
	struct python_frame frame[] = {
		{ .file = "<frozen importlib._bootstrap_external>", .function = "get_data", .line = 1 },
		{ .file = "<frozen importlib._bootstrap>", .function = "_load", .line = 2 },
		{ .file = "solve.py", .function = "load", .line = 3 },
	};
	struct stack stack = { .python = frame, .n_python = 3 };
	struct refusal refusal = { .syscall = "openat", .err = "EACCES", .path = "/srv/data/x" };
	struct exception_facts x = os_error(EACCES, "/srv/data/x");

	raised_note(&table, &refusal, NULL, 5, false, &stack);
	finds(&x, 5, true);
}
END_TEST

START_TEST(test_the_last_thousand_are_kept)
{
	struct exception_facts x = os_error(EACCES, "n0");
	char name[24];
	uint64_t i;

	for (i = 0; i < RAISED_KEPT + 1; i++) {
		snprintf(name, sizeof name, "n%llu", (unsigned long long)i);
		note(i + 1, "EACCES", name, name, "load", 3);
	}
	finds(&x, 0, false);
	x.filename = "n1";
	finds(&x, 2, true);
	snprintf(name, sizeof name, "n%d", RAISED_KEPT);
	x.filename = name;
	finds(&x, RAISED_KEPT + 1, true);
	ck_assert_uint_eq(table.n, RAISED_KEPT);
	ck_assert_uint_eq(table.felt, RAISED_KEPT + 1);
}
END_TEST

static void note_program(uint64_t sequence, const char *given)
{
	struct refusal refusal = { .syscall = "execve", .err = "EACCES", .path = given, .topic = TOPIC_EXEC };

	raised_note_elsewhere(&table, &refusal, given, sequence, true, true);
}

/* What Lib/subprocess.py raises for a child that could not execute NAME. */
static void finds_program(int error, const char *name, const char *function, const char *file, uint64_t sequence)
{
	struct exception_frame frame = { .file = file, .function = function, .line = 1955 };
	struct exception_facts x = os_error(error, name);

	x.frames = &frame;
	x.n_frames = 1;
	finds(&x, sequence, sequence != 0);
}

START_TEST(test_a_child_that_may_execute_nothing_tells_its_maker)
{
	static const char subprocess[] = "/usr/lib/python3.11/subprocess.py";

	note_program(5, "/usr/local/bin/tool");
	note_program(6, "/usr/bin/tool");
	finds_program(EACCES, "tool", "_execute_child", subprocess, 6);
	finds_program(EACCES, "tool", "Popen._execute_child", subprocess, 6);
	finds_program(EACCES, "./tool", "Popen._execute_child", subprocess, 6);
	/* Another errno, program or place. */
	finds_program(ENOENT, "tool", "Popen._execute_child", subprocess, 0);
	finds_program(EACCES, "too", "Popen._execute_child", subprocess, 0);
	finds_program(EACCES, "tool", "load", subprocess, 0);
	finds_program(EACCES, "tool", "_execute_child", "solve.py", 0);
	/* The very path, wherever it is told. */
	finds_program(EACCES, "/usr/bin/tool", "load", "solve.py", 6);
}
END_TEST

START_TEST(test_all_places_of_one_program_are_one_act)
{
	struct exception_frame frame = { .file = "/subprocess.py", .function = "_execute_child", .line = 7 };
	struct exception_facts x = os_error(EACCES, "tool");
	struct raised_match match;

	x.frames = &frame;
	x.n_frames = 1;
	note_program(5, "/usr/local/bin/tool");
	note_program(6, "/usr/bin/tool");
	note_program(7, "/usr/bin/other");
	match = raised_find(&table, &x);
	ck_assert_uint_eq(match.sequence, 6);
	ck_assert_uint_eq(match.felt, 1);
}
END_TEST

START_TEST(test_a_workers_error_is_raised_again_where_its_result_is_waited_for)
{
	static const char *const bases[] = { "multiprocessing.pool.RemoteTraceback", "Exception" };
	struct exception_facts told = { .type = "RemoteTraceback", .module = "multiprocessing.pool", .bases = bases, .n_bases = 2 };
	struct refusal refusal = { .syscall = "openat", .err = "EACCES", .path = "/srv/data/x", .topic = TOPIC_OPEN };
	struct exception_facts x = os_error(EACCES, "data/x");
	struct raised_match match;

	raised_note_elsewhere(&table, &refusal, "data/x", 5, true, false);
	raised_note_elsewhere(&table, &refusal, "data/y", 6, true, false);
	/* It is the first process's own error, about the same file. */
	finds(&x, 0, false);
	x.chain = &told;
	x.n_chain = 1;
	finds(&x, 5, true);
	x.filename = "data/z";
	finds(&x, 0, false);
	x = os_error(ENOENT, "data/x");
	x.chain = &told;
	x.n_chain = 1;
	finds(&x, 0, false);
	/* What a worker goes on from is not what the program went on from. */
	match = raised_find(&table, &x);
	ck_assert_uint_eq(match.felt, 0);
}
END_TEST

START_TEST(test_posix_spawn_tells_the_program_that_its_call_did_not_name)
{
	struct python_frame frame = { .file = "solve.py", .function = "load", .line = 3 };
	struct stack stack = { .python = &frame, .n_python = 1 };
	struct meant meant = { .command = { "git" }, .n_command = 1, .program = "/usr/bin/git" };
	struct refusal refusal = { .syscall = "clone", .err = "EACCES", .topic = TOPIC_START, .meant = &meant };
	struct exception_facts x = os_error(EACCES, "/usr/bin/git");

	raised_note(&table, &refusal, NULL, 5, true, &stack);
	meant.program = "/changed"; /* what was noted is a copy */
	finds(&x, 5, true);
	x.filename = "git";
	finds(&x, 0, false);
}
END_TEST

START_TEST(test_what_was_only_printed_is_never_certain)
{
	struct exception_facts before = os_error(EACCES, "data/x"), x = value_error();

	note(5, "EACCES", "data/x", "/box/data/x", "load", 3);
	x.n_frames = 0;
	x.chain = &before;
	x.n_chain = 1;
	before.link = EXCEPTION_LINK_CONTEXT;
	finds(&x, 5, true);
	before.link = EXCEPTION_LINK_PRINTED;
	finds(&x, 5, false);
}
END_TEST

START_TEST(test_an_empty_table_has_none)
{
	struct exception_facts x = os_error(EACCES, "data/x");

	finds(&x, 0, false);
}
END_TEST

static Suite *raised_suite(void)
{
	Suite *s = suite_create("raised");
	TCase *t = tcase_create("raised");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, test_errno_name_and_place_agree);
	tcase_add_test(t, test_another_place_is_another_error);
	tcase_add_test(t, test_without_a_stack_the_name_has_to_agree);
	tcase_add_test(t, test_no_place_is_no_place_in_common);
	tcase_add_test(t, test_another_exception_of_that_place_is_perhaps_from_it);
	tcase_add_test(t, test_a_file_that_was_looked_for_and_is_missed_is_perhaps_that_one);
	tcase_add_test(t, test_a_name_that_cannot_be_looked_up);
	tcase_add_test(t, test_the_chain_and_the_group_are_looked_through);
	tcase_add_test(t, test_the_newest_that_agrees_is_it);
	tcase_add_test(t, test_what_was_not_refused_is_not_noted);
	tcase_add_test(t, test_the_import_machinery_is_in_no_traceback);
	tcase_add_test(t, test_the_last_thousand_are_kept);
	tcase_add_test(t, test_a_child_that_may_execute_nothing_tells_its_maker);
	tcase_add_test(t, test_all_places_of_one_program_are_one_act);
	tcase_add_test(t, test_a_workers_error_is_raised_again_where_its_result_is_waited_for);
	tcase_add_test(t, test_posix_spawn_tells_the_program_that_its_call_did_not_name);
	tcase_add_test(t, test_what_was_only_printed_is_never_certain);
	tcase_add_test(t, test_an_empty_table_has_none);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(raised_suite());
}
