/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/stack.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/* Copies TEXT to *AT, behind the frames, and advances *AT; NULL stays NULL. */
static const char *put(char **at, const char *text)
{
	char *to = *at;

	if (!text)
		return NULL;
	*at = stpcpy(to, text) + 1;
	return to;
}

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t texts_of(const struct stack *stack)
{
	size_t i, n = size_of(stack->python_note) + size_of(stack->native_note);

	for (i = 0; i < stack->n_python; i++)
		n += size_of(stack->python[i].file) + size_of(stack->python[i].function);
	for (i = 0; i < stack->n_native; i++)
		n += size_of(stack->native[i].module) + size_of(stack->native[i].symbol);
	return n;
}

struct stack *stack_copy(const struct stack *stack)
{
	size_t python = stack->n_python * sizeof(*stack->python), native = stack->n_native * sizeof(*stack->native);
	struct stack *copy = xmalloc(sizeof *copy + python + native + texts_of(stack));
	char *at = (char *)(copy + 1) + python + native;
	size_t i;

	*copy = *stack;
	copy->python = (struct python_frame *)(copy + 1);
	copy->native = (struct native_frame *)(copy->python + stack->n_python);
	copy->python_note = put(&at, stack->python_note);
	copy->native_note = put(&at, stack->native_note);
	for (i = 0; i < stack->n_python; i++) {
		copy->python[i] = stack->python[i];
		copy->python[i].file = put(&at, stack->python[i].file);
		copy->python[i].function = put(&at, stack->python[i].function);
	}
	for (i = 0; i < stack->n_native; i++) {
		copy->native[i] = stack->native[i];
		copy->native[i].module = put(&at, stack->native[i].module);
		copy->native[i].symbol = put(&at, stack->native[i].symbol);
	}
	return copy;
}
