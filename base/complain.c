/* SPDX-License-Identifier: Apache-2.0 */
/* Not in util.c: complain() escapes what it prints, and escaping builds on the allocation in util.c. */
#include "base/util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"

void complain(const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_buf_ struct buf shown = { 0 };
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	text_args(&shown, text);
	/* One write, so that lines of concurrent runs do not mix. */
	dprintf(STDERR_FILENO, "proctor: %s\n", shown.data);
}
