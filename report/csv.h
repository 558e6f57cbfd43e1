/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells of comma-separated values (RFC 4180). A spreadsheet takes a cell that begins with = + - @,
 * a tab or a carriage return for a formula. The names here are the program's, so such a text has an
 * apostrophe before it; a text that begins with an apostrophe gets another, so that taking one away
 * always gives the text. Numbers are written by us and need none.
 */
#ifndef PROCTOR_REPORT_CSV_H
#define PROCTOR_REPORT_CSV_H

#include "base/util.h"

/* The N bytes at TEXT, quoted. RAW: without the apostrophe. */
void csv_cell(FILE *out, const char *text, size_t n, bool raw);

#endif
