/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of the unwind records that were checked. libunwind reads a record again and again, even
 * at later stops, when the tracee could have changed it in the file or in memory; from here it
 * gets the very bytes that passed the check.
 */
#ifndef PROCTOR_TRACEE_NATIVE_CFI_STORE_H
#define PROCTOR_TRACEE_NATIVE_CFI_STORE_H

#include "base/util.h"

enum {
	CFI_STORE_RECORDS = 1024,
	CFI_STORE_BYTES = 128 * 1024,
};

struct cfi_store {
	size_t n, used;
	uint8_t *data; /* CFI_STORE_BYTES, allocated with the first record */
	struct cfi_record {
		uint64_t addr; /* in the tracee */
		uint32_t size, at;
	} record[CFI_STORE_RECORDS];
	const struct cfi_record *last; /* the one that was read last */
};

void cfi_store_fini(struct cfi_store *s);

/* Forgets all. Anything derived from the records must be forgotten too. */
void cfi_store_clear(struct cfi_store *s);

/* True when little room is left: time to clear, once nothing depends on the records. */
bool cfi_store_is_full(const struct cfi_store *s);

/* Keeps the N bytes at P that are at ADDR in the tracee, unless they are kept already. False: no room, or
 * other bytes are kept for ADDR. */
bool cfi_store_add(struct cfi_store *s, uint64_t addr, const void *p, size_t n);

/*
 * The word at ADDR. Bytes of it that belong to no record are 0. False when no byte does.
 */
bool cfi_store_word(struct cfi_store *s, uint64_t addr, uint64_t *ret);

#endif
