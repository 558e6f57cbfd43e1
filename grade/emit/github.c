/* SPDX-License-Identifier: Apache-2.0 */
/* Workflow commands of GitHub: a line for each run that is not good, at the program's line if that is known. */
#include "grade/emit/emit.h"

/* A newline would end a value, and ":" or "," a property of a command: escape them. */
static void put_value(struct buf *out, const char *text, bool property)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '%' || c < 0x20 || (property && (c == ':' || c == ',')))
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, *text);
	}
}

/* The place of the first refusal, from "solve.py:12". */
static void put_place(struct buf *out, const json_t *line)
{
	const char *code = json_string_value(json_object_get(json_object_get(line, "first_violation"), "code"));
	const char *colon = code ? strrchr(code, ':') : NULL;
	_cleanup_free_ char *file = colon ? xstrndup(code, (size_t)(colon - code)) : NULL;

	if (!file || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
		return;
	buf_lit(out, "file=");
	put_value(out, file, true);
	buf_printf(out, ",line=%s,", colon + 1);
}

static void result(struct buf *out, const struct emit_result *r)
{
	if (final_is_good(r->verdict))
		return;
	buf_lit(out, "::error ");
	put_place(out, r->line);
	buf_printf(out, "title=%s", final_name(r->verdict));
	buf_lit(out, "::");
	put_value(out, r->group, false);
	buf_putc(out, ' ');
	put_value(out, r->name, false);
	buf_lit(out, " ");
	put_value(out, r->staff, false);
	buf_putc(out, '\n');
}

const struct emitter emit_github = { .name = "github", .result = result };
