/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One variable of a frame, as text: what a function of the library was asked to do. Read from outside, without running
 * any code of the program; all of it is the program's to forge, and all of it is bounded.
 */
#ifndef PROCTOR_TRACEE_PYTHON_VARIABLE_H
#define PROCTOR_TRACEE_PYTHON_VARIABLE_H

#include "tracee/python/frames.h"
#include "tracee/stack.h"

/*
 * The variable NAME of frame number I of the last frames_read() of F, whose thread has not run since; or, for
 * "NAME.ATTRIBUTE", an attribute of the object that it names. 0; -ENOENT when there is none; -EBADMSG when it is of a
 * type that STACK_WORDS has no place for, or cannot be read.
 */
int variable_read(struct frames *f, size_t i, const char *name, struct stack_words *ret);

/* The address of the object that it names; 0: none. */
uint64_t variable_value(struct frames *f, size_t i, const char *name);

#endif
