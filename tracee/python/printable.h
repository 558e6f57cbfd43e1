/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which characters repr() shows as they are (str.isprintable()), where all of CPython 3.9 to 3.15 agree: each has its
 * own version of Unicode, and a character that is assigned later becomes printable then. Pure.
 */
#ifndef PROCTOR_TRACEE_PYTHON_PRINTABLE_H
#define PROCTOR_TRACEE_PYTHON_PRINTABLE_H

#include <stdint.h>

enum printable {
	PRINTABLE_UNKNOWN, /* or rare */
	PRINTABLE_SHOWN,
	PRINTABLE_ESCAPED,
};

enum printable printable_of(uint32_t character);

#endif
