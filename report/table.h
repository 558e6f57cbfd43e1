/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded set of keys, each with a number: 0, 1 … in the order in which they came. Keys are any
 * bytes, of which a salted digest is kept alone: whoever wrote the log can neither make two alike
 * nor make looking them up slow.
 */
#ifndef PROCTOR_REPORT_TABLE_H
#define PROCTOR_REPORT_TABLE_H

#include "base/util.h"

enum { TABLE_DIGEST = 16 };
#define TABLE_FULL SIZE_MAX

struct table {
	uint8_t salt[16];
	uint8_t (*digests)[TABLE_DIGEST];
	size_t n, cap, max;
	size_t bytes, max_bytes; /* of the keys, and what the caller adds of its own to what it keeps for them */
	uint32_t *slots; /* number + 1; 0: free */
	size_t n_slots;	 /* a power of two */
};

/* Room for MAX keys, at most 2^24, of MAX_BYTES together. The caller releases it with table_fini(). */
void table_init(struct table *table, size_t max, size_t max_bytes);
void table_fini(struct table *table);

/*
 * The number of the N bytes at KEY, a new one when they were not there yet (*RET_NEW). TABLE_FULL
 * when they are new and there is no room; from then on no key is new, so that what the caller keeps
 * has the numbers of the keys, whatever it adds behind.
 */
size_t table_put(struct table *table, const void *key, size_t n, bool *ret_new);
/* The number of one that was put, else TABLE_FULL. */
size_t table_find(const struct table *table, const void *key, size_t n);

#endif
