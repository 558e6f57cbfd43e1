/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv.h"

void csv_cell(FILE *out, const char *text, size_t n, bool raw)
{
	fputc('"', out);
	if (n && !raw && memchr("=+-@\t\r'", *text, 7))
		fputc('\'', out);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			fputc('"', out);
		/* Readers of CSV stop at a NUL, or refuse it: write U+FFFD. */
		if (text[i])
			fputc(text[i], out);
		else
			fputs("\xef\xbf\xbd", out);
	}
	fputc('"', out);
}
