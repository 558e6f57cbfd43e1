/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of which exception: one row for each kind of end that people meet often, from the special to
 * the general, and for the names of modules and variables that are not found what is known about them.
 * What a row says about the program follows from what the exception itself says; no row looks at anything else.
 */
#ifndef PROCTOR_WORDS_CAUSE_TABLE_H
#define PROCTOR_WORDS_CAUSE_TABLE_H

#include "words/cause_text.h"

/* One or more sentences on T's exception: true; false, with nothing appended, when no row knows better than its
 * type, message and place. */
bool cause_table_tell(struct teller *t);

/* It tells of a host that cannot be reached; of a window that cannot be shown. */
bool cause_is_network(const struct exception_facts *x);
bool cause_is_screen(const struct exception_facts *x);

#endif
