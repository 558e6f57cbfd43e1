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

/* A directory by its real path, with room for a name behind it. */
struct listed {
	char path[PATH_MAX + 1 + NAME_MAX + 1];
	size_t len; /* with the slash that names come behind */
};

/* What getdents64 (or, with OLD, getdents) has written: N bytes of entries. */
struct batch {
	char *entries;
	size_t n;
	bool old;
	bool cut;   /* set: not all that is to be shown went into the room */
	off_t next; /* set with it: where the listing goes on (d_off of the last entry kept) */
};

/*
 * Moves the entries of BATCH that POLICY does not hide in DIR to its front, as far as ROOM bytes hold them.
 * Bytes kept; 0 when all are hidden; -EINVAL when not even the first to be shown goes in; -EIO when
 * these are no entries.
 */
int listing_filter(const struct policy *policy, struct listed *dir, struct batch *batch, size_t room);

#endif
