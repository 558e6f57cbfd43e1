/* SPDX-License-Identifier: Apache-2.0 */
/* The line of the program's own code that a thread was in, kept after its stack is gone. */
#ifndef PROCTOR_SUPERVISOR_WHERE_H
#define PROCTOR_SUPERVISOR_WHERE_H

#include "tracee/stack.h"

struct buf;

/* Begins as all zeros: not known. Owns its texts. */
struct where {
	char *file, *function;
	uint64_t line;
};

/* What was known before is forgotten. STACK may be NULL; LIBRARY tells whose code it is (record_user_frame()). */
void where_take(struct where *where, const struct stack *stack, const char *const *library);
void where_fini(struct where *where);

/* Appends the members "file", "line" and "function"; nothing, if nothing is known. */
void where_format(const struct where *where, struct buf *out);

#endif
