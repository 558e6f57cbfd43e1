/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a page: what became of the program, why, and what it used. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/explain_cause.h"
#include "report/html/status.h"
#include "report/html/writer.h"

/* ------------------------------------------------------------------ why */

/* A place in the code that a record names. */
struct place {
	const char *file, *function;
	uint64_t line;
};

static struct place code_of(json_t *json)
{
	json_t *code = json_object_get(json, "code"), *line = json_object_get(code, "line.number");

	return (struct place){
		json_string_value(json_object_get(code, "file.path")),
		json_string_value(json_object_get(code, "function.name")),
		json_is_integer(line) && json_integer_value(line) > 0 ? (uint64_t)json_integer_value(line) : 0,
	};
}

static void put_at(struct writer *w, const struct place *place)
{
	if (!place->file)
		return;
	fputs(", at ", w->out);
	write_place(w, place->file, place->line, place->function);
}

static void put_link(FILE *out, uint64_t sequence)
{
	fprintf(out, "<a href=\"#seq-%" PRIu64 "\">#%" PRIu64 "</a>", sequence, sequence);
}

/* Puts into the middle of a sentence words that begin one elsewhere. */
static void put_words(FILE *out, const struct buf *words)
{
	if (words->data)
		html_put(out, words->data);
}

/* Where the time went: true when one line of a profile stood out. */
static bool hottest_of(const struct run_info *run, struct place *ret_place, uint64_t *ret_samples, uint64_t *ret_of)
{
	json_t *hot = json_at(run->end, "cause.hottest");

	*ret_samples = json_number(hot, "samples", 0);
	*ret_of = json_number(hot, "of", 0);
	*ret_place = (struct place){ json_text(hot, "file"), json_text(hot, "function"), json_number(hot, "line", 0) };
	return *ret_samples && *ret_samples <= *ret_of && ret_place->file;
}

/* Did a limit of time end the program? Then it matters where it computed. */
static bool limit_is_of_time(const struct run_info *run)
{
	const char *limit = json_text(run->end, "limit.name");

	return limit && (streq(limit, "cpu") || streq(limit, "wall"));
}

static bool hottest_is_of_wall(const struct run_info *run)
{
	const char *clock = json_text(run->end, "cause.hottest.clock");

	return clock && streq(clock, "wall");
}

static void put_hottest(struct writer *w)
{
	struct place place;
	uint64_t samples, of;

	if (!limit_is_of_time(&w->g->collection.run) || !hottest_of(&w->g->collection.run, &place, &samples, &of))
		return;
	fprintf(w->out, " <span class=\"last\">Of its %s ",
		hottest_is_of_wall(&w->g->collection.run) ? "time" : "computing");
	html_share(w->out, samples, of);
	fputs(" was at ", w->out);
	write_place(w, place.file, place.line, place.function);
	fputs(", by ", w->out);
	html_plural(w->out, of, "sample", "samples");
	fputs(".</span>", w->out);
}

static void cause_limit(struct writer *w, struct place *ret_place)
{
	struct refusal_record record;
	_cleanup_buf_ struct buf words = { 0 };

	*ret_place = code_of(w->g->collection.run.end);
	if (refusal_record_from_limit(&record, &w->g->collection.run) < 0) {
		fputs("It was stopped at a limit", w->out);
	} else {
		struct refusal bare = record.r;

		bare.rule_ref = NULL;
		words_staff(&words, &bare);
		fputs("It was stopped at a limit: ", w->out);
		put_words(w->out, &words);
		refusal_record_fini(&record);
	}
	put_at(w, ret_place);
	fputs(".", w->out);
	put_hottest(w);
}

/* A call that was answered by killing. */
static void cause_refusal(struct writer *w, json_t *json, struct place *ret_place)
{
	struct refusal_record record;

	*ret_place = code_of(json);
	fputs("The policy ended it at call ", w->out);
	put_link(w->out, w->outcome.seq);
	if (json && refusal_record_init(&record, json, &w->g->collection.run) == 0) {
		fputs(", ", w->out);
		html_hostile_name(w->out, record.r.syscall);
		if (record.path) {
			fputs(" of ", w->out);
			write_path(w, record.path);
		}
		refusal_record_fini(&record);
	}
	put_at(w, ret_place);
	fputs(".", w->out);
}

