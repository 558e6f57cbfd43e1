/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/report.h"

#include <stdlib.h>

#include "report/html/assets.h"
#include "report/html/status.h"
#include "report/html/template.h"
#include "report/html/writer.h"

/* ------------------------------------------------------------------ names */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* The name of the run: the one given with --id, or that of its script. */
static const char *name_of(const struct gathering *g)
{
	const char *name = json_text(g->start, "run.submission");

	if (name && *name)
		return name;
	return g->collection.run.script ? base_name(g->collection.run.script) : "run";
}

static void put_short(FILE *out, const char *text)
{
	_cleanup_buf_ struct buf fit = { 0 };

	fit_text(&fit, text, strlen(text), 80, TEXT_ARGS);
	html_put(out, fit.data);
}

/* ------------------------------------------------------------------ small slots */

static void slot_status(struct writer *w)
{
	fputs(status_find(w->g->collection.run.status)->status, w->out);
}

static void slot_name(struct writer *w)
{
	put_short(w->out, name_of(w->g));
}

static void slot_run(struct writer *w)
{
	if (w->g->collection.run.id)
		put_short(w->out, w->g->collection.run.id);
}

static void slot_index(struct writer *w)
{
	if (!w->options->index)
		return;
	fputs("<a class=\"all\" href=\"", w->out);
	html_put(w->out, w->options->index);
	fputs("\">all runs</a>", w->out);
}

static void slot_labels(struct writer *w)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach (json_at(w->g->start, "run.labels"), name, value) {
		if (n++ >= 8)
			break;
		fputs("<span class=\"chip\">", w->out);
		put_short(w->out, name);
		fputs(" ", w->out);
		put_short(w->out, json_is_string(value) ? json_string_value(value) : "?");
		fputs("</span> ", w->out);
	}
}

static void slot_refusals(struct writer *w)
{
	if (!w->g->collection.violations)
		return;
	fputs("<small>", w->out);
	html_count(w->out, w->g->collection.violations);
	fputs("</small>", w->out);
}

static void slot_sha256(struct writer *w)
{
	html_put(w->out, w->g->sha256);
}

static void slot_acts(struct writer *w)
{
	if (!w->n_acts)
		return;
	html_plural(w->out, w->g->collection.violations, "call", "calls");
	fputs(" in ", w->out);
	html_plural(w->out, w->n_acts, "act", "acts");
	fputs(w->first ? ", first what may have ended it, then in the order in which they happened."
		       : ", in the order in which they happened.",
	      w->out);
}

/* ------------------------------------------------------------------ what is left out */

static void slot_kept(struct writer *w)
{
	const struct gathering *g = w->g;

	if (g->thinned) {
		html_count(w->out, g->n_calls);
		fputs(" of ", w->out);
		html_plural(w->out, g->total, "call is", "calls are");
		fputs(" shown one by one (refused ones, the slowest, the first, the last, the first of each kind); the others are"
		      " counted in bins of ", w->out);
		html_duration(w->out, g->bin_ns);
		fputs(". All sums are exact. ", w->out);
	}
	if (g->folded) {
		fputs("For ", w->out);
		html_plural(w->out, g->folded, "call something coarser stands", "calls something coarser stands");
		fputs(": a directory for its files, or no stack. ", w->out);
	}
	if (g->threads > GATHER_LANES) {
		fputs("The last lane holds ", w->out);
		html_plural(w->out, g->threads - GATHER_LANES + 1, "thread", "threads");
		fputs(g->threads >= GATHER_THREADS ? " or more. " : ". ", w->out);
	}
}

static void slot_stacks(struct writer *w)
{
	if (w->g->with_stack == w->g->total)
		return;
	html_count(w->out, w->g->with_stack);
	fputs(" of ", w->out);
	html_plural(w->out, w->g->total, "recorded call has", "recorded calls have");
	fputs(" one; proctor run --stack-for all records it for each.", w->out);
}

/* What the times of calls are. */
static void slot_broker(struct writer *w)
{
	fputs(w->g->broker_told ? ", without what proctor took of it" : ", proctor’s own work included", w->out);
}

/* How a profile was taken, and what it leaves out. */
static void slot_samples(struct writer *w)
{
	const struct samples *samples = &w->g->samples;

	if (!samples->hz)
		return;
	fputs(" Samples were taken ", w->out);
	html_count(w->out, samples->hz);
	fputs(samples->wall ? " times a second of each thread: " : " times a second of the threads that computed: ", w->out);
	html_count(w->out, samples->all);
	if (samples->unread) {
		fputs(", ", w->out);
		html_count(w->out, samples->unread);
		fputs(" without a Python frame", w->out);
	}
	if (samples->left_out) {
		fputs(", ", w->out);
		html_count(w->out, samples->left_out);
		fputs(" of stacks that the log leaves out", w->out);
	}
	fputs(". ", w->out);
}

