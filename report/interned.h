/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks that a log writes once, in records of their own (proctor-log(5), "stack"), to which other records refer. The
 * log reader puts them back where older logs have them, so no other code has to know. Bounded, whatever a log says:
 * what exceeds the bounds is treated as missing.
 */
#ifndef PROCTOR_REPORT_INTERNED_H
#define PROCTOR_REPORT_INTERNED_H

#include <jansson.h>

#include "report/table.h"

enum {
	INTERNED_MAX_OBJECTS = 1 << 17, /* frames, and places in the code */
	INTERNED_MAX_STACKS = 1 << 18,
	INTERNED_MAX_FRAMES = 4 << 20,	/* in all stacks together */
	INTERNED_MAX_BYTES = 32 << 20,	/* of the lines that define them */
};

struct interned {
	struct table object_table, stack_table; /* by their numbers */
	json_t **objects;
	struct interned_stack {
		json_t *code, *members; /* CODE may be NULL */
	} *stacks;
	size_t cap_objects, cap_stacks, n_objects, n_stacks, n_frames, bytes;
};

void interned_init(struct interned *interned);
void interned_fini(struct interned *interned);

/* Takes STACK, the member "stack" of a record of LEN bytes, and changes it. False: it makes no sense, or there is no
 * room for it. */
bool interned_take(struct interned *interned, json_t *stack, size_t len);

/* If RECORD names a stack by number, gives it that "code" and "stack". False: nothing has that number. */
bool interned_put(const struct interned *interned, json_t *record);

#endif
