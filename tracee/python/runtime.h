/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter in a process: where its runtime is, which version, and how it is laid out. */
#ifndef PROCTOR_TRACEE_PYTHON_RUNTIME_H
#define PROCTOR_TRACEE_PYTHON_RUNTIME_H

#include "tracee/native/maps.h"
#include "tracee/python/offsets.h"
#include "tracee/python/place.h"

struct python_runtime {
	uint64_t address; /* of _PyRuntime; 0: not found */
	struct python_offsets offsets;
	uint64_t type[PYTHON_TYPES]; /* 0: not known, not checked */
	uint64_t eval, eval_size;		     /* _PyEval_EvalFrameDefault */
	int unsupported_minor; /* set with -ENOTSUP: 3.this, or 0 when older than 3.9 */
};

/* The symbols of the interpreter's file IM. 0, or -ENOENT when it is none. */
int runtime_symbols(struct image *im, struct python_symbols *ret);

/*
 * The interpreter at PLACE, without a look at files or maps. 0, or -ENOENT when there is none that runs: also where
 * the program that is linked to it has taken over its objects (copy relocations).
 */
int runtime_at(struct pages *pages, const struct python_place *place, struct python_runtime *ret);

/*
 * Finds the interpreter of thread TID, reading the maps again. 0; -ENOENT when no mapped file is
 * an interpreter; -ENOTSUP for a version that is not known; -EBADMSG when it publishes impossible
 * offsets; -ETIME when the budget ended first.
 */
int runtime_find(struct maps *maps, pid_t tid, struct python_runtime *ret);

#endif
