/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a page (proctor-report(1)): text that a program chose can only become text.
 *
 * Every text passes two gates. fit_text() makes it fit to be shown, on one line, by base/escape.h as
 * every other reader does: control characters and what would reorder or hide text are written out, so
 * what a page shows is what explain shows; and it is cut where it is too long. html_put() then writes
 * the five characters that mean something in HTML as references; json_put() writes a JSON string that
 * holds none of them either, so that nothing in the data can end its element.
 */
#ifndef PROCTOR_REPORT_HTML_HTML_H
#define PROCTOR_REPORT_HTML_HTML_H

#include <stdio.h>

#include "base/escape.h"

enum { HTML_MAX_TEXT = 600 }; /* bytes of one name; a longer one loses its middle */

/* Appends the N bytes at TEXT, at most about MAX of them. */
void fit_text(struct buf *out, const char *text, size_t n, size_t max, enum text_escape how);

/* TEXT is fit already. */
void html_put(FILE *out, const char *text);
void html_put_n(FILE *out, const char *text, size_t n);
/* TEXT is whatever a log says; NULL writes "?". */
void html_hostile(FILE *out, const char *text);
/* The same as a name: with its own text direction, in a fixed-width font. */
void html_name(FILE *out, const char *text);
void html_hostile_name(FILE *out, const char *text);
/* "1,234"; "1,234 calls", "1 call"; "71.5 ms"; "15.5 MiB"; "3.6 %" of WHOLE */
void html_count(FILE *out, uint64_t n);
void html_plural(FILE *out, uint64_t n, const char *one, const char *many);
void html_duration(FILE *out, uint64_t ns);
void html_size(FILE *out, uint64_t bytes);
void html_share(FILE *out, uint64_t part, uint64_t whole);
/* A bar: first PART, then PALE, both as shares of WHOLE. */
void html_bar(FILE *out, const char *class, uint64_t part, uint64_t pale, uint64_t whole);

/* TEXT, which is fit, as a JSON string. */
void json_put(FILE *out, const char *text);

/* "sha256-…" of the N bytes at TEXT, as a Content-Security-Policy names what may run. */
void html_csp_hash(FILE *out, const void *text, size_t n);

#endif
