/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listings without the names that are hidden: getdents64 and getdents of any descriptor that the program
 * has, whenever it was opened. Reached only where the policy may hide a name in a directory that can be
 * listed; elsewhere the filter lets both calls through.
 */
#ifndef PROCTOR_SUPERVISOR_HANDLERS_LISTING_H
#define PROCTOR_SUPERVISOR_HANDLERS_LISTING_H

#include "supervisor/handlers/handlers.h"

/* Shared with the unit tests. */

/* A directory's real path, with room to append a name. */
struct listed {
	char path[PATH_MAX + 1 + NAME_MAX + 1];
	size_t len; /* with the slash before a name */
};

/* What getdents64 (or, with OLD, getdents) has written: N bytes of entries. */
struct batch {
	char *entries;
	size_t n;
	bool old;
	bool cut;   /* set: not everything to be shown had room */
	off_t next; /* set with `cut`: where the listing goes on (d_off of the last entry kept) */
};

/*
 * Moves the entries of BATCH that POLICY does not hide in DIR to its front, as far as ROOM bytes hold them.
 * Returns the bytes kept; 0 when all are hidden; -EINVAL when even the first to be shown has no room; -EIO when
 * BATCH is malformed.
 */
int listing_filter(const struct policy *policy, struct listed *dir, struct batch *batch, size_t room);

#endif
