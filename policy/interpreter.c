/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file will be executed, and whether it is a CPython. Nothing is run: a pyenv shim's choice
 * is made again from the files pyenv would read, a version is read off the ELF file's libraries
 * or name, and a prefix is searched as CPython's Modules/getpath.py searches it.
 */
#include "policy/interpreter.h"

#include "policy/program.h"
#include "policy/pyenv.h"
#include "policy/venv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 4096
#define MAX_HOPS 4 /* shims and "#!" files before an ELF file; the kernel's own bound is 4 */
#define MAX_WORDS 32

void interpreter_fini(struct interpreter *interpreter)
{
	char **word;

	free(interpreter->argv0);
	free(interpreter->exe);
	free(interpreter->loader);
	elf_facts_fini(&interpreter->elf);
	free(interpreter->prefix);
	free(interpreter->base_prefix);
	for (word = interpreter->script_args; word && *word; word++)
		free(*word);
	free(interpreter->script_args);
	*interpreter = (struct interpreter){ 0 };
}

/* ------------------------------------------------------------------ the file */

/* Opens PATH if it may be executed and reads its beginning. The descriptor or -errno. */
static int open_head(const char *path, char head[HEAD_BYTES], size_t *ret_len, struct buf *message)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err = errno;
		buf_printf(message, "%s: %s", path, strerror(err));
		return err == ENOENT || err == ENOTDIR ? -ENOENT : -EACCES;
	}
	if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0) {
		buf_printf(message, "%s: %s", path,
			   S_ISDIR(st.st_mode) ? "is a directory" : "not executable");
		return -EACCES;
	}
	n = read_full(fd, head, HEAD_BYTES - 1);
	if (n < 0) {
		buf_printf(message, "%s: %s", path, strerror((int)-n));
		return -EACCES;
	}
	head[n] = '\0';
	*ret_len = (size_t)n;
	return steal_fd(&fd);
}

/* ------------------------------------------------------------------ "#!" */

static void put_first(struct interpreter *interpreter, char **words, size_t n)
{
	size_t i, old = 0;
	char **args;

	while (interpreter->script_args && interpreter->script_args[old])
		old++;
	args = xcalloc(n + old + 1, sizeof(*args));
	for (i = 0; i < n; i++)
		args[i] = xstrdup(words[i]);
	if (old)
		memcpy(args + n, interpreter->script_args, old * sizeof(*args));
	free(interpreter->script_args);
	interpreter->script_args = args;
}

/* Which of env's words is the program: past options, -S and assignments. N when none is. */
static size_t env_program(char **words, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (streq(words[i], "-u") || streq(words[i], "-C"))
			i++;
		else if (words[i][0] != '-' && !strchr(words[i], '='))
			return i;
	}
	return n;
}

/*
 * Reads the line after "#!" into the program to go on with and the words before the file's
 * name. The kernel hands over what follows the program as one word; env -S splits it.
 */
static int read_shebang(char *line, const char *file, struct interpreter *interpreter,
			char **ret_program, struct buf *message)
{
	char *words[MAX_WORDS + 1], *rest, *p, *save;
	size_t n = 1, first = 1;
	const char *base;

	line[strcspn(line, "\n")] = '\0';
	/* The kernel takes a carriage return for a part of the name: "/usr/bin/python3\r" does not exist. */
	if (*line && line[strlen(line) - 1] == '\r') {
		buf_printf(message, "%s: its \"#!\" line ends in a carriage return: give it Unix line ends (dos2unix)",
			   file);
		return -ENOEXEC;
	}
	words[0] = line + strspn(line, " \t");
	rest = words[0] + strcspn(words[0], " \t");
	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t");
	for (p = rest + strlen(rest); p > rest && strchr(" \t", p[-1]);)
		*--p = '\0';
	base = strrchr(words[0], '/');
	if (words[0][0] != '/') {
		buf_printf(message, "%s: \"#!\" line without an absolute path", file);
		return -ENOEXEC;
	}
	if (!streq(base, "/env")) {
		if (*rest)
			words[n++] = rest;
	} else {
		for (p = strtok_r(rest, " \t", &save); p && n < MAX_WORDS;
		     p = strtok_r(NULL, " \t", &save))
			words[n++] = p;
		first = env_program(words, n);
		if (first == n) {
			buf_printf(message, "%s: env without a program in the \"#!\" line", file);
			return -ENOEXEC;
		}
		words[0] = words[first++];
	}
	*ret_program = xstrdup(words[0]);
	words[n++] = (char *)file;
	put_first(interpreter, words + first, n - first);
	return 0;
}

