/* SPDX-License-Identifier: Apache-2.0 */
#include "words/cause.h"
#include "words/compile_error.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/suite.h"
#include "words/cause_text.h"
#include "words/words.h"

static const struct cause_surroundings box = {
	.submission = "/box",
	.working_directory = "/box",
	.interpreter = "/usr/bin/python3.11",
	.script = "/box/solve.py",
};

/* An exception of builtins that descends from BASE, at line 2 of the program. */
static struct exception_facts builtin(const char *type, const char *base, const char *message)
{
	static const char *bases[2];

	bases[0] = type;
	bases[1] = base;
	return (struct exception_facts){
		.type = type,
		.module = "builtins",
		.bases = bases,
		.n_bases = base ? 2 : 1,
		.message = message,
		.file = "/box/solve.py",
		.line = 2,
		.function = "<module>",
	};
}

static struct exception_facts missing(const char *filename)
{
	struct exception_facts x = builtin("FileNotFoundError", "OSError", "[Errno 2] No such file or directory");

	x.error = ENOENT;
	x.filename = filename;
	return x;
}

static void expect(const struct exception_facts *x, const struct cause_surroundings *around, const char *student,
		   const char *staff)
{
	_cleanup_buf_ struct buf to_student = { 0 }, to_staff = { 0 };

	cause_words(x, around, &to_student, &to_staff);
	if (student)
		ck_assert_str_eq(to_student.data, student);
	if (staff)
		ck_assert_str_eq(to_staff.data, staff);
}

START_TEST(test_a_missing_file_is_told_with_what_is_there)
{
	struct cause_surroundings around = box;
	struct exception_facts x = missing("data/grades.csv");

	around.other_case = "/box/Data/grades.csv";
	expect(&x, &around,
	       "There is no file or directory \"data/grades.csv\" (solve.py:2). There is \"Data/grades.csv\": upper and "
	       "lower case differ.",
	       NULL);
	around.other_case = NULL;
	around.near_name = "/box/data/grade.csv";
	expect(&x, &around,
	       "There is no file or directory \"data/grades.csv\" (solve.py:2). There is \"data/grade.csv\", which is "
	       "nearly the same name.",
	       NULL);
	/* Staff may know of what lies elsewhere. */
	around.near_name = "/srv/course/grade.csv";
	expect(&x, &around,
	       "There is no file or directory \"data/grades.csv\" (solve.py:2).",
	       "There is no file or directory \"data/grades.csv\" (solve.py:2). There is \"/srv/course/grade.csv\", which "
	       "is nearly the same name.");
	around.near_name = NULL;
	expect(&x, &around, "There is no file or directory \"data/grades.csv\" (solve.py:2).",
	       "There is no file or directory \"data/grades.csv\" (solve.py:2). It was looked for in \"/box\".");
	x = missing("/home/teacher/solution.txt");
	expect(&x, &around, "There is no file or directory of the name that the program asks for (solve.py:2).", NULL);
	x = missing("data\\grades.csv");
	expect(&x, &around,
	       "There is no file or directory \"data\\\\grades.csv\" (solve.py:2). Directories are separated by \"/\" here; "
	       "\"\\\" is a part of the name.",
	       NULL);
}
END_TEST

START_TEST(test_a_class_of_the_program_is_not_what_its_name_says)
{
	static const char *const bases[] = { "FileNotFoundError", "Exception" };
	struct exception_facts x = missing("data");

	ck_assert(exception_is(&x, "FileNotFoundError") && exception_is(&x, "OSError"));
	x.module = "__main__";
	x.bases = bases;
	ck_assert(!exception_is(&x, "FileNotFoundError") && !exception_is(&x, "OSError"));
	expect(&x, &box,
	       "The program ended by an exception of its own, FileNotFoundError: [Errno 2] No such file or directory "
	       "(solve.py:2).",
	       NULL);
}
END_TEST

START_TEST(test_a_module_is_missing_or_shadowed)
{
	struct exception_facts x = builtin("ModuleNotFoundError", "ImportError", "No module named 'numppy'");
	const struct exception_frame frames[] = { { "/box/solve.py", "<module>", 1 }, { "/box/random.py", "<module>", 1 } };

	x.name = "numppy";
	expect(&x, &box, "The module \"numppy\" is not installed for the Python that runs the program (solve.py:2).",
	       "The module \"numppy\" is not installed for \"/usr/bin/python3.11\" (solve.py:2).");
	x = builtin("AttributeError", NULL,
		    "partially initialized module 'random' has no attribute 'randint' (most likely due to a circular "
		    "import)");
	x.frames = frames;
	x.n_frames = 2;
	expect(&x, &box,
	       "AttributeError: partially initialized module 'random' has no attribute 'randint' (most likely due to a "
	       "circular import) (solve.py:2). \"random.py\" is found instead of the module of that name: give the file "
	       "another name.",
	       NULL);
}
END_TEST

