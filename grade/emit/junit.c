/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JUnit's XML, the part of it that every reader knows: testsuites, testsuite, testcase, failure, error. There is no
 * official schema.
 */
#include "grade/emit/emit.h"

#include "base/escape.h"

/* Characters that XML 1.0 cannot hold, even as references, become U+FFFD. */
static void put_xml(struct buf *out, const char *text)
{
	size_t n = strlen(text), i, len;

	for (i = 0; i < n; i += len) {
		uint32_t c = text_decode(text + i, n - i, &len);

		if (len == 0) {
			len = 1;
			c = 0xfffe;
		}
		if (c == '&')
			buf_lit(out, "&amp;");
		else if (c == '<')
			buf_lit(out, "&lt;");
		else if (c == '>')
			buf_lit(out, "&gt;");
		else if (c == '"')
			buf_lit(out, "&quot;");
		else if (c < 0x20 || c == 0xfffe || c == 0xffff)
			buf_lit(out, "\xef\xbf\xbd");
		else
			buf_put(out, text + i, len);
	}
}

static void put_counts(struct buf *out, const struct emit_totals *t)
{
	/* No "skipped" here: Jenkins' xUnit plugin does not allow it in testsuites, and refuses the file. */
	buf_printf(out, " name=\"proctor\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\"", t->n, t->n_failed,
		   t->n_errors, (double)t->wall_ns / 1e9);
}

static void begin(struct buf *out, const struct emit_totals *totals)
{
	buf_lit(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put_counts(out, totals);
	buf_lit(out, ">\n<testsuite");
	put_counts(out, totals);
	buf_lit(out, " skipped=\"0\">\n");
}

/* Readers split a class name at dots, and some at spaces. */
static void put_class(struct buf *out, const char *group)
{
	_cleanup_buf_ struct buf class = { 0 };
	size_t i;

	buf_puts(&class, group);
	for (i = 0; i < class.len; i++)
		if (class.data[i] == ' ')
			class.data[i] = '_';
	put_xml(out, class.data);
}

static void result(struct buf *out, const struct emit_result *r)
{
	const char *kind = r->verdict == FINAL_JE ? "error" : "failure";
	double seconds = (double)json_integer_value(json_object_get(r->line, "wall_ns")) / 1e9;

	buf_lit(out, "<testcase classname=\"");
	put_class(out, r->group);
	buf_lit(out, "\" name=\"");
	put_xml(out, r->name);
	buf_printf(out, "\" time=\"%.3f\"", seconds);
	if (final_is_good(r->verdict)) {
		buf_lit(out, "/>\n");
		return;
	}
	buf_printf(out, "><%s type=\"%s\" message=\"", kind, final_name(r->verdict));
	put_xml(out, r->staff);
	buf_printf(out, "\"/></testcase>\n");
}

static void end(struct buf *out, const struct emit_totals *totals)
{
	(void)totals;
	buf_lit(out, "</testsuite>\n</testsuites>\n");
}

const struct emitter emit_junit = { .name = "junit", .begin = begin, .result = result, .end = end };
