/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells of comma-separated values (RFC 4180). A spreadsheet takes a cell that begins with = + - @,
 * a tab or a carriage return for a formula. The program chooses the names here, so such a text gets an
 * apostrophe in front; so does a text that begins with an apostrophe, so that removing one always
 * restores the text. Numbers are written by us and need none.
 */
#ifndef PROCTOR_REPORT_CSV_H
#define PROCTOR_REPORT_CSV_H

#include "base/util.h"

/* The N bytes at TEXT, quoted. RAW: without the apostrophe. */
void csv_cell(FILE *out, const char *text, size_t n, bool raw);

#endif
