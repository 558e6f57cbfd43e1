/* SPDX-License-Identifier: Apache-2.0 */
/* What the program's own code held, in its frames, when it crossed its limit of memory. */
#ifndef PROCTOR_SUPERVISOR_HELD_H
#define PROCTOR_SUPERVISOR_HELD_H

#include "base/buf.h"
#include "tracee/stack.h"

/* Begins as all zeros: nothing is known. */
struct held {
	struct python_held *found; /* owned; the rest borrows from it */
	struct held_facts object[HELD_TOLD];
	size_t n;
};

/*
 * Takes FOUND, which may be NULL, and chooses the largest objects in it, each once, by a name in code that is not
 * beneath LIBRARY (record_is_library()).
 */
void held_take(struct held *held, struct python_held *found, const char *const *library);
void held_fini(struct held *held);

/* The member "held":[{"name":"rows","type":"list","items":8000000,"file":…,"function":…,"line":…}], or nothing. */
void held_format(const struct held *held, struct buf *out);

#endif
