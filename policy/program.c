/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/program.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Takes the last component off PATH, which is "" for the root. Its links are followed first, for ".." after a link is
 * the directory of the link's target. False: PATH leads nowhere. */
static bool go_up(struct buf *path)
{
	_cleanup_free_ char *real = realpath(path->len ? path->data : "/", NULL);

	if (!real)
		return false;
	buf_clear(path);
	buf_put(path, real, (size_t)(strrchr(real, '/') - real));
	return true;
}

/*
 * PATH from the root, without ".", ".." and empty components. Links are kept, except before a "..": from the
 * result an interpreter makes its prefix, and with it the names of its files.
 */
static char *absolute(const char *path)
{
	_cleanup_free_ char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	_cleanup_free_ char *whole = NULL;
	_cleanup_buf_ struct buf out = { 0 };
	const char *p;

	if (path[0] != '/' && (!cwd || cwd[0] != '/'))
		return NULL;
	whole = cwd ? xasprintf("%s/%s", cwd, path) : xstrdup(path);
	for (p = whole; *(p += strspn(p, "/"));) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.') {
			if (!go_up(&out))
				return xstrdup(whole); /* opening it will say why */
		} else if (n != 1 || p[0] != '.') {
			buf_putc(&out, '/');
			buf_put(&out, p, n);
		}
		p += n;
	}
	if (!out.len || p[-1] == '/') /* then it has to be a directory */
		buf_putc(&out, '/');
	return xstrdup(out.data);
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

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}
