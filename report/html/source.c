/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's source with what each line did. A file is shown whole if the user gave it with --source;
 * otherwise the lines that the log has, because no file that a log names is opened.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/digest.h"
#include "report/html/lexer.h"
#include "report/html/writer.h"

enum { MAX_FILES = 40, MAX_LINE = 10000000 };

/* ------------------------------------------------------------------ which files */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The digest of the file that ran, or NULL. */
static const char *ran(const struct gathering *g, const struct source_file *file)
{
	const struct run_info *run = &g->collection.run;

	if (run->script && streq(run->script, file->path) && run->script_sha256)
		return run->script_sha256;
	return file->changed ? NULL : file->sha256;
}

/* Chooses the given file with the same digest; else one with the same name. */
static void choose_given(struct writer *w, struct shown_file *shown)
{
	const struct source_file *file = &w->g->files[shown->file];
	const char *wanted = ran(w->g, file);

	for (size_t i = 0; i < w->options->n_sources; i++) {
		const struct report_source *source = &w->options->sources[i];
		char digest[65];

		digest_text(source->text, source->len, digest);
		if (wanted && streq(digest, wanted)) {
			shown->given = source;
			shown->other = false;
			return;
		}
		if (!shown->given && streq(base_name(source->name), base_name(file->path))) {
			shown->given = source;
			shown->other = wanted != NULL;
		}
	}
}

