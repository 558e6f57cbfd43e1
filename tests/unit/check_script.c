/* SPDX-License-Identifier: Apache-2.0 */
/* What a Python command line runs, that its name stays in its directory, and that this path is granted. */
#include "cli/script.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/interpreter.h"
#include "tests/unit/suite.h"

static char directory[] = "/tmp/proctor-check-script-XXXXXX";
static struct script script;
static struct buf message;

static void put(const char *name)
{
	FILE *f = fopen(name, "we");

	ck_assert_ptr_nonnull(f);
	fclose(f);
}

/* top/{a.py,in.py -> sub/b.py,out.py -> ../private.py,sub/b.py,app/__main__.py -> ../../private.py,pkg/…} */
static void make_tree(void)
{
	static const char *const dirs[] = { "top", "top/sub", "top/app", "top/pkg", "top/pkg/deep" };
	static const char *const files[] = { "private.py",	    "top/a.py",		       "top/sub/b.py",
					     "top/pkg/__init__.py", "top/pkg/deep/__main__.py", "top/pkg/m.py" };
	size_t i;

	ck_assert_int_eq(chdir(directory), 0);
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		ck_assert_int_eq(mkdir(dirs[i], 0700), 0);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		put(files[i]);
	ck_assert_int_eq(symlink("sub/b.py", "top/in.py"), 0);
	ck_assert_int_eq(symlink("../private.py", "top/out.py"), 0);
	ck_assert_int_eq(symlink("out.py", "top/twice.py"), 0);
	ck_assert_int_eq(symlink("nowhere", "top/dangling.py"), 0);
	ck_assert_int_eq(symlink("../../private.py", "top/app/__main__.py"), 0);
	ck_assert_int_eq(symlink("top", "current"), 0);
}

static void tear_down(void)
{
	_cleanup_free_ char *command = xasprintf("rm -rf %s/*", directory);

	ck_assert_int_eq(chdir(directory), 0);
	ck_assert_int_eq(system(command), 0);
	script_fini(&script);
	buf_fini(&message);
}

static void ck_path(const char *path, const char *wanted)
{
	_cleanup_free_ char *top = realpath(directory, NULL);
	_cleanup_free_ char *full = xasprintf("%s/%s", top, wanted);

	ck_assert_str_eq(path, full);
}

START_TEST(test_scripts)
{
	static const struct {
		const char *name, *real, *dir;
	} cases[] = {
		{ "top/a.py", "top/a.py", "top" },	   { "./top//sub/../a.py", "top/a.py", "top" },
		{ "top/in.py", "top/sub/b.py", "top/sub" }, { "current/a.py", "top/a.py", "top" },
		{ "current", "top", "top" },		   { "current/", "top", "top" },
		{ "top/sub", "top/sub", "top/sub" },	   { "top/sub/.", "top/sub", "top/sub" },
		{ "top/sub/..", "top", "top" },		   { "top/sub/../", "top", "top" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ck_assert_msg(script_find(cases[i].name, &script, &message) == 0, "%s: %s", cases[i].name,
			      message.data);
		ck_assert_str_eq(script.name, cases[i].name);
		ck_path(script.real, cases[i].real);
		ck_path(script.directory, cases[i].dir);
		script_fini(&script);
	}
	ck_assert_int_eq(script_find("/", &script, &message), 0);
	ck_assert_str_eq(script.directory, "/");
}
END_TEST

START_TEST(test_what_is_none)
{
	static const struct {
		const char *name;
		int error;
	} cases[] = {
		{ "top/out.py", -EXDEV },	{ "top/twice.py", -EXDEV }, { "current/out.py", -EXDEV },
		{ "top/app", -EXDEV },		{ "top/app/", -EXDEV },	    { "top/app/.", -EXDEV },
		{ "top/dangling.py", -ENOENT }, { "no/such.py", -ENOENT },  { "", -ENOENT },
		{ "top/a.py/x", -ENOTDIR },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_clear(&message);
		ck_assert_msg(script_find(cases[i].name, &script, &message) == cases[i].error, "%s", cases[i].name);
		ck_assert_uint_gt(message.len, 0);
	}
}
END_TEST

START_TEST(test_modules)
{
	ck_assert_int_eq(chdir("top"), 0);
	ck_assert_int_eq(script_find_module("a", &script, &message), 0);
	ck_assert_uint_eq(script.n_files, 2); /* and the directory, in which it is looked for */
	ck_path(script.files[0], "top/a.py");
	ck_path(script.directory, "top");
	ck_assert_ptr_null(script.real);
	script_fini(&script);
	ck_assert_int_eq(script_find_module("pkg.deep", &script, &message), 0);
	ck_assert_uint_eq(script.n_files, 3);
	ck_path(script.files[0], "top/pkg/__init__.py");
	ck_path(script.files[1], "top/pkg/deep/__main__.py");
	script_fini(&script);
	ck_assert_int_eq(script_find_module("json.tool", &script, &message), 0);
	ck_assert_uint_eq(script.n_files, 0);
	script_fini(&script);
	ck_assert_int_eq(script_find_module("dangling", &script, &message), 0);
	script_fini(&script);
	ck_assert_int_eq(script_find_module("", &script, &message), 0);
	script_fini(&script);
	ck_assert_int_eq(script_find_module("../private", &script, &message), 0);
	ck_assert_uint_eq(script.n_files, 0);
	script_fini(&script);
	ck_assert_int_eq(script_find_module("out", &script, &message), -EXDEV);
	ck_assert_int_eq(script_find_module("app", &script, &message), -EXDEV);
}
END_TEST

START_TEST(test_name_behind_m)
{
	static const struct {
		const char *argv[6];
		const char *module;
	} cases[] = {
		{ { "python", "-m", "a", "-m" }, "a" },	 { { "python", "-ma" }, "a" },
		{ { "python", "-um", "a.b" }, "a.b" },	 { { "python", "-X", "m", "-Wm", "-m", "x" }, "x" },
		{ { "python", "-m" }, "" },		 { { "python", "-c", "-m", "x" }, NULL },
		{ { "python", "x.py", "-m", "y" }, NULL },
	};
	const char *module;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		python_program((char *const *)(uintptr_t)cases[i].argv, &module);
		ck_assert_msg(module == cases[i].module || (module && cases[i].module && streq(module, cases[i].module)),
			      "%zu: %s", i, module ? module : "none");
	}
}
END_TEST

