/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/lexer.h"

#include <ctype.h>

#include "report/html/html.h"

static const char keywords[] =
	" False None True and as assert async await break class continue def del elif else except finally for from global"
	" if import in is lambda nonlocal not or pass raise return try while with yield ";

static bool is_keyword(const char *word, size_t n)
{
	char spaced[16];

	if (n < 2 || n + 3 > sizeof spaced)
		return false;
	spaced[0] = ' ';
	memcpy(spaced + 1, word, n);
	spaced[n + 1] = ' ';
	spaced[n + 2] = '\0';
	return strstr(keywords, spaced);
}

/* Tabs become blanks; other characters that cannot be seen are written out. */
static void put(FILE *out, const char *class, const char *text, size_t n)
{
	if (!n)
		return;
	if (class)
		fprintf(out, "<span class=\"%s\">", class);
	while (n) {
		const char *tab = memchr(text, '\t', n);
		size_t part = tab ? (size_t)(tab - text) : n;
		_cleanup_buf_ struct buf fit = { 0 };

		text_escape(&fit, text, part, TEXT_ARGS);
		html_put(out, fit.data);
		if (tab)
			fputs("    ", out);
		text += part + (tab ? 1 : 0);
		n -= part + (tab ? 1 : 0);
	}
	if (class)
		fputs("</span>", out);
}

/* The position behind the end of the string whose contents begin at AT; *RET_OPEN: it does not end in this line. */
static size_t string_end(const char *line, size_t n, size_t at, char quote, bool triple, bool *ret_open)
{
	*ret_open = false;
	for (; at < n; at++) {
		if (line[at] == '\\') {
			at++;
		} else if (line[at] == quote && !triple) {
			return at + 1;
		} else if (line[at] == quote && n - at >= 3 && line[at + 1] == quote && line[at + 2] == quote) {
			return at + 3;
		}
	}
	*ret_open = triple;
	return n;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t word_end(const char *line, size_t n, size_t at)
{
	while (at < n && is_word(line[at]))
		at++;
	return at;
}

/* May the word of N bytes be the prefix of a string, as in rb"…"? */
static bool is_prefix(const char *word, size_t n)
{
	return n <= 2 && strspn(word, "rRbBuUfFtT") >= n;
}

size_t lexer_indent(const char *line, size_t n)
{
	size_t i = 0;

	while (i < n && line[i] == ' ')
		i++;
	return i == n ? SIZE_MAX : i;
}

enum lexer lexer_line(FILE *out, const char *line, size_t n, size_t indent, enum lexer state)
{
	size_t at = 0, from = 0, end;
	bool cut = n > LEXER_MAX_LINE, open = state != LEXER_CODE;

	n = MIN(n, (size_t)LEXER_MAX_LINE);
	while (from < MIN(n, indent) && line[from] == ' ')
		at = ++from;
	if (open) {
		at = string_end(line, n, at, state == LEXER_SINGLE ? '\'' : '"', true, &open);
		put(out, "ks", line + from, at - from);
		from = at;
		if (open)
			goto done;
	}
	state = LEXER_CODE;
	while (at < n) {
		if (line[at] == '#') {
			put(out, NULL, line + from, at - from);
			put(out, "kc", line + at, n - at);
			from = n;
			break;
		}
		if (line[at] == '\'' || line[at] == '"') {
			char quote = line[at];
			bool triple = n - at >= 3 && line[at + 1] == quote && line[at + 2] == quote;

			put(out, NULL, line + from, at - from);
			end = string_end(line, n, at + (triple ? 3 : 1), quote, triple, &open);
			put(out, "ks", line + at, end - at);
			from = at = end;
			if (open)
				state = quote == '"' ? LEXER_DOUBLE : LEXER_SINGLE;
			continue;
		}
		if (!is_word(line[at])) {
			at++;
			continue;
		}
		end = word_end(line, n, at);
		if (is_keyword(line + at, end - at)) {
			put(out, NULL, line + from, at - from);
			put(out, "kw", line + at, end - at);
			from = end;
		} else if (end < n && (line[end] == '"' || line[end] == '\'') && is_prefix(line + at, end - at)) {
			/* The prefix goes with the code before it; the string begins at the quote. */
			put(out, NULL, line + from, end - from);
			from = end;
		}
		at = end;
	}
	put(out, NULL, line + from, n - from);
done:
	if (cut)
		fputs("…", out);
	return state;
}
