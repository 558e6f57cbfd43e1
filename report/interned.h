/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks that a log has once, in records of their own (proctor-log(5), "stack"), for the records that name them. The
 * reader puts them where an older log has them, so that nobody else knows. Bounded, whatever a log says: what is beyond
 * is as if it were not there.
 */
#ifndef PROCTOR_REPORT_INTERNED_H
#define PROCTOR_REPORT_INTERNED_H

#include <jansson.h>

#include "report/table.h"

enum {
	INTERNED_MAX_OBJECTS = 1 << 17, /* frames, and places in the code */
	INTERNED_MAX_STACKS = 1 << 18,
	INTERNED_MAX_FRAMES = 4 << 20,	/* of all stacks together */
	INTERNED_MAX_BYTES = 32 << 20,	/* of the lines that define them */
};

struct interned {
	struct table object_table, stack_table; /* by their numbers */
	json_t **objects;
	struct interned_stack {
		json_t *code, *members; /* CODE: NULL, there is none */
	} *stacks;
	size_t cap_objects, cap_stacks, n_objects, n_stacks, n_frames, bytes;
};

void interned_init(struct interned *interned);
void interned_fini(struct interned *interned);

/* Takes STACK, the member "stack" of a record of LEN bytes, which is changed. False: it says nothing that makes sense, or
 * there is no room for it. */
bool interned_take(struct interned *interned, json_t *stack, size_t len);

/* Gives RECORD the "code" and the "stack" that it names by a number, if it does. False: nothing has that number. */
bool interned_put(const struct interned *interned, json_t *record);

#endif
