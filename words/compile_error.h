/* SPDX-License-Identifier: Apache-2.0 */
/* Did the interpreter itself refuse to read the program, so that nothing of it ran? */
#ifndef PROCTOR_WORDS_COMPILE_ERROR_H
#define PROCTOR_WORDS_COMPILE_ERROR_H

#include "words/cause.h"

/* The program never ran: it is a compile error, "CE", a sub-status of RE. */
bool cause_is_compile_error(const struct exception_facts *exception, const struct cause_surroundings *around);

#endif
