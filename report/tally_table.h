/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what a log holds under keys that the program chose: without a hash that it could make collide, in memory
 * that grows only with the number of different keys. Entries are appended, and now and then sorted and merged.
 */
#ifndef PROCTOR_REPORT_TALLY_TABLE_H
#define PROCTOR_REPORT_TALLY_TABLE_H

#include "base/buf.h"

/* Texts are the table's. */
struct tally_entry {
	char *key;
	size_t at;	 /* where in KEY the path begins; strlen(key): there is none */
	uint64_t count;	 /* of calls */
	uint64_t runs;	 /* number of different runs; first_run and last_run are run numbers */
	uint64_t first_run, last_run;
	unsigned flags;	 /* those of all calls together */
	uint64_t order;	 /* of the first */
	char *place;	 /* of the first call that has one: "solve.py:12"; or NULL */
	char *note;	 /* likewise */
};

struct tally_table {
	struct tally_entry *entries;
	size_t n, cap, limit;
	uint64_t next;
};

/* Takes over KEY, PLACE and NOTE of ENTRY, which is one call of one run; runs have to come one after the other. */
void tally_add(struct tally_table *table, const struct tally_entry *entry);
/* Merges what is equal and leaves the entries sorted by key. To be called before they are read. */
void tally_merge(struct tally_table *table);
/* The entry with KEY of a merged table, or NULL. */
struct tally_entry *tally_find(const struct tally_table *table, const char *key);
/* Removes the entries of a merged table whose count is 0. */
void tally_drop_none(struct tally_table *table);
/* "3 calls in 2 runs, first at solve.py:12" */
void tally_put_calls(struct buf *out, uint64_t calls, uint64_t runs, const char *place);
void tally_fini(struct tally_table *table);

static inline const char *tally_path(const struct tally_entry *entry)
{
	return entry->key + entry->at;
}

#endif
