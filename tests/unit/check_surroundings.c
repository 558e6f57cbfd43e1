/* SPDX-License-Identifier: Apache-2.0 */
/* What is there instead: only what the policy lets the program list and read, and never by a link. */
#include "supervisor/surroundings.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char place[64], box[80], other[80];
static struct policy *policy;
static struct surroundings found;

static void put_file(const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", place, name);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	close(fd);
}

static void make_directory(const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", place, name);

	ck_assert_int_eq(mkdir(path, 0755), 0);
}

static void set_up(void)
{
	static const char *const directories[] = { "box", "box/Data", "box/more", "other", "closed", "closed/in" };
	static const char *const files[] = {
		"box/Data/grades.csv", "box/grades.csv", "box/more/names.txt", "box/more/numbers.json", "box/random.py",
		"box/helper.py",       "box/hidden.csv", "closed/grade.csv",   "closed/in/grades.csv",	"other/a.txt",
	};
	_cleanup_free_ char *text = NULL, *link = NULL;
	struct policy_context context = { 0 };
	_cleanup_buf_ struct buf messages = { 0 };
	const char *tmp = getenv("TMPDIR");

	snprintf(place, sizeof place, "%s/check_surroundings.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(place));
	snprintf(box, sizeof box, "%s/box", place);
	snprintf(other, sizeof other, "%s/other", place);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		make_directory(directories[i]);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put_file(files[i]);
	link = xasprintf("%s/box/linked", place);
	ck_assert_int_eq(symlink("../closed", link), 0);
	text = xasprintf("version: 1\non_deny: errno:EACCES\nread:\n  - %s/**\n  - %s/\n  - %s/**\nhide:\n  - %s/hidden.csv\n", box,
			 box, other, box);
	ck_assert_msg(policy_load_text(text, strlen(text), "test.yaml", &context, &policy, &messages) == 0, "%s",
		      messages.data ? messages.data : "");
}

static void tear_down(void)
{
	_cleanup_free_ char *remove = xasprintf("rm -rf %s", place);

	surroundings_fini(&found);
	policy_free(policy);
	ck_assert_int_eq(system(remove), 0);
}

/* What is looked for when NAME was missing in a program that ran in DIRECTORY. */
static void look(const char *name, const char *directory)
{
	const struct exception_facts x = { .type = "FileNotFoundError", .module = "builtins", .filename = name };

	surroundings_fini(&found);
	surroundings_look(policy, &x, directory, box, NULL, &found);
}

static void expect(const char *path, const char *expected)
{
	_cleanup_free_ char *full = expected ? xasprintf("%s/%s", place, expected) : NULL;

	if (expected)
		ck_assert_ptr_nonnull(path);
	ck_assert_msg(expected ? streq(path, full) : !path, "%s, not %s", path ? path : "nothing",
		      expected ? expected : "nothing");
}

static void expect_nothing(void)
{
	expect(found.beside, NULL);
	expect(found.other_case, NULL);
	expect(found.near_name, NULL);
	expect(found.shadow, NULL);
	expect(found.installed, NULL);
}

START_TEST(test_a_name_that_differs_in_case_is_found)
{
	look("data/grades.csv", box);
	expect(found.other_case, "box/Data/grades.csv");
	look("DATA/./../data/Grades.CSV", box);
	expect(found.other_case, "box/Data/grades.csv");
	look("GRADES.csv", box);
	expect(found.other_case, "box/grades.csv");
}
END_TEST

START_TEST(test_a_name_that_is_nearly_the_same_is_found)
{
	look("more/name.txt", box);
	expect(found.near_name, "box/more/names.txt");
	look("more/numbers.csv", box);
	expect(found.near_name, "box/more/numbers.json");
	/* It lies elsewhere in the submission. */
	look("input/grades.csv", box);
	expect(found.near_name, "box/grades.csv");
	look("more/else.txt", box);
	expect_nothing();
}
END_TEST

START_TEST(test_a_file_beside_the_program_is_found)
{
	look("grades.csv", other);
	expect(found.beside, "box/grades.csv");
	look("Data/grades.csv", other);
	expect(found.beside, "box/Data/grades.csv");
	look("wrong/grades.csv", other);
	expect(found.beside, "box/grades.csv");
	look("a.tx", other);
	expect(found.beside, NULL);
}
END_TEST

START_TEST(test_nothing_is_told_of_what_the_program_may_not_see)
{
	static const char *const names[] = {
		"../closed/grades.csv", "../closed/in/Grades.csv", "linked/grades.csv", "linked/in/Grades.csv", "Hidden.csv",
		"hidden.csv",		"../closed",		   "/etc/Passwd",	"",			"/", "..", "../../..",
	};
	_cleanup_free_ char *absolute = xasprintf("%s/closed/grades.csv", place);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		look(names[i], box);
		ck_assert_msg(!found.other_case && !found.beside &&
				      (!found.near_name || strstr(found.near_name, "/box/grades.csv")),
			      "%s", names[i]);
	}
	look(absolute, box);
	expect(found.other_case, NULL);
	look("grades.csv", NULL);
	expect_nothing();
	look("Grades.csv", "relative");
	expect_nothing();
}
END_TEST

