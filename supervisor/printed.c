/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/printed.h"

#include <string.h>

#include "base/util.h"
#include "record/stack.h"

enum { SCRIPT_OPENS = 2 }; /* by the interpreter, before it runs it: CPython 3.9 to 3.13 */

void printed_fini(struct printed *printed)
{
	stack_exception_free(steal_ptr(&printed->last));
}

bool printed_called(struct printed *printed, const char *submission, const char *script, const char *path, bool opens)
{
	const char *rest = submission ? after_prefix(path, submission) : NULL;
	uint64_t its;

	if (!rest || *rest != '/' || !ends_with(rest, ".py") || printed->looks == PRINTED_LOOKS)
		return false;
	if (script && streq(path, script)) {
		bool runs = printed->script_opens == SCRIPT_OPENS;

		printed->script_opens += opens && !runs;
		return runs;
	}
	/* Two paths that are taken for one cost a look at the stack. */
	its = hash_text(HASH_BEGIN, rest);
	for (size_t i = 0; i < printed->n_opened; i++)
		if (printed->opened[i] == its)
			return true;
	if (opens && printed->n_opened < PRINTED_FILES)
		printed->opened[printed->n_opened++] = its;
	return false;
}

void printed_look(struct printed *printed, struct stacks *stacks, pid_t tgid, pid_t tid, const struct user_regs_struct *regs,
		  const char *const *library)
{
	const struct stack *stack = stacks_read(stacks, tgid, tid, regs);
	struct python_exception *found = NULL;
	size_t at = 0;

	printed->looks++;
	/* An exception of the chain may have one of its own within. */
	for (size_t i = 0; stack && i < stack->n_python; i++)
		if (ends_with(stack->python[i].file, "/traceback.py") && ends_with(stack->python[i].function, "__init__") &&
		    record_is_library(stack->python[i].file, library))
			at = i + 1;
	if (at)
		found = stacks_caught(stacks, tgid, at - 1, "exc_value");
	if (!found)
		return;
	stack_exception_free(printed->last);
	printed->last = found;
}

void printed_take(struct printed *printed, struct python_exception *exception)
{
	const struct exception_facts *x = &exception->facts;

	if (printed->last && exception_is(x, "SystemExit") && (x->has_status ? x->status & 0xff : x->message != NULL) &&
	    stack_exception_follows(exception, printed->last))
		printed->last = NULL;
}
