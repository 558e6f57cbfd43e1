/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/cfi_store.h"

#include <stdlib.h>

void cfi_store_fini(struct cfi_store *s)
{
	cfi_store_clear(s);
	free(steal_ptr(&s->data));
}

void cfi_store_clear(struct cfi_store *s)
{
	s->n = s->used = 0;
	s->last = NULL;
}

bool cfi_store_is_full(const struct cfi_store *s)
{
	return s->n > CFI_STORE_RECORDS * 3 / 4 || s->used > CFI_STORE_BYTES * 3 / 4;
}

bool cfi_store_add(struct cfi_store *s, uint64_t addr, const void *p, size_t n)
{
	/* The first copy stays: something may have been derived from it. */
	for (size_t i = 0; i < s->n; i++)
		if (s->record[i].addr == addr)
			return s->record[i].size == n &&
			       memcmp(s->data + s->record[i].at, p, n) == 0;
	if (s->n == CFI_STORE_RECORDS || n > CFI_STORE_BYTES - s->used)
		return false;
	if (!s->data)
		s->data = xmalloc(CFI_STORE_BYTES);
	memcpy(s->data + s->used, p, n);
	s->record[s->n++] = (struct cfi_record){addr, (uint32_t)n, (uint32_t)s->used};
	s->used += n;
	return true;
}

static bool holds_word(const struct cfi_record *r, uint64_t addr)
{
	return addr >= r->addr && r->size >= 8 && addr - r->addr <= r->size - 8;
}

/* Copies the bytes that R has of the word at ADDR. */
static bool copy_part(const struct cfi_store *s, const struct cfi_record *r, uint64_t addr,
		      uint8_t *word)
{
	bool some = false;

	for (unsigned int i = 0; i < 8; i++)
		if (addr + i - r->addr < r->size) {
			word[i] = s->data[r->at + (addr + i - r->addr)];
			some = true;
		}
	return some;
}

bool cfi_store_word(struct cfi_store *s, uint64_t addr, uint64_t *ret)
{
	uint8_t word[8] = {0};
	bool some = false;

	if (!s->last || !holds_word(s->last, addr)) {
		s->last = NULL;
		for (size_t i = s->n; i > 0 && !s->last; i--)
			if (holds_word(&s->record[i - 1], addr))
				s->last = &s->record[i - 1];
	}
	if (s->last) {
		memcpy(ret, s->data + s->last->at + (addr - s->last->addr), sizeof *ret);
		return true;
	}
	/* libunwind reads aligned words, which may reach over the ends of a record. */
	for (size_t i = 0; i < s->n; i++)
		some |= copy_part(s, &s->record[i], addr, word);
	if (some)
		memcpy(ret, word, sizeof *ret);
	return some;
}
