/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people: paths as a policy writes them, columns, and quantities in a policy's units. To make any text
 * fit to be shown, see base/escape.h. */
#ifndef PROCTOR_BASE_TEXT_H
#define PROCTOR_BASE_TEXT_H

#include "base/escape.h"

/*
 * Appends PATH as a double-quoted YAML scalar that a policy reads back as exactly these bytes.
 * False, with nothing appended, when that is impossible: bytes that are not UTF-8, or control
 * characters. A character that would be a wildcard or a variable gets a % before it, which makes it literal.
 */
bool text_yaml_path(struct buf *out, const char *path);

/* Columns that the N bytes of UTF-8 at TEXT take on a terminal; each byte that is not UTF-8 counts as one. */
size_t text_width(const char *text, size_t n);
/* Length in bytes of TEXT's longest beginning that takes at most COLUMNS; never splits a character. */
size_t text_fit(const char *text, size_t n, size_t columns);

/* "2s", "1.25s", "350ms", "12us"; at most three decimals, rounded up, so that a value over a limit
 * never looks equal to it. */
void text_duration(struct buf *out, uint64_t ns);
/* "256MiB", "1.5GiB", "4.001KiB" for 4097: rounded up likewise. */
void text_size(struct buf *out, uint64_t bytes);
/* "10,000" */
void text_count(struct buf *out, uint64_t n);

#endif
