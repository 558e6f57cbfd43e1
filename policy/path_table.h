/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about paths: one hash table from canonical prefixes to nodes. While a policy is
 * loaded it also remembers what the filesystem has there, so that no directory is examined twice.
 *
 * The table is closed under prefixes: with a path every ancestor is added. So a walk from "/" may
 * stop at the first prefix that has no node.
 */
#ifndef PROCTOR_POLICY_PATH_TABLE_H
#define PROCTOR_POLICY_PATH_TABLE_H

#include "policy/policy.h"
#include "policy/wild.h"

enum path_type { PATH_UNKNOWN, PATH_MISSING, PATH_DIR, PATH_FILE, PATH_LINK };

struct path_node {
	uint64_t hash;
	const struct grant *exact, *tree, *ceiling; /* the best rule of each shape at this path */
	const struct grant *below;		    /* a read grant at or beneath this path */
	const char *ref;			    /* of the rule that makes this an ancestor */
	struct pattern *patterns; /* read, and not sorted in yet; owned */
	struct wild *wild;	  /* those that begin here, or NULL; owned */
	uint32_t link; /* 1 + position in policy->links, or 0 */
	uint32_t len;  /* of path; 0 for "/" */
	bool ancestor;
	unsigned char type; /* enum path_type */
	char path[];
};

struct path_table {
	struct path_node **slots;
	size_t n, mask;
};

struct path_table *path_table_new(void);
void path_table_free(struct path_table *table);

#define PATH_HASH_ROOT 0x9ae16a3b2f90404full

/* The hash of "PREFIX/COMPONENT" from that of PREFIX ("" for "/"). */
static inline uint64_t path_hash_step(uint64_t h, const char *s, size_t n)
{
	const uint64_t k = 0x9fb21c651e98df25ull;
	uint64_t word = 0;
	uint32_t low, high;

	h += n * k;
	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&word, s, 8);
		h = (h ^ word) * k;
		h ^= h >> 29;
	}
	if (n >= 4) {
		memcpy(&low, s, 4);
		memcpy(&high, s + n - 4, 4);
		word = (uint64_t)high << 32 | low;
	} else if (n) {
		word = (uint64_t)(unsigned char)s[0] << 16 |
			(uint64_t)(unsigned char)s[n / 2] << 8 | (unsigned char)s[n - 1];
	} else {
		word = 0;
	}
	/* The last bytes of a name are the high ones of the word, and tables go by the low ones. */
	h = (h ^ word) * k;
	h = (h ^ h >> 32) * k;
	return h ^ h >> 32;
}

/* The node of the first LEN bytes of PATH (canonical; LEN 0 is "/"), whose hash is HASH; or NULL.
 */
static inline struct path_node *path_table_find(const struct path_table *table, uint64_t hash,
						const char *path, size_t len)
{
	size_t i;

	for (i = hash & table->mask; table->slots[i]; i = (i + 1) & table->mask) {
		struct path_node *node = table->slots[i];

		/* The bytes are compared too: a program may choose names whose hashes collide. */
		if (node->hash == hash && node->len == len && memcmp(node->path, path, len) == 0)
			return node;
	}
	return NULL;
}

/* The node of PATH (LEN bytes, canonical), or NULL. "/" may be given as "/" or as no bytes. */
struct path_node *path_table_get(const struct path_table *table, const char *path, size_t len);
/* The same, made with all its ancestors if need be. EACH, unless NULL, is called for every proper
 * ancestor. */
struct path_node *path_table_add(struct path_table *table, const char *path, size_t len,
				 void (*each)(struct path_node *ancestor, const void *arg),
				 const void *arg);

#endif
