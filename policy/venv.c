/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/venv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>

#include "base/util.h"
#include "policy/program.h"

/* KEY's value in pyvenv.cfg ("key = value" lines, Lib/site.py), or NULL. */
static char *venv_value(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *p = text + strspn(text, " \t"), *end;

		if (strncasecmp(p, key, n) != 0)
			continue;
		p += n;
		p += strspn(p, " \t");
		if (*p++ != '=')
			continue;
		p += strspn(p, " \t");
		end = p + strcspn(p, "\r\n");
		while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		return xstrndup(p, (size_t)(end - p));
	}
	return NULL;
}

char *venv_read(const char *executable, const char *key)
{
	_cleanup_free_ char *dir = parent_of(executable);
	_cleanup_free_ char *up = parent_of(dir);
	_cleanup_free_ char *beside = xasprintf("%s/pyvenv.cfg", slashed(dir));
	_cleanup_free_ char *above = xasprintf("%s/pyvenv.cfg", slashed(up));
	_cleanup_free_ char *text = NULL;

	if (read_file(AT_FDCWD, beside, 65536, &text, NULL) < 0 &&
	    read_file(AT_FDCWD, above, 65536, &text, NULL) < 0)
		return NULL;
	return venv_value(text, key);
}
