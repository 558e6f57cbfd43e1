/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program held in memory when its limit was crossed: variables of its frames and how large the objects are that
 * they name. Plain facts, for whoever reads them from a process, writes them into a record, or tells them.
 */
#ifndef PROCTOR_BASE_HELD_H
#define PROCTOR_BASE_HELD_H

#include <stdbool.h>
#include <stdint.h>

enum { HELD_TOLD = 3 }; /* of one run, the largest first */

/* Texts are borrowed and hostile; all but FUNCTION are known. */
struct held_facts {
	const char *name, *type; /* of the variable; of the object's class: "rows", "list" */
	const char *file, *function; /* of the frame that it is a variable of, or that uses it as a global one */
	uint64_t line;
	bool global;
	uint64_t items; /* of a container; or */
	uint64_t bytes; /* of a text or the like */
};

#endif
