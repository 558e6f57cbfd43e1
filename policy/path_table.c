/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/path_table.h"

#include <stdlib.h>

struct path_table *path_table_new(void)
{
	struct path_table *table = xcalloc(1, sizeof *table);

	table->mask = 1023; /* builtin:python alone makes some 300 nodes */
	table->slots = xcalloc(table->mask + 1, sizeof(*table->slots));
	return table;
}

static void node_free(struct path_node *node)
{
	while (node->patterns) {
		struct pattern *pattern = node->patterns;

		node->patterns = pattern->next;
		pattern_free(pattern);
	}
	wild_free(node->wild);
	free(node);
}

void path_table_free(struct path_table *table)
{
	size_t i;

	if (!table)
		return;
	for (i = 0; i <= table->mask; i++)
		if (table->slots[i])
			node_free(table->slots[i]);
	free(table->slots);
	free(table);
}

static void put(struct path_node **slots, size_t mask, struct path_node *node)
{
	size_t i = node->hash & mask;

	while (slots[i])
		i = (i + 1) & mask;
	slots[i] = node;
}

static void grow(struct path_table *table)
{
	size_t i, mask = table->mask * 2 + 1;
	struct path_node **slots = xcalloc(mask + 1, sizeof(*slots));

	for (i = 0; i <= table->mask; i++)
		if (table->slots[i])
			put(slots, mask, table->slots[i]);
	free(table->slots);
	table->slots = slots;
	table->mask = mask;
}

static struct path_node *find_or_add(struct path_table *table, uint64_t hash, const char *path,
				     size_t len)
{
	struct path_node *node = path_table_find(table, hash, path, len);

	if (node)
		return node;
	if (++table->n * 3 > table->mask)
		grow(table);
	node = xcalloc(1, sizeof *node + len + 1);
	node->hash = hash;
	node->len = (uint32_t)len;
	memcpy(node->path, path, len);
	put(table->slots, table->mask, node);
	return node;
}

struct path_node *path_table_get(const struct path_table *table, const char *path, size_t len)
{
	uint64_t hash = PATH_HASH_ROOT;
	size_t i = 0;

	if (len == 1 && path[0] == '/')
		len = 0;
	while (i < len) {
		const char *slash = memchr(path + i + 1, '/', len - i - 1);
		size_t end = slash ? (size_t)(slash - path) : len;

		hash = path_hash_step(hash, path + i + 1, end - i - 1);
		i = end;
	}
	return path_table_find(table, hash, path, len);
}

struct path_node *path_table_add(struct path_table *table, const char *path, size_t len,
				 void (*each)(struct path_node *ancestor, const void *arg),
				 const void *arg)
{
	struct path_node *node;
	uint64_t hash = PATH_HASH_ROOT;
	size_t i = 0;

	if (len == 1 && path[0] == '/')
		len = 0;
	node = find_or_add(table, hash, path, 0);
	while (i < len) {
		const char *slash = memchr(path + i + 1, '/', len - i - 1);
		size_t end = slash ? (size_t)(slash - path) : len;

		if (each)
			each(node, arg);
		hash = path_hash_step(hash, path + i + 1, end - i - 1);
		node = find_or_add(table, hash, path, end);
		i = end;
	}
	return node;
}
