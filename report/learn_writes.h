/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of learning (learn.h) that is about what was written: which directories `write` of a policy has to name, and
 * whether the run's scratch is among them.
 *
 * What lies in a run's scratch is never named by its path, which is another one each time. Of all else the directory
 * that holds the name is granted, the smallest that a rule can name, and never one that learn_is_protected().
 */
#ifndef PROCTOR_REPORT_LEARN_WRITES_H
#define PROCTOR_REPORT_LEARN_WRITES_H

#include "report/learn.h"

/* Must PATH never be granted as a whole tree? */
bool learn_is_protected(const char *path, const char *home);

void learn_directory_fini(struct learn_directory *directory);

/* Takes RECORD, a call R of group GROUP that was let through and wants WANT, if it wrote, or was about the scratch. */
bool learn_take_write(struct learn *learn, uint32_t group, json_t *record, const struct refusal *r, unsigned want,
		      const struct run_info *info);

/* What an entry of `writes` asks for: WANT_WRITE, WANT_CHANGE or both. */
unsigned learn_write_want(const struct tally_entry *entry);
/* Was another name changed too, which the log does not have? */
bool learn_write_is_partial(const struct tally_entry *entry);

/* Did the run make the shared memory of ENTRY of `shared`? Then it is one of the run's own under any policy. */
bool learn_shared_is_own(const struct tally_entry *entry);

/* Is it the second name of a call, whose first name counts the call? */
bool learn_write_is_second(const struct tally_entry *entry);

/* Makes a wish of an entry that nothing allows yet, from a run whose submission is SUBMISSION (or NULL). */
void learn_wish_write(struct learn *learn, const struct tally_entry *entry, const char *submission);
/* Makes lines of these wishes. HEAD: the beginning of a policy, to which `write` can be added. */
void learn_make_writes(struct learn *learn, const char *head);
/* The granted directory that holds PATH of a run whose submission is SUBMISSION, or NULL. */
const struct learn_directory *learn_written(const struct learn *learn, const char *path, const char *submission);

bool learn_grants_scratch(const struct learn *learn);
/* Begins a comment on something that is not granted; N counts such comments. */
void learn_begin_withheld(size_t *n, struct buf *out);
/* Ends it with WHY it is not granted and with the calls, as tally_put_calls() tells them. */
void learn_end_withheld(const char *why, uint64_t count, uint64_t runs, const char *place, struct buf *out);
void learn_put_writes(const struct learn *learn, struct buf *out);
/* Directories that are not granted, as comments; N counts such comments. */
void learn_put_withheld_writes(const struct learn *learn, size_t *n, struct buf *out);

#endif
