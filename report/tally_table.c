/* SPDX-License-Identifier: Apache-2.0 */
#include "report/tally_table.h"

#include <stdlib.h>

#include "base/text.h"

#define FIRST_LIMIT 65536

static int by_key(const void *a, const void *b)
{
	const struct tally_entry *x = a, *y = b;
	int r = strcmp(x->key, y->key);

	return r ? r : x->order < y->order ? -1 : x->order > y->order;
}

static void entry_fini(struct tally_entry *entry)
{
	free(entry->key);
	free(entry->place);
	free(entry->note);
}

/* FROM comes after INTO in the order of calls, so INTO's last run may be FROM's first. */
static void join(struct tally_entry *into, struct tally_entry *from)
{
	into->count += from->count;
	into->runs += from->runs - (into->last_run == from->first_run);
	into->last_run = from->last_run;
	into->flags |= from->flags;
	if (!into->place)
		into->place = steal_ptr(&from->place);
	if (!into->note)
		into->note = steal_ptr(&from->note);
	entry_fini(from);
}

void tally_merge(struct tally_table *table)
{
	size_t i, n = 0;

	if (table->n)
		qsort(table->entries, table->n, sizeof(*table->entries), by_key);
	for (i = 0; i < table->n; i++)
		if (n && streq(table->entries[n - 1].key, table->entries[i].key))
			join(&table->entries[n - 1], &table->entries[i]);
		else
			table->entries[n++] = table->entries[i];
	table->n = n;
}

void tally_add(struct tally_table *table, const struct tally_entry *entry)
{
	if (!table->limit)
		table->limit = FIRST_LIMIT;
	if (table->n == table->limit) {
		tally_merge(table);
		if (table->n > table->limit / 2)
			table->limit *= 2;
	}
	grow_array(&table->entries, &table->cap, table->n + 1, sizeof(*table->entries));
	table->entries[table->n] = *entry;
	table->entries[table->n++].order = table->next++;
}

static int key_of(const void *key, const void *entry)
{
	return strcmp(key, ((const struct tally_entry *)entry)->key);
}

struct tally_entry *tally_find(const struct tally_table *table, const char *key)
{
	return table->n ? bsearch(key, table->entries, table->n, sizeof(*table->entries), key_of) : NULL;
}

void tally_drop_none(struct tally_table *table)
{
	size_t i, n = 0;

	for (i = 0; i < table->n; i++)
		if (table->entries[i].count)
			table->entries[n++] = table->entries[i];
		else
			entry_fini(&table->entries[i]);
	table->n = n;
}

void tally_fini(struct tally_table *table)
{
	size_t i;

	for (i = 0; i < table->n; i++)
		entry_fini(&table->entries[i]);
	free(table->entries);
	*table = (struct tally_table){ 0 };
}

void tally_put_calls(struct buf *out, uint64_t calls, uint64_t runs, const char *place)
{
	text_count(out, calls);
	buf_puts(out, calls == 1 ? " call in " : " calls in ");
	text_count(out, runs);
	buf_puts(out, runs == 1 ? " run" : " runs");
	if (place)
		buf_printf(out, ", first at %s", place);
}
