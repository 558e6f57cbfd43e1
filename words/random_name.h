/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that a program or its library makes up anew each time, and that people are therefore shown as a pattern.
 * Pure.
 *
 * They are known by their form alone: a UUID, sixteen hexadecimal digits or more, what Python's tempfile makes. A name
 * that somebody chose may have such a form too; the pattern matches it all the same.
 */
#ifndef PROCTOR_WORDS_RANDOM_NAME_H
#define PROCTOR_WORDS_RANDOM_NAME_H

#include "base/buf.h"

/*
 * Appends PATH with "*" for each part that was made up. TEMPORARY: PATH is from Python's tempfile, which makes up the
 * end of a name, before its suffix. False, with nothing appended: there is no such part.
 */
bool random_name(const char *path, bool temporary, struct buf *out);

#endif
