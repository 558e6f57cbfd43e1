/* SPDX-License-Identifier: Apache-2.0 */
/* TAP 13, because prove(1) of Debian 12 refuses version 14; our output would be the same in both. */
#include "grade/emit/emit.h"

static void begin(struct buf *out, const struct emit_totals *totals)
{
	buf_printf(out, "TAP version 13\n1..%zu\n", totals->n);
}

static void put_description(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
}

static void result(struct buf *out, const struct emit_result *r)
{
	buf_printf(out, "%sok %zu - ", final_is_good(r->verdict) ? "" : "not ", r->number);
	put_description(out, r->group);
	buf_putc(out, ' ');
	put_description(out, r->name);
	buf_putc(out, '\n');
	if (final_is_good(r->verdict))
		return;
	/* A JSON string is also a YAML string. */
	buf_printf(out, "  ---\n  verdict: %s\n  message: ", final_name(r->verdict));
	put_json(out, json_string(r->staff));
	buf_lit(out, "\n  ...\n");
}

const struct emitter emit_tap = { .name = "tap", .begin = begin, .result = result };