START_TEST(test_there_is_no_network_and_no_screen)
{
	static const char *const url[] = { "urllib.error.URLError", "OSError" }, *const tcl[] = { "_tkinter.TclError" };
	const struct refusal r = { .syscall = "socket",
				   .topic = TOPIC_NETWORK,
				   .action = ACTION_DENY,
				   .rule = RULE_SYSCALL,
				   .file = "/box/solve.py",
				   .line = 2,
				   .submission = "/box" };
	struct exception_facts x = builtin("URLError", "OSError", "<urlopen error [Errno 13] Permission denied>");
	struct cause_surroundings around = box;
	static const char told[] =
		"There is no network here (solve.py:2). Bring the data along as a file beside the program, or read it from "
		"standard input; install packages before the run.";

	x.module = "urllib.error";
	x.bases = url;
	around.refusal = &r;
	expect(&x, &around, told, told);
	around.network = true;
	around.refusal = NULL;
	expect(&x, &around,
	       "urllib.error.URLError: <urlopen error [Errno 13] Permission denied> (solve.py:2).", NULL);
	x = builtin("TclError", NULL, "no display name and no $DISPLAY environment variable");
	x.module = "_tkinter";
	x.bases = tcl;
	x.n_bases = 1;
	around.refusal = &r;
	expect(&x, &around,
	       "There is no screen here, so no window can be shown (solve.py:2). Print the result instead.",
	       NULL);
}
END_TEST

START_TEST(test_a_refusal_is_told_as_the_cause)
{
	struct refusal r = { .syscall = "openat",
			     .topic = TOPIC_OPEN,
			     .args = "AT_FDCWD, \"/etc/passwd\", O_RDONLY",
			     .path = "/etc/passwd",
			     .action = ACTION_DENY,
			     .rule = RULE_ON_DENY,
			     .rule_ref = "pure.yaml:5:1",
			     .file = "/box/solve.py",
			     .line = 2,
			     .submission = "/box" };
	struct exception_facts x = builtin("PermissionError", "OSError", "[Errno 13] Permission denied: '/etc/passwd'");
	struct cause_surroundings around = box;

	around.refusal = &r;
	expect(&x, &around,
	       "Opening that file is not allowed (solve.py:2). The program did not go on from that: PermissionError. What "
	       "helps: read from standard input, or a file that came with the program.",
	       "openat of /etc/passwd at solve.py:2: nothing grants reading it; on_deny pure.yaml:5:1. The program did not "
	       "go on from that: PermissionError.");
	/* What is hidden looks absent. */
	r.action = ACTION_HIDE;
	r.rule = RULE_HIDE;
	x = missing("/etc/passwd");
	expect(&x, &around, "There is no file or directory of the name that the program asks for (solve.py:2).",
	       "openat of /etc/passwd at solve.py:2: hidden by hide pure.yaml:5:1. The program did not go on from that: "
	       "FileNotFoundError.");
}
END_TEST

START_TEST(test_what_was_survived_is_said_so)
{
	struct exception_facts x = builtin("ZeroDivisionError", NULL, "division by zero");
	struct cause_surroundings around = box;

	/* What looked absent, as in every sandbox, is no reason where the reason is known. */
	around.survived = 2;
	expect(&x, &around, "The program divides by zero (solve.py:2).", "The program divides by zero (solve.py:2).");
	around.unclear = true;
	expect(&x, &around, "The program divides by zero (solve.py:2).",
	       "The program divides by zero (solve.py:2). 2 refusals came before; whether one of them is the reason is not known.");
	around.unclear = false;
	around.survived_counted = 1;
	expect(&x, &around, NULL,
	       "The program divides by zero (solve.py:2). One refusal came before; the program went on from it.");
	expect(&x, &around,
	       "The program divides by zero (solve.py:2). Something else that it asked for was refused; the program went "
	       "on from that.",
	       NULL);
}
END_TEST

START_TEST(test_a_program_that_cannot_be_compiled_is_told_as_that)
{
	struct exception_facts x = builtin("SyntaxError", NULL, "invalid syntax");

	x.filename = "/box/solve.py";
	x.lineno = 7;
	x.file = x.function = NULL;
	x.line = 0;
	ck_assert(cause_is_compile_error(&x, &box));
	expect(&x, &box, "The program cannot be compiled, so nothing of it ran: invalid syntax (solve.py:7).", NULL);
	x.text = "%matplotlib inline\n";
	expect(&x, &box,
	       "The program cannot be compiled, so nothing of it ran: invalid syntax (solve.py:7). A line that begins with "
	       "% or ! is a notebook's command: take it out.",
	       NULL);
	/* Of a module: the program ran. */
	x.filename = "/box/helper.py";
	x.file = "/box/solve.py";
	x.text = NULL;
	ck_assert(!cause_is_compile_error(&x, &box));
	expect(&x, &box, "A module that the program imports cannot be compiled: invalid syntax (helper.py:7).", NULL);
}
END_TEST

