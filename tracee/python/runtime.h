/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter in a process: where its runtime is, which version, and how it is laid out. */
#ifndef PROCTOR_TRACEE_PYTHON_RUNTIME_H
#define PROCTOR_TRACEE_PYTHON_RUNTIME_H

#include "tracee/native/maps.h"
#include "tracee/python/offsets.h"

struct python_runtime {
	uint64_t address; /* of _PyRuntime; 0: not found */
	struct python_offsets offsets;
	uint64_t code_type, string_type, bytes_type; /* 0: not known, not checked */
	uint64_t eval, eval_size;		     /* _PyEval_EvalFrameDefault */
	int unsupported_minor; /* set with -ENOTSUP: 3.this, or 0 when older than 3.9 */
};

/*
 * Finds the interpreter of thread TID, reading the maps again. 0; -ENOENT when no mapped file is
 * an interpreter; -ENOTSUP for a version that is not known; -EBADMSG when it publishes impossible
 * offsets; -ETIME when the budget ended first.
 */
int runtime_find(struct maps *maps, pid_t tid, struct python_runtime *ret);

#endif
