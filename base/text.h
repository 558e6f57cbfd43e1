/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people: paths as a policy writes them, columns, and quantities in a policy's units. What makes any
 * text fit to be shown is in base/escape.h. */
#ifndef PROCTOR_BASE_TEXT_H
#define PROCTOR_BASE_TEXT_H

#include "base/escape.h"

/*
 * Appends PATH as a double-quoted YAML scalar that a policy reads back as exactly these bytes.
 * False, with nothing appended, when that is impossible: bytes that are not UTF-8, or control
 * characters. What would be a wildcard or a variable gets the % that takes its meaning away.
 */
bool text_yaml_path(struct buf *out, const char *path);

/* Columns that the N bytes of UTF-8 at TEXT take on a terminal; what is not UTF-8 counts one a
 * byte. */
size_t text_width(const char *text, size_t n);
/* Bytes of TEXT's longest beginning that takes at most COLUMNS; never splits a character. */
size_t text_fit(const char *text, size_t n, size_t columns);

/* "2s", "1.25s", "350ms", "12us"; at most three decimals, rounded up, so that what is over a limit
 * never looks equal to it. */
void text_duration(struct buf *out, uint64_t ns);
/* "256MiB", "1.5GiB", "4.001KiB" for 4097: rounded up likewise. */
void text_size(struct buf *out, uint64_t bytes);
/* "10,000" */
void text_count(struct buf *out, uint64_t n);

#endif
