/* SPDX-License-Identifier: Apache-2.0 */
/* The edit distance of two words, to guess which was meant. */
#ifndef PROCTOR_BASE_EDIT_H
#define PROCTOR_BASE_EDIT_H

#include <stddef.h>

enum { EDIT_MAX = 64 };

/* How many bytes must be inserted, removed, replaced or swapped with the next to turn A into B (optimal string
 * alignment). EDIT_MAX if either has EDIT_MAX bytes or more. */
size_t edit_distance(const char *a, const char *b);

#endif
