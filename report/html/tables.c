/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a page: paths outside, calls, the policy, and what the page was made from. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/html/writer.h"

/* ------------------------------------------------------------------ outside the folder */

struct outside_row {
	int32_t path, frame;
	uint32_t names[3];
	size_t n_names;
	uint64_t calls, allowed, refused, hidden, failed;
};

static bool is_outside(const struct gathering *g, const struct cell *cell)
{
	return cell->path >= 0 && g->paths.rows[cell->path].zone == ZONE_OUTSIDE;
}

static void add_name(struct outside_row *row, uint32_t name)
{
	for (size_t i = 0; i < row->n_names; i++)
		if (row->names[i] == name)
			return;
	if (row->n_names < ARRAY_SIZE(row->names))
		row->names[row->n_names++] = name;
}

/* A row for each path, in the order of first appearance; the caller frees. */
static struct outside_row *outside_rows(const struct gathering *g, size_t *ret_n)
{
	_cleanup_free_ uint32_t *at = xcalloc(g->paths.n + 1, sizeof *at);
	struct outside_row *rows = xcalloc(g->paths.n + 1, sizeof *rows);
	size_t n = 0;

	for (size_t i = 0; i < g->n_cells; i++) {
		const struct cell *cell = &g->cells[i];
		struct outside_row *row;

		if (!is_outside(g, cell))
			continue;
		if (!at[cell->path]) {
			rows[n] = (struct outside_row){ .path = cell->path, .frame = -1 };
			at[cell->path] = (uint32_t)++n;
		}
		row = &rows[at[cell->path] - 1];
		row->calls += cell->n;
		*(cell->what >= WHAT_REFUSED ? &row->refused
		  : cell->what == WHAT_HIDDEN ? &row->hidden
		  : cell->err		      ? &row->failed
					      : &row->allowed) += cell->n;
		add_name(row, cell->name);
		if (row->frame < 0)
			row->frame = cell->frame;
	}
	*ret_n = n;
	return rows;
}

/* Allowed paths first, because a person has to vouch for these; then refused ones. */
static int by_weight(const void *a, const void *b)
{
	const struct outside_row *x = a, *y = b;

	if (!x->allowed != !y->allowed)
		return x->allowed ? -1 : 1;
	if (!x->refused != !y->refused)
		return x->refused ? -1 : 1;
	return x->path < y->path ? -1 : x->path > y->path;
}

void writer_count_outside(const struct writer *w, uint64_t *ret_paths, uint64_t *ret_allowed)
{
	size_t n;
	_cleanup_free_ struct outside_row *rows = outside_rows(w->g, &n);

	*ret_paths = n;
	*ret_allowed = 0;
	for (size_t i = 0; i < n; i++)
		*ret_allowed += rows[i].allowed > 0;
}

static void tag(FILE *out, uint64_t n, const char *class, const char *word)
{
	if (n)
		fprintf(out, "<span class=\"tag t-%s\">%s</span> ", class, word);
}

static void write_outside_row(struct writer *w, const struct outside_row *row)
{
	const struct gathering *g = w->g;
	FILE *out = w->out;

	fputs("<tr><td>", out);
	html_name(out, g->paths.rows[row->path].text);
	fputs("</td><td>", out);
	tag(out, row->allowed, "allowed", "allowed");
	tag(out, row->refused, "refused", g->collection.run.audit ? "would be refused" : "refused");
	tag(out, row->hidden, "hidden", "hidden");
	tag(out, row->failed, "failed", "absent or failed");
	fputs("</td><td class=\"num\">", out);
	html_count(out, row->calls);
	fputs("</td><td>", out);
	for (size_t i = 0; i < row->n_names; i++) {
		fputs(i ? ", " : "", out);
		html_name(out, g->names.rows[row->names[i]].text);
	}
	fputs("</td><td>", out);
	if (row->frame >= 0) {
		const struct frame_row *frame = &g->frames[row->frame];
		_cleanup_free_ char *place = xasprintf("%s:%" PRIu64, frame->file, frame->line);

		html_name(out, place);
	}
	fputs("</td></tr>", out);
}

