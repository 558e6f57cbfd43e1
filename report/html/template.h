/* SPDX-License-Identifier: Apache-2.0 */
/* A page of this room: a template with {{slots}}, the one style sheet, and a script. */
#ifndef PROCTOR_REPORT_HTML_TEMPLATE_H
#define PROCTOR_REPORT_HTML_TEMPLATE_H

#include <stdio.h>

#include "report/html/assets.h"

/*
 * Writes TEMPLATE with its slots filled, in one pass: what was put into a slot is not looked at again. The
 * style, SCRIPT and their hashes in the page's policy are filled in here, every other slot by WRITE.
 */
void template_fill(const struct asset *template, const struct asset *script,
		   void (*write)(const char *slot, FILE *out, void *context), void *context, FILE *out);

#endif