static void cause_signal(struct writer *w, json_t *json, struct place *ret_place)
{
	const char *name = json_text(json, "signal.name");

	*ret_place = code_of(json);
	fputs("The signal ", w->out);
	html_hostile_name(w->out, name ? name : w->g->collection.run.exit_signal);
	fputs(" ended it", w->out);
	put_at(w, ret_place);
	fputs(".", w->out);
}

static void cause_exit(struct writer *w, json_t *json, struct place *ret_place)
{
	const struct outcome_facts facts = collection_facts(&w->g->collection);
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };

	outcome_exit_words(&w->outcome, &facts, NULL, &student, &staff);
	fputs("It ended with ", w->out);
	put_words(w->out, &staff);
	fputs(w->outcome.certain && !w->g->collection.violations && log_is_whole(&w->g->health) ? ". Nothing was refused."
												: ".",
	      w->out);
	if (w->outcome.certain || !json)
		return;
	*ret_place = code_of(json);
	fputs(" <span class=\"last\">The last of them is ", w->out);
	put_link(w->out, w->outcome.seq);
	put_at(w, ret_place);
	fputs(".</span>", w->out);
}

/* Finds the cause in the log's records, if its end record does not tell more. */
static void cause_known(struct writer *w, struct place *ret_place)
{
	_cleanup_(json_decrefp) json_t *json = w->by ? kept_parse(w->by) : NULL;
	const char *error = json_text(w->g->collection.run.end, "error");

	switch (w->outcome.kind) {
	case OUTCOME_LIMIT:
		cause_limit(w, ret_place);
		break;
	case OUTCOME_POLICY:
		fputs("The log has reached its size, and the policy ends a program then.", w->out);
		break;
	case OUTCOME_REFUSAL:
		cause_refusal(w, json, ret_place);
		break;
	case OUTCOME_SIGNAL:
		cause_signal(w, json, ret_place);
		break;
	case OUTCOME_EXIT:
		cause_exit(w, json, ret_place);
		break;
	case OUTCOME_PROCTOR:
		fputs("Proctor itself failed and ended the program: this is no verdict about it. ", w->out);
		if (error)
			html_hostile(w->out, error);
		break;
	default:
		fputs("The log has no end: how the run ended is not known.", w->out);
	}
	if (!ret_place->file)
		return;
	/* The record that owns the texts is about to be freed. */
	ret_place->file = xstrdup(ret_place->file);
}

/* ------------------------------------------------------------------ the exception that nobody caught */

static void put_error(struct writer *w, const struct exception_facts *x, const char *before)
{
	const struct cause_record *cause = w->cause;
	_cleanup_buf_ struct buf text = { 0 };

	cause_exception(x, &cause->around, false, *before != '\0', &text);
	fprintf(w->out, "<p class=\"exception%s\">", *before ? " chained" : "");
	if (*before)
		fprintf(w->out, "<span class=\"dim\">%s</span> ", before);
	html_name(w->out, text.data);
	fputs("</p>", w->out);
}

/* Python's own message, and what led to it. */
static void put_errors(struct writer *w)
{
	const struct exception_facts *x = &w->cause->exception;

	put_error(w, x, "");
	for (size_t i = 0; i < x->n_chain && x->chain[i].link != EXCEPTION_LINK_SUPPRESSED; i++)
		put_error(w, &x->chain[i], x->chain[i].link == EXCEPTION_LINK_CAUSE   ? "from" :
					   x->chain[i].link == EXCEPTION_LINK_PRINTED ? "a traceback before, of" :
											"while handling");
	for (size_t i = 0; i < x->n_group; i++)
		put_error(w, &x->group[i], "of");
}

/* The same sentence as in the verdict and from explain. */
static void cause_told(struct writer *w, struct place *ret_place)
{
	const struct cause_record *cause = w->cause;
	_cleanup_(json_decrefp) json_t *json = w->by && w->outcome.kind == OUTCOME_REFUSAL && w->outcome.certain ? kept_parse(w->by) : NULL;
	struct explainer e = { .run = &w->g->collection.run };
	struct cause_surroundings around = cause->around;
	_cleanup_buf_ struct buf words = { 0 };
	struct refusal_record record;
	bool refused = json && refusal_record_init(&record, json, e.run) == 0;

	if (refused)
		around.refusal = &record.r;
	cause_words(&cause->exception, &around, NULL, &words);
	if (refused)
		refusal_record_fini(&record);
	put_words(w->out, &words);
	if (refused && w->outcome.seq) {
		fputs(" <span class=\"last\">The refused call is ", w->out);
		put_link(w->out, w->by->sequence);
		fputs(".</span>", w->out);
	}
	cause_place(&e, cause, &record);
	ret_place->file = record.r.file ? xstrdup(record.r.file) : NULL;
	ret_place->line = record.r.line;
	refusal_record_fini(&record);
}