START_TEST(test_a_status_is_told_as_it_arrives)
{
	struct exception_facts before = builtin("ValueError", NULL, "bad"), x = builtin("SystemExit", NULL, "");

	x.has_status = true;
	x.status = 300;
	expect(&x, &box, "The program ended itself with exit status 44, which is what arrives of 300 (solve.py:2).", NULL);
	x.status = 1;
	before.link = EXCEPTION_LINK_CONTEXT;
	x.chain = &before;
	x.n_chain = 1;
	expect(&x, &box,
	       "The program ended itself with exit status 1 (solve.py:2). It did so because of ValueError: bad "
	       "(solve.py:2).",
	       NULL);
	before.link = EXCEPTION_LINK_PRINTED;
	expect(&x, &box,
	       "The program ended itself with exit status 1 (solve.py:2). Before that, a traceback was made of ValueError: bad "
	       "(solve.py:2); whether that is the reason is not known.",
	       NULL);
	x.n_chain = 0;
	x.has_status = false;
	x.message = "usage: solve.py FILE";
	expect(&x, &box,
	       "The program ended itself with the message \"usage: solve.py FILE\" and exit status 1 (solve.py:2).", NULL);
}
END_TEST

START_TEST(test_students_see_no_path_outside_in_any_text)
{
	static const char *const hostile[] = {
		"/srv/secret/x", "'/srv/secret/x'", "see:/srv/secret/x", "a /srv/secret", "//srv/secret", "\"/srv/secret\"",
		"../../srv/secret", "x/../../srv/secret", "/box/../srv/secret", "/boxes/srv/secret", "(/srv/secret)",
		"~/srv/secret", "=/srv/secret", "file:///srv/secret", "\n/srv/secret", "\t/srv/secret", "/./srv/secret",
		"/box/a/../../srv/secret", "http:/srv/secret", "\xff/srv/secret", ",/srv/secret", ";/srv/secret", "|/srv/secret",
	};
	static const char *const types[] = { "FileNotFoundError", "PermissionError", "IsADirectoryError", "ImportError",
					     "ModuleNotFoundError", "ValueError", "SyntaxError", "SystemExit", "KeyError",
					     "UnicodeDecodeError", "AssertionError", "NameError", "MemoryError", "Other" };

	for (size_t i = 0; i < ARRAY_SIZE(hostile) * ARRAY_SIZE(types); i++) {
		const char *text = hostile[i % ARRAY_SIZE(hostile)];
		struct exception_facts x = builtin(types[i / ARRAY_SIZE(hostile)], "OSError", text), chained;
		struct cause_surroundings around = box;
		_cleanup_buf_ struct buf student = { 0 };

		x.filename = x.name = x.file = x.function = text;
		chained = x;
		x.chain = x.group = &chained;
		x.n_chain = x.n_group = 1;
		around.beside = around.other_case = around.near_name = around.shadow = text;
		cause_words(&x, &around, &student, NULL);
		ck_assert_msg(!strstr(student.data, "secret"), "%s of %s: %s", x.type, text, student.data);
	}
}
END_TEST

START_TEST(test_texts_are_one_line_and_bounded)
{
	char text[EXCEPTION_TEXT + 1];
	struct exception_facts x;
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };

	for (size_t i = 0; i < EXCEPTION_TEXT; i++)
		text[i] = "\n\x1b\xe2\x80\xae\xff\r\x07"[i % 8];
	text[EXCEPTION_TEXT] = '\0';
	x = builtin(text, text, text);
	x.module = x.filename = x.name = x.file = x.function = text;
	x.chain = x.group = &x;
	x.n_chain = x.n_group = 1;
	cause_words(&x, &box, &student, &staff);
	ck_assert_uint_le(student.len, CAUSE_TEXT);
	ck_assert_uint_le(staff.len, CAUSE_TEXT);
	for (size_t i = 0; i < staff.len; i++)
		ck_assert_uint_ge((unsigned char)staff.data[i], ' ');
	/* Nothing is known but that there was one. */
	x = (struct exception_facts){ 0 };
	expect(&x, &(struct cause_surroundings){ 0 }, "an exception.", "an exception.");
}
END_TEST

START_TEST(test_what_is_cut_stays_whole_characters)
{
	_cleanup_buf_ struct buf out = { 0 };

	text_cut(&out, "äääää", 10, 8);
	ck_assert_str_eq(out.data, "ää…");
	buf_clear(&out);
	text_cut(&out, "äääää", 10, 10);
	ck_assert_str_eq(out.data, "äääää");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cause");
	TCase *tcase = tcase_create("cause");

	tcase_add_test(tcase, test_a_missing_file_is_told_with_what_is_there);
	tcase_add_test(tcase, test_a_class_of_the_program_is_not_what_its_name_says);
	tcase_add_test(tcase, test_a_module_is_missing_or_shadowed);
	tcase_add_test(tcase, test_there_is_no_network_and_no_screen);
	tcase_add_test(tcase, test_a_refusal_is_told_as_the_cause);
	tcase_add_test(tcase, test_what_was_survived_is_said_so);
	tcase_add_test(tcase, test_a_program_that_cannot_be_compiled_is_told_as_that);
	tcase_add_test(tcase, test_a_status_is_told_as_it_arrives);
	tcase_add_test(tcase, test_students_see_no_path_outside_in_any_text);
	tcase_add_test(tcase, test_texts_are_one_line_and_bounded);
	tcase_add_test(tcase, test_what_is_cut_stays_whole_characters);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
