/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of Python as HTML: keywords, strings and comments are marked, nothing more. Any bytes are taken;
 * what is no Python is only marked oddly. */
#ifndef PROCTOR_REPORT_HTML_LEXER_H
#define PROCTOR_REPORT_HTML_LEXER_H

#include <stdio.h>

#include "base/util.h"

enum { LEXER_MAX_LINE = 2000 }; /* bytes shown of one */

/* Inside of which string the line before ended. */
enum lexer { LEXER_CODE, LEXER_SINGLE, LEXER_DOUBLE };

/* Writes the N bytes at LINE, a line without its newline, without its first INDENT bytes if those are blanks. */
enum lexer lexer_line(FILE *out, const char *line, size_t n, size_t indent, enum lexer state);
/* How many blanks it begins with; SIZE_MAX when it has nothing else. */
size_t lexer_indent(const char *line, size_t n);

#endif