static void write_why(struct writer *w)
{
	struct place place = { 0 };

	fputs("<p class=\"cause\">", w->out);
	if (w->cause)
		cause_told(w, &place);
	else
		cause_known(w, &place);
	fputs("</p>", w->out);
	if (w->cause)
		put_errors(w);
	if (place.file)
		write_excerpt(w, place.file, place.line, 1);
	free((char *)place.file);
}

void write_verdict(struct writer *w)
{
	const struct status *status = status_find(w->g->collection.run.status);

	fprintf(w->out, "<div class=\"verdict st-%s\"><p class=\"stamp\"><b>%s</b><span>%s</span></p><div class=\"why\">",
		status->class, status->status, status->words);
	write_why(w);
	write_facts(w);
	fputs("</div></div>", w->out);
}

/* ------------------------------------------------------------------ how much */

static void fact(FILE *out, const char *href, const char *class)
{
	fprintf(out, "<li class=\"%s\"><a href=\"#%s\">", class, href);
}

void write_facts(struct writer *w)
{
	const struct collection *c = &w->g->collection;
	FILE *out = w->out;
	uint64_t paths, allowed, samples, of;
	struct place hot;

	writer_count_outside(w, &paths, &allowed);
	fputs("<ul class=\"facts\">", out);
	fact(out, "refusals", c->violations ? "refused" : "");
	fputs("<b>", out);
	html_count(out, c->violations);
	fprintf(out, "</b> %s%s</a></li>", c->violations == 1 ? "refusal" : "refusals", c->run.audit ? ", not enforced" : "");
	fact(out, "files", "");
	fputs("<b>", out);
	html_count(out, paths);
	fprintf(out, "</b> %s outside its folder", paths == 1 ? "path" : "paths");
	/* A log that lacks a part cannot show that nothing happened. */
	if (paths || !log_is_whole(&w->g->health)) {
		fputs(", <b>", out);
		html_count(out, allowed);
		fputs("</b> allowed", out);
	}
	fputs("</a></li>", out);
	fact(out, "timeline", "");
	fputs("<b>", out);
	html_count(out, w->g->total);
	fprintf(out, "</b> recorded %s</a></li>", w->g->total == 1 ? "call" : "calls");
	if (hottest_of(&c->run, &hot, &samples, &of) && !limit_is_of_time(&c->run)) {
		fputs("<li class=\"hottest\"><b>", out);
		html_share(out, samples, of);
		fputs("</b> of the samples at ", out);
		write_place(w, hot.file, hot.line, hot.function);
		fputs("</li>", out);
	}
	if (w->g->samples.peak_bytes) {
		fputs("<li class=\"peak\"><b>", out);
		html_size(out, w->g->samples.peak_bytes);
		fputs("</b> held at ", out);
		write_place(w, w->g->samples.peak_file, w->g->samples.peak_line, w->g->samples.peak_function);
		fputs("</li>", out);
	}
	if (w->g->hidden) {
		fact(out, "hidden", "hidden");
		fputs("<b>", out);
		html_count(out, w->g->hidden);
		fputs("</b> hidden</a></li>", out);
	}
	fputs("</ul>", out);
}

static void begin_note(FILE *out)
{
	fputs("<p class=\"warn\">", out);
}

/* What a second policy would have decided otherwise. */
static void write_shadow(FILE *out, const struct shadow_rows *shadow)
{
	_cleanup_buf_ struct buf text = { 0 };
	const struct shadow_row *row;

	if (!shadow->name)
		return;
	buf_lit(&text, "Under ");
	text_path(&text, shadow->name);
	buf_lit(&text, ", which was asked too: ");
	shadow_rows_sum(shadow, &text);
	buf_putc(&text, '.');
	fputs("<details><summary>", out);
	html_put_n(out, text.data, text.len);
	fputs("</summary><ul>", out);
	for (row = shadow->rows; row; row = row->hh.next) {
		fputs("<li>", out);
		html_put_n(out, row->text, strlen(row->text));
		if (row->count > 1)
			fprintf(out, " (%llu times)", (unsigned long long)row->count);
		fputs("</li>", out);
	}
	if (shadow->left_out)
		fputs("<li>more, which are not told apart</li>", out);
	fputs("</ul></details>", out);
}

