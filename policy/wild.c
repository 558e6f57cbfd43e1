/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/wild.h"

#include <stdlib.h>

#include "policy/path_table.h"

/* Components with as many fixed bytes before their first wildcard, and behind their last one. */
struct wild_table {
	size_t before, after;
	bool exact; /* no wildcard: BEFORE is nothing, all of it is fixed */
	struct wild **slots;
	size_t n, mask;
};

/* ------------------------------------------------------------------ one component */

/* Length of the character at S: one byte, or a UTF-8 sequence as far as it looks like one. */
static size_t character(const char *s, const char *end)
{
	size_t n = 1, max = (unsigned char)*s >= 0xf0 ? 4 : (unsigned char)*s >= 0xe0 ? 3 : 2;

	if ((unsigned char)*s < 0xc0)
		return 1;
	while (n < max && s + n < end && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

bool component_matches(const char *pattern, const char *s, size_t n)
{
	const char *end = s + n, *star = NULL, *retry = NULL;

	while (s < end) {
		if (*pattern == WILD_ANY) {
			star = ++pattern;
			retry = s;
		} else if (*pattern == WILD_ONE) {
			pattern++;
			s += character(s, end);
		} else if (*pattern && *pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			/* Only the last star needs to be tried again, so this is quadratic at
			 * worst. */
			pattern = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == WILD_ANY)
		pattern++;
	return *pattern == '\0';
}

/* ------------------------------------------------------------------ building */

void pattern_free(struct pattern *pattern)
{
	size_t i;

	for (i = 0; i < pattern->n; i++)
		free(pattern->components[i]);
	free(pattern);
}

struct wild *wild_new(void)
{
	return xcalloc(1, sizeof(struct wild));
}

void wild_free(struct wild *wild)
{
	size_t i, k;

	if (!wild)
		return;
	for (i = 0; i < wild->n_tables; i++) {
		for (k = 0; k <= wild->tables[i].mask; k++)
			wild_free(wild->tables[i].slots[k]);
		free(wild->tables[i].slots);
	}
	while (wild->ends) {
		struct pattern *pattern = wild->ends;

		wild->ends = pattern->next;
		pattern_free(pattern);
	}
	free(wild->tables);
	free(wild);
}

/* The table's fixed part of S, N bytes. */
static size_t fixed_hash(const struct wild_table *table, const char *s, size_t n)
{
	uint64_t hash = PATH_HASH_ROOT;

	if (table->exact)
		return path_hash_step(hash, s, n);
	hash = path_hash_step(hash, s, table->before);
	return path_hash_step(hash, s + n - table->after, table->after);
}

static struct wild_table *table_of(struct wild *wild, const char *component)
{
	static const char wildcards[] = { WILD_ANY, WILD_ONE, '\0' };
	size_t len = strlen(component), before = strcspn(component, wildcards), after = 0, i;
	struct wild_table *table;
	bool exact = before == len;

	while (!exact && !strchr(wildcards, component[len - after - 1]))
		after++;
	before = exact ? 0 : before;
	for (i = 0; i < wild->n_tables; i++) {
		table = &wild->tables[i];
		if (table->exact == exact && table->before == before && table->after == after)
			return table;
	}
	grow_array(&wild->tables, &wild->cap_tables, wild->n_tables + 1, sizeof(*wild->tables));
	table = &wild->tables[wild->n_tables++];
	*table = (struct wild_table){ .before = before, .after = after, .exact = exact, .mask = 3 };
	table->slots = xcalloc(table->mask + 1, sizeof(struct wild *));
	return table;
}

static void put(struct wild_table *table, struct wild *wild)
{
	size_t i = wild->hash & table->mask;

	while (table->slots[i])
		i = (i + 1) & table->mask;
	table->slots[i] = wild;
}

static void grow(struct wild_table *table)
{
	struct wild **slots = table->slots;
	size_t i, n = table->mask + 1;

	table->mask = 2 * n - 1;
	table->slots = xcalloc(table->mask + 1, sizeof(struct wild *));
	for (i = 0; i < n; i++)
		if (slots[i])
			put(table, slots[i]);
	free(slots);
}

/* What follows WILD by COMPONENT, which stays the caller's; made if it is not there. */
static struct wild *next_of(struct wild *wild, const char *component)
{
	struct wild_table *table = table_of(wild, component);
	size_t hash = fixed_hash(table, component, strlen(component)), i;
	struct wild *next;

	for (i = hash & table->mask; table->slots[i]; i = (i + 1) & table->mask)
		if (table->slots[i]->hash == hash && streq(table->slots[i]->component, component))
			return table->slots[i];
	next = wild_new();
	next->component = component;
	next->hash = hash;
	if (2 * ++table->n > table->mask)
		grow(table);
	put(table, next);
	return next;
}

void wild_add(struct wild *wild, struct pattern *pattern, bool read)
{
	size_t i;

	for (i = 0; i < pattern->n; i++) {
		if (read && (!wild->way || pattern->grant->index > wild->way->index))
			wild->way = pattern->grant;
		wild = next_of(wild, pattern->components[i]);
	}
	pattern->next = wild->ends;
	wild->ends = pattern;
}

/* ------------------------------------------------------------------ matching */

/* Not deeper than patterns have components. */
size_t wild_walk(const struct wild *wild, const char *path, size_t at, size_t len, wild_reached_fn *reached, void *arg)
{
	size_t steps = 1, end, n, i, k, hash;
	const char *s, *slash;

	reached(wild, at, arg);
	if (at >= len || wild->n_tables == 0)
		return steps;
	s = path + at + 1;
	slash = memchr(s, '/', len - at - 1);
	end = slash ? (size_t)(slash - path) : len;
	n = end - at - 1;
	for (i = 0; i < wild->n_tables; i++) {
		const struct wild_table *table = &wild->tables[i];

		steps++;
		if (n < table->before + table->after)
			continue;
		hash = fixed_hash(table, s, n);
		for (k = hash & table->mask; table->slots[k]; k = (k + 1) & table->mask, steps++)
			if (table->slots[k]->hash == hash && component_matches(table->slots[k]->component, s, n))
				steps += wild_walk(table->slots[k], path, end, len, reached, arg);
	}
	return steps;
}
