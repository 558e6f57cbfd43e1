/* SPDX-License-Identifier: Apache-2.0 */
/* The refusals as explain groups and tells them, combined into acts: one card for each. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "report/html/writer.h"

enum {
	MAX_FIXES = 4, /* groups of an act for which the page says what would allow them */
	MAX_OPEN = 30, /* cards shown; further ones are folded away */
};

/* A group's first record; false when it was not kept whole. Release with record_fini(). */
struct group_record {
	json_t *json;
	struct refusal_record record;
};

static bool record_of(const struct writer *w, const struct group *group, struct group_record *ret)
{
	json_t *json = kept_parse(&group->first);

	if (!json || refusal_record_init(&ret->record, json, &w->g->collection.run) < 0) {
		json_decref(json);
		return false;
	}
	ret->json = json;
	return true;
}

static void record_fini(struct group_record *record)
{
	refusal_record_fini(&record->record);
	json_decref(record->json);
}

/* ------------------------------------------------------------------ acts */

/* "Reading that file is not allowed": what was asked, without the place. */
static char *title_of(const struct refusal *r)
{
	struct refusal nowhere = *r;
	struct buf text = { 0 };

	nowhere.file = NULL;
	words_student(&text, &nowhere);
	if (text.len && text.data[text.len - 1] == '.')
		text.data[--text.len] = '\0';
	return buf_steal(&text);
}

static struct act *find_act(struct writer *w, const struct group *group, const char *title)
{
	for (size_t i = 0; i < w->n_acts; i++)
		if (w->acts[i].place == group->place && streq(w->acts[i].title, title))
			return &w->acts[i];
	return NULL;
}

static void add_group(struct writer *w, struct group *group)
{
	struct group_record record;
	struct act *act;
	char *title;

	if (!record_of(w, group, &record)) {
		w->acts_beyond += group->count;
		return;
	}
	title = title_of(&record.record.r);
	act = find_act(w, group, title);
	if (!act && w->n_acts >= WRITER_ACTS) {
		w->acts_beyond += group->count;
	} else {
		if (!act) {
			grow_array(&w->acts, &w->cap_acts, w->n_acts + 1, sizeof *w->acts);
			act = &w->acts[w->n_acts++];
			*act = (struct act){ .place = group->place, .title = steal_ptr(&title),
					     .kind = subject_name(topic_subject(record.record.r.topic)) };
		}
		act->count += group->count;
		act->led = act->led || group == w->first;
		if (act->n_groups < WRITER_ACT_CALLS)
			act->groups[act->n_groups++] = group;
	}
	free(title);
	record_fini(&record);
}

/* A group that explain tells as a part of another is listed after that one, which counts it already. */
static void add_part(struct writer *w, struct group *part)
{
	for (size_t i = 0; i < w->n_acts; i++) {
		struct act *act = &w->acts[i];

		for (size_t k = 0; k < act->n_groups; k++)
			if (act->groups[k] == part->into && act->n_groups < WRITER_ACT_CALLS) {
				act->groups[act->n_groups++] = part;
				return;
			}
	}
}

void writer_acts(struct writer *w)
{
	const struct explainer e = { .run = &w->g->collection.run };
	struct group *groups = w->g->collection.groups, *group;

	for (group = groups; group; group = group->hh.next)
		if (!group->routine && explain_shows(&e, group, w->first, &w->outcome))
			add_group(w, group);
	for (group = groups; group; group = group->hh.next)
		if (group->into)
			add_part(w, group);
}

void write_kinds(struct writer *w)
{
	uint64_t counts[SUBJECT_COUNT] = { 0 };

	for (size_t i = 0; i < w->n_acts; i++)
		for (size_t k = 0; k < SUBJECT_COUNT; k++)
			if (streq(w->acts[i].kind, subject_name((enum subject)k)))
				counts[k] += w->acts[i].count;
	fputs("<ul class=\"kinds\">", w->out);
	for (size_t k = 0; k < SUBJECT_COUNT; k++)
		if (counts[k]) {
			fputs("<li><b>", w->out);
			html_count(w->out, counts[k]);
			fprintf(w->out, "</b> %s</li>", subject_name((enum subject)k));
		}
	fputs("</ul>", w->out);
}