/* What readers of a page have to know before they believe it. */
void write_notes(struct writer *w)
{
	const struct gathering *g = w->g;
	_cleanup_buf_ struct buf lacks = { 0 };
	FILE *out = w->out;

	if (g->collection.run.audit) {
		begin_note(out);
		fputs("Audit mode: nothing was enforced. What is called refused here would have been.</p>", out);
	}
	log_health_tell(&g->health, &lacks);
	for (char *line = lacks.data, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		begin_note(out);
		fputs("Incomplete: ", out);
		html_put_n(out, line, (size_t)(end - line));
		fputs(".</p>", out);
	}
	write_shadow(out, &g->collection.shadow);
	if (g->text_left_out) {
		begin_note(out);
		html_plural(out, g->text_left_out, "name is", "names are");
		fputs(" left out here: all names together are longer than a page can hold. Sums are exact.</p>", out);
	}
}

/* ------------------------------------------------------------------ gauges */

enum unit { UNIT_TIME, UNIT_SIZE, UNIT_COUNT };

static void put_quantity(FILE *out, enum unit unit, uint64_t n)
{
	if (unit == UNIT_TIME)
		html_duration(out, n);
	else if (unit == UNIT_SIZE)
		html_size(out, n);
	else
		html_count(out, n);
}

static bool is_limit(uint64_t limit)
{
	return limit != UINT64_MAX && limit > 0;
}

/* UINT64_MAX: USED is not known. */
static void begin_gauge(FILE *out, const char *label, enum unit unit, uint64_t used)
{
	fprintf(out, "<div class=\"gauge\"><dt>%s</dt><dd><b>", label);
	if (used == UINT64_MAX)
		fputs("?", out);
	else
		put_quantity(out, unit, used);
	fputs("</b>", out);
}

/* UINT64_MAX: USED is not known; there is no LIMIT. */
static void gauge(struct writer *w, const char *label, enum unit unit, uint64_t used, uint64_t limit)
{
	bool limited = is_limit(limit);
	FILE *out = w->out;

	begin_gauge(out, label, unit, used);
	if (limited) {
		fputs(" <span>of ", out);
		put_quantity(out, unit, limit);
		fputs("</span>", out);
	}
	fputs("</dd><dd>", out);
	if (used == UINT64_MAX) {
		fputs("<small>not in this log</small>", out);
	} else if (limited) {
		html_bar(out, used >= limit ? "gbar over" : used > limit / 5 * 4 ? "gbar near" : "gbar", used, 0, limit);
		fputs("<small>", out);
		html_share(out, used, limit);
		fputs("</small>", out);
	} else {
		fputs("<small>no limit</small>", out);
	}
	fputs("</dd></div>", out);
}

/* Those of the whole run; the limit is of those at one time, so there is no share to show. */
static void thread_gauge(struct writer *w, uint64_t seen, uint64_t limit)
{
	begin_gauge(w->out, "Threads seen", UNIT_COUNT, seen);
	fputs("</dd><dd><small>", w->out);
	if (is_limit(limit)) {
		fputs("at most ", w->out);
		html_count(w->out, limit);
		fputs(" at once", w->out);
	} else {
		fputs("no limit", w->out);
	}
	fputs("</small></dd></div>", w->out);
}

void write_gauges(struct writer *w)
{
	const struct gathering *g = w->g;
	const struct run_info *run = &g->collection.run;
	uint64_t output = json_number(run->end, "output_bytes", g->every_call ? g->output_bytes : UINT64_MAX);

	gauge(w, "Processor", UNIT_TIME, json_number(run->end, "cpu_ns", UINT64_MAX), run->limits[LIMIT_CPU]);
	gauge(w, "Elapsed", UNIT_TIME, json_number(run->end, "wall_ns", UINT64_MAX), run->limits[LIMIT_WALL]);
	gauge(w, "Memory, peak", UNIT_SIZE, json_number(run->end, "memory_bytes", UINT64_MAX), run->limits[LIMIT_MEMORY]);
	gauge(w, "Output", UNIT_SIZE, output, run->limits[LIMIT_OUTPUT]);
	thread_gauge(w, g->threads ? g->threads : UINT64_MAX, run->limits[LIMIT_TASKS]);
}