void write_outside(struct writer *w)
{
	size_t n;
	_cleanup_free_ struct outside_row *rows = outside_rows(w->g, &n);

	if (!n) {
		fprintf(w->out, "<p class=\"none\">%s was asked for, the interpreter’s own files aside.</p>",
			log_is_whole(&w->g->health) ? "Nothing outside its folder"
						    : "In the part of the log that is there nothing outside its folder");
		return;
	}
	qsort(rows, n, sizeof *rows, by_weight);
	fputs("<div class=\"scroll\"><table class=\"outside\"><caption>Every path outside its folder, the interpreter’s own aside"
	      "</caption><thead><tr><th scope=\"col\">path</th><th scope=\"col\">result</th><th scope=\"col\" class=\"num\">calls</th>"
	      "<th scope=\"col\">how</th><th scope=\"col\">first from</th></tr></thead><tbody>", w->out);
	for (size_t i = 0; i < MIN(n, (size_t)WRITER_ROWS); i++)
		write_outside_row(w, &rows[i]);
	fputs("</tbody></table></div>", w->out);
	if (n > WRITER_ROWS) {
		fputs("<p class=\"more\">", w->out);
		html_plural(w->out, n - WRITER_ROWS, "more path is", "more paths are");
		fputs(" in the tree below.</p>", w->out);
	}
}

/* ------------------------------------------------------------------ calls */

struct call_row {
	const char *name; /* fit; borrowed or owned by `owned` */
	char *owned;
	uint64_t calls, errors, refused, hidden, ns, proctor_ns;
	bool proctor; /* PROCTOR_NS is known */
};

static int by_time(const void *a, const void *b)
{
	const struct call_row *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* From the log's own summary, which also counts calls that are not in the log. */
static size_t summary_rows(const struct gathering *g, struct call_row *rows, size_t max)
{
	json_t *list = json_at(g->summary, "syscalls"), *one;
	size_t i, n = 0;

	json_array_foreach (list, i, one) {
		const char *name = json_text(one, "name");
		_cleanup_buf_ struct buf fit = { 0 };

		if (!name || n >= max)
			continue;
		fit_text(&fit, name, strlen(name), 64, TEXT_ARGS);
		rows[n] = (struct call_row){
			.owned = buf_steal(&fit),
			.calls = json_number(one, "calls", 0),
			.errors = json_number(one, "errors", 0),
			.refused = json_number(one, "deny", 0) + json_number(one, "kill", 0),
			.hidden = json_number(one, "hide", 0),
			.ns = json_number(one, "time_ns", 0),
			.proctor_ns = json_number(one, "broker_ns", 0),
			.proctor = true,
		};
		rows[n].name = rows[n].owned;
		n++;
	}
	return n;
}

static size_t counted_rows(const struct gathering *g, struct call_row *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < g->names.n; i++)
		rows[i].name = g->names.rows[i].text;
	for (size_t i = 0; i < g->n_cells; i++) {
		const struct cell *cell = &g->cells[i];
		struct call_row *row = &rows[cell->name];

		row->calls += cell->n;
		row->ns += cell->ns;
		row->errors += cell->err ? cell->n : 0;
		row->refused += cell->what >= WHAT_REFUSED ? cell->n : 0;
		row->hidden += cell->what == WHAT_HIDDEN ? cell->n : 0;
	}
	for (size_t i = 0; i < g->names.n; i++)
		if (rows[i].calls)
			rows[n++] = rows[i];
	return n;
}

static void number_cell(FILE *out, uint64_t n, const char *class)
{
	fprintf(out, "<td class=\"%s\" data-v=\"%" PRIu64 "\">", class, n);
	if (n)
		html_count(out, n);
	fputs("</td>", out);
}

static void time_cell(FILE *out, uint64_t ns, const char *class)
{
	fprintf(out, "<td class=\"%s\" data-v=\"%" PRIu64 "\">", class, ns);
	html_duration(out, ns);
	fputs("</td>", out);
}

static void write_call_row(FILE *out, const struct call_row *row, uint64_t top)
{
	uint64_t proctor = MIN(row->proctor_ns, row->ns);

	fputs("<tr><th scope=\"row\">", out);
	html_name(out, row->name);
	fputs("</th>", out);
	number_cell(out, row->calls, "");
	number_cell(out, row->errors, "");
	number_cell(out, row->refused, "x-r");
	number_cell(out, row->hidden, "x-h");
	fprintf(out, "<td class=\"tb\" data-v=\"%" PRIu64 "\">", row->ns);
	html_bar(out, "tbar", row->ns - proctor, proctor, top);
	fputs("<span class=\"q\">", out);
	html_duration(out, row->ns);
	fputs("</span></td>", out);
	time_cell(out, row->calls ? row->ns / row->calls : 0, "");
	if (row->proctor)
		time_cell(out, row->proctor_ns, "dim");
	else
		fputs("<td class=\"dim\" data-v=\"0\">?</td>", out);
	fputs("</tr>\n", out);
}