static void slot_times(struct writer *w)
{
	json_t *one;
	uint64_t ns = 0, proctor = 0, calls = 0;
	size_t i;

	json_array_foreach (json_at(w->g->summary, "syscalls"), i, one) {
		calls += json_number(one, "calls", 0);
		ns += json_number(one, "time_ns", 0);
		proctor += json_number(one, "broker_ns", 0);
	}
	if (!calls)
		return;
	html_plural(w->out, calls, "call", "calls");
	fputs(", ", w->out);
	html_duration(w->out, ns);
	fputs(" in them, of which proctor itself ", w->out);
	html_duration(w->out, proctor);
	fputs(".", w->out);
}

/* ------------------------------------------------------------------ the template */

static const struct slot {
	const char *name;
	void (*write)(struct writer *w);
} slots[] = {
	{ "status", slot_status },	 { "name", slot_name },		 { "run", slot_run },
	{ "index", slot_index },	 { "labels", slot_labels },
	{ "n-refusals", slot_refusals }, { "sha256", slot_sha256 },	 { "acts", slot_acts },
	{ "kept", slot_kept },		 { "stacks", slot_stacks },	 { "times", slot_times },
	{ "samples", slot_samples },	 { "broker", slot_broker },
	{ "verdict", write_verdict },	 { "notes", write_notes },	 { "gauges", write_gauges },
	{ "glance", write_glance },	 { "refusals", write_refusals }, { "kinds", write_kinds },
	{ "source", write_source },	 { "outside", write_outside },	 { "syscalls", write_syscalls },
	{ "policy", write_policy },	 { "tasks", write_tasks },		 { "environment", write_environment }, { "data", write_data },
};

static void write_slot(const char *name, FILE *out, void *context)
{
	(void)out;
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++)
		if (streq(slots[i].name, name))
			slots[i].write(context);
}

static void writer_init(struct writer *w, struct gathering *g, const struct report_options *options, FILE *out)
{
	const struct explainer e = { .run = &g->collection.run };

	*w = (struct writer){ .out = out, .g = g, .options = options };
	table_init(&w->anchors, (size_t)WRITER_ACTS * WRITER_ACT_CALLS, SIZE_MAX);
	w->outcome = collection_outcome(&g->collection);
	w->by = w->outcome.kind == OUTCOME_SIGNAL ? &g->collection.signal : collection_refusal(&g->collection, &w->outcome);
	w->cause = collection_cause(&g->collection, &w->outcome);
	w->first = explain_first(&e, &g->collection, &w->outcome);
	writer_sources(w);
	writer_acts(w);
}

static void writer_fini(struct writer *w)
{
	for (size_t i = 0; i < w->n_acts; i++)
		free(w->acts[i].title);
	free(w->acts);
	table_fini(&w->anchors);
	free(w->shown);
	free(w->lines);
}

void report_write(struct gathering *g, const struct report_options *options, FILE *out)
{
	struct writer w;

	writer_init(&w, g, options, out);
	template_fill(&asset_template, &asset_script, write_slot, &w, out);
	writer_fini(&w);
}

/* ------------------------------------------------------------------ several */

static char *fit_copy(const char *text, size_t max)
{
	struct buf fit = { 0 };

	fit_text(&fit, text, strlen(text), max, TEXT_ARGS);
	return buf_steal(&fit);
}

/* Why a run ended, for a row. */
static char *cause_of(const struct writer *w)
{
	_cleanup_buf_ struct buf told = { 0 };

	if (w->cause)
		cause_exception(&w->cause->exception, &w->cause->around, false, true, &told);
	else
		run_info_tell_end(&w->g->collection.run, &told);
	return fit_copy(told.data, 300);
}

void report_row(struct gathering *g, const char *href, const char *log, struct report_row *ret)
{
	const struct report_options none = { 0 };
	struct writer w;
	uint64_t allowed;

	writer_init(&w, g, &none, NULL);
	*ret = (struct report_row){
		.href = xstrdup(href),
		.log = fit_copy(log, 200),
		.name = fit_copy(name_of(g), 80),
		.status = fit_copy(status_find(g->collection.run.status)->status, 8),
		.cause = cause_of(&w),
		.violations = g->collection.violations,
		.cpu_ns = json_number(g->collection.run.end, "cpu_ns", 0),
		.wall_ns = json_number(g->collection.run.end, "wall_ns", 0),
		.memory_bytes = json_number(g->collection.run.end, "memory_bytes", 0),
		.calls = g->total,
		.whole = log_is_whole(&g->health),
	};
	writer_count_outside(&w, &ret->paths_outside, &allowed);
	writer_fini(&w);
}

void report_row_fini(struct report_row *row)
{
	free(row->href);
	free(row->log);
	free(row->name);
	free(row->status);
	free(row->cause);
}