/* ------------------------------------------------------------------ at a glance */

enum { SLOTS = 250, HEIGHT = 44, WIDTH = 1000 };

struct slot {
	uint64_t interpreter, program, waiting, refused;
};

static uint64_t slot_sum(const struct slot *slot)
{
	return slot->interpreter + slot->program + slot->waiting;
}

static void fill_slots(const struct gathering *g, struct slot *slots)
{
	uint64_t span = MAX(g->span, (uint64_t)1);

	for (size_t l = 0; l < g->n_lanes; l++)
		for (size_t i = 0; i < GATHER_BINS; i++) {
			double middle = ((double)i + 0.5) * (double)g->bin_ns * SLOTS / (double)span;
			struct slot *slot = &slots[middle < SLOTS ? (size_t)middle : SLOTS - 1];

			for (size_t k = 0; k < N_ABOUT; k++)
				*(k == ABOUT_INTERPRETER ? &slot->interpreter
				  : k == ABOUT_WAITING	 ? &slot->waiting
							 : &slot->program) += g->lanes[l].bins[i][k];
			slot->refused += g->lanes[l].bins[i][N_ABOUT];
		}
}

/* A column is at most about nine tenths high, so that refusals stand out above it. The square root keeps
 * rare events in sight. */
static void draw_column(FILE *out, size_t at, const struct slot *slot, double top)
{
	static const char *const classes[] = { "g-interp", "g-prog", "g-wait" };
	const uint64_t parts[] = { slot->interpreter, slot->program, slot->waiting };
	double y = HEIGHT, full, ratio = (double)slot_sum(slot) / top, root = 1;

	for (int i = 0; i < 20; i++)
		root = (root + ratio / root) / 2;
	full = (HEIGHT - 9) * root;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		double h = full * (double)parts[i] / (double)slot_sum(slot);

		if (!parts[i])
			continue;
		h = MAX(h, 1.2);
		y -= h;
		fprintf(out, "<rect class=\"%s\" x=\"%zu\" y=\"%.1f\" width=\"3.3\" height=\"%.1f\"/>", classes[i], at * 4, y, h);
	}
}

static void put_phases(struct writer *w)
{
	const struct gathering *g = w->g;

	fputs("<figcaption>", w->out);
	if (g->program_at != UINT64_MAX) {
		fputs("<span>Python starts <b>", w->out);
		html_duration(w->out, g->program_at);
		fputs("</b></span><span>the program <b>", w->out);
		html_duration(w->out, g->span > g->program_at ? g->span - g->program_at : 0);
		fputs("</b></span>", w->out);
	}
	fputs("<small>height: calls; red: refused; pale: the interpreter’s own, waiting</small></figcaption>", w->out);
}

void write_glance(struct writer *w)
{
	const struct gathering *g = w->g;
	struct slot slots[SLOTS] = { 0 };
	double top = 1;

	if (!g->total) {
		fputs("<figure class=\"glance\"><figcaption>No call is in this log.</figcaption></figure>", w->out);
		return;
	}
	fill_slots(g, slots);
	for (size_t i = 0; i < SLOTS; i++)
		top = MAX(top, (double)slot_sum(&slots[i]));
	fprintf(w->out, "<figure class=\"glance\"><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\""
			" aria-label=\"Calls over the time of the run\">", WIDTH, HEIGHT);
	if (g->program_at != UINT64_MAX && g->span)
		fprintf(w->out, "<rect class=\"g-start\" width=\"%.1f\" height=\"%d\"/>",
			(double)MIN(g->program_at, g->span) * WIDTH / (double)g->span, HEIGHT);
	for (size_t i = 0; i < SLOTS; i++)
		if (slot_sum(&slots[i]))
			draw_column(w->out, i, &slots[i], top);
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].refused)
			fprintf(w->out, "<rect class=\"g-refused\" x=\"%zu\" width=\"2.4\" height=\"%d\"/>", i * 4, HEIGHT);
	fputs("</svg>", w->out);
	put_phases(w);
	fputs("</figure>", w->out);
}
