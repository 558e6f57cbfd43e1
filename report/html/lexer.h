/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of Python as HTML: only keywords, strings and comments are marked. Any bytes are taken;
 * what is not Python is only marked oddly. */
#ifndef PROCTOR_REPORT_HTML_LEXER_H
#define PROCTOR_REPORT_HTML_LEXER_H

#include <stdio.h>

#include "base/util.h"

enum { LEXER_MAX_LINE = 2000 }; /* bytes shown of one line */

/* Whether the line before ended inside a triple-quoted string, and which. */
enum lexer { LEXER_CODE, LEXER_SINGLE, LEXER_DOUBLE };

/* Writes LINE, N bytes without a newline, leaving out its first INDENT bytes if those are blanks. */
enum lexer lexer_line(FILE *out, const char *line, size_t n, size_t indent, enum lexer state);
/* How many blanks LINE begins with; SIZE_MAX when it has nothing else. */
size_t lexer_indent(const char *line, size_t n);

#endif