/* ------------------------------------------------------------------ paths and places */

void write_path(struct writer *w, const char *path)
{
	const char *folder = w->g->collection.run.submission;
	size_t same = 0, n = strlen(path);
	_cleanup_buf_ struct buf pale = { 0 }, rest = { 0 };

	for (size_t i = 0; folder && *folder == '/' && path[i] && path[i] == folder[i]; i++)
		if (path[i] == '/' || ((!path[i + 1] || path[i + 1] == '/') && !folder[i + 1]))
			same = i + 1;
	if (same < 2 || n > HTML_MAX_TEXT)
		same = 0;
	text_escape(&pale, path, same, TEXT_PATH);
	fit_text(&rest, path + same, n - same, HTML_MAX_TEXT, TEXT_PATH);
	fputs("<bdi class=\"m path\">", w->out);
	if (same) {
		fputs("<span class=\"dim\">", w->out);
		html_put(w->out, pale.data);
		fputs("</span>", w->out);
	}
	fputs("<b>", w->out);
	html_put(w->out, rest.data);
	fputs("</b></bdi>", w->out);
}

void write_place(struct writer *w, const char *file, uint64_t line, const char *function)
{
	_cleanup_buf_ struct buf text = { 0 };
	const char *shown = file ? gather_short(w->g, file) : NULL;
	char anchor[48];

	if (!file) {
		fputs("<span class=\"dim\">no Python line</span>", w->out);
		return;
	}
	fit_text(&text, shown, strlen(shown), HTML_MAX_TEXT, TEXT_PATH);
	if (line)
		buf_printf(&text, ":%" PRIu64, line);
	if (writer_anchor(w, file, line, anchor)) {
		fprintf(w->out, "<a href=\"#%s\">", anchor);
		html_name(w->out, text.data);
		fputs("</a>", w->out);
	} else {
		html_name(w->out, text.data);
	}
	if (!function)
		return;
	buf_clear(&text);
	fit_text(&text, function, strlen(function), 200, TEXT_ARGS);
	if (*function != '<')
		buf_lit(&text, "()");
	fputs(" in ", w->out);
	html_name(w->out, text.data);
}

/* A word of explain's such as "solve.py:12," with its comma: a link if that line is shown. */
static void put_word(struct writer *w, const char *word, size_t n)
{
	size_t end = n, colon;
	char anchor[48];

	while (end && (word[end - 1] == ',' || word[end - 1] == ')'))
		end--;
	for (colon = end; colon && isdigit((unsigned char)word[colon - 1]);)
		colon--;
	for (size_t i = 0; colon && colon < end && word[colon - 1] == ':' && i < w->n_shown; i++) {
		const struct source_file *file = &w->g->files[w->shown[i].file];

		if (strlen(file->shown) != colon - 1 || memcmp(file->shown, word, colon - 1) != 0 ||
		    !writer_anchor(w, file->path, strtoull(word + colon, NULL, 10), anchor))
			continue;
		fprintf(w->out, "<a href=\"#%s\">", anchor);
		html_put_n(w->out, word, end);
		fputs("</a>", w->out);
		html_put_n(w->out, word + end, n - end);
		return;
	}
	html_put_n(w->out, word, n);
}

static void put_linked(struct writer *w, const char *text, size_t n)
{
	while (n) {
		const char *blank = memchr(text, ' ', n);
		size_t part = blank ? (size_t)(blank - text) : n;

		put_word(w, text, part);
		if (blank)
			fputs(" ", w->out);
		text += part + (blank ? 1 : 0);
		n -= part + (blank ? 1 : 0);
	}
}

/* ------------------------------------------------------------------ explain's rows */

/* "  12 | return open(name)": the page shows source lines in a better way. */
static bool is_source(const char *text)
{
	text += strspn(text, " ");
	text += strspn(text, "0123456789");
	return strncmp(text, " | ", 3) == 0;
}

/* Columns of the label. */
enum { LABEL_AT = 2, LABEL_END = 8 };

