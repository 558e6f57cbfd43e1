/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/yaml_problem.h"

#include <string.h>

/* Characters with which a YAML value cannot begin unless it is quoted (YAML 1.1, 5.3), as far as paths may. */
static const char indicators[] = "%*@`&!";

enum { MAX_SHOWN = 60 };

/* Where line LINE of TEXT begins, and its length in RET_LEN; NULL when there are not so many. */
static const char *find_line(const char *text, size_t len, size_t line, size_t *ret_len)
{
	const char *end = text + len, *next;

	for (; line; line--) {
		next = memchr(text, '\n', (size_t)(end - text));
		if (!next)
			return NULL;
		text = next + 1;
	}
	next = memchr(text, '\n', (size_t)(end - text));
	*ret_len = (size_t)((next ? next : end) - text);
	return text;
}

/* How many bytes COLUMN characters of LINE take. */
static size_t skip_characters(const char *line, size_t len, size_t column)
{
	size_t at = 0;

	for (; column && at < len; column--)
		for (at++; at < len && ((unsigned char)line[at] & 0xc0) == 0x80;)
			at++;
	return at;
}

/* Where the value that AT is in begins. */
static size_t value_start(const char *line, size_t at)
{
	while (at && !strchr(" \t,[{:", line[at - 1]))
		at--;
	return at;
}

static void put_quoted(const char *value, size_t len, struct buf *out)
{
	size_t n, open = 0;

	/* "%{submission}" has braces of its own; any other "}" ends the mapping that the value is in. */
	for (n = 0; n < len && n < MAX_SHOWN && !strchr(" \t\r\",]#", value[n]); n++) {
		if (value[n] == '}' && !open)
			break;
		open += value[n] == '{';
		open -= value[n] == '}';
	}
	buf_printf(out, "a value that begins with %c has to be quoted: \"%.*s\"", *value, (int)n, value);
}

bool yaml_problem(const char *text, size_t len, size_t line, size_t column, struct buf *out)
{
	size_t n = 0, at;
	const char *start = find_line(text, len, line, &n);

	if (!start)
		return false;
	at = skip_characters(start, n, column);
	if (at < n && start[at] == '\t') {
		buf_lit(out, "a tab cannot indent, nor stand before a value, in YAML: use spaces");
		return true;
	}
	at = value_start(start, at < n ? at : n);
	if (at >= n || !start[at] || !strchr(indicators, start[at]))
		return false;
	put_quoted(start + at, n - at, out);
	return true;
}
