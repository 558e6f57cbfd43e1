/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>

void *pages_zeroed(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		p = xmalloc(SIZE_MAX); /* out of memory: ends as every allocation does */
	return p;
}

void pages_release(void *zeroed, size_t size)
{
	if (zeroed)
		munmap(zeroed, size);
}

enum { ALL_SLOTS = PAGES_SLOTS * PAGES_SIZE };

void pages_init(struct pages *p, struct budget *budget)
{
	p->budget = budget;
	p->generation = 1;
	/* Page-aligned: process_vm_readv(2) copies to aligned destinations a third faster. */
	p->data = pages_zeroed(ALL_SLOTS);
}

void pages_fini(struct pages *p)
{
	pages_release(steal_ptr(&p->data), ALL_SLOTS);
}

static void forget(struct pages *p)
{
	if (++p->generation == 0) {
		memset(p->entry, 0, sizeof p->entry);
		p->generation = 1;
	}
	p->n_slots = 0;
	p->last = NULL;
}

void pages_drop(struct pages *p)
{
	forget(p);
	p->n_history = 0;
}

/* The entry of PAGE, or a free one for it; NULL when the entries where it may be are all taken. */
static struct pages_entry *entry_of(struct pages *p, uint64_t page)
{
	size_t hash = (size_t)((page / PAGES_SIZE * UINT64_C(0x9e3779b97f4a7c15)) >> 55);

	for (size_t i = 0; i < PAGES_PROBES; i++) {
		struct pages_entry *e = &p->entry[(hash + i) % PAGES_HASH];

		if (e->generation != p->generation || e->addr == page)
			return e;
	}
	return NULL;
}

static void entry_fill(struct pages *p, struct pages_entry *e, uint64_t page, unsigned int slot)
{
	*e = (struct pages_entry){
		.addr = page, .generation = p->generation, .slot = (uint16_t)slot};
}

void pages_begin(struct pages *p, pid_t tid)
{
	struct iovec local[PAGES_PREFETCH], remote[PAGES_PREFETCH];
	unsigned int n = p->n_history;
	ssize_t got;

	p->tid = tid;
	forget(p);
	p->n_history = 0;
	if (!n || !budget_read(p->budget))
		return;
	for (unsigned int i = 0; i < n; i++) {
		local[i] = (struct iovec){p->data[i], PAGES_SIZE};
		remote[i] = (struct iovec){(void *)(uintptr_t)p->history[i], PAGES_SIZE};
	}
	got = process_vm_readv(tid, local, n, remote, n, 0);
	for (unsigned int i = 0; i < n && got >= (ssize_t)(i + 1) * PAGES_SIZE; i++) {
		struct pages_entry *e = entry_of(p, p->history[i]);

		if (e)
			entry_fill(p, e, p->history[i], i);
		p->n_slots = i + 1;
	}
}

static void remember(struct pages *p, struct pages_entry *e)
{
	if (e->touched)
		return;
	e->touched = true;
	if (p->n_history < PAGES_PREFETCH)
		p->history[p->n_history++] = e->addr;
}

/* A stop that needs more pages than there are slots starts over with an empty cache. */
static struct pages_entry *make_room(struct pages *p, struct pages_entry *e, uint64_t page)
{
	if (e && p->n_slots < PAGES_SLOTS)
		return e;
	forget(p);
	return entry_of(p, page);
}

/* Fills the entry of PAGE, E if it is not NULL; NULL when the budget is spent. */
static struct pages_entry *fetch(struct pages *p, struct pages_entry *e, uint64_t page)
{
	struct iovec local, remote = {(void *)(uintptr_t)page, PAGES_SIZE};

	if (!budget_read(p->budget))
		return NULL;
	e = make_room(p, e, page);
	if (!e)
		return NULL;
	local = (struct iovec){p->data[p->n_slots], PAGES_SIZE};
	if (process_vm_readv(p->tid, &local, 1, &remote, 1, 0) == PAGES_SIZE)
		entry_fill(p, e, page, p->n_slots++);
	else
		entry_fill(p, e, page, PAGES_SLOTS);
	return e;
}

static const unsigned char *page_at(struct pages *p, uint64_t page)
{
	struct pages_entry *e;

	if (p->last && p->last_addr == page)
		return p->last;
	e = entry_of(p, page);
	if (!e || e->generation != p->generation)
		e = fetch(p, e, page);
	if (!e || e->slot == PAGES_SLOTS)
		return NULL;
	remember(p, e);
	p->last_addr = page;
	p->last = p->data[e->slot];
	return p->last;
}

int pages_read(struct pages *p, uint64_t addr, void *buf, size_t n)
{
	const uint64_t end = ABI_ADDRESS_END;
	unsigned char *to = buf;

	if (addr < PAGES_SIZE || addr >= end || n > end - addr)
		return -EFAULT;
	while (n) {
		size_t within = addr % PAGES_SIZE, some = MIN(n, PAGES_SIZE - within);
		const unsigned char *from = page_at(p, addr - within);

		if (!from)
			return -EFAULT;
		memcpy(to, from + within, some);
		to += some;
		addr += some;
		n -= some;
	}
	return 0;
}

int pages_word_now(struct pages *p, uint64_t addr, uint64_t *ret)
{
	struct iovec local = {ret, sizeof *ret}, remote = {(void *)(uintptr_t)addr, sizeof *ret};

	return budget_read(p->budget) && process_vm_readv(p->tid, &local, 1, &remote, 1, 0) == sizeof *ret ? 0 : -EFAULT;
}
