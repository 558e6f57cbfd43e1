/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/script.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

void script_fini(struct script *script)
{
	size_t i;

	for (i = 0; i < script->n_files; i++)
		free(script->files[i]);
	free(script->files);
	free(script->name);
	free(script->real);
	free(script->directory);
	free(script->named);
	*script = (struct script){ 0 };
}

static int say(struct buf *message, const char *path, int err)
{
	text_path(message, path);
	buf_printf(message, ": %s", strerror(err));
	return -err;
}

/* The canonical form of PATH, which is refused unless it is DIR or beneath it. */
static int stay(const char *path, const char *dir, char **ret_real, struct buf *message)
{
	_cleanup_free_ char *real = realpath(path, NULL);

	if (!real)
		return say(message, path, errno);
	if (!path_rest(real, dir)) {
		text_path(message, path);
		buf_lit(message, ": is a symbolic link that leads out of its directory, to ");
		text_path(message, real);
		buf_lit(message, "; to run that file, name it by its own path");
		return -EXDEV;
	}
	*ret_real = steal_ptr(&real);
	return 0;
}

static void add_file(struct script *script, const char *path)
{
	grow_array(&script->files, &script->cap_files, script->n_files + 1, sizeof(*script->files));
	script->files[script->n_files++] = xstrdup(path);
}

/* Adds DIR/NAME if it exists; Python too ignores a link that leads nowhere. */
static int add_candidate(struct script *script, const char *dir, const char *name, struct buf *message)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", slashed(dir), name);
	_cleanup_free_ char *real = NULL;
	int r;

	if (access(path, F_OK) < 0 && errno != EACCES)
		return 0;
	r = stay(path, script->directory, &real, message);
	if (r == 0)
		add_file(script, real);
	return r;
}

/* The directory that the last component of NAME lies in. */
static char *parent_of(const char *name)
{
	size_t n = strlen(name);

	while (n > 1 && name[n - 1] == '/')
		n--;
	while (n && name[n - 1] != '/')
		n--;
	while (n > 1 && name[n - 1] == '/')
		n--;
	return n ? xstrndup(name, n) : xstrdup(".");
}

/* Does NAME end in "." or "..", perhaps with slashes? Then it is the directory itself, and no link. */
static bool names_itself(const char *name)
{
	size_t n = strlen(name), end;

	while (n > 1 && name[n - 1] == '/')
		n--;
	for (end = n; n && name[n - 1] != '/';)
		n--;
	return (end - n == 1 && name[n] == '.') || (end - n == 2 && name[n] == '.' && name[n + 1] == '.') || end == n;
}

/* Sets `named`, DIR made absolute as an interpreter does it: without following links or removing ".". */
static void name_directory(struct script *script, const char *dir)
{
	_cleanup_free_ char *cwd = dir[0] == '/' ? NULL : getcwd(NULL, 0);
	size_t n;

	if (dir[0] != '/' && (!cwd || streq(dir, ".")))
		return;
	script->named = cwd ? xasprintf("%s/%s", cwd, dir) : xstrdup(dir);
	for (n = strlen(script->named); n > 1 && script->named[n - 1] == '/';)
		script->named[--n] = '\0';
	if (streq(script->named, script->directory)) {
		free(script->named);
		script->named = NULL;
	}
}

static int find(struct script *script, const char *name, struct buf *message)
{
	_cleanup_free_ char *parent = parent_of(name);
	_cleanup_free_ char *dir = names_itself(name) ? xstrdup("/") : realpath(parent, NULL);
	struct stat st;
	int r;

	if (!dir)
		return say(message, name, errno);
	r = stay(name, dir, &script->real, message);
	if (r < 0)
		return r;
	script->name = xstrdup(name);
	if (stat(script->real, &st) < 0)
		return say(message, name, errno);
	if (!S_ISDIR(st.st_mode)) {
		char *slash = strrchr(script->real, '/');

		script->directory = slash == script->real ? xstrdup("/") :
							    xstrndup(script->real, (size_t)(slash - script->real));
		add_file(script, script->real);
		name_directory(script, parent);
		return 0;
	}
	script->directory = xstrdup(script->real);
	name_directory(script, name);
	add_file(script, script->real);
	r = add_candidate(script, script->real, "__main__.py", message);
	return r ? r : add_candidate(script, script->real, "__main__.pyc", message);
}

int script_find(const char *name, struct script *ret_script, struct buf *message)
{
	_cleanup_(script_fini) struct script script = { 0 };
	int r = find(&script, name, message);

	if (r < 0)
		return r;
	*ret_script = script;
	script = (struct script){ 0 };
	return 0;
}

/* For a.b Python reads a/__init__.py and a/b/__init__.py, and runs a/b.py or a/b/__main__.py. */
static int find_module(struct script *script, const char *module, struct buf *message)
{
	static const char *const ends[] = { ".py", ".pyc", "/__main__.py", "/__main__.pyc" };
	_cleanup_free_ char *path = xstrdup(module);
	char *p;
	size_t i;
	int r = 0;

	for (p = path; r == 0 && *p; p++) {
		_cleanup_free_ char *init = NULL;

		if (*p == '.')
			*p = '/';
		if (p[1] != '.' && p[1] != '\0')
			continue;
		init = xasprintf("%.*s/__init__.py", (int)(p + 1 - path), path);
		r = add_candidate(script, script->directory, init, message);
	}
	for (i = 0; r == 0 && i < ARRAY_SIZE(ends); i++) {
		_cleanup_free_ char *file = xasprintf("%s%s", path, ends[i]);

		r = add_candidate(script, script->directory, file, message);
	}
	return r;
}

int script_find_module(const char *module, struct script *ret_script, struct buf *message)
{
	_cleanup_(script_fini) struct script script = { .directory = realpath(".", NULL) };
	int r = 0;

	if (!script.directory)
		return say(message, ".", errno);
	/* A name that is no module name is left for CPython to refuse. */
	if (*module && strlen(module) < PATH_MAX && !strchr(module, '/'))
		r = find_module(&script, module, message);
	if (r < 0)
		return r;
	/* Python lists the directory to find the module. */
	if (script.n_files)
		add_file(&script, script.directory);
	*ret_script = script;
	script = (struct script){ 0 };
	return 0;
}