/* One line of explain's: two blanks, the label, its text, and after two blanks or more what stands
 * beside it. */
static void put_row(struct writer *w, const char *line, bool *open)
{
	char label[LABEL_END - LABEL_AT + 1] = "";
	const char *text = line + MIN(strlen(line), (size_t)LABEL_END), *gap = strstr(text, "  ");
	size_t n = gap ? (size_t)(gap - text) : strlen(text);

	for (size_t i = LABEL_AT; i < LABEL_END && line + i < text && line[i] != ' '; i++)
		label[i - LABEL_AT] = line[i];
	if (!*label && is_source(text))
		return;
	if (*label) {
		fprintf(w->out, "%s<dt>%s</dt><dd>", *open ? "</dd>" : "", label);
		*open = true;
	} else {
		fputs(*open ? "<br>" : "<dt></dt><dd>", w->out);
		*open = true;
	}
	put_linked(w, text, n);
	if (gap) {
		gap += strspn(gap, " ");
		fputs(" <span class=\"ref\">", w->out);
		html_put(w->out, gap);
		fputs("</span>", w->out);
	}
}

static void write_rows(struct writer *w, const struct refusal_record *record)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	/* As wide as the text and without colour, whatever the terminal. */
	struct explainer e = { .page = { .out = stream }, .run = &w->g->collection.run };
	bool open = false;

	if (!stream)
		return;
	rows_who(&e, record);
	rows_meant(&e, record);
	rows_rule(&e, record);
	fclose(stream);
	for (char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		put_row(w, line, &open);
	}
	if (open)
		fputs("</dd>", w->out);
}

/* ------------------------------------------------------------------ fixes */

static void put_policy(struct writer *w, const struct fix *fix, uint64_t count)
{
	fputs("<code class=\"fix\">", w->out);
	html_put(w->out, fix->option.len ? fix->option.data : fix->policy.data);
	fputs("</code>", w->out);
	if (fix->note.len) {
		fputs(" <span class=\"ref\">", w->out);
		html_put(w->out, fix->note.data);
		fputs("; ", w->out);
		html_plural(w->out, count, "call here", "calls here");
		fputs("</span>", w->out);
	}
}

/* What to change in the program is said once; what to grant, for each path. */
static void write_fix(struct writer *w, const struct group *group, const struct refusal *r, bool first)
{
	_cleanup_(fix_fini) struct fix fix;
	const char *before = first ? "<dt>fix</dt><dd>" : "<br>";

	words_fix(r, false, &fix);
	if (first && fix.advice.len) {
		fputs("<dt>fix</dt><dd>", w->out);
		html_put(w->out, fix.advice.data);
		fputs("</dd>", w->out);
		before = "<dt>or</dt><dd>";
	}
	if (fix.policy.len) {
		fputs(before, w->out);
		put_policy(w, &fix, group->count - MIN(group->others, group->count));
	} else if (first && fix.note.len) {
		fprintf(w->out, "%s<span class=\"dim\">", fix.advice.len ? "<dt></dt><dd>" : before);
		html_put(w->out, fix.note.data);
		fputs("</span>", w->out);
	} else if (first) {
		fputs("<dt></dt><dd>", w->out);
	}
}

static void write_fixes(struct writer *w, const struct act *act)
{
	for (size_t i = 0; i < MIN(act->n_groups, (size_t)MAX_FIXES); i++) {
		struct group_record record;

		if (!record_of(w, act->groups[i], &record))
			continue;
		write_fix(w, act->groups[i], &record.record.r, i == 0);
		record_fini(&record);
	}
	if (act->n_groups > MAX_FIXES)
		fputs("<br><span class=\"dim\">and likewise for the others</span>", w->out);
	fputs("</dd>", w->out);
}

/* ------------------------------------------------------------------ cards */

static void put_call(struct writer *w, const struct refusal *r)
{
	_cleanup_buf_ struct buf call = { 0 }, fit = { 0 };

	words_call(&call, r);
	fit_text(&fit, call.data, call.len, HTML_MAX_TEXT, TEXT_ARGS);
	html_name(w->out, fit.data);
}

