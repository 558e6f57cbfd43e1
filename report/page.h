/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of text for a person: a label, then words that wrap beneath each other at the width of the
 * page. The text is the same with and without colour. Texts put here must be fit for a terminal
 * (base/text.h).
 */
#ifndef PROCTOR_REPORT_PAGE_H
#define PROCTOR_REPORT_PAGE_H

#include "base/buf.h"

enum style { STYLE_PLAIN, STYLE_BAD, STYLE_MILD, STYLE_GOOD, STYLE_DIM, STYLE_STRONG };

struct page {
	FILE *out;
	bool colour;
	size_t width;  /* columns; 0: as wide as the text is */
	size_t indent; /* where wrapped text goes on */
	size_t column;
};

/*
 * A page on OUT: as wide as COLUMNS says, else as the terminal is; in colour on a terminal unless
 * the environment has a NO_COLOR that is not empty, or NO_COLOUR says so.
 */
void page_init(struct page *page, FILE *out, bool no_colour);

/* Begins a row: two blanks and LABEL ("who", or "" under the row before) in a column of its own. */
void page_row(struct page *page, const char *label);
/* Begins a row at the left edge. */
void page_heading(struct page *page);

/* Puts TEXT, which may hold blanks, wrapping between words. */
void page_put(struct page *page, enum style style, const char *text);
/* Puts TEXT on what is left of this line, shortened with an ellipsis when it is longer. */
void page_clip(struct page *page, enum style style, const char *text);
/* Puts TEXT in the column of the references to rules. */
void page_reference(struct page *page, const char *text);
void page_end(struct page *page);

#endif
