/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception that is pending in a thread, with all that its traceback would print: read from outside, without
 * running anything of it. Layouts: Include/cpython/pyerrors.h, Objects/exceptions.c, Python/traceback.c.
 *
 * A message is what str() of the exception gives, where the interpreter's own classes make it; a class with a
 * __str__ of its own, or one that an extension wrote, has none here. In 3.9 to 3.11 the pending exception may
 * not have been made yet: a class and what it is to be called with.
 */
#ifndef PROCTOR_TRACEE_PYTHON_EXCEPTION_H
#define PROCTOR_TRACEE_PYTHON_EXCEPTION_H

#include "tracee/python/frames.h"
#include "tracee/stack.h"

/*
 * The exception pending in the thread with THREAD_IDENT (of the interpreter that F has found), if no frame of Python
 * code runs there any more: the program is about to end by it. FILE, FUNCTION and LINE, which say whose code it
 * is, are left to the caller. NULL when a frame runs, nothing is pending, or it cannot be read. The caller frees
 * it with stack_exception_free().
 */
struct python_exception *python_exception_read(struct frames *f, uint64_t thread_ident);

#endif
