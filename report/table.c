/* SPDX-License-Identifier: Apache-2.0 */
#include "report/table.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <sys/random.h>

#define MIN_SLOTS 1024u

void table_init(struct table *t, size_t max, size_t max_bytes)
{
	*t = (struct table){ .max = MIN(max, (size_t)1 << 24), .max_bytes = max_bytes };
	/* Without a salt, only a log made for that purpose is slower to read. */
	if (getrandom(t->salt, sizeof t->salt, 0) < 0)
		memset(t->salt, 0, sizeof t->salt);
}

void table_fini(struct table *t)
{
	free(t->digests);
	free(t->slots);
	*t = (struct table){ 0 };
}

static void digest_key(const struct table *t, const void *key, size_t n, uint8_t ret[TABLE_DIGEST])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, sizeof t->salt, t->salt);
	sha256_update(&ctx, n, key);
	sha256_digest(&ctx, TABLE_DIGEST, ret);
}

/* The slot of DIGEST, or the free one where it would go. */
static uint32_t *find_slot(const struct table *t, const uint8_t digest[TABLE_DIGEST])
{
	uint64_t at;

	memcpy(&at, digest, sizeof at);
	for (;; at++) {
		uint32_t *slot = &t->slots[at & (t->n_slots - 1)];

		if (!*slot || memcmp(t->digests[*slot - 1], digest, TABLE_DIGEST) == 0)
			return slot;
	}
}

static void grow(struct table *t)
{
	t->n_slots = MAX(2 * t->n_slots, (size_t)MIN_SLOTS);
	free(t->slots);
	t->slots = xcalloc(t->n_slots, sizeof *t->slots);
	for (size_t i = 0; i < t->n; i++)
		*find_slot(t, t->digests[i]) = (uint32_t)(i + 1);
}

size_t table_put(struct table *t, const void *key, size_t n, bool *ret_new)
{
	uint8_t digest[TABLE_DIGEST];
	uint32_t *slot;

	/* At most half of the slots are taken, so that a free one is always near. */
	if (2 * (t->n + 1) > t->n_slots)
		grow(t);
	digest_key(t, key, n, digest);
	slot = find_slot(t, digest);
	*ret_new = false;
	if (*slot)
		return *slot - 1;
	if (t->bytes > t->max_bytes || n > t->max_bytes - t->bytes)
		t->max = t->n;
	if (t->n >= t->max)
		return TABLE_FULL;
	t->bytes += n;
	grow_array(&t->digests, &t->cap, t->n + 1, sizeof *t->digests);
	memcpy(t->digests[t->n], digest, TABLE_DIGEST);
	*slot = (uint32_t)++t->n;
	*ret_new = true;
	return t->n - 1;
}

size_t table_find(const struct table *t, const void *key, size_t n)
{
	uint8_t digest[TABLE_DIGEST];
	uint32_t slot;

	if (!t->n)
		return TABLE_FULL;
	digest_key(t, key, n, digest);
	slot = *find_slot(t, digest);
	return slot ? slot - 1 : TABLE_FULL;
}