/* ------------------------------------------------------------------ is it a CPython? */

static bool parse_version(const char *s, int *ret_major, int *ret_minor)
{
	unsigned major, minor;
	int n = 0;

	if (sscanf(s, "%1u.%2u%n", &major, &minor, &n) != 2 || (s[n] >= '0' && s[n] <= '9'))
		return false;
	*ret_major = (int)major;
	*ret_minor = (int)minor;
	return true;
}

static bool exists(const char *format, ...) _printf_(1, 2);
static bool exists(const char *format, ...)
{
	char path[PATH_MAX];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(path, sizeof path, format, ap);
	va_end(ap);
	return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

const char *interpreter_lib(const struct interpreter *interpreter, char name[INTERPRETER_LIB_MAX])
{
	snprintf(name, INTERPRETER_LIB_MAX, "%s%d.%d", interpreter->is_pypy ? "pypy" : "python", interpreter->major,
		 interpreter->minor);
	return name;
}

const char *interpreter_kind(const struct interpreter *interpreter)
{
	return interpreter->is_pypy ? "PyPy" : "CPython";
}

/* PyPy of Python 2, and of 3 before 3.8, keeps CPython's library (lib-python) apart from its own (lib_pypy). */
static bool has_old_library(const struct interpreter *interpreter, const char *prefix)
{
	if (!interpreter->is_pypy)
		return false;
	return interpreter->major == 2 ? exists("%s/lib-python/2.7/os.py", prefix) :
					 interpreter->minor < 8 && exists("%s/lib-python/3/os.py", prefix);
}

/* The first directory from DIR upwards that holds the standard library, or NULL. PyPy looks for its own in the
 * same way (pypy/module/sys/initpath.py). */
static char *search_prefix(const struct interpreter *interpreter, const char *dir)
{
	char *at = xstrdup(dir), lib[INTERPRETER_LIB_MAX];

	interpreter_lib(interpreter, lib);
	for (;;) {
		char *up;

		if (exists("%s/lib/%s/os.py", slashed(at), lib) || exists("%s/lib64/%s/os.py", slashed(at), lib) ||
		    has_old_library(interpreter, slashed(at)))
			return at;
		if (streq(at, "/"))
			break;
		up = parent_of(at);
		free(at);
		at = up;
	}
	free(at);
	return NULL;
}

/* What follows "python" or "pypy" in a program's or a library's name, or NULL. */
static const char *after_kind(const char *name, bool pypy)
{
	return after_prefix(name, pypy ? "pypy" : "python");
}

/* "python", "python3", "python3.11", "python3.11d", but not "python-config"; "pypy3", "pypy3.9-c". */
static bool is_python_name(const char *base, bool *ret_pypy)
{
	bool pypy = after_kind(base, true) != NULL;
	const char *rest = after_kind(base, pypy);

	if (!rest)
		return false;
	*ret_pypy = pypy;
	rest += strspn(rest, "0123456789.");
	if (pypy && streq(rest, "-c"))
		return true;
	return strlen(rest) <= 2 && rest[strspn(rest, "dmut")] == '\0';
}

/* Finds the version of an installation that does not name it, by the library in a directory above DIR. */
static bool find_library(struct interpreter *interpreter, const char *dir)
{
	for (interpreter->major = 3, interpreter->minor = 30; interpreter->minor >= 5; interpreter->minor--) {
		_cleanup_free_ char *prefix = search_prefix(interpreter, dir);

		if (prefix && !(interpreter->minor < 8 && has_old_library(interpreter, slashed(prefix))))
			return true;
	}
	return false;
}

static bool find_version(struct interpreter *interpreter, const char *base)
{
	const struct elf_facts *facts = &interpreter->elf;
	_cleanup_free_ char *version = NULL, *dir = NULL;
	size_t i;

	for (i = 0; i < facts->n_needed; i++) {
		const char *lib = after_prefix(facts->needed[i], "lib");
		const char *rest = lib ? after_kind(lib, interpreter->is_pypy) : NULL;

		if (rest && parse_version(rest, &interpreter->major, &interpreter->minor))
			return true;
	}
	if (parse_version(after_kind(base, interpreter->is_pypy), &interpreter->major, &interpreter->minor))
		return true;
	/* A venv made with --copies. */
	version = venv_read(interpreter->argv0, "version");
	if (!version)
		version = venv_read(interpreter->argv0, "version_info");
	if (version && parse_version(version, &interpreter->major, &interpreter->minor))
		return true;
	/* A file called "python" or "python3" with its library beside it. */
	dir = parent_of(interpreter->exe);
	if (find_library(interpreter, dir))
		return true;
	interpreter->major = interpreter->minor = 0;
	return false;
}

/* The directory of the interpreter in a virtual environment's HOME, with no link left: HOME may hold only
 * a link to it, and have another library above. getpath.py, base_executable. */
static char *real_home(const struct interpreter *interpreter, const char *home)
{
	const char *names[] = { strrchr(interpreter->argv0, '/') + 1, strrchr(interpreter->exe, '/') + 1, "python3" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", slashed(home), names[i]);
		_cleanup_free_ char *real = realpath(path, NULL);

		if (real)
			return parent_of(real);
	}
	return xstrdup(home);
}

static void find_prefixes(struct interpreter *interpreter)
{
	_cleanup_free_ char *home = venv_read(interpreter->argv0, "home");
	_cleanup_free_ char *dir = parent_of(interpreter->exe);
	char *base = NULL;

	if (exists("%s/pybuilddir.txt", slashed(dir)))
		base = xstrdup(dir); /* run from the directory it was built in */
	if (!base && home && home[0] == '/') {
		_cleanup_free_ char *bin = real_home(interpreter, home);

		base = search_prefix(interpreter, bin);
	}
	if (!base)
		base = search_prefix(interpreter, dir);
	if (!base && (base = search_prefix(interpreter, "/usr/local")) == NULL)
		base = parent_of(dir); /* its library is not found: the interpreter will say so itself */
	interpreter->base_prefix = base;
	if (home) {
		_cleanup_free_ char *bin = parent_of(interpreter->argv0);

		interpreter->prefix = parent_of(bin);
	} else {
		interpreter->prefix = xstrdup(base);
	}
}

static int describe(struct interpreter *interpreter, int fd, struct buf *message)
{
	const char *base;
	int r = elf_read_facts(fd, &interpreter->elf);

	if (r < 0) {
		buf_printf(message, "%s: neither an x86-64 ELF program nor a \"#!\" script",
			   interpreter->argv0);
		return r;
	}
	interpreter->exe = realpath(interpreter->argv0, NULL);
	if (!interpreter->exe) {
		r = -errno;
		buf_printf(message, "%s: %s", interpreter->argv0, strerror(-r));
		return r == -ENOENT ? r : -EACCES;
	}
	interpreter->loader = steal_ptr(&interpreter->elf.interpreter);
	base = strrchr(interpreter->exe, '/') + 1;
	interpreter->is_python = is_python_name(base, &interpreter->is_pypy) && find_version(interpreter, base);
	interpreter->is_pypy = interpreter->is_pypy && interpreter->is_python;
	if (interpreter->is_python)
		find_prefixes(interpreter);
	return 0;
}

/* ------------------------------------------------------------------ */

/* One step: RET_NEXT is the next program to look at, or NULL when INTERPRETER is complete. */
static int hop(struct interpreter *interpreter, const char *path_env, const char *script,
	       char **ret_next, struct buf *message)
{
	_cleanup_close_ int fd = -1;
	char head[HEAD_BYTES];
	size_t len = 0;

	fd = open_head(interpreter->argv0, head, &len, message);
	if (fd < 0)
		return fd;
	if (len < 2 || head[0] != '#' || head[1] != '!') {
		*ret_next = NULL;
		return describe(interpreter, fd, message);
	}
	if (pyenv_is_shim(interpreter->argv0, head))
		return pyenv_resolve(interpreter->argv0, head, path_env, script, ret_next, message);
	if (!memchr(head, '\n', len)) {
		buf_printf(message, "%s: \"#!\" line is too long", interpreter->argv0);
		return -ENOEXEC;
	}
	return read_shebang(head + 2, interpreter->argv0, interpreter, ret_next, message);
}

int interpreter_find(const char *program, const char *path_env, const char *script,
		     struct interpreter *ret_interpreter, struct buf *message)
{
	_cleanup_(interpreter_fini) struct interpreter found = { 0 };
	int hops, r = program_resolve(program, path_env, &found.argv0, message);

	for (hops = 0; r == 0; hops++) {
		_cleanup_free_ char *next = NULL;

		if (hops > MAX_HOPS) {
			buf_printf(message, "%s: too many \"#!\" scripts in a row", program);
			return -ENOEXEC;
		}
		r = hop(&found, path_env, script, &next, message);
		if (r < 0)
			return r;
		if (!next) {
			*ret_interpreter = found;
			found = (struct interpreter){ 0 };
			return 0;
		}
		free(found.argv0);
		found.argv0 = NULL;
		r = program_resolve(next, path_env, &found.argv0, message);
	}
	return r;
}
