/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pyenv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy/program.h"

#define MAX_VERSION_FILE 4096

bool pyenv_is_shim(const char *path, const char *head)
{
	_cleanup_free_ char *dir = parent_of(path);
	const char *last = strrchr(dir, '/');

	return last && streq(last, "/shims") && strstr(head, "pyenv\" exec ");
}

/* export PYENV_ROOT="…" in the shim; otherwise the directory above. */
static char *shim_root(const char *path, const char *head)
{
	const char *p = strstr(head, "PYENV_ROOT=\"");
	char *dir;

	if (p) {
		p += strlen("PYENV_ROOT=\"");
		if (*p == '/' && strchr(p, '"'))
			return xstrndup(p, strcspn(p, "\""));
	}
	dir = parent_of(path);
	*strrchr(dir, '/') = '\0'; /* "/shims": pyenv_is_shim() */
	return dir;
}

/* The versions in FILE joined by colons (pyenv-version-file-read), or NULL when there are none. */
static char *read_versions(const char *file)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_buf_ struct buf versions = { 0 };
	char *line, *save;

	if (read_file(AT_FDCWD, file, MAX_VERSION_FILE, &text, NULL) < 0)
		return NULL;
	for (line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
		size_t n;

		line += strspn(line, " \t");
		n = strcspn(line, " \t#");
		if (!n)
			continue;
		if (versions.len)
			buf_putc(&versions, ':');
		buf_put(&versions, line, n);
	}
	return versions.len ? buf_steal(&versions) : NULL;
}

static char *versions_upwards(const char *start)
{
	_cleanup_free_ char *dir = realpath(start, NULL);

	while (dir) {
		_cleanup_free_ char *file = xasprintf("%s/.python-version", dir);
		char *slash, *versions;

		if (access(file, F_OK) == 0 && (versions = read_versions(file)))
			return versions;
		slash = strrchr(dir, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	return NULL;
}

static char *chosen_versions(const char *root, const char *head, const char *script)
{
	const char *env = getenv("PYENV_VERSION"), *dir = getenv("PYENV_DIR");
	_cleanup_free_ char *global = xasprintf("%s/version", root);
	char *versions = NULL;

	if (env && *env)
		return xstrdup(env);
	if (script && strstr(head, "PYENV_FILE_ARG")) {
		_cleanup_free_ char *script_dir = parent_of(script);

		versions = versions_upwards(script_dir);
	}
	if (!versions && dir && *dir)
		versions = versions_upwards(dir);
	if (!versions)
		versions = versions_upwards(".");
	if (!versions)
		versions = read_versions(global);
	return versions ? versions : xstrdup("system");
}

/* "3.11" means the newest 3.11.x there is (pyenv-latest). */
static char *latest(const char *root, const char *version)
{
	_cleanup_free_ char *dir = xasprintf("%s/versions", root);
	_cleanup_closedir_ DIR *d = opendir(dir);
	_cleanup_free_ char *best = NULL;
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		const char *rest = after_prefix(entry->d_name, version);

		if (!rest || *rest != '.' || (best && strverscmp(entry->d_name, best) < 0))
			continue;
		free(best);
		best = xstrdup(entry->d_name);
	}
	return steal_ptr(&best);
}

/* PROGRAM in VERSION, or NULL. */
static char *program_in(const char *root, const char *version, const char *program,
			const char *path_env)
{
	const char *bare = after_prefix(version, "python-");
	_cleanup_free_ char *shims = xasprintf("%s/shims", root);
	const char *tries[] = { version, bare };
	size_t i;

	if (streq(version, "system"))
		return program_in_path(program, path_env, shims);
	if (strchr(version, '/') || version[0] == '.')
		return NULL;
	for (i = 0; i < ARRAY_SIZE(tries) && tries[i]; i++) {
		_cleanup_free_ char *resolved = NULL;
		char *path = xasprintf("%s/versions/%s/bin/%s", root, tries[i], program);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
		resolved = latest(root, tries[i]);
		path = resolved ? xasprintf("%s/versions/%s/bin/%s", root, resolved, program)
				: NULL;
		if (path && access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

int pyenv_resolve(const char *path, const char *head, const char *path_env, const char *script,
		  char **ret_program, struct buf *message)
{
	_cleanup_free_ char *root = shim_root(path, head);
	_cleanup_free_ char *versions = chosen_versions(root, head, script);
	_cleanup_free_ char *list = xstrdup(versions);
	const char *program = strrchr(path, '/') + 1;
	char *version, *save;

	for (version = strtok_r(list, ":", &save); version; version = strtok_r(NULL, ":", &save)) {
		char *found = program_in(root, version, program, path_env);

		if (found) {
			*ret_program = found;
			return 0;
		}
	}
	buf_printf(message, "%s: pyenv's version %s has no %s", path, versions, program);
	return -ENOENT;
}
