/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping both ends of a sequence whose length is not known in advance: the first half of the
 * array holds the first elements, the second half is a ring of the latest ones.
 */
#ifndef PROCTOR_TRACEE_NATIVE_ENDS_H
#define PROCTOR_TRACEE_NATIVE_ENDS_H

#include "base/util.h"

/* Where element I of the sequence goes in an array of SIZE elements (even). */
static inline size_t ends_slot(size_t i, size_t size)
{
	size_t half = size / 2;

	return i < size ? i : half + (i - half) % half;
}

/* How many of TOTAL elements are kept. */
static inline size_t ends_kept(size_t total, size_t size)
{
	return MIN(total, size);
}

/* The element of the sequence that is K-th (0 …) among the kept ones. */
static inline size_t ends_element(size_t k, size_t total, size_t size)
{
	return total <= size || k < size / 2 ? k : total - size + k;
}

/* The first kept element after the gap; the number kept when there is none. */
static inline size_t ends_gap(size_t total, size_t size)
{
	return total <= size ? total : size / 2;
}

#endif
