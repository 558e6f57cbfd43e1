/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from the rest of util.h: it escapes what it prints, and what escapes allocates. */
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
	/* One write, so that lines of runs side by side do not mix. */
	dprintf(STDERR_FILENO, "proctor: %s\n", shown.data);
}
