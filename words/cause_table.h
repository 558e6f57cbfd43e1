/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of which exception: one row for each kind of end that people meet often, from the special to
 * the general. What a row says follows from the exception and from struct cause_surroundings; no row looks at
 * anything else. What is known about single modules, names and messages is in cause_hints.c.
 */
#ifndef PROCTOR_WORDS_CAUSE_TABLE_H
#define PROCTOR_WORDS_CAUSE_TABLE_H

#include "words/cause_text.h"

/* One or more sentences on T's exception: true; false, with nothing appended, when no row knows better than its
 * type, message and place. */
bool cause_table_tell(struct teller *t);

/* Is X about a host that cannot be reached? About a window that cannot be shown? */
bool cause_is_network(const struct exception_facts *x);
bool cause_is_screen(const struct exception_facts *x);

#endif
