/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a refused call was for, in words: the command, the host, the function. It is the program's own word, so no text of
 * it is trusted with more than one line. Pure.
 */
#ifndef PROCTOR_WORDS_MEANT_H
#define PROCTOR_WORDS_MEANT_H

#include "base/buf.h"
#include "base/meant.h"

/*
 * Appends "to execute git", "to reach example.org" or "to run, as a process, work()": for any audience, so only a name
 * of ordinary characters, and of a program's path the last part. False, with nothing appended, where there is none.
 */
bool meant_purpose(const struct meant *meant, struct buf *out);
/* The same as the beginning of a sentence: "Starting the program git", "Reaching example.org over the network". */
bool meant_trying(const struct meant *meant, struct buf *out);
/* Appends all that is known, for staff: git log "two words", or example.org, port 443. Nothing where nothing is. */
void meant_in_full(const struct meant *meant, struct buf *out);
/* Which of two are one to a person: appends what tells them apart, raw. Nothing where nothing is known. */
void meant_key(const struct meant *meant, struct buf *out);

#endif
