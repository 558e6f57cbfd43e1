/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories whose code is the interpreter's and not the program's, under every name that a
 * frame may give them: CPython makes its prefix from the path that it was started by, and that path
 * may lead through links to directories.
 */
#include "policy/interpreter.h"
#include "policy/program.h"
#include "policy/venv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_LINKS 8

struct list {
	char **dirs;
	size_t n, cap;
};

static bool is_listed(const struct list *list, const char *dir)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (streq(list->dirs[i], dir))
			return true;
	return false;
}

static void add_name(struct list *list, const char *dir)
{
	if (is_listed(list, dir))
		return;
	grow_array(&list->dirs, &list->cap, list->n + 2, sizeof *list->dirs);
	list->dirs[list->n++] = xstrdup(dir);
	list->dirs[list->n] = NULL;
}

/* Adds a directory, and its canonical name. */
static void add(struct list *list, const char *format, ...) _printf_(2, 3);
static void add(struct list *list, const char *format, ...)
{
	_cleanup_free_ char *dir = NULL, *real = NULL;
	va_list ap;

	va_start(ap, format);
	dir = xvasprintf(format, ap);
	va_end(ap);
	if (is_listed(list, dir))
		return; /* and so is its canonical name */
	add_name(list, dir);
	real = realpath(dir, NULL);
	if (real && !streq(real, "/"))
		add_name(list, real);
}

static void add_prefix(struct list *list, const struct interpreter *in, const char *prefix)
{
	char lib[INTERPRETER_LIB_MAX];

	prefix = slashed(prefix);
	interpreter_lib(in, lib);
	add(list, "%s/lib/%s", prefix, lib);
	add(list, "%s/lib64/%s", prefix, lib);
	add(list, "%s/lib/python%d%d.zip", prefix, in->major, in->minor);
}

static bool is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Adds PREFIX if it is another name of one that is known. */
static void add_spelling(struct list *list, const struct interpreter *in, const char *prefix)
{
	if (is_same(prefix, in->base_prefix) || is_same(prefix, in->prefix))
		add_prefix(list, in, prefix);
}

/* For each program on the way from argv0 over its links: the directory above the one it lies in. */
static void add_ways(struct list *list, const struct interpreter *in)
{
	char *path = xstrdup(in->argv0);
	_cleanup_buf_ struct buf message = { 0 };
	int links;

	for (links = 0; path && links < MAX_LINKS; links++) {
		_cleanup_free_ char *dir = parent_of(path), *up = parent_of(dir), *target = NULL, *next = NULL;

		add_spelling(list, in, up);
		if (read_link(AT_FDCWD, path, &target) == 0) {
			next = target[0] == '/' ? xstrdup(target) : xasprintf("%s/%s", slashed(dir), target);
			free(path);
			path = NULL;
			if (program_resolve(next, NULL, &path, &message) < 0)
				path = NULL;
		} else {
			break;
		}
	}
	free(path);
}

char **interpreter_library(const struct interpreter *interpreter)
{
	struct list list = { 0 };
	_cleanup_free_ char *home = NULL;

	if (!interpreter->is_python)
		return NULL;
	add_prefix(&list, interpreter, interpreter->base_prefix);
	add_prefix(&list, interpreter, interpreter->prefix);
	add_ways(&list, interpreter);
	home = venv_read(interpreter->argv0, "home");
	if (home && home[0] == '/' && home[1]) {
		_cleanup_free_ char *up = parent_of(home);

		add_spelling(&list, interpreter, up);
	}
	add_prefix(&list, interpreter, "/usr/local");
	add(&list, "/usr/lib/python%d", interpreter->major);
	return list.dirs;
}
