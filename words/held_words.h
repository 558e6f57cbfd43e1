/* SPDX-License-Identifier: Apache-2.0 */
/* What a program held when it crossed its limit of memory, in words. Pure. */
#ifndef PROCTOR_WORDS_HELD_WORDS_H
#define PROCTOR_WORDS_HELD_WORDS_H

#include "base/held.h"
#include "words/cause.h"

/* Appends what OBJECT held, 'the list "rows" held 8,000,000 items (solve.py:12 in load())'; for a student, without a
 * place outside the submission that AROUND names. */
void held_words(const struct held_facts *object, const struct cause_surroundings *around, bool student, struct buf *out);

#endif