START_TEST(test_a_file_with_the_name_of_a_library_module_is_found)
{
	struct exception_facts x = { .type = "AttributeError",
				     .module = "builtins",
				     .message = "module 'random' has no attribute 'randint'" };

	surroundings_look(policy, &x, box, box, NULL, &found);
	expect(found.shadow, "box/random.py");
	surroundings_fini(&found);
	/* A module of the program's own is what was meant. */
	x.message = "module 'helper' has no attribute 'load'";
	surroundings_look(policy, &x, box, box, NULL, &found);
	expect_nothing();
	x = (struct exception_facts){ .type = "ModuleNotFoundError", .module = "builtins", .name = "helpr" };
	surroundings_look(policy, &x, box, box, NULL, &found);
	expect(found.near_name, "box/helper.py");
}
END_TEST

/* What is found for "import NAME", "" being nothing. */
static void expect_installed(const char *name, const char *installed)
{
	_cleanup_free_ char *library = xasprintf("%s/lib", box), *closed = xasprintf("%s/closed", place);
	const char *const libraries[] = { closed, library, NULL };
	const struct exception_facts x = { .type = "ModuleNotFoundError", .module = "builtins", .name = name };

	surroundings_fini(&found);
	surroundings_look(policy, &x, box, box, libraries, &found);
	ck_assert_str_eq(found.installed ? found.installed : "", installed);
}

START_TEST(test_an_installed_module_of_nearly_that_name_is_found)
{
	static const char *const files[] = { "numpy/__init__.py", "numpyx.txt", "fast.cpython-311-x86_64-linux-gnu.so",
					     "site-packages/pandas.py", "site-packages/pandas-2.1.dist-info/RECORD",
					     "lib-dynload/_posixsubprocess.so", "other.pyc", "../../closed/secrets.py" };
	_cleanup_buf_ struct buf command = { 0 };

	buf_printf(&command, "cd %s && mkdir -p lib && cd lib && mkdir -p numpy site-packages/pandas-2.1.dist-info lib-dynload && touch",
		   box);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		buf_printf(&command, " %s", files[i]);
	ck_assert_int_eq(system(command.data), 0);
	expect_installed("nunpy", "numpy");
	expect_installed("NumPy", "numpy");
	expect_installed("pands", "pandas");
	expect_installed("fasst", "fast");
	expect_installed("maths", "math");
	/* It is there by that name: the program looked elsewhere. */
	expect_installed("numpy", "");
	expect_installed("math", "");
	expect_installed("secret", "");
	expect_installed("othr", "");
	expect_installed("posixsubprocess", "");
	expect_installed("../numpx", "");
	expect_installed("", "");
	/* The program's own comes first. */
	expect_installed("helpr", "");
	expect(found.near_name, "box/helper.py");
	expect_installed("Helper", "");
	expect(found.other_case, "box/helper.py");
}
END_TEST

START_TEST(test_what_was_found_is_recorded)
{
	_cleanup_buf_ struct buf out = { 0 };
	struct surroundings some = { .beside = "/box/a", .shadow = "/box/b" };

	surroundings_format(&found, &out);
	ck_assert_uint_eq(out.len, 0);
	surroundings_format(&some, &out);
	ck_assert_str_eq(out.data, "\"found\":{\"beside\":\"/box/a\",\"shadow\":\"/box/b\"}");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("surroundings");
	TCase *tcase = tcase_create("surroundings");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_a_name_that_differs_in_case_is_found);
	tcase_add_test(tcase, test_a_name_that_is_nearly_the_same_is_found);
	tcase_add_test(tcase, test_a_file_beside_the_program_is_found);
	tcase_add_test(tcase, test_nothing_is_told_of_what_the_program_may_not_see);
	tcase_add_test(tcase, test_an_installed_module_of_nearly_that_name_is_found);
	tcase_add_test(tcase, test_a_file_with_the_name_of_a_library_module_is_found);
	tcase_add_test(tcase, test_what_was_found_is_recorded);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
