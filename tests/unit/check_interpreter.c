/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interpreters are laid out in a fresh directory: this very program stands for their ELF file,
 * for nothing of it is run.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/elf.h"
#include "policy/interpreter.h"
#include "policy/kept.h"
#include "policy/ld_cache.h"
#include "tests/unit/suite.h"

static char top[PATH_MAX];

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void enter(void)
{
	char template[] = "/tmp/check-interpreter-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(template));
	ck_assert_ptr_nonnull(realpath(template, top));
	ck_assert_int_eq(chdir(top), 0);
	unsetenv("PYENV_VERSION");
	unsetenv("PYENV_DIR");
	setenv("HOME", top, 1);
}

static void leave(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(top, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Makes the directories of PATH (relative to the fresh directory). */
static void make_parents(const char *path)
{
	char *copy = xstrdup(path), *p;

	for (p = copy; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		ck_assert(mkdir(copy, 0755) == 0 || errno == EEXIST);
	}
	free(copy);
}

static void put_file(const char *path, const char *text, mode_t mode)
{
	int fd;

	make_parents(path);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, mode);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write_full(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* A copy of this program. */
static void put_elf(const char *path)
{
	char *data;
	size_t len;
	int fd;

	ck_assert_int_eq(read_file(AT_FDCWD, "/proc/self/exe", 64u << 20, &data, &len), 0);
	make_parents(path);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write_full(fd, data, len), (ssize_t)len);
	close(fd);
	free(data);
}

static void put_link(const char *target, const char *path)
{
	make_parents(path);
	ck_assert_int_eq(symlink(target, path), 0);
}

/* A CPython of VERSION beneath PREFIX, as make install leaves it. */
static void put_python(const char *prefix, const char *version)
{
	char *exe = xasprintf("%s/bin/python%s", prefix, version);
	char *link = xasprintf("%s/bin/python3", prefix);
	char *target = xasprintf("python%s", version);
	char *os = xasprintf("%s/lib/python%s/os.py", prefix, version);

	put_elf(exe);
	put_link(target, link);
	put_file(os, "", 0644);
	free(exe);
	free(link);
	free(target);
	free(os);
}

static struct interpreter find_with(const char *program, const char *path_env, const char *script)
{
	struct interpreter in = { 0 };
	struct buf message = { 0 };

	ck_assert_msg(interpreter_find(program, path_env, script, &in, &message) == 0, "%s",
		      message.data);
	buf_fini(&message);
	return in;
}

static struct interpreter find(const char *program)
{
	return find_with(program, "/proc/nonexistent", NULL);
}

static void expect_beneath(const char *got, const char *expected)
{
	char *full = xasprintf("%s/%s", top, expected);

	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, full);
	free(full);
}

static int failure(const char *program, const char *expected)
{
	struct interpreter in = { 0 };
	struct buf message = { 0 };
	int r = interpreter_find(program, "/proc/nonexistent", NULL, &in, &message);

	ck_assert_int_lt(r, 0);
	ck_assert_ptr_null(in.argv0);
	ck_assert_msg(strstr(message.data, expected), "%s", message.data);
	ck_assert_ptr_null(strchr(message.data, '\n'));
	buf_fini(&message);
	return r;
}

/* ------------------------------------------------------------------ finding */

START_TEST(test_find_describes_an_installed_python)
{
	struct interpreter in;

	put_python("opt", "3.11");
	in = find("./opt/bin/python3");
	expect_beneath(in.argv0, "opt/bin/python3");
	expect_beneath(in.exe, "opt/bin/python3.11");
	expect_beneath(in.prefix, "opt");
	expect_beneath(in.base_prefix, "opt");
	ck_assert(in.is_python);
	ck_assert_int_eq(in.major, 3);
	ck_assert_int_eq(in.minor, 11);
	ck_assert_ptr_null(in.script_args);
	interpreter_fini(&in);
}
END_TEST

START_TEST(test_find_searches_path_like_execvp)
{
	struct interpreter in;
	char *path;

	put_python("opt", "3.9");
	put_file("first/python3", "not executable", 0644);
	ck_assert_int_eq(mkdir("second", 0755), 0);
	ck_assert_int_eq(mkdir("second/python3", 0755), 0);
	path = xasprintf("%s/first:%s/second:opt/bin", top, top);
	in = find_with("python3", path, NULL);
	expect_beneath(in.argv0, "opt/bin/python3");
	ck_assert_int_eq(in.minor, 9);
	interpreter_fini(&in);
	free(path);
}
END_TEST

START_TEST(test_find_says_why_not)
{
	put_file("plain", "text", 0755);
	put_file("quiet", "#!/bin/sh\n", 0644);
	put_file("relative", "#!python3\n", 0755);
	put_file("loop", "#!", 0755);
	ck_assert_int_eq(failure("absent", "absent: not found in PATH"), -ENOENT);
	ck_assert_int_eq(failure("./absent", "No such file"), -ENOENT);
	ck_assert_int_eq(failure("./quiet", "not executable"), -EACCES);
	ck_assert_int_eq(failure(top, "is a directory"), -EACCES);
	ck_assert_int_eq(failure("./plain", "neither an x86-64 ELF program nor"), -ENOEXEC);
	ck_assert_int_eq(failure("./relative", "without an absolute path"), -ENOEXEC);
	ck_assert_int_eq(failure("", "not found"), -ENOENT);
}
END_TEST

START_TEST(test_find_bounds_scripts_that_name_each_other)
{
	char *text = xasprintf("#!%s/again\n", top);

	put_file("again", text, 0755);
	ck_assert_int_eq(failure("./again", "too many"), -ENOEXEC);
	free(text);
}
END_TEST

START_TEST(test_find_follows_a_shebang_and_keeps_its_argument)
{
	struct interpreter in;
	char *text;

	put_python("opt", "3.12");
	text = xasprintf("#! %s/opt/bin/python3 -I -B\nprint()\n", top);
	put_file("tool", text, 0755);
	in = find("./tool");
	expect_beneath(in.argv0, "opt/bin/python3");
	ck_assert_str_eq(in.script_args[0], "-I -B");
	expect_beneath(in.script_args[1], "tool");
	ck_assert_ptr_null(in.script_args[2]);
	interpreter_fini(&in);
	free(text);
}
END_TEST

START_TEST(test_find_looks_through_env)
{
	struct interpreter in;

	put_python("opt", "3.12");
	put_file("tool", "#!/usr/bin/env -S A=b python3 -I\n", 0755);
	in = find_with("./tool", "opt/bin", NULL);
	expect_beneath(in.argv0, "opt/bin/python3");
	ck_assert_str_eq(in.script_args[0], "-I");
	expect_beneath(in.script_args[1], "tool");
	interpreter_fini(&in);
}
END_TEST

START_TEST(test_find_knows_other_programs_as_no_python)
{
	struct interpreter in;

	put_elf("bin/tool");
	put_elf("bin/python-config");
	in = find("./bin/tool");
	ck_assert(!in.is_python);
	ck_assert_ptr_null(in.prefix);
	interpreter_fini(&in);
	in = find("./bin/python-config");
	ck_assert(!in.is_python);
	interpreter_fini(&in);
}
END_TEST

START_TEST(test_find_knows_pypy_by_its_name_and_library)
{
	struct interpreter in;
	char lib[INTERPRETER_LIB_MAX];

	put_elf("pypy/bin/pypy3.9");
	put_link("pypy3.9", "pypy/bin/pypy3");
	put_file("pypy/lib/pypy3.9/os.py", "", 0644);
	in = find("pypy/bin/pypy3");
	ck_assert(in.is_python && in.is_pypy);
	ck_assert_int_eq(in.minor, 9);
	expect_beneath(in.base_prefix, "pypy");
	ck_assert_str_eq(interpreter_lib(&in, lib), "pypy3.9");
	interpreter_fini(&in);
	/* The version is that of the library beside it. */
	put_elf("other/bin/pypy3-c");
	put_file("other/lib/pypy3.10/os.py", "", 0644);
	in = find("other/bin/pypy3-c");
	ck_assert(in.is_pypy);
	ck_assert_int_eq(in.minor, 10);
	interpreter_fini(&in);
	put_elf("other/bin/pypy3compile");
	in = find("other/bin/pypy3compile");
	ck_assert(!in.is_python && !in.is_pypy);
	interpreter_fini(&in);
}
END_TEST

START_TEST(test_find_cleans_the_path)
{
	struct interpreter in;

	put_python("base", "3.10");
	put_link("base/lib", "elsewhere");
	in = find("base/../base//bin/./python3");
	expect_beneath(in.argv0, "base/bin/python3");
	interpreter_fini(&in);
	/* ".." of a link is where its target lies. */
	in = find("elsewhere/../bin/python3");
	expect_beneath(in.argv0, "base/bin/python3");
	interpreter_fini(&in);
}
END_TEST

START_TEST(test_library_has_every_name)
{
	struct interpreter in;
	char **library, *named = xasprintf("%s/link/lib/python3.10", top), *real = xasprintf("%s/base/lib/python3.10", top);
	bool by_link = false, by_name = false;
	size_t i;

	put_python("base", "3.10");
	put_link("base", "link");
	in = find("link/bin/python3");
	library = interpreter_library(&in);
	for (i = 0; library[i]; i++) {
		by_link = by_link || strcmp(library[i], named) == 0;
		by_name = by_name || strcmp(library[i], real) == 0;
		free(library[i]);
	}
	free(library);
	ck_assert(by_link);
	ck_assert(by_name);
	interpreter_fini(&in);
	free(named);
	free(real);
}
END_TEST

START_TEST(test_find_keeps_a_venv_apart_from_its_base)
{
	struct interpreter in;
	char *cfg;

	put_python("base", "3.10");
	cfg = xasprintf("home = %s/base/bin\ninclude-system-site-packages = false\n", top);
	put_file("venv/pyvenv.cfg", cfg, 0644);
	put_link("../../base/bin/python3", "venv/bin/python3");
	in = find("venv/bin/python3");
	expect_beneath(in.argv0, "venv/bin/python3");
	expect_beneath(in.exe, "base/bin/python3.10");
	expect_beneath(in.prefix, "venv");
	expect_beneath(in.base_prefix, "base");
	interpreter_fini(&in);
	free(cfg);
}
END_TEST

START_TEST(test_find_follows_a_venv_whose_home_holds_a_link)
{
	struct interpreter in;
	char *cfg;

	/* A library further up is not the one: /lib is /usr/lib on most systems. */
	put_python(".", "3.10");
	put_python("base", "3.10");
	put_link("../../../base/bin/python3.10", "opt/local/bin/python3");
	cfg = xasprintf("home = %s/opt/local/bin\n", top);
	put_file("venv/pyvenv.cfg", cfg, 0644);
	put_link("../../opt/local/bin/python3", "venv/bin/python3");
	in = find("venv/bin/python3");
	expect_beneath(in.exe, "base/bin/python3.10");
	expect_beneath(in.prefix, "venv");
	expect_beneath(in.base_prefix, "base");
	interpreter_fini(&in);
	free(cfg);
}
END_TEST

START_TEST(test_find_describes_a_venv_made_of_copies)
{
	struct interpreter in;
	char *cfg;

	put_python("base", "3.10");
	cfg = xasprintf("version = 3.10.4\r\nHome=%s/base/bin\r\n", top);
	put_file("venv/pyvenv.cfg", cfg, 0644);
	put_elf("venv/bin/python3");
	in = find("venv/bin/python3");
	ck_assert(in.is_python);
	ck_assert_int_eq(in.minor, 10);
	expect_beneath(in.prefix, "venv");
	expect_beneath(in.base_prefix, "base");
	interpreter_fini(&in);
	free(cfg);
}
END_TEST

START_TEST(test_find_follows_a_pyenv_shim_as_pyenv_chooses)
{
	struct interpreter in;
	char *shim = xasprintf("#!/usr/bin/env bash\nexport PYENV_ROOT=\"%s/pyenv\"\n"
			       "exec \"%s/pyenv/libexec/pyenv\" exec \"$program\" \"$@\"\n",
			       top, top);

	put_python("pyenv/versions/3.9.1", "3.9");
	put_python("pyenv/versions/3.10.2", "3.10");
	put_python("pyenv/versions/3.10.13", "3.10");
	put_file("pyenv/shims/python3", shim, 0755);
	put_file("pyenv/version", "# global\n3.9.1\n", 0644);

	in = find("pyenv/shims/python3");
	expect_beneath(in.argv0, "pyenv/versions/3.9.1/bin/python3");
	interpreter_fini(&in);

	put_file(".python-version", "absent:python-3.10\n", 0644);
	ck_assert_int_eq(mkdir("deeper", 0755), 0);
	ck_assert_int_eq(chdir("deeper"), 0);
	in = find("../pyenv/shims/python3");
	expect_beneath(in.argv0, "pyenv/versions/3.10.13/bin/python3");
	interpreter_fini(&in);
	ck_assert_int_eq(chdir(".."), 0);

	setenv("PYENV_VERSION", "3.10.2", 1);
	in = find("pyenv/shims/python3");
	expect_beneath(in.argv0, "pyenv/versions/3.10.2/bin/python3");
	interpreter_fini(&in);

	setenv("PYENV_VERSION", "../../evil", 1);
	ck_assert_int_eq(
		failure("pyenv/shims/python3", "pyenv's version ../../evil has no python3"),
		-ENOENT);
	free(shim);
}
END_TEST

START_TEST(test_pyenv_system_means_path_without_the_shims)
{
	struct interpreter in;
	char *path = xasprintf("%s/pyenv/shims:opt/bin", top);

	put_python("opt", "3.12");
	put_file("pyenv/shims/python3",
		 "#!/usr/bin/env bash\nexec \"/x/pyenv\" exec \"$program\"\n", 0755);
	put_file("pyenv/version", "system\n", 0644);
	in = find_with("python3", path, NULL);
	expect_beneath(in.argv0, "opt/bin/python3");
	interpreter_fini(&in);
	free(path);
}
END_TEST

/* ------------------------------------------------------------------ builtin:python */

static struct policy *policy_for(const struct interpreter *in)
{
	struct policy_context context = { .interpreter = in };
	struct buf messages = { 0 };
	struct policy *policy = NULL;

	ck_assert_int_eq(policy_load("builtin:python", &context, &policy, &messages), 0);
	ck_assert_uint_eq(messages.len, 0);
	return policy;
}

static void expect(const struct policy *policy, const char *path, unsigned want, enum action action)
{
	char *full = path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", top, path);
	struct decision d = policy_decide_path(policy, want, full, strlen(full));

	ck_assert_msg(d.action == action, "%s is %s, expected %s", full, action_name(d.action),
		      action_name(action));
	free(full);
}

START_TEST(test_builtin_python_grants_what_is_there_and_hides_what_is_looked_for)
{
	struct interpreter in;
	struct policy *p;

	put_python("opt", "3.11");
	put_file("opt/lib/python3.11/site-packages/x.pth",
		 "# comment\nimport os\n../../../../src/pkg\n", 0644);
	put_file("src/pkg/m.py", "", 0644);
	in = find("opt/bin/python3");
	p = policy_for(&in);
	expect(p, "opt/bin/python3.11", WANT_READ, ACTION_ALLOW);
	expect(p, "opt/bin/python3", WANT_LOOKUP, ACTION_ALLOW);
	expect(p, "opt/lib/python3.11/json/decoder.py", WANT_READ, ACTION_ALLOW);
	expect(p, "src/pkg/m.py", WANT_READ, ACTION_ALLOW);
	expect(p, "opt/lib/python311.zip", WANT_LOOKUP, ACTION_HIDE);
	expect(p, "opt/bin/pyvenv.cfg", WANT_READ, ACTION_HIDE);
	expect(p, "opt/pyvenv.cfg", WANT_READ, ACTION_HIDE);
	expect(p, "opt/bin/python3._pth", WANT_READ, ACTION_HIDE);
	expect(p, "opt/bin/lib/python3.11/os.py", WANT_LOOKUP, ACTION_HIDE);
	expect(p, ".local/lib/python3.11/site-packages", WANT_LOOKUP, ACTION_HIDE);
	expect(p, ".python_history", WANT_WRITE, ACTION_HIDE);
	expect(p, "opt/bin", WANT_LOOKUP, ACTION_ALLOW);
	expect(p, "opt/bin", WANT_READ, ACTION_DENY);
	expect(p, "opt/etc/secret", WANT_READ, ACTION_DENY);
	expect(p, "src/other", WANT_READ, ACTION_DENY);
	expect(p, "opt/lib/python3.11/x.py", WANT_WRITE, ACTION_DENY);
	expect(p, "/etc/passwd", WANT_READ, ACTION_DENY);
	expect(p, "/etc/ld.so.preload", WANT_LOOKUP, ACTION_HIDE);
	expect(p, "/dev/null", WANT_READ | WANT_WRITE, ACTION_ALLOW);
	expect(p, "/dev/null", WANT_CHANGE, ACTION_DENY);
	expect(p, "/proc/1/mem", WANT_READ, ACTION_DENY);
	policy_free(p);
	interpreter_fini(&in);
}
END_TEST

START_TEST(test_builtin_python_grants_a_venv_and_its_base)
{
	struct interpreter in;
	struct policy *p;
	char *cfg;

	put_python("base", "3.10");
	cfg = xasprintf("home = %s/base/bin\n", top);
	put_file("venv/pyvenv.cfg", cfg, 0644);
	put_link("../../base/bin/python3", "venv/bin/python3");
	put_file("venv/lib/python3.10/site-packages/m.py", "", 0644);
	put_link("lib", "venv/lib64");
	in = find("venv/bin/python3");
	p = policy_for(&in);
	expect(p, "venv/pyvenv.cfg", WANT_READ, ACTION_ALLOW);
	expect(p, "venv/lib/python3.10/site-packages/m.py", WANT_READ, ACTION_ALLOW);
	expect(p, "venv/lib64", WANT_LOOKUP, ACTION_ALLOW);
	expect(p, "venv/bin/python3", WANT_LOOKUP, ACTION_ALLOW);
	expect(p, "venv/bin/activate", WANT_READ, ACTION_DENY);
	expect(p, "base/lib/python3.10/os.py", WANT_READ, ACTION_ALLOW);
	expect(p, "base/bin/python3.10", WANT_READ, ACTION_ALLOW);
	policy_free(p);
	interpreter_fini(&in);
	free(cfg);
}
END_TEST

START_TEST(test_builtin_python_grants_the_tree_it_is_built_in)
{
	struct interpreter in;
	struct policy *p;

	put_elf("build/python3.11");
	put_file("build/pybuilddir.txt", "build/lib.linux-x86_64-3.11", 0644);
	put_file("build/Makefile", "# Makefile\nVPATH=\t../source\n", 0644);
	put_file("build/build/lib.linux-x86_64-3.11/_json.so", "", 0755);
	put_file("source/Lib/os.py", "", 0644);
	in = find("build/python3.11");
	expect_beneath(in.base_prefix, "build");
	p = policy_for(&in);
	expect(p, "source/Lib/os.py", WANT_READ, ACTION_ALLOW);
	expect(p, "build/pybuilddir.txt", WANT_READ, ACTION_ALLOW);
	expect(p, "build/build/lib.linux-x86_64-3.11/_json.so", WANT_READ, ACTION_ALLOW);
	expect(p, "source/README", WANT_READ, ACTION_DENY);
	policy_free(p);
	interpreter_fini(&in);
}
END_TEST

/* All of the policy TEXT for IN, with KEPT or without it. */
static char *shown(const char *text, const struct interpreter *in, const char *submission, struct policy_kept *kept)
{
	struct policy_context context = { .interpreter = in, .submission = submission, .kept = kept };
	struct buf messages = { 0 }, out = { 0 };
	struct policy *policy = NULL;
	struct decision d;

	ck_assert_int_eq(policy_load_text(text, strlen(text), "test.yaml", &context, &policy, &messages), 0);
	policy_show(policy, &out);
	/* What is shown does not tell whether patterns match. */
	d = policy_decide_path(policy, WANT_READ, "/usr/lib/libx.so.1", strlen("/usr/lib/libx.so.1"));
	ck_assert_int_eq(d.action, ACTION_ALLOW);
	policy_free(policy);
	buf_fini(&messages);
	return buf_steal(&out);
}

START_TEST(test_what_is_kept_makes_the_same_policy)
{
	static const char *const texts[] = {
		"version: 1\nextends: builtin:pure\n",
		"version: 1\nextends: builtin:python\nread: [\"%{submission}\", \"/usr/lib/*.so*\", /lib/libc.so.6]\n",
		"version: 1\nextends: builtin:pure\nprocess: fork\nhide: [/usr/lib/python3]\n",
	};
	struct policy_kept *kept = policy_kept_new();
	struct interpreter in[2];
	size_t i, k;

	put_python("opt", "3.11");
	put_python("other", "3.12");
	put_file("opt/lib/python3.11/site-packages/x.pth", "../../../../src/pkg\n", 0644);
	put_file("src/pkg/m.py", "", 0644);
	put_file("one/run.py", "", 0644);
	put_file("two/run.py", "", 0644);
	in[0] = find("opt/bin/python3");
	in[1] = find("other/bin/python3");
	for (i = 0; i < 2 * 2 * ARRAY_SIZE(texts); i++) {
		_cleanup_free_ char *where = xasprintf("%s/%s", top, i % 2 ? "one" : "two"), *alone = NULL, *after = NULL;

		k = i % ARRAY_SIZE(texts);
		alone = shown(texts[k], &in[i / 6], where, NULL);
		after = shown(texts[k], &in[i / 6], where, kept);
		ck_assert_str_eq(alone, after);
	}
	setenv("HOME", "/usr", 1);
	_cleanup_free_ char *alone = shown(texts[0], &in[1], top, NULL), *after = shown(texts[0], &in[1], top, kept);

	ck_assert_str_eq(alone, after);
	policy_kept_free(kept);
	interpreter_fini(&in[0]);
	interpreter_fini(&in[1]);
}
END_TEST

/* What is found with KEPT is what would be found without it. */
static void expect_found(struct policy_kept *kept, const char *program)
{
	struct interpreter with = { 0 }, without = { 0 };
	struct buf message[2] = { 0 };
	char **library[2] = { NULL, NULL };
	int r = policy_kept_find(kept, program, "/proc/nonexistent", NULL, &with, &library[0], &message[0]), plain;
	size_t i;

	plain = policy_kept_find(NULL, program, "/proc/nonexistent", NULL, &without, &library[1], &message[1]);
	ck_assert_int_eq(r, plain);
	ck_assert_str_eq(message[0].data ? message[0].data : "", message[1].data ? message[1].data : "");
	if (r == 0) {
		const char *const a[] = { with.argv0, with.exe, with.loader, with.elf.search, with.prefix, with.base_prefix };
		const char *const b[] = { without.argv0, without.exe, without.loader, without.elf.search, without.prefix,
					  without.base_prefix };

		for (i = 0; i < ARRAY_SIZE(a); i++)
			ck_assert(streq_or_null(a[i], b[i]));
		ck_assert_uint_eq(with.elf.n_needed, without.elf.n_needed);
		for (i = 0; i < with.elf.n_needed; i++)
			ck_assert_str_eq(with.elf.needed[i], without.elf.needed[i]);
		ck_assert_int_eq(with.is_python, without.is_python);
		ck_assert_int_eq(with.minor, without.minor);
		ck_assert_uint_eq(strv_length(with.script_args), strv_length(without.script_args));
		ck_assert_uint_eq(strv_length(library[0]), strv_length(library[1]));
		for (i = 0; library[0] && library[0][i]; i++)
			ck_assert_str_eq(library[0][i], library[1][i]);
	}
	for (i = 0; i < 2; i++) {
		strv_free(library[i]);
		buf_fini(&message[i]);
	}
	interpreter_fini(&with);
	interpreter_fini(&without);
}

START_TEST(test_an_interpreter_is_kept_while_its_name_leads_to_the_same_file)
{
	struct policy_kept *kept = policy_kept_new();
	_cleanup_free_ char *opt = xasprintf("%s/opt/bin/python3", top), *other = xasprintf("%s/other/bin/python3", top),
			    *link = xasprintf("%s/python3", top), *script = xasprintf("%s/a.py", top),
			    *line = xasprintf("#!%s -B\n", opt);

	put_python("opt", "3.11");
	put_python("other", "3.12");
	put_file("a.py", line, 0755);
	ck_assert_int_eq(symlink(opt, link), 0);
	expect_found(kept, opt);
	expect_found(kept, opt);
	expect_found(kept, other);
	expect_found(kept, link);
	expect_found(kept, link);
	/* A link that leads elsewhere now, a file that is another one or is gone, one that may no longer be executed. */
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(symlink(other, link), 0);
	expect_found(kept, link);
	expect_found(kept, link);
	ck_assert_int_eq(unlink(link), 0);
	expect_found(kept, link);
	expect_found(kept, script);
	expect_found(kept, script);
	expect_found(kept, opt);
	put_file("opt/bin/python3.11", "#!/bin/sh\n", 0755);
	expect_found(kept, opt);
	expect_found(kept, other);
	ck_assert_int_eq(chmod(other, 0644), 0);
	expect_found(kept, other);
	expect_found(kept, "nowhere");
	policy_kept_free(kept);
}
END_TEST

START_TEST(test_builtin_python_for_another_program_grants_itself_and_libraries)
{
	struct interpreter in;
	struct policy *p;

	put_elf("bin/tool");
	in = find("bin/tool");
	p = policy_for(&in);
	expect(p, "bin/tool", WANT_READ, ACTION_ALLOW);
	expect(p, "bin/other", WANT_READ, ACTION_DENY);
	expect(p, "/etc/ld.so.cache", WANT_READ,
	       access("/etc/ld.so.cache", F_OK) == 0 ? ACTION_ALLOW : ACTION_HIDE);
	policy_free(p);
	interpreter_fini(&in);
}
END_TEST

START_TEST(test_a_rule_of_the_user_beats_an_equal_built_in_one)
{
	struct interpreter in;
	struct policy_context context = { 0 };
	struct buf messages = { 0 };
	struct policy *p;
	char *text;

	put_python("opt", "3.11");
	ck_assert_int_eq(mkdir(".local", 0755), 0);
	ck_assert_int_eq(mkdir(".local/lib", 0755), 0);
	ck_assert_int_eq(mkdir(".local/lib/python3.11", 0755), 0);
	in = find("opt/bin/python3");
	context.interpreter = &in;
	text = xasprintf("version: 1\nextends: builtin:python\nread: [%s/.local/lib/python3.11]\n",
			 top);
	ck_assert_int_eq(policy_load_text(text, strlen(text), "t", &context, &p, &messages), 0);
	expect(p, ".local/lib/python3.11/site-packages", WANT_READ, ACTION_ALLOW);
	policy_free(p);
	free(text);
	text = xasprintf(
		"version: 1\nextends: builtin:python\nhide: [%s/opt/lib/python3.11/json]\n", top);
	ck_assert_int_eq(policy_load_text(text, strlen(text), "t", &context, &p, &messages), 0);
	expect(p, "opt/lib/python3.11/json/decoder.py", WANT_READ, ACTION_HIDE);
	policy_free(p);
	free(text);
	interpreter_fini(&in);
	buf_fini(&messages);
}
END_TEST

/* ------------------------------------------------------------------ ELF and the loader's cache */

static int facts_of(const void *data, size_t len, struct elf_facts *ret)
{
	int fd = memfd_create("elf", MFD_CLOEXEC), r;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write_full(fd, data, len), (ssize_t)len);
	r = elf_read_facts(fd, ret);
	close(fd);
	return r;
}