/* How the name led to the path, if that is not obvious. */
static void put_way(struct writer *w, const struct refusal_record *record)
{
	_cleanup_buf_ struct buf way = { 0 }, plain = { 0 }, fit = { 0 };

	text_path(&plain, record->path);
	if (!resolution_text(&way, record->json, record->path) || streq(way.data, plain.data))
		return;
	fit_text(&fit, way.data, way.len, HTML_MAX_TEXT, TEXT_ARGS);
	fputs("<div class=\"way\">", w->out);
	html_name(w->out, fit.data);
	fputs("</div>", w->out);
}

/* Only a forged log has two records with the same number: only the first is linked to. */
static bool is_first(struct writer *w, const struct group *group)
{
	bool is_new;

	return table_put(&w->anchors, &group->first.sequence, sizeof group->first.sequence, &is_new) != TABLE_FULL && is_new;
}

static void write_call(struct writer *w, const struct group *group)
{
	struct group_record record;
	uint64_t sequence = group->first.sequence;

	if (!record_of(w, group, &record))
		return;
	fputs("<li", w->out);
	if (is_first(w, group))
		fprintf(w->out, " id=\"seq-%" PRIu64 "\"", sequence);
	fprintf(w->out, "><a class=\"seq\" href=\"#seq-%" PRIu64 "\">#%" PRIu64 "</a><div>", sequence, sequence);
	if (record.record.path)
		write_path(w, record.record.path);
	else
		put_call(w, &record.record.r);
	if (group->count > 1 && !group->act) {
		fputs(" <span class=\"dim\">×\u2009", w->out);
		html_count(w->out, group->count);
		fprintf(w->out, ", to #%" PRIu64, group->last);
		if (group->others) {
			fputs(", ", w->out);
			html_count(w->out, group->others);
			fputs(" of them for other names", w->out);
		}
		fputs("</span>", w->out);
	}
	if (record.record.path) {
		fputs("<div class=\"raw\">", w->out);
		put_call(w, &record.record.r);
		fputs("</div>", w->out);
		put_way(w, &record.record);
	}
	fputs("</div></li>", w->out);
	record_fini(&record);
}

static void write_act(struct writer *w, const struct act *act, size_t number)
{
	struct group_record record;
	uint64_t listed = 0;

	if (!record_of(w, act->groups[0], &record))
		return;
	fprintf(w->out, "<article class=\"act\" data-act=\"%zu\"><header><h3>", number);
	html_put(w->out, act->title);
	fputs("</h3>", w->out);
	if (act->led)
		fputs(w->outcome.kind == OUTCOME_REFUSAL && w->outcome.certain ? "<span class=\"tag t-refused\">ended the program</span>"
							 : "<span class=\"tag t-refused\">the last before the end</span>",
		      w->out);
	if (act->count > 1) {
		fputs("<span class=\"times\">×\u2009", w->out);
		html_count(w->out, act->count);
		fputs("</span>", w->out);
	}
	fputs("</header><div class=\"what\"><ul class=\"calls\">", w->out);
	for (size_t i = 0; i < act->n_groups; i++) {
		write_call(w, act->groups[i]);
		listed += act->groups[i]->into ? 0 : act->groups[i]->count;
	}
	fputs("</ul>", w->out);
	if (listed < act->count) {
		fputs("<p class=\"more\">and ", w->out);
		html_plural(w->out, act->count - listed, "more call like these, counted but not listed",
			    "more calls like these, counted but not listed");
		fputs("</p>", w->out);
	}
	fputs("<dl>", w->out);
	write_rows(w, &record.record);
	write_fixes(w, act);
	fputs("</dl></div>", w->out);
	if (record.record.r.file)
		write_excerpt(w, record.record.r.file, record.record.r.line, 2);
	fputs("</article>", w->out);
	record_fini(&record);
}

/* ------------------------------------------------------------------ hidden */

struct hidden_row {
	int32_t path, frame;
	uint32_t name;
	uint64_t n;
	bool routine;
};

static int by_interest(const void *a, const void *b)
{
	const struct hidden_row *x = a, *y = b;

	if (x->routine != y->routine)
		return x->routine ? 1 : -1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->path < y->path ? -1 : x->path > y->path;
}

