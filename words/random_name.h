/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that a program or its library made up: another one each time, so that a person reads them as a pattern.
 * Pure.
 *
 * They are known by their form alone: a UUID, sixteen hexadecimal digits or more, what Python's tempfile makes. A name
 * that was chosen may have such a form too; the pattern is no less true of it.
 */
#ifndef PROCTOR_WORDS_RANDOM_NAME_H
#define PROCTOR_WORDS_RANDOM_NAME_H

#include "base/buf.h"

/*
 * Appends PATH, as it is, with "*" for what was made up in it. TEMPORARY: it is of Python's tempfile, which makes up
 * the end of a name before its ending. False, with nothing appended: there is no such part.
 */
bool random_name(const char *path, bool temporary, struct buf *out);

#endif