/* The script first, then by name. */
static int in_order(const void *a, const void *b, void *gathering)
{
	const struct gathering *g = gathering;
	const struct source_file *x = &g->files[((const struct shown_file *)a)->file],
				 *y = &g->files[((const struct shown_file *)b)->file];
	const char *script = g->collection.run.script;
	bool x_is = script && streq(x->path, script), y_is = script && streq(y->path, script);

	if (x_is != y_is)
		return x_is ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int by_number(const void *a, const void *b)
{
	const struct source_line *x = *(const struct source_line *const *)a, *y = *(const struct source_line *const *)b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

void writer_sources(struct writer *w)
{
	const char *script = w->g->collection.run.script;

	/* The script is shown even when it made no call, if it was given. */
	if (script && w->options->n_sources)
		gather_line(w->g, script, 1);
	for (size_t i = 0; i < w->g->n_files; i++) {
		grow_array(&w->shown, &w->cap_shown, w->n_shown + 1, sizeof *w->shown);
		w->shown[w->n_shown] = (struct shown_file){ .file = i };
		choose_given(w, &w->shown[w->n_shown++]);
	}
	if (w->n_shown)
		qsort_r(w->shown, w->n_shown, sizeof *w->shown, in_order, w->g);
	w->n_shown = MIN(w->n_shown, (size_t)MAX_FILES);
	w->lines = xcalloc(w->g->n_lines + 1, sizeof *w->lines);
	for (size_t i = 0; i < w->g->n_lines; i++)
		w->lines[i] = &w->g->lines[i];
	qsort(w->lines, w->g->n_lines, sizeof *w->lines, by_number);
}

/* ------------------------------------------------------------------ lines */

static const struct source_line *line_of(const struct writer *w, size_t file, uint64_t number)
{
	const struct source_line wanted = { .file = (uint32_t)file, .line = number }, *key = &wanted;
	const struct source_line *const *found = bsearch(&key, w->lines, w->g->n_lines, sizeof *w->lines, by_number);

	return found ? *found : NULL;
}

/* Line NUMBER of the file that was given; NULL when there is none. */
static const char *given_line(const struct report_source *source, uint64_t number, size_t *ret_n)
{
	const char *at = source->text, *end = at + source->len;

	for (uint64_t i = 1; i < number && at < end; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline ? newline + 1 : end;
	}
	if (at >= end)
		return NULL;
	*ret_n = (size_t)(end - at);
	if (memchr(at, '\n', *ret_n))
		*ret_n = (size_t)((const char *)memchr(at, '\n', *ret_n) - at);
	if (*ret_n && at[*ret_n - 1] == '\r')
		--*ret_n;
	return at;
}

static const struct shown_file *find_shown(const struct writer *w, const char *path, size_t *ret_number)
{
	for (size_t i = 0; i < w->n_shown; i++)
		if (streq(w->g->files[w->shown[i].file].path, path)) {
			*ret_number = i;
			return &w->shown[i];
		}
	return NULL;
}

/* The text of a line as far as it is known. */
static const char *text_of(const struct writer *w, const struct shown_file *shown, uint64_t number, size_t *ret_n)
{
	const struct source_line *line;

	if (shown->given)
		return given_line(shown->given, number, ret_n);
	line = line_of(w, shown->file, number);
	if (!line || !line->text)
		return NULL;
	*ret_n = strlen(line->text);
	return line->text;
}

/* Is there anything to tell about LINE? */
static bool does_anything(const struct source_line *line)
{
	return line->calls || line->through || line->sampled || line->text;
}

bool writer_anchor(const struct writer *w, const char *path, uint64_t line, char ret_id[48])
{
	size_t number = 0, n;
	const struct shown_file *shown = find_shown(w, path, &number);
	const struct source_line *known;

	if (!shown || !line || line > MAX_LINE)
		return false;
	known = line_of(w, shown->file, line);
	if (shown->given ? line > WRITER_SOURCE_LINES || !given_line(shown->given, line, &n)
			 : !known || !does_anything(known))
		return false;
	if (number)
		snprintf(ret_id, 48, "F%zu-L%" PRIu64, number, line);
	else
		snprintf(ret_id, 48, "L%" PRIu64, line);
	return true;
}

void write_excerpt(struct writer *w, const char *file, uint64_t line, uint64_t around)
{
	size_t number = 0, n, indent = SIZE_MAX;
	const struct shown_file *shown = find_shown(w, file, &number);
	uint64_t from = line > around ? line - around : 1;

	if (!shown || !line || !text_of(w, shown, line, &n))
		return;
	for (uint64_t i = from; i <= line + around; i++) {
		const char *text = text_of(w, shown, i, &n);

		if (text)
			indent = MIN(indent, lexer_indent(text, n));
	}
	fputs("<pre class=\"excerpt\">", w->out);
	for (uint64_t i = from; i <= line + around; i++) {
		const char *text = text_of(w, shown, i, &n);

		if (!text)
			continue;
		fprintf(w->out, "<span class=\"%s\"><i>%" PRIu64 "</i>", i == line ? "at" : "near", i);
		lexer_line(w->out, text, n, indent, LEXER_CODE);
		fputs("\n</span>", w->out);
	}
	fputs("</pre>", w->out);
}

/* ------------------------------------------------------------------ the heat map */

struct heat {
	uint64_t top;	     /* the most time of one line */
	uint64_t top_samples; /* likewise, of a profile */
	const char *ends_at; /* where the program ended, if that is known */
	uint64_t ends_line;
	const char *ends_how;
};

/* 1 … 9 by the square root, so that small amounts are still seen. */
static unsigned degree(uint64_t ns, uint64_t top)
{
	unsigned d = 1;

	while (d < 9 && (double)ns * 100 > (double)top * d * d * 100 / 81)
		d++;
	return d;
}

/* The line's share of all samples; pale where only code that the line called was computing. */
static void put_samples(struct writer *w, const struct source_line *line)
{
	uint64_t all = w->g->samples.all;
	FILE *out = w->out;

	fputs("<td class=\"p\">", out);
	if (line && line->sampled) {
		uint64_t own = MIN(line->samples, line->sampled);

		html_bar(out, "hbar", own, line->sampled - own, all);
		fprintf(out, "<span class=\"%s\" title=\"", own ? "q" : "via");
		html_plural(out, own, "sample", "samples");
		fputs(" here, ", out);
		html_count(out, line->sampled);
		fputs(" with what it called\">", out);
		html_share(out, own ? own : line->sampled, all);
		fputs("</span>", out);
	}
	fputs("</td>", out);
}

/* The time in calls that was not proctor's. */
static uint64_t own_ns(const struct source_line *line)
{
	return line->ns - MIN(line->broker_ns, line->ns);
}

/* The higher of the line's two measures. */
static unsigned heat_of(const struct source_line *line, const struct heat *heat)
{
	unsigned calls = line && line->calls ? degree(own_ns(line), heat->top) : 0,
		 samples = line && line->samples ? degree(line->samples, heat->top_samples) : 0;

	return MAX(calls, samples);
}

static void put_numbers(struct writer *w, const struct source_line *line, const struct heat *heat)
{
	FILE *out = w->out;

	if (w->g->samples.hz)
		put_samples(w, line);
	fputs("<td class=\"c\">", out);
	if (line && line->calls) {
		html_count(out, line->calls);
	} else if (line && line->through) {
		fputs("<span class=\"via\">", out);
		html_count(out, line->through);
		fputs("</span>", out);
	}
	fputs("</td><td class=\"t\">", out);
	if (line && line->calls) {
		uint64_t wait = MIN(line->wait_ns, own_ns(line));

		html_bar(out, "hbar", own_ns(line) - wait, wait, heat->top);
		fputs("<span class=\"q\">", out);
		html_duration(out, own_ns(line));
		fputs("</span>", out);
	}
	fputs("</td><td class=\"r\">", out);
	if (line && line->refused) {
		fputs("<b title=\"refused\">", out);
		html_count(out, line->refused);
		fputs("</b>", out);
	}
	if (line && line->hidden) {
		fputs("<u title=\"hidden\">", out);
		html_count(out, line->hidden);
		fputs("</u>", out);
	}
	fputs("</td>", out);
}

static void begin_row(struct writer *w, size_t number, uint64_t n, const struct source_line *line,
		      const struct heat *heat, bool ends)
{
	unsigned hot = heat_of(line, heat);
	char id[48];

	if (number)
		snprintf(id, sizeof id, "F%zu-L%" PRIu64, number, n);
	else
		snprintf(id, sizeof id, "L%" PRIu64, n);
	fprintf(w->out, "<tr id=\"%s\" data-file=\"%zu\" data-line=\"%" PRIu64 "\"", id, number, n);
	if (ends || hot)
		fprintf(w->out, " class=\"%s%sh%u\"", line && line->refused ? "refused " : "", ends ? "limit " : "", hot);
	fprintf(w->out, "><td class=\"n\"><a href=\"#%s\">%" PRIu64 "</a></td>", id, n);
	put_numbers(w, line, heat);
	fputs("<td class=\"code\">", w->out);
	if (ends)
		fprintf(w->out, "<em>%s</em>", heat->ends_how);
}

static bool is_end(const struct writer *w, size_t number, uint64_t n, const struct heat *heat)
{
	return heat->ends_at && heat->ends_line == n && streq(w->g->files[w->shown[number].file].path, heat->ends_at);
}

static uint64_t write_given(struct writer *w, size_t number, const struct heat *heat)
{
	const struct shown_file *shown = &w->shown[number];
	const char *at = shown->given->text, *end = at + shown->given->len;
	enum lexer state = LEXER_CODE;
	uint64_t n = 0;

	for (; at < end; n++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);

		if (n < WRITER_SOURCE_LINES) {
			begin_row(w, number, n + 1, line_of(w, shown->file, n + 1), heat, is_end(w, number, n + 1, heat));
			state = lexer_line(w->out, at, len && at[len - 1] == '\r' ? len - 1 : len, 0, state);
			fputs("</td></tr>\n", w->out);
		}
		at += len + (newline ? 1 : 0);
	}
	return n;
}

/* Those recorded lines that did something, with a gap where lines between them are left out. */
static uint64_t write_recorded(struct writer *w, size_t number, const struct heat *heat)
{
	uint64_t last = 0, n = 0;

	for (size_t i = 0; i < w->g->n_lines; i++) {
		const struct source_line *line = w->lines[i];

		if (line->file != w->shown[number].file || !does_anything(line) || line->line > MAX_LINE ||
		    n++ >= WRITER_SOURCE_LINES)
			continue;
		if (last && line->line != last + 1)
			fprintf(w->out, "<tr class=\"gap\"><td class=\"n\">⋮</td><td colspan=\"%d\"></td></tr>", w->g->samples.hz ? 5 : 4);
		last = line->line;
		begin_row(w, number, last, line, heat, is_end(w, number, last, heat));
		if (line->text)
			lexer_line(w->out, line->text, strlen(line->text), 0, LEXER_CODE);
		else
			fputs("<span class=\"dim\">(its text is not in the log)</span>", w->out);
		fputs(line->cut ? "…</td></tr>\n" : "</td></tr>\n", w->out);
	}
	return n;
}

static void write_file(struct writer *w, size_t number, const struct heat *heat)
{
	const struct shown_file *shown = &w->shown[number];
	const struct source_file *file = &w->g->files[shown->file];
	uint64_t lines;

	fprintf(w->out, "<details class=\"file\"%s><summary>", number == 0 ? " open" : "");
	html_name(w->out, file->shown);
	if (!shown->given)
		fputs(" <span class=\"dim\">the lines that the log has</span>", w->out);
	else if (!shown->other)
		fprintf(w->out, " <span class=\"dim\">%s</span>", ran(w->g, file) ? "as it ran, by its sha256"
										  : "by its name: its digest is not in the log");
	fputs("</summary>", w->out);
	if (shown->other)
		fputs("<p class=\"warn\">This is not the file that ran: its sha256 differs. Lines may be off.</p>", w->out);
	fprintf(w->out, "<div class=\"scroll\"><table class=\"src\"><thead><tr><th scope=\"col\" class=\"n\">line</th>%s",
		w->g->samples.hz ? "<th scope=\"col\" class=\"p\">samples</th>" : "");
	fputs("<th scope=\"col\" class=\"c\">calls</th><th scope=\"col\" class=\"t\">time in calls</th>"
	      "<th scope=\"col\" class=\"r\"><span class=\"vh\">refused, hidden</span></th>"
	      "<th scope=\"col\" class=\"code\"><span class=\"vh\">source</span></th></tr></thead><tbody>\n", w->out);
	lines = shown->given ? write_given(w, number, heat) : write_recorded(w, number, heat);
	fputs("</tbody></table></div>", w->out);
	if (lines > WRITER_SOURCE_LINES) {
		fputs("<p class=\"more\">", w->out);
		html_plural(w->out, lines - WRITER_SOURCE_LINES, "more line is", "more lines are");
		fputs(" not shown.</p>", w->out);
	}
	fputs("</details>", w->out);
}

static void find_end(const struct writer *w, struct heat *heat)
{
	json_t *end = w->g->collection.run.end, *code = json_object_get(end, "code"),
	       *line = json_object_get(code, "line.number");

	if (w->cause) {
		heat->ends_at = w->cause->exception.file;
		heat->ends_line = w->cause->exception.line;
		heat->ends_how = "it ended here";
	} else if (json_object_get(end, "limit") && json_is_integer(line) && json_integer_value(line) > 0) {
		heat->ends_at = json_string_value(json_object_get(code, "file.path"));
		heat->ends_line = (uint64_t)json_integer_value(line);
		heat->ends_how = "the limit was crossed here";
	}
}

void write_source(struct writer *w)
{
	struct heat heat = { .top = 1, .top_samples = 1 };

	for (size_t i = 0; i < w->g->n_lines; i++) {
		heat.top = MAX(heat.top, own_ns(&w->g->lines[i]));
		heat.top_samples = MAX(heat.top_samples, w->g->lines[i].samples);
	}
	find_end(w, &heat);
	if (!w->n_shown)
		fputs("<p class=\"none\">No call in this log has a line of the program’s own. "
		      "<code>proctor run --stack-for all</code> records one for each.</p>", w->out);
	for (size_t i = 0; i < w->n_shown; i++)
		write_file(w, i, &heat);
	if (w->g->n_files > w->n_shown) {
		fputs("<p class=\"more\">", w->out);
		html_plural(w->out, w->g->n_files - w->n_shown, "more file is", "more files are");
		fputs(" not shown.</p>", w->out);
	}
}