void write_syscalls(struct writer *w)
{
	const struct gathering *g = w->g;
	size_t max = MAX((size_t)SUMMARY_MAX_ROWS, g->names.n), n;
	struct call_row *rows = xcalloc(max, sizeof *rows);
	uint64_t top = 1;

	n = summary_rows(g, rows, max);
	if (!n)
		n = counted_rows(g, rows);
	qsort(rows, n, sizeof *rows, by_time);
	if (n)
		top = MAX(top, rows[0].ns);
	for (size_t i = 0; i < n; i++) {
		write_call_row(w->out, &rows[i], top);
		free(rows[i].owned);
	}
	free(rows);
}

/* ------------------------------------------------------------------ policy */

static bool is_interpreters(const struct grant_row *row)
{
	return after_prefix(row->ref, "builtin:python");
}

static int by_use(const void *a, const void *b)
{
	const struct grant_row *x = *(const struct grant_row *const *)a, *y = *(const struct grant_row *const *)b;

	if (x->calls != y->calls)
		return x->calls > y->calls ? -1 : 1;
	if (!streq(x->verb, y->verb))
		return -strcmp(x->verb, y->verb);
	return strcmp(x->pattern, y->pattern);
}

static void write_rule(struct writer *w, const struct grant_row *row)
{
	FILE *out = w->out;
	_cleanup_buf_ struct buf pattern = { 0 };

	text_escape(&pattern, row->pattern, MIN(strlen(row->pattern), (size_t)HTML_MAX_TEXT), TEXT_ARGS);
	fprintf(out, "<tr%s><td class=\"v-%s\">%s</td><td>", row->calls ? "" : " class=\"unused\"", row->verb, row->verb);
	html_name(out, pattern.data);
	fputs("</td><td>", out);
	if (row->calls) {
		html_count(out, row->calls);
		fprintf(out, " <span class=\"dim\">from <a href=\"#seq-%" PRIu64 "\">#%" PRIu64 "</a></span>", row->first, row->first);
	} else {
		fputs(w->g->grants.gave_up ? "not known" : "never used", out);
	}
	fputs("</td><td class=\"dim\">", out);
	html_hostile_name(out, row->ref);
	fputs("</td></tr>", out);
}

static void write_rules(struct writer *w, bool interpreters, const char *title)
{
	const struct grants *grants = &w->g->grants;
	_cleanup_free_ const struct grant_row **rows = xcalloc(grants->n + 1, sizeof *rows);
	size_t n = 0, unused = 0;

	for (size_t i = 0; i < grants->n; i++)
		if (is_interpreters(&grants->rows[i]) == interpreters) {
			unused += !grants->rows[i].calls;
			rows[n++] = &grants->rows[i];
		}
	if (!n)
		return;
	qsort(rows, n, sizeof *rows, by_use);
	fprintf(w->out, "<details%s><summary>%s <span class=\"dim\">", interpreters ? "" : " open", title);
	html_plural(w->out, n, "rule", "rules");
	if (!grants->gave_up) {
		fputs(", ", w->out);
		html_count(w->out, unused);
		fputs(" never used", w->out);
	}
	fputs("</span></summary><div class=\"scroll\"><table class=\"rules\"><thead><tr><th scope=\"col\">rule</th><th scope=\"col\">path"
	      "</th><th scope=\"col\">calls</th><th scope=\"col\">set by</th></tr></thead><tbody>", w->out);
	for (size_t i = 0; i < MIN(n, (size_t)WRITER_ROWS); i++)
		write_rule(w, rows[i]);
	fputs("</tbody></table></div>", w->out);
	if (n > WRITER_ROWS) {
		fputs("<p class=\"more\">", w->out);
		html_plural(w->out, n - WRITER_ROWS, "more rule is", "more rules are");
		fputs(" not shown.</p>", w->out);
	}
	fputs("</details>", w->out);
}

/* Calls that the kernel decided by itself, or that the log leaves out, are in no sum. */
static void write_policy_note(struct writer *w)
{
	const struct grants *grants = &w->g->grants;
	const char *calls = json_text(w->g->start, "settings.calls");

	if (calls && streq(calls, "denied"))
		fputs("<p class=\"warn\">This log has refused calls only: what was used of the grants is not known.</p>", w->out);
	else if (!log_is_whole(&w->g->health))
		fputs("<p class=\"warn\">The log is not whole: a rule may have been used where it lacks something.</p>", w->out);
	if (grants->too_many || grants->gave_up)
		fputs("<p class=\"warn\">The policy is too long to compare all of it with all paths.</p>", w->out);
}

