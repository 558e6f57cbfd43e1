/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded set of keys, numbered 0, 1 … in the order in which they came. Keys are any bytes, of
 * which only a salted digest is kept: the author of a hostile log can neither make two keys collide
 * nor make look-ups slow.
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
	size_t bytes, max_bytes; /* of the keys, and what the caller adds for the data that it keeps with them */
	uint32_t *slots; /* number + 1; 0: free */
	size_t n_slots;	 /* a power of two */
};

/* Room for MAX keys, at most 2^24, of MAX_BYTES together. The caller releases TABLE with table_fini(). */
void table_init(struct table *table, size_t max, size_t max_bytes);
void table_fini(struct table *table);

/*
 * The number of the N bytes at KEY, which are added if they are new (*RET_NEW). TABLE_FULL when they
 * are new and there is no room; from then on no key is added, so that the caller's array keeps the
 * numbers of the keys, whatever it appends to it.
 */
size_t table_put(struct table *table, const void *key, size_t n, bool *ret_new);
/* The number of a key that was put, else TABLE_FULL. */
size_t table_find(const struct table *table, const void *key, size_t n);

#endif
