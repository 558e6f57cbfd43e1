/* SPDX-License-Identifier: Apache-2.0 */
#include "report/diff_modules.h"

#include <ctype.h>

/* Is the component at P, of N bytes, TEXT? */
static bool is(const char *p, size_t n, const char *text)
{
	return n == strlen(text) && memcmp(p, text, n) == 0;
}

/* What follows /lib/python3.11 and a directory of modules in it, without the slash between; NULL: no such directory. */
static const char *inside_modules(const char *path)
{
	const char *p, *rest = NULL;
	bool lib = false;
	size_t n;

	for (p = path; *p == '/'; p += n) {
		n = strcspn(++p, "/");
		if (lib && n > strlen("python") && memcmp(p, "python", strlen("python")) == 0 &&
		    isdigit((unsigned char)p[strlen("python")]))
			rest = p + n + (p[n] == '/');
		lib = is(p, n, "lib") || is(p, n, "lib64");
	}
	n = rest ? strcspn(rest, "/") : 0;
	if (n && (is(rest, n, "lib-dynload") || is(rest, n, "site-packages") || is(rest, n, "dist-packages")))
		rest += n + (rest[n] == '/');
	return rest;
}

static void put_component(struct buf *out, size_t begin, const char *p, size_t n)
{
	if (out->len > begin)
		buf_putc(out, '.');
	buf_put(out, p, n);
}

bool module_of_file(const char *path, struct buf *out)
{
	const char *p = inside_modules(path), *suffix = strrchr(path, '.');
	size_t begin = out->len, n;

	if (!p || !suffix || strchr(suffix, '/') || !(streq(suffix, ".py") || streq(suffix, ".pyc") || streq(suffix, ".so")))
		return false;
	for (; p[n = strcspn(p, "/")]; p += n + 1)
		if (!is(p, n, "__pycache__"))
			put_component(out, begin, p, n);
	n = strcspn(p, ".");
	if (n && !is(p, n, "__init__"))
		put_component(out, begin, p, n);
	return out->len > begin;
}

bool module_of_directory(const char *path, struct buf *out)
{
	const char *p = inside_modules(path);
	size_t begin = out->len, n;

	for (; p && *p; p += n + (p[n] == '/'))
		if ((n = strcspn(p, "/")) && !is(p, n, "__pycache__"))
			put_component(out, begin, p, n);
	return p != NULL;
}
