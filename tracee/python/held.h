/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the frames of threads hold: their variables, and how large the objects are that these name. Only the
 * sizes that objects store themselves are read; to find out which are the largest, a few items of each container are
 * looked at. Layouts: Include/cpython/ of each version; for collections.deque, array.array and numpy.ndarray their own.
 *
 * All of it is the program's to forge, and each walk is bounded.
 */
#ifndef PROCTOR_TRACEE_PYTHON_HELD_H
#define PROCTOR_TRACEE_PYTHON_HELD_H

#include "tracee/python/frames.h"
#include "tracee/stack.h"

/* For the thread with THREAD_IDENT (of the interpreter that F has found), which is stopped, and the others, which may
 * run. NULL: nothing large was found. The caller frees it with stack_held_free(). */
struct python_held *python_held_read(struct frames *f, uint64_t thread_ident);

#endif
