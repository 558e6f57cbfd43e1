/* SPDX-License-Identifier: Apache-2.0 */
/* How far one word is from another: for what was probably meant. */
#ifndef PROCTOR_BASE_EDIT_H
#define PROCTOR_BASE_EDIT_H

#include <stddef.h>

enum { EDIT_MAX = 64 };

/* Bytes to insert, remove, replace or exchange with the next to make B of A (optimal string alignment). EDIT_MAX when
 * one of them is as long as that. */
size_t edit_distance(const char *a, const char *b);

#endif
