/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run has stored where a write rule has a quota that proctor counts: bytes of contents, in pages for each file,
 * and names (files, directories, links).
 *
 * Theory of operation. A file counts at its length, whether there is a hole in it or not, so a hole that is filled
 * later, by a mapping too, is already paid for. A file is entered, by device and inode, before the program can write
 * to it: when it is opened for writing, or made. Everything that lets a file grow is then done by the supervisor, on a
 * duplicate of the descriptor that no thread can swap (handlers/own_file.c), between two looks at the file's length.
 * The supervisor does one thing at a time, so nothing is stored that there was no room for. What lay there before does
 * not count, and may be overwritten: a file counts for what it has grown since it was entered.
 *
 * A write by the run's only thread is left to the kernel where there is room for it: nobody could move the offset or
 * the end of the file in between, so it is known where the file will end. It is charged as if it had been made
 * (ledger_promise()), and as it is when the file is next looked at, which is after the write has returned. If the write
 * fails, what it did not store counts until then. A long write beside which other threads or processes run is left to
 * the kernel too, made at an offset that the supervisor chose; until it returns nothing else changes the file's length
 * (ledger_begin_write()), and nothing puts another file under the descriptor's number (output.h).
 *
 * A removed file counts as long as it is stored, which is until nobody has it open. The kernel grants a lease
 * (fcntl(2), F_SETLEASE) on a file only when no other descriptor, mapping or message has it. A lease does not see
 * descriptors that can only be looked at (O_PATH); so files that were opened that way, directories and links are
 * watched for their end (inotify(7), IN_DELETE_SELF). Where the end cannot be found out, the file counts until the run
 * ends: files that had several names and were opened that way, and files on file systems without leases.
 *
 * An open for writing and a change of names exclude each other (ledger_may_open()); otherwise a name could lead to
 * another file after the open than the one that was opened.
 *
 * Units: bytes, in whole pages. Errors: what cannot be found out goes on counting.
 */
#ifndef PROCTOR_SUPERVISOR_LEDGER_H
#define PROCTOR_SUPERVISOR_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "policy/policy.h"

struct ledger;
struct counted; /* a file that was entered */

/* The part of a call under way; the call keeps it. */
enum ledger_part {
	LEDGER_NONE,
	LEDGER_OPEN,   /* opens its first object for writing, or makes it */
	LEDGER_MAKE,   /* makes its first object */
	LEDGER_LINK,   /* gives its first object a second name */
	LEDGER_REMOVE, /* removes its first object */
	LEDGER_COVER,  /* puts its first object in the place of its second one */
	LEDGER_LENGTH, /* changes how long its first object is */
	LEDGER_WRITE,  /* the kernel writes to a file, as was promised */
	LEDGER_WRITE_BESIDE, /* the same, to the file that the call's duplicate is open on, while others run */
};

/* For the rules of POLICY that have a quota; NULL: there are none. */
struct ledger *ledger_new(const struct policy *policy);
void ledger_free(struct ledger *ledger);

/* Does GRANT have a quota? NULL has none, and without a ledger (NULL) no grant has. */
bool ledger_counts(const struct ledger *ledger, const struct grant *grant);
/* The grant that FILE is beneath. */
const struct grant *ledger_grant(const struct counted *file);

/* The file that FD is open on, if it is entered; RET_ST is filled then. */
struct counted *ledger_find(const struct ledger *ledger, int fd, struct stat *ret_st);
/* The same by its state alone. */
struct counted *ledger_look(const struct ledger *ledger, const struct stat *st);
/* Enters the file that FD is open on as one beneath GRANT; MADE: by this run, so that its name counts too. */
struct counted *ledger_enter(struct ledger *ledger, const struct grant *grant, int fd, bool made);
/* FILE was opened with O_PATH. */
void ledger_looked(struct counted *file);
/* FILE has one more name, which counts as one more file. */
void ledger_linked(struct counted *file);

/* How long FILE, whose state is ST now, may become; 0: there is not even room for its present length. */
uint64_t ledger_reach(struct ledger *ledger, struct counted *file, const struct stat *st);
/* Counts FILE as if it ended at END, for which there is room, until it is looked at again. */
void ledger_promise(struct counted *file, uint64_t end);
/* The same for a write beside which others run: until it ends, FILE counts so whoever settles it, and nobody else may
 * write to it or change its length. */
void ledger_begin_write(struct counted *file, uint64_t end);
void ledger_end_write(struct counted *file, int fd);
bool ledger_is_written(const struct counted *file);
/* Counts FILE, which FD is open on, at its present length, if there is room for that. */
void ledger_settle(struct counted *file, int fd);
/* The same where it is known to be SIZE long. */
void ledger_settle_at(struct counted *file, uint64_t size);
/* Is there room beneath GRANT for N more names, and BYTES? */
bool ledger_has_room(struct ledger *ledger, const struct grant *grant, uint64_t n, uint64_t bytes);
/* A name of what FD is open on has been removed. */
void ledger_removed(struct ledger *ledger, int fd);

/* While an open for writing beneath a quota is under way, no other one may begin and no name may change. */
bool ledger_may_open(const struct ledger *ledger);
void ledger_begin_open(struct ledger *ledger);
void ledger_end_open(struct ledger *ledger);

/* A call was told that there is no room beneath GRANT, for bytes or for names. */
void ledger_refused(struct ledger *ledger, const struct grant *grant, bool of_files);
/* The quota of the last such call, or NULL. */
const struct quota *ledger_last_refused(const struct ledger *ledger, bool *ret_of_files);

#endif