void write_policy(struct writer *w)
{
	const struct grants *grants = &w->g->grants;
	size_t n = grants->effective ? strlen(grants->effective) : 0, shown = MIN(n, (size_t)65536), at = 0;

	if (!n) {
		fputs("<p class=\"none\">The policy is not in this log.</p>", w->out);
		return;
	}
	write_policy_note(w);
	write_rules(w, false, "This run’s own");
	write_rules(w, true, "What the interpreter needs");
	fputs("<details><summary>The whole text <span class=\"dim\">as it was in effect</span></summary><pre class=\"policy\">", w->out);
	while (at < shown) {
		size_t line = strcspn(grants->effective + at, "\n");
		_cleanup_buf_ struct buf fit = { 0 };

		text_escape(&fit, grants->effective + at, MIN(line, shown - at), TEXT_ARGS);
		html_put(w->out, fit.data);
		fputs("\n", w->out);
		at += line + 1;
	}
	fputs(n > shown ? "…\n</pre></details>" : "</pre></details>", w->out);
}

/* ------------------------------------------------------------------ threads and processes */

static const struct lane *lane_of(const struct gathering *g, uint64_t tid)
{
	for (size_t i = 0; i < g->n_lanes; i++)
		if (g->lanes[i].tid == tid)
			return &g->lanes[i];
	return NULL;
}

static void text_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	if (text)
		html_name(out, text);
	fputs("</td>", out);
}

static void known_time_cell(FILE *out, bool known, uint64_t ns)
{
	fputs("<td class=\"num\">", out);
	if (known)
		html_duration(out, ns);
	fputs("</td>", out);
}

/* All lanes but the last one are of one thread; numbers that are given again are told once, with the first thread. */
static void write_task(struct writer *w, const struct task_row *task)
{
	const struct gathering *g = w->g;
	const struct lane *lane = lane_of(g, task->tid);
	FILE *out = w->out;

	fprintf(out, "<tr><td>%" PRIu64 "</td><td>%" PRIu64 "</td>", task->pid, task->tid);
	text_cell(out, task->name);
	fputs("<td>", out);
	if (task->parent)
		fprintf(out, "%" PRIu64, task->parent);
	fputs("</td>", out);
	text_cell(out, task->command);
	known_time_cell(out, true, task->from);
	known_time_cell(out, task->to != UINT64_MAX && task->to >= task->from, task->to - task->from);
	known_time_cell(out, task->cpu_ns != UINT64_MAX, task->cpu_ns);
	fputs("<td class=\"num\">", out);
	if (lane)
		html_count(out, lane->calls);
	fputs("</td><td class=\"num x-r\">", out);
	if (lane && lane->violations)
		html_count(out, lane->violations);
	fputs("</td></tr>", out);
}

void write_tasks(struct writer *w)
{
	const struct gathering *g = w->g;
	size_t n = MIN(g->n_tasks, (size_t)WRITER_ROWS);
	uint64_t more = g->n_tasks - n + g->tasks_left_out;

	if (!g->n_tasks)
		return;
	fputs("<div class=\"scroll\"><table class=\"tasks\"><caption>Threads and processes, in the order they came</caption>"
	      "<thead><tr><th scope=\"col\">process</th><th scope=\"col\">thread</th><th scope=\"col\">name</th>"
	      "<th scope=\"col\">made by</th><th scope=\"col\">executed</th><th scope=\"col\" class=\"num\">came at</th>"
	      "<th scope=\"col\" class=\"num\">was there</th><th scope=\"col\" class=\"num\">processor</th>"
	      "<th scope=\"col\" class=\"num\">calls</th><th scope=\"col\" class=\"num\">refused</th></tr></thead><tbody>", w->out);
	for (size_t i = 0; i < n; i++)
		write_task(w, &g->tasks[i]);
	fputs("</tbody></table></div>", w->out);
	if (more) {
		fputs("<p class=\"more\">", w->out);
		html_plural(w->out, more, "more thread is", "more threads are");
		fputs(" not shown.</p>", w->out);
	}
}

/* ------------------------------------------------------------------ integrity */

