/* SPDX-License-Identifier: Apache-2.0 */
#include "words/random_name.h"

#include <ctype.h>

#include "base/util.h"

enum { TEMPORARY = 8, HEX = 16, UUID = 36 }; /* characters: Lib/tempfile.py _RandomNameSequence, Lib/uuid.py */

/* What comes before the eight characters that tempfile made up, where a library asked it for a name. */
static const char *const prefixes[] = { "tmp", "pymp-", "mp-", "sem.mp-", "psm_", "matplotlib-" };

static bool is_temporary(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* How many characters of a UUID, with its dashes, NAME begins with: all of them, or 0. */
static size_t uuid_at(const char *name, size_t n)
{
	for (size_t i = 0; i < UUID; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (i >= n || (dash ? name[i] != '-' : !isxdigit((unsigned char)name[i])))
			return 0;
	}
	return UUID;
}

/* The same for a hexadecimal number that is not a decimal one. */
static size_t hex_at(const char *name, size_t n)
{
	bool digit = false, letter = false;
	size_t len;

	for (len = 0; len < n && isxdigit((unsigned char)name[len]); len++)
		*(isdigit((unsigned char)name[len]) ? &digit : &letter) = true;
	return len >= HEX && digit && letter ? len : 0;
}

/* Where in NAME, of N bytes, the TEMPORARY characters that tempfile made up begin; N: there are none. */
static size_t find_temporary(const char *name, size_t n, bool temporary)
{
	size_t stem = MIN(strcspn(name, "./"), n);

	for (size_t i = 0; i < ARRAY_SIZE(prefixes) && !temporary; i++) {
		const char *rest = after_prefix(name, prefixes[i]);

		/* The dot of "sem.mp-" is no ending. */
		if (rest && strcspn(rest, "./") == TEMPORARY) {
			stem = (size_t)(rest - name) + TEMPORARY;
			temporary = true;
		}
	}
	if (!temporary || stem < TEMPORARY)
		return n;
	for (size_t i = stem - TEMPORARY; i < stem; i++)
		if (!is_temporary(name[i]))
			return n;
	return stem - TEMPORARY;
}

/* One component, NAME, of N bytes. Was a part of it made up? */
static bool put_component(const char *name, size_t n, bool temporary, struct buf *out)
{
	size_t made = find_temporary(name, n, temporary), i = 0;
	bool found = false, within = false; /* within a word or number */

	while (i < n) {
		size_t len = within ? 0 : uuid_at(name + i, n - i);

		if (!len && !within)
			len = hex_at(name + i, n - i);
		if (!len && i == made)
			len = TEMPORARY;
		if (len)
			buf_putc(out, '*');
		else
			buf_putc(out, name[i]);
		found = found || len;
		within = !len && isalnum((unsigned char)name[i]);
		i += len ? len : 1;
	}
	return found;
}

bool random_name(const char *path, bool temporary, struct buf *out)
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
	_cleanup_buf_ struct buf pattern = { 0 };
	bool found = false;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n && put_component(path, n, temporary && path == last, &pattern))
			found = true;
		path += n;
		if (*path)
			buf_putc(&pattern, *path++);
	}
	if (found)
		buf_put(out, pattern.data, pattern.len);
	return found;
}