/* The link that the script was found through leads elsewhere when the policy is loaded. */
START_TEST(test_granted_is_what_was_looked_at)
{
	_cleanup_free_ char *top = realpath(directory, NULL);
	_cleanup_free_ char *real = xasprintf("%s/top/sub/b.py", top);
	_cleanup_free_ char *private = xasprintf("%s/private.py", top);
	struct policy_context context = { .script = "top/in.py", .script_real = real };
	struct policy *policy = NULL;

	ck_assert_int_eq(policy_load("builtin:python", &context, &policy, &message), 0);
	ck_assert_int_eq(policy_decide_path(policy, WANT_READ, real, strlen(real)).action, ACTION_ALLOW);
	ck_assert_int_eq(policy_decide_path(policy, WANT_READ, private, strlen(private)).action, ACTION_DENY);
	policy_free(policy);
	policy = NULL;
	unlink("top/in.py");
	ck_assert_int_eq(symlink("../private.py", "top/in.py"), 0);
	ck_assert_int_eq(policy_load("builtin:python", &context, &policy, &message), -EINVAL);
	ck_assert_ptr_null(policy);
	/* Gone, it is no pattern either. */
	unlink("top/in.py");
	context.script = "top/*.py";
	ck_assert_int_eq(policy_load("builtin:python", &context, &policy, &message), -EINVAL);
}
END_TEST

START_TEST(test_what_may_not_be_read_is_told)
{
	struct interpreter interpreter;

	ck_assert_int_eq(readable_try("top/a.py", NULL, &message), 0);
	ck_assert_int_eq(readable_try("top", NULL, &message), 0);
	ck_assert_uint_eq(message.len, 0);
	ck_assert_int_eq(readable_try("no-such-file", NULL, &message), -ENOENT);
	ck_assert_ptr_nonnull(strstr(message.data, "no-such-file"));
	buf_clear(&message);
	ck_assert_int_eq(interpreter_find("/bin/true", NULL, NULL, &interpreter, &message), 0);
	ck_assert_ptr_nonnull(interpreter.loader);
	ck_assert_uint_gt(interpreter.elf.n_needed, 0);
	ck_assert_int_eq(interpreter_try(&interpreter, NULL, NULL, NULL, &message), 0);
	ck_assert_uint_eq(message.len, 0);
	interpreter_fini(&interpreter);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("script");
	TCase *tc = tcase_create("script");
	int status;

	if (!mkdtemp(directory))
		return 1;
	tcase_add_checked_fixture(tc, make_tree, tear_down);
	tcase_add_test(tc, test_scripts);
	tcase_add_test(tc, test_what_is_none);
	tcase_add_test(tc, test_modules);
	tcase_add_test(tc, test_name_behind_m);
	tcase_add_test(tc, test_granted_is_what_was_looked_at);
	tcase_add_test(tc, test_what_may_not_be_read_is_told);
	suite_add_tcase(suite, tc);
	status = run_suite(suite);
	rmdir(directory);
	return status;
}
