/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a page, built into the program (report/html/embed.sh). Each ends in a NUL. */
#ifndef PROCTOR_REPORT_HTML_ASSETS_H
#define PROCTOR_REPORT_HTML_ASSETS_H

#include <stddef.h>

struct asset {
	const char *text;
	size_t len; /* without the NUL */
};

extern const struct asset asset_template, asset_index, asset_style, asset_script, asset_index_script;

#endif