START_TEST(test_elf_reads_this_program)
{
	struct elf_facts facts;
	bool libc = false;
	size_t i;
	int fd = open("/proc/self/exe", O_RDONLY);

	ck_assert_int_eq(elf_read_facts(fd, &facts), 0);
	close(fd);
	ck_assert_ptr_nonnull(facts.interpreter);
	ck_assert_ptr_nonnull(strstr(facts.interpreter, "ld-linux-x86-64.so.2"));
	for (i = 0; i < facts.n_needed; i++)
		libc = libc || streq(facts.needed[i], "libc.so.6");
	ck_assert(libc);
	elf_facts_fini(&facts);
}
END_TEST

START_TEST(test_origin_is_the_directory_of_the_file)
{
	static const struct {
		const char *dir, *origin, *expected;
	} cases[] = {
		{ "$ORIGIN/../lib", "/opt/bin", "/opt/bin/../lib" },
		{ "${ORIGIN}", "/opt/bin", "/opt/bin" },
		{ "$ORIGIN/lib", "/", "/lib" },
		{ "/usr/lib", "/opt/bin", "/usr/lib" },
		{ "/lib/$ORIGIN", "/opt/bin", "/lib/$ORIGIN" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *dir = elf_search_dir(cases[i].dir, cases[i].origin);

		ck_assert_str_eq(dir, cases[i].expected);
	}
}
END_TEST

START_TEST(test_elf_survives_any_damage)
{
	char *data, *copy;
	size_t len, i;
	uint32_t random = 12345;

	ck_assert_int_eq(read_file(AT_FDCWD, "/proc/self/exe", 64u << 20, &data, &len), 0);
	len = MIN(len, (size_t)65536);
	for (i = 0; i < 3000; i++) {
		struct elf_facts facts;
		size_t cut = i < 1500 ? len : random % len;
		int flips;

		copy = xmemdup(data, len);
		for (flips = 0; flips < 8; flips++) {
			random = random * 1664525 + 1013904223;
			copy[(random >> 8) % 1024] = (char)(random >> 24);
		}
		if (facts_of(copy, cut, &facts) == 0)
			elf_facts_fini(&facts);
		free(copy);
	}
	free(data);
}
END_TEST

START_TEST(test_elf_refuses_what_is_none)
{
	static const char text[] = "#!/bin/sh\n";
	struct elf_facts facts;
	char other[64] = "\177ELF\1\1\1"; /* 32 bits */

	ck_assert_int_eq(facts_of(text, sizeof text, &facts), -ENOEXEC);
	ck_assert_int_eq(facts_of("", 0, &facts), -ENOEXEC);
	ck_assert_int_eq(facts_of(other, sizeof other, &facts), -ENOEXEC);
}
END_TEST

static void collect_dir(const char *dir, void *arg)
{
	buf_puts(arg, dir);
	buf_putc(arg, ':');
}

static void put_u32(struct buf *b, uint32_t v)
{
	buf_put(b, &v, sizeof v);
}

/* A cache of one entry per text; the texts begin behind the entries. */
static struct buf make_cache(const char *const *texts, size_t n)
{
	struct buf b = { 0 };
	size_t i;
	uint32_t at = (uint32_t)(48 + 24 * n);

	buf_put(&b, "glibc-ld.so.cache1.1", 20);
	put_u32(&b, (uint32_t)n);
	for (i = 0; i < 6; i++)
		put_u32(&b, 0);
	for (i = 0; i < n; i++) {
		put_u32(&b, 1);
		put_u32(&b, at);
		put_u32(&b, at);
		put_u32(&b, 0);
		put_u32(&b, 0);
		put_u32(&b, 0);
		at += (uint32_t)strlen(texts[i]) + 1;
	}
	for (i = 0; i < n; i++)
		buf_put(&b, texts[i], strlen(texts[i]) + 1);
	return b;
}

START_TEST(test_ld_cache_names_each_directory_once)
{
	static const char *const texts[] = { "/usr/lib/a/libx.so.1", "/opt/lib/liby.so",
					     "/usr/lib/a/libz.so.2", "relative/lib.so", "/lib.so" };
	struct buf cache = make_cache(texts, ARRAY_SIZE(texts)), dirs = { 0 };
	uint32_t random = 99;
	int i;

	ld_cache_parse(cache.data, cache.len, collect_dir, &dirs);
	ck_assert_str_eq(dirs.data, "/usr/lib/a:/opt/lib:");
	buf_clear(&dirs);
	for (i = 0; i < 20000; i++) {
		char *copy = xmemdup(cache.data, cache.len);

		random = random * 1664525 + 1013904223;
		copy[(random >> 8) % cache.len] = (char)(random >> 24);
		ld_cache_parse(copy, i % 3 ? cache.len : random % cache.len, collect_dir, &dirs);
		buf_clear(&dirs);
		free(copy);
	}
	buf_fini(&cache);
	buf_fini(&dirs);
}
END_TEST

/* ------------------------------------------------------------------ command lines */

static const struct {
	const char *argv[8];
	int index;
	bool module;
} lines[] = {
	{ { "python3" }, -1, false },
	{ { "python3", "a.py", "b" }, 1, false },
	{ { "python3", "-c", "pass", "x" }, -1, false },
	{ { "python3", "-cpass" }, -1, false },
	{ { "python3", "-m", "json.tool" }, -1, true },
	{ { "python3", "-Im", "json.tool" }, -1, true },
	{ { "python3", "-I", "-B", "a.py" }, 3, false },
	{ { "python3", "-IB", "a.py" }, 2, false },
	{ { "python3", "-W", "error", "a.py" }, 3, false },
	{ { "python3", "-Werror", "a.py" }, 2, false },
	{ { "python3", "-BX", "dev", "a.py" }, 3, false },
	{ { "python3", "-Xdev", "-c", "a.py" }, -1, false },
	{ { "python3", "--check-hash-based-pycs", "always", "a.py" }, 3, false },
	{ { "python3", "--", "-c" }, 2, false },
	{ { "python3", "--", "-" }, -1, false },
	{ { "python3", "-" }, -1, false },
	{ { "python3", "-i", "-", "a.py" }, -1, false },
	{ { "python3", "-W" }, -1, false },
	{ { "python3", "-Ic", "pass" }, -1, false },
};

START_TEST(test_script_index_reads_a_command_line_as_cpython_does)
{
	const char *module;

	ck_assert_int_eq(python_program((char *const *)lines[_i].argv, &module),
			 lines[_i].index);
	ck_assert_int_eq(module != NULL, lines[_i].module);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("interpreter");
	TCase *tests = tcase_create("find"), *pure = tcase_create("read");

	tcase_add_checked_fixture(tests, enter, leave);
	tcase_set_timeout(pure, 60);
	tcase_add_test(tests, test_find_describes_an_installed_python);
	tcase_add_test(tests, test_find_searches_path_like_execvp);
	tcase_add_test(tests, test_find_says_why_not);
	tcase_add_test(tests, test_find_bounds_scripts_that_name_each_other);
	tcase_add_test(tests, test_find_knows_pypy_by_its_name_and_library);
	tcase_add_test(tests, test_find_cleans_the_path);
	tcase_add_test(tests, test_library_has_every_name);
	tcase_add_test(tests, test_find_follows_a_shebang_and_keeps_its_argument);
	tcase_add_test(tests, test_find_looks_through_env);
	tcase_add_test(tests, test_find_knows_other_programs_as_no_python);
	tcase_add_test(tests, test_find_keeps_a_venv_apart_from_its_base);
	tcase_add_test(tests, test_find_follows_a_venv_whose_home_holds_a_link);
	tcase_add_test(tests, test_find_describes_a_venv_made_of_copies);
	tcase_add_test(tests, test_find_follows_a_pyenv_shim_as_pyenv_chooses);
	tcase_add_test(tests, test_pyenv_system_means_path_without_the_shims);
	tcase_add_test(tests,
		       test_builtin_python_grants_what_is_there_and_hides_what_is_looked_for);
	tcase_add_test(tests, test_builtin_python_grants_a_venv_and_its_base);
	tcase_add_test(tests, test_builtin_python_grants_the_tree_it_is_built_in);
	tcase_add_test(tests, test_builtin_python_for_another_program_grants_itself_and_libraries);
	tcase_add_test(tests, test_what_is_kept_makes_the_same_policy);
	tcase_add_test(tests, test_an_interpreter_is_kept_while_its_name_leads_to_the_same_file);
	tcase_add_test(tests, test_a_rule_of_the_user_beats_an_equal_built_in_one);
	tcase_add_test(pure, test_elf_reads_this_program);
	tcase_add_test(pure, test_origin_is_the_directory_of_the_file);
	tcase_add_test(pure, test_elf_survives_any_damage);
	tcase_add_test(pure, test_elf_refuses_what_is_none);
	tcase_add_test(pure, test_ld_cache_names_each_directory_once);
	tcase_add_loop_test(pure, test_script_index_reads_a_command_line_as_cpython_does, 0,
			    (int)ARRAY_SIZE(lines));
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, pure);
	return run_suite(suite);
}
