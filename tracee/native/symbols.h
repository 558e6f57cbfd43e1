/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of native functions. No symbol table is kept: that of a large library would not fit the
 * supervisor's memory. The addresses of a stack that are not known yet are looked up together
 * in one pass over the table in the file, and remembered.
 */
#ifndef PROCTOR_TRACEE_NATIVE_SYMBOLS_H
#define PROCTOR_TRACEE_NATIVE_SYMBOLS_H

#include "tracee/native/maps.h"

enum { SYMBOLS_MEMO = 1024, SYMBOLS_NAME = 512, SYMBOLS_AT_ONCE = 256 };

struct symbol {
	uint64_t address; /* the one asked for; 0: empty */
	uint64_t offset;  /* from the symbol, or from the module when NAME is NULL */
	char *name;	  /* owned */
};

struct symbols {
	uint64_t generation; /* of the maps that the memo was made with */
	size_t n;
	struct symbol memo[SYMBOLS_MEMO];
};

void symbols_fini(struct symbols *s);

/*
 * Looks up N (at most SYMBOLS_AT_ONCE) addresses of thread TID. RET[i] is never NULL and valid
 * until the next call. 0, or -ETIME when the budget ended before all names were found.
 */
int symbols_find(struct symbols *s, const struct maps *maps, pid_t tid, const uint64_t *address,
		 size_t n, const struct symbol **ret);

#endif
