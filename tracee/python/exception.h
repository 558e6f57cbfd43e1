/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception that is pending in a thread, with all that its traceback would print: read from outside, without
 * running any code of the program. Layouts: Include/cpython/pyerrors.h, Objects/exceptions.c, Python/traceback.c.
 *
 * A message is what str() of the exception gives, if the interpreter's own classes make it; for a class with a
 * __str__ of its own, or from an extension, there is none here. In 3.9 to 3.11 the pending exception may not
 * have been made yet: then there are only its class and the arguments to call it with.
 */
#ifndef PROCTOR_TRACEE_PYTHON_EXCEPTION_H
#define PROCTOR_TRACEE_PYTHON_EXCEPTION_H

#include "tracee/python/frames.h"
#include "tracee/stack.h"

/*
 * The exception pending in the thread with THREAD_IDENT (of the interpreter that F has found), if no frame of Python
 * code runs there any more: it is about to end the program. FILE, FUNCTION and LINE, which say whose code it came
 * from, are left to the caller. NULL when a frame runs, nothing is pending, or it cannot be read. The caller frees
 * it with stack_exception_free().
 */
struct python_exception *python_exception_read(struct frames *f, uint64_t thread_ident);

/* The same for the exception at address OBJECT, which a frame of the last frames_read() of F holds. The texts of that
 * become invalid. */
struct python_exception *python_exception_at(struct frames *f, uint64_t object);

#endif
