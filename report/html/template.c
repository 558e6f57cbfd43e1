/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/template.h"

#include "report/html/html.h"

static void put_asset(const struct asset *asset, FILE *out)
{
	fwrite(asset->text, 1, asset->len, out);
}

void template_fill(const struct asset *template, const struct asset *script,
		   void (*write)(const char *slot, FILE *out, void *context), void *context, FILE *out)
{
	const char *at = template->text, *open, *end;

	while ((open = strstr(at, "{{")) && (end = strstr(open, "}}"))) {
		_cleanup_free_ char *slot = xstrndup(open + 2, (size_t)(end - open - 2));

		fwrite(at, 1, (size_t)(open - at), out);
		if (streq(slot, "style"))
			put_asset(&asset_style, out);
		else if (streq(slot, "script"))
			put_asset(script, out);
		else if (streq(slot, "style-hash"))
			html_csp_hash(out, asset_style.text, asset_style.len);
		else if (streq(slot, "script-hash"))
			html_csp_hash(out, script->text, script->len);
		else
			write(slot, out, context);
		at = end + 2;
	}
	fputs(at, out);
}
