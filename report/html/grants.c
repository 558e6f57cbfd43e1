/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/grants.h"

#include <stdlib.h>

void grants_init(struct grants *g)
{
	*g = (struct grants){ 0 };
	table_init(&g->memo_table, GRANTS_MEMO, SIZE_MAX);
}

void grants_fini(struct grants *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->rows[i].verb);
		free(g->rows[i].pattern);
		free(g->rows[i].ref);
	}
	free(g->rows);
	free(g->effective);
	free(g->memo);
	table_fini(&g->memo_table);
}

/* ------------------------------------------------------------------ the text */

/* Exact paths before patterns before trees, longer ones before shorter ones. */
static size_t weight_of(const char *pattern)
{
	size_t n = strlen(pattern), depth = 0;
	bool tree = n >= 3 && streq(pattern + n - 3, "/**"), wild = false;

	for (size_t i = 0; i < n; i++) {
		if (pattern[i] == '%')
			i++;
		else if (pattern[i] == '/')
			depth++;
		else if (pattern[i] == '?' || (pattern[i] == '*' && !(tree && i >= n - 2)))
			wild = true;
	}
	return (wild || !tree ? (wild ? 1u : 2u) : 0u) * 100000u + depth;
}

/* The text between the quotes at TEXT, which begins with one; *RET_REST is what follows them. NULL when
 * it is not a quoted text. The caller frees. */
static char *unquote(const char *text, size_t n, const char **ret_rest)
{
	_cleanup_(json_decrefp) json_t *value = NULL;
	size_t end = 1;

	while (end < n && text[end] != '"')
		end += text[end] == '\\' ? 2 : 1;
	if (end >= n)
		return NULL;
	*ret_rest = text + end + 1;
	value = json_loadb(text, end + 1, JSON_DECODE_ANY, NULL);
	/* YAML has escapes that JSON lacks. */
	return json_is_string(value) ? xstrdup(json_string_value(value)) : xstrndup(text + 1, end - 1);
}

/* `policy show` may add to the reference what else the rule grants. */
static char *reference(const char *from, const char *end)
{
	static const char more[] = ", and write";
	size_t n = (size_t)(end - from), tail = sizeof more - 1;

	return xstrndup(from, n > tail && memcmp(end - tail, more, tail) == 0 ? n - tail : n);
}

/* A line such as `  - "/usr/lib"  # builtin:python`. */
static void take_rule(struct grants *g, const char *verb, const char *line, size_t n)
{
	static const char item[] = "  - ", mark[] = "  # ";
	const char *rest, *ref;
	char *pattern;

	if (n <= sizeof item || n > 2 * GRANTS_MAX_TEXT || memcmp(line, "  - \"", sizeof item) != 0)
		return;
	if (g->n >= GRANTS_MAX) {
		g->too_many = true;
		return;
	}
	pattern = unquote(line + sizeof item - 1, n - (sizeof item - 1), &rest);
	if (!pattern)
		return;
	ref = memmem(rest, n - (size_t)(rest - line), mark, sizeof mark - 1);
	grow_array(&g->rows, &g->cap, g->n + 1, sizeof *g->rows);
	g->rows[g->n++] = (struct grant_row){
		.verb = xstrdup(verb),
		.pattern = pattern,
		.ref = ref ? reference(ref + sizeof mark - 1, line + n) : xstrdup(""),
		.weight = weight_of(pattern),
	};
}

static bool is_verb(const char *name)
{
	return streq(name, "read") || streq(name, "write") || streq(name, "hide") || streq(name, "never");
}

void grants_take(struct grants *g, const char *effective)
{
	char verb[16] = "";

	if (!effective || g->effective)
		return;
	g->effective = xstrdup(effective);
	for (const char *line = effective; *line;) {
		size_t n = strcspn(line, "\n"), name = strspn(line, "abcdefghijklmnopqrstuvwxyz_");

		if (name && name < sizeof verb && line[name] == ':') {
			memcpy(verb, line, name);
			verb[name] = '\0';
		} else if (is_verb(verb)) {
			take_rule(g, verb, line, n);
		}
		line += n + (line[n] == '\n');
	}
}

/* ------------------------------------------------------------------ one path */

/* Compares one component of a pattern, up to P_END, with one of a path. Only the last * is ever backtracked
 * to, so the time is at most the product of both lengths. */
static bool component_holds(const char *p, const char *p_end, const char *s, const char *s_end, uint64_t *steps)
{
	const char *star = NULL, *from = NULL;

	while (s < s_end) {
		bool literal = p < p_end && *p == '%' && p + 1 < p_end;

		++*steps;
		if (p < p_end && *p == '*') {
			star = ++p;
			from = s;
		} else if (p < p_end && (literal ? p[1] == *s : *p == '?' || *p == *s)) {
			p += literal ? 2 : 1;
			s++;
		} else if (star) {
			p = star;
			s = ++from;
		} else {
			return false;
		}
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}

static const char *component_end(const char *at)
{
	return at + strcspn(at, "/");
}

bool grant_holds(const char *p, const char *s, uint64_t *steps)
{
	for (;;) {
		const char *p_end, *s_end;

		while (*p == '/')
			p++;
		while (*s == '/')
			s++;
		if (streq(p, "**"))
			return true;
		if (!*p || !*s)
			return !*p && !*s;
		p_end = component_end(p);
		s_end = component_end(s);
		if (!component_holds(p, p_end, s, s_end, steps))
			return false;
		p = p_end;
		s = s_end;
	}
}

/* The row that decided EVENT on PATH, or -1. */
static int32_t find_row(struct grants *g, const struct event *event, const char *path)
{
	int32_t best = -1;

	for (size_t i = 0; i < g->n; i++) {
		const struct grant_row *row = &g->rows[i];

		if (!streq(row->verb, event->rule) || !streq(row->ref, event->ref) ||
		    (best >= 0 && row->weight <= g->rows[best].weight))
			continue;
		if (g->steps > GRANTS_MAX_STEPS) {
			g->gave_up = true;
			return best;
		}
		if (grant_holds(row->pattern, path, &g->steps))
			best = (int32_t)i;
	}
	return best;
}

void grants_count(struct grants *g, const struct event *event, const char *path)
{
	_cleanup_buf_ struct buf key = { 0 };
	bool is_new;
	size_t i;
	int32_t row;

	if (!g->n || !path || !event->rule || !event->ref)
		return;
	buf_puts(&key, event->rule);
	buf_putc(&key, '\0');
	buf_puts(&key, event->ref);
	buf_putc(&key, '\0');
	buf_puts(&key, path);
	i = table_put(&g->memo_table, key.data, key.len, &is_new);
	if (i != TABLE_FULL && !is_new) {
		row = g->memo[i];
	} else {
		row = find_row(g, event, path);
		if (i != TABLE_FULL) {
			grow_array(&g->memo, &g->cap_memo, i + 1, sizeof *g->memo);
			g->memo[i] = row;
		}
	}
	if (row >= 0 && g->rows[row].calls++ == 0)
		g->rows[row].first = event->sequence;
}
