/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an interpreter has what is read of it from outside, known before it is run: looked up once in its file, so
 * that a reader need not look for it in the maps and files of a process.
 */
#ifndef PROCTOR_TRACEE_PYTHON_PLACE_H
#define PROCTOR_TRACEE_PYTHON_PLACE_H

#include <stdint.h>

/* Types that are met at each turn. */
enum python_type {
	PYTHON_CODE,
	PYTHON_STR,
	PYTHON_BYTES,
	PYTHON_TUPLE,
	PYTHON_INT,
	PYTHON_NONE,
	PYTHON_TRACEBACK,
	PYTHON_TYPE,
	PYTHON_OBJECT,
	PYTHON_TYPES,
};

extern const struct python_type_names {
	const char *symbol, *name; /* exported, and what the type calls itself: tp_name */
} python_types[PYTHON_TYPES];

/* Addresses as linked; 0: not known. */
struct python_symbols {
	int minor; /* 3.this; 0: not known, and then the interpreter publishes it */
	uint64_t runtime; /* _PyRuntime */
	uint64_t type[PYTHON_TYPES];
	uint64_t eval, eval_size; /* _PyEval_EvalFrameDefault */
};

/* The same in a process: BIAS farther. All zeros: nowhere. */
struct python_place {
	struct python_symbols symbols;
	uint64_t bias;
};

#endif
