/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes each stack only once. With --stack-for all, most calls come from the same place as an earlier one, and a stack
 * is ten times as long as the rest of a record. So the stack of an allowed call is a record of its own, "stack", before
 * the first call that has it:
 *
 *     {"v":1,"kind":"stack",…,"stack":{"id":7,"code":{"n":1,"file.path":…},"python":[{"n":2,"file":…},{"n":3,…}]}}
 *     {"v":1,"kind":"stack",…,"stack":{"id":8,"code":1,"python":[{"n":4,…},3]}}
 *
 * and each such call has "stack":{"id":8}. An object with "n" gets that number; from then on the number stands for it.
 * {"outer":20,"of":7} at the end of a list stands for the 20 outermost frames of that list of stack 7. The other
 * members (notes) are as in the record of a call.
 *
 * The tables are bounded: a stack that does not fit is written with its call. Refusals keep their stacks in their own
 * records, which can be read alone. Texts are compared whole, not by hash, because the program chooses them.
 */
#ifndef PROCTOR_RECORD_INTERNER_H
#define PROCTOR_RECORD_INTERNER_H

#include "record/recorder.h"
#include "record/stack.h"

enum { INTERNER_BYTES = 8 << 20 }; /* of all texts and stacks that are known */

struct interner;

/* Never NULL; the caller frees it. */
struct interner *interner_new(void);
void interner_free(struct interner *interner);

/*
 * The number of STACK, whose record is appended to RECORDER if it is new; no record may be open. 0: the stack has to be
 * written with the call, because it is cut or there is no room. REALTIME_NS, LIBRARY and SOURCE as for record_call().
 */
uint64_t interner_put(struct interner *interner, struct recorder *recorder, uint64_t realtime_ns,
		      const struct stack *stack, const char *const *library, const struct stack_source *source);

#endif
