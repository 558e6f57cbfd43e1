/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run has stored where a write rule has a quota that proctor counts: bytes of contents, in pages for each
 * file, and names (files, directories, links).
 *
 * Theory of operation. A file counts at its length, whether there is a hole in it or not, so a hole that is filled
 * later, by a mapping too, is paid for. It is entered, by device and inode, before the program can write to it: when
 * it is opened to be written to, or made. All that lets a file grow is then done by the supervisor, on a duplicate of
 * the descriptor that no thread can swap (handlers/own_file.c), between a look at the file's length and another one.
 * The supervisor does one thing at a time, so nothing is stored that was not there to be had. What lay there before
 * does not count, and lets itself be replaced: a file counts for what it is longer than when it was entered.
 *
 * What was removed counts as long as it is stored, which is until nobody has it open. A lease (fcntl(2), F_SETLEASE)
 * can be had on a file when no other descriptor, mapping or message has it, and not before. Descriptors that can only
 * be looked at (O_PATH) are not seen by that; files that were opened so, directories and links are watched for their
 * end (inotify(7), IN_DELETE_SELF). What cannot be found out counts until the run ends: files that had several names
 * and were opened so, and those of file systems without leases.
 *
 * An open to write and a change of names exclude each other (ledger_may_open()), or what is found by a name after the
 * open could be another file than was opened.
 *
 * Units: bytes, in whole pages. Errors: what is not known is not counted off.
 */
#ifndef PROCTOR_SUPERVISOR_LEDGER_H
#define PROCTOR_SUPERVISOR_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "policy/policy.h"

struct ledger;
struct counted; /* a file that is entered */

/* What a call under way is to it; the call keeps it. */
enum ledger_part {
	LEDGER_NONE,
	LEDGER_OPEN,   /* opens its first object to write to, or makes it */
	LEDGER_MAKE,   /* makes its first object */
	LEDGER_LINK,   /* gives its first object a second name */
	LEDGER_REMOVE, /* removes its first object */
	LEDGER_COVER,  /* puts its first object in the place of its second one */
	LEDGER_LENGTH, /* changes how long its first object is */
};

/* For the rules of POLICY that have a quota; NULL: there are none. */
struct ledger *ledger_new(const struct policy *policy);
void ledger_free(struct ledger *ledger);

/* Does GRANT (or NULL) have a quota? Asked of no ledger (NULL), none has. */
bool ledger_counts(const struct ledger *ledger, const struct grant *grant);
/* The one that FILE is beneath. */
const struct grant *ledger_grant(const struct counted *file);

/* The file that FD is open on, if it is entered; RET_ST is filled then. */
struct counted *ledger_find(const struct ledger *ledger, int fd, struct stat *ret_st);
/* Enters the file that FD is open on as one beneath GRANT; MADE: by this run, so that its name counts too. */
struct counted *ledger_enter(struct ledger *ledger, const struct grant *grant, int fd, bool made);
/* It was opened with O_PATH. */
void ledger_looked(struct counted *file);
/* It has one name more, which is a file more. */
void ledger_linked(struct counted *file);

/* How long FILE, which ST is of now, may become; 0: not even what it is can be paid. */
uint64_t ledger_reach(struct ledger *ledger, struct counted *file, const struct stat *st);
/* FILE, which FD is open on, is as long as it is now: that counts, if it can be paid. */
void ledger_settle(struct counted *file, int fd);
/* Is there room beneath GRANT for N more names, and BYTES? */
bool ledger_has_room(struct ledger *ledger, const struct grant *grant, uint64_t n, uint64_t bytes);
/* A name of what FD is open on has been removed. */
void ledger_removed(struct ledger *ledger, int fd);

/* An open to write beneath a quota is under way: no other one may be, and no name may change. */
bool ledger_may_open(const struct ledger *ledger);
void ledger_begin_open(struct ledger *ledger);
void ledger_end_open(struct ledger *ledger);

/* A call was told that there is no room beneath GRANT, for bytes or for names. */
void ledger_refused(struct ledger *ledger, const struct grant *grant, bool of_files);
/* The last such, or NULL. */
const struct quota *ledger_last_refused(const struct ledger *ledger, bool *ret_of_files);

#endif
