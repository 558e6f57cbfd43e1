/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/program.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *absolute(const char *path)
{
	_cleanup_free_ char *cwd = NULL;

	if (path[0] == '/')
		return xstrdup(path);
	cwd = getcwd(NULL, 0);
	if (!cwd || cwd[0] != '/')
		return NULL;
	while (path[0] == '.' && path[1] == '/') {
		path += 2;
		path += strspn(path, "/");
	}
	return xasprintf("%s/%s", streq(cwd, "/") ? "" : cwd, path);
}

static bool is_executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *program_in_path(const char *program, const char *path_env, const char *except)
{
	const char *p = path_env ? path_env : "/usr/local/bin:/usr/bin:/bin";

	for (;; p++) {
		size_t n = strcspn(p, ":");
		_cleanup_free_ char *dir = xstrndup(n ? p : ".", n ? n : 1);
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, program);

		if (!(except && streq(dir, except)) && is_executable(path))
			return absolute(path);
		p += n;
		if (!*p)
			return NULL;
	}
}

int program_resolve(const char *program, const char *path_env, char **ret_path, struct buf *message)
{
	char *path;

	if (!strchr(program, '/')) {
		path = *program ? program_in_path(program, path_env, NULL) : NULL;
		if (!path) {
			buf_printf(message, "%s: not found in PATH", program);
			return -ENOENT;
		}
		*ret_path = path;
		return 0;
	}
	path = absolute(program);
	if (!path) {
		buf_printf(message, "%s: the working directory is gone", program);
		return -ENOENT;
	}
	*ret_path = path;
	return 0;
}

char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}