/* The submission's own modules, as they were when they were opened. */
static void write_modules(struct writer *w)
{
	json_t *modules = json_at(w->g->summary, "modules"), *list = json_object_get(modules, "list"), *one;
	uint64_t more = json_number(modules, "left_out", 0);
	size_t i, n = json_array_size(list);

	if (!n && !more)
		return;
	fputs("<details class=\"modules\"><summary>", w->out);
	html_plural(w->out, n, "module of its own", "modules of its own");
	fputs(" <span class=\"dim\">sha256 of each, as it was opened</span></summary><div class=\"scroll\"><table><thead><tr>"
	      "<th scope=\"col\">file</th><th scope=\"col\" class=\"num\">bytes</th><th scope=\"col\">sha256</th></tr></thead><tbody>", w->out);
	json_array_foreach (list, i, one) {
		const char *path = json_text(one, "path");

		if (i >= WRITER_ROWS)
			break;
		fputs("<tr><td>", w->out);
		html_hostile_name(w->out, path ? gather_short(w->g, path) : NULL);
		fputs("</td><td class=\"num\">", w->out);
		html_count(w->out, json_number(one, "bytes", 0));
		fputs("</td><td>", w->out);
		html_hostile_name(w->out, json_text(one, "sha256"));
		fputs("</td></tr>", w->out);
	}
	fputs("</tbody></table></div>", w->out);
	more += n - MIN(n, (size_t)WRITER_ROWS);
	if (more) {
		fputs("<p class=\"more\">", w->out);
		html_plural(w->out, more, "more file is", "more files are");
		fputs(" not told.</p>", w->out);
	}
	fputs("</details>", w->out);
}


static void begin(FILE *out, const char *name)
{
	fprintf(out, "<dt>%s</dt><dd>", name);
}

static void member(struct writer *w, const char *name, const char *path)
{
	const char *text = json_text(w->g->start, path);

	if (!text || !*text)
		return;
	begin(w->out, name);
	html_hostile_name(w->out, text);
	fputs("</dd>", w->out);
}

static void write_list(struct writer *w, const char *name, json_t *list, const char *between)
{
	_cleanup_buf_ struct buf text = { 0 };
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		buf_puts(&text, i ? between : "");
		buf_puts(&text, json_is_string(one) ? json_string_value(one) : "?");
		if (text.len > 4096)
			break;
	}
	if (!text.len)
		return;
	begin(w->out, name);
	html_hostile_name(w->out, text.data);
	fputs("</dd>", w->out);
}

static void write_labels(struct writer *w)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach (json_at(w->g->start, "run.labels"), name, value) {
		if (n++ >= 50)
			break;
		begin(w->out, "label");
		html_hostile_name(w->out, name);
		fputs(" = ", w->out);
		html_hostile_name(w->out, json_string_value(value));
		fputs("</dd>", w->out);
	}
}

static void write_signals(struct writer *w)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach (json_at(w->g->summary, "signals"), name, value) {
		if (n++ >= 70)
			break;
		begin(w->out, n == 1 ? "signals" : "");
		html_hostile_name(w->out, name);
		if (json_is_integer(value) && json_integer_value(value) > 1)
			fprintf(w->out, " ×\u2009%" JSON_INTEGER_FORMAT, json_integer_value(value));
		fputs("</dd>", w->out);
	}
}

static void write_versions(struct writer *w)
{
	static const char *const names[][2] = { { "proctor", "proctor.version" }, { "Python", "process.python" },
						{ "Linux", "host.kernel" }, { "", "host.arch" } };
	bool some = false;

	begin(w->out, "versions");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = json_text(w->g->start, names[i][1]);

		if (!text || !*text)
			continue;
		fprintf(w->out, "%s%s ", some ? ", " : "", names[i][0]);
		html_hostile(w->out, text);
		some = true;
	}
	fputs(some ? "</dd>" : "?</dd>", w->out);
}

void write_environment(struct writer *w)
{
	const struct gathering *g = w->g;
	bool whole = log_is_whole(&g->health);
	FILE *out = w->out;

	fputs("<dl class=\"env\">", out);
	begin(out, "log");
	html_plural(out, g->health.records, "record", "records");
	fputs(", ", out);
	html_size(out, g->health.bytes);
	fputs(whole ? ", whole</dd>" : ", <b class=\"bad\">incomplete</b></dd>", out);
	begin(out, "sha256");
	html_name(out, g->sha256);
	fputs("</dd>", out);
	member(w, "script", "script.path");
	member(w, "its sha256", "script.sha256");
	member(w, "folder", "script.directory");
	write_list(w, "command", json_at(g->start, "process.args"), " ");
	member(w, "interpreter", "process.executable");
	member(w, "started", "@timestamp");
	write_versions(w);
	write_list(w, "walls", json_at(g->start, "host.walls"), ", ");
	member(w, "policy", "policy.file");
	member(w, "its hash", "policy.hash");
	member(w, "mode", "settings.mode");
	member(w, "calls", "settings.calls");
	member(w, "stacks", "settings.stack");
	write_labels(w);
	write_signals(w);
	fputs("</dl>", out);
	write_modules(w);
}
