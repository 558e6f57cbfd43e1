/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page cache of the tracee's memory that is valid for one stop. A stack is read in hundreds of
 * small pieces that lie in some twenty pages; each page is copied once. Stops resemble each
 * other, so the pages that one stop touched are fetched in a single call at the next.
 */
#ifndef PROCTOR_TRACEE_NATIVE_PAGES_H
#define PROCTOR_TRACEE_NATIVE_PAGES_H

#include "tracee/abi/abi.h"
#include "tracee/native/budget.h"

enum {
	PAGES_SIZE = ABI_PAGE,
	PAGES_SLOTS = 256,   /* pages held at once */
	PAGES_HASH = 512,    /* a power of two, more than PAGES_SLOTS */
	PAGES_PREFETCH = 48, /* pages fetched ahead */
	PAGES_PROBES = 8,
};

struct pages_entry {
	uint64_t addr;
	uint32_t generation; /* the entry is valid when this is the cache's */
	uint16_t slot;	     /* PAGES_SLOTS: the page cannot be read */
	bool touched;
};

struct pages {
	struct budget *budget;
	pid_t tid;
	uint32_t generation;
	unsigned int n_slots, n_history;
	uint64_t history[PAGES_PREFETCH]; /* pages of this stop, in the order of first use */
	uint64_t last_addr;		  /* page of the last read, and its bytes */
	const unsigned char *last;
	unsigned char (*data)[PAGES_SIZE];
	struct pages_entry entry[PAGES_HASH];
};

/* Zeroed memory of SIZE bytes that costs nothing until it is touched, and its end. */
void *pages_zeroed(size_t size);
void pages_release(void *zeroed, size_t size);

/* P is all zeros. BUDGET is borrowed and must outlive the cache. */
void pages_init(struct pages *p, struct budget *budget);
void pages_fini(struct pages *p);

/* A new stop of thread TID: forgets all pages and fetches those of the last stop. */
void pages_begin(struct pages *p, pid_t tid);

/* Forgets all pages, and which of them the last stop used. */
void pages_drop(struct pages *p);

/* Copies N bytes from ADDR. 0, or -EFAULT when some byte is not readable or the budget is spent. */
int pages_read(struct pages *p, uint64_t addr, void *buf, size_t n);

/* The word at ADDR as it is now, whatever the cache has. */
int pages_word_now(struct pages *p, uint64_t addr, uint64_t *ret);

static inline int pages_word(struct pages *p, uint64_t addr, uint64_t *ret)
{
	return pages_read(p, addr, ret, sizeof *ret);
}

/* True for an address where an object of the tracee can be: aligned, in user space, not NULL. */
static inline bool pages_plausible(uint64_t addr)
{
	return addr % 8 == 0 && addr >= PAGES_SIZE && addr < ABI_ADDRESS_END;
}

#endif