/* What was hidden from the program, by path; the caller frees. */
static struct hidden_row *hidden_rows(const struct gathering *g, size_t *ret_n)
{
	_cleanup_free_ uint32_t *at = xcalloc(g->paths.n + 1, sizeof *at);
	struct hidden_row *rows = xcalloc(g->paths.n + 1, sizeof *rows);
	size_t n = 0;

	for (size_t i = 0; i < g->n_cells; i++) {
		const struct cell *cell = &g->cells[i];
		size_t path = (size_t)(cell->path + 1);

		if (cell->what != WHAT_HIDDEN)
			continue;
		if (!at[path]) {
			rows[n] = (struct hidden_row){ cell->path, cell->frame, cell->name, 0,
						       cell->path >= 0 && g->paths.rows[cell->path].zone == ZONE_INTERPRETER };
			at[path] = (uint32_t)++n;
		}
		rows[at[path] - 1].n += cell->n;
	}
	qsort(rows, n, sizeof *rows, by_interest);
	*ret_n = n;
	return rows;
}

static void write_hidden(struct writer *w)
{
	const struct gathering *g = w->g;
	_cleanup_free_ struct hidden_row *rows = NULL;
	size_t n;

	if (!g->hidden)
		return;
	rows = hidden_rows(g, &n);
	fputs("<details class=\"hidden-calls\" id=\"hidden\"><summary>Hidden: ", w->out);
	html_plural(w->out, g->hidden, "call found nothing there", "calls found nothing there");
	fputs(" <span class=\"dim\">not counted as refusals</span></summary><div class=\"scroll\"><table><thead><tr>"
	      "<th scope=\"col\">path</th><th scope=\"col\" class=\"num\">calls</th><th scope=\"col\">first by</th>"
	      "<th scope=\"col\">where</th></tr></thead><tbody>", w->out);
	for (size_t i = 0; i < MIN(n, (size_t)WRITER_ROWS / 2); i++) {
		fputs("<tr><td>", w->out);
		if (rows[i].path >= 0)
			html_name(w->out, g->paths.rows[rows[i].path].text);
		fputs("</td><td class=\"num\">", w->out);
		html_count(w->out, rows[i].n);
		fputs("</td><td>", w->out);
		html_name(w->out, g->names.rows[rows[i].name].text);
		fputs("</td><td>", w->out);
		if (rows[i].frame >= 0) {
			const struct frame_row *frame = &g->frames[rows[i].frame];

			html_name(w->out, frame->file);
			fprintf(w->out, ":%" PRIu64, frame->line);
		}
		fputs("</td></tr>", w->out);
	}
	fputs("</tbody></table></div>", w->out);
	if (n > WRITER_ROWS / 2) {
		fputs("<p class=\"more\">and ", w->out);
		html_plural(w->out, n - WRITER_ROWS / 2, "more path", "more paths");
		fputs("</p>", w->out);
	}
	fputs("</details>", w->out);
}

/* ------------------------------------------------------------------ all */

void write_refusals(struct writer *w)
{
	const struct collection *c = &w->g->collection;
	uint64_t beyond = w->acts_beyond + c->ungrouped;

	if (!w->n_acts)
		fprintf(w->out, "<p class=\"none\">Nothing was refused%s.</p>",
			log_is_whole(&w->g->health) ? "" : " in the part of the log that is there");
	for (size_t i = 0; i < w->n_acts; i++) {
		if (i == MAX_OPEN) {
			fputs("<details class=\"further\"><summary>", w->out);
			html_plural(w->out, w->n_acts - i, "more act", "more acts");
			fputs("</summary>", w->out);
		}
		write_act(w, &w->acts[i], i);
	}
	fputs(w->n_acts > MAX_OPEN ? "</details>" : "", w->out);
	if (beyond) {
		fputs("<p class=\"more\">", w->out);
		html_plural(w->out, beyond, "further refusal is", "further refusals are");
		fputs(" counted but not listed.</p>", w->out);
	}
	write_hidden(w);
}
