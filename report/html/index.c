/* SPDX-License-Identifier: Apache-2.0 */
/* The page of several runs: how they ended, and a row for each. */
#include <stdlib.h>

#include "report/html/assets.h"
#include "report/html/html.h"
#include "report/html/report.h"
#include "report/html/status.h"
#include "report/html/template.h"

static size_t count_of(const struct report_row *rows, size_t n, const char *status)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += streq(rows[i].status, status);
	return count;
}

/* How many runs ended in which way, as one bar and in words. */
static void write_kinds(const struct report_row *rows, size_t n, FILE *out)
{
	const struct status *unknown = status_find(NULL), *kind;
	double x = 0;

	fputs("<svg class=\"stack\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">", out);
	for (size_t i = 0; (kind = status_at(i)); i++) {
		double share = 100.0 * (double)count_of(rows, n, kind->status) / (double)n;

		if (share > 0)
			fprintf(out, "<rect class=\"f-%s\" x=\"%.2f\" width=\"%.2f\" height=\"1\"/>", kind->class, x,
				MAX(share - 0.15, 0.3));
		x += share;
	}
	fputs("</svg><ul class=\"legend\">", out);
	for (size_t i = 0; (kind = status_at(i) ? status_at(i) : unknown); i++) {
		size_t count = count_of(rows, n, kind->status);

		if (count)
			fprintf(out, "<li class=\"st-%s\"><b>%s</b> %s ×\u2009%zu</li>", kind->class, kind->status, kind->words, count);
		if (kind == unknown)
			break;
	}
	fputs("</ul>", out);
}

static void number(FILE *out, uint64_t n, const char *class, void (*put)(FILE *, uint64_t))
{
	fprintf(out, "<td class=\"num %s\" data-v=\"%llu\">", class, (unsigned long long)n);
	if (n)
		put(out, n);
	fputs("</td>", out);
}

static void write_row(const struct report_row *row, FILE *out)
{
	fputs("<tr><th scope=\"row\"><a href=\"", out);
	html_put(out, row->href);
	fputs("\"><bdi>", out);
	html_put(out, row->name);
	fprintf(out, "</bdi></a></th><td class=\"st-%s\"><b>", status_find(row->status)->class);
	html_put(out, row->status);
	fputs("</b></td><td class=\"why\">", out);
	html_put(out, row->cause);
	if (!row->whole)
		fputs(" <span class=\"tag t-hidden\">incomplete log</span>", out);
	fputs("</td>", out);
	number(out, row->violations, "x-r", html_count);
	number(out, row->paths_outside, "", html_count);
	number(out, row->calls, "", html_count);
	number(out, row->cpu_ns, "", html_duration);
	number(out, row->wall_ns, "", html_duration);
	number(out, row->memory_bytes, "", html_size);
	fputs("<td class=\"dim\">", out);
	html_name(out, row->log);
	fputs("</td></tr>\n", out);
}

struct index {
	const struct report_row *rows;
	size_t n;
};

static void write_slot(const char *slot, FILE *out, void *context)
{
	const struct index *index = context;

	if (streq(slot, "count"))
		html_plural(out, index->n, "run", "runs");
	else if (streq(slot, "kinds"))
		write_kinds(index->rows, index->n, out);
	else if (streq(slot, "rows"))
		for (size_t i = 0; i < index->n; i++)
			write_row(&index->rows[i], out);
}

void report_index(const struct report_row *rows, size_t n, FILE *out)
{
	struct index index = { rows, n };

	template_fill(&asset_index, &asset_index_script, write_slot, &index, out);
}
