/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program held in memory when its limit was crossed: variables of its frames, and the sizes of the objects they
 * name. Plain facts, shared by the code that reads them from a process, writes them into a record or words them.
 */
#ifndef PROCTOR_BASE_HELD_H
#define PROCTOR_BASE_HELD_H

#include <stdbool.h>
#include <stdint.h>

enum { HELD_TOLD = 3 }; /* per run, the largest first */

/* Texts are borrowed and hostile; all but FUNCTION are known. */
struct held_facts {
	const char *name, *type; /* the variable's; that of the object's class: "rows", "list" */
	const char *file, *function; /* of the frame whose variable it is, or that uses it as a global */
	uint64_t line;
	bool global;
	uint64_t items; /* of a container; or */
	uint64_t bytes; /* of a text or the like */
};

#endif
