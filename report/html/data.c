/* SPDX-License-Identifier: Apache-2.0 */
/* The data that a page's script draws, as JSON that nothing executes. In columns, because that is shorter. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/html/writer.h"

static void put_texts(FILE *out, const char *name, const struct text_rows *rows)
{
	fprintf(out, ",\n\"%s\":[", name);
	for (size_t i = 0; i < rows->n; i++) {
		fputs(i ? "," : "", out);
		json_put(out, rows->rows[i].text);
	}
	fputs("]", out);
}

static void put_paths(FILE *out, const struct text_rows *rows)
{
	fputs(",\n\"paths\":[", out);
	for (size_t i = 0; i < rows->n; i++) {
		fputs(i ? ",[" : "[", out);
		json_put(out, rows->rows[i].text);
		fprintf(out, ",%d]", (int)rows->rows[i].zone);
	}
	fputs("]", out);
}

/* Origin: the program, a library, or the interpreter itself. */
static int origin_of(const struct frame_row *frame)
{
	return frame->own ? 0 : !*frame->file || *frame->file == '<' ? 2 : 1;
}

static void put_frames(const struct gathering *g, FILE *out)
{
	fputs(",\n\"frames\":[", out);
	for (size_t i = 0; i < g->n_frames; i++) {
		fputs(i ? ",[" : "[", out);
		json_put(out, g->frames[i].file);
		fprintf(out, ",%" PRIu64 ",", MIN(g->frames[i].line, UINT64_C(1) << 52));
		json_put(out, g->frames[i].function);
		fprintf(out, ",%d]", origin_of(&g->frames[i]));
	}
	fputs("]", out);
}

static void put_nodes(const struct gathering *g, FILE *out)
{
	fputs(",\n\"nodes\":[[", out);
	for (size_t i = 0; i < g->n_nodes; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", g->nodes[i].parent);
	fputs("],[", out);
	for (size_t i = 0; i < g->n_nodes; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", g->nodes[i].frame);
	fputs("]]", out);
}

/* Where a profile's samples ended: nodes, written as differences, and counts; null when there is no profile. */
static void put_samples(const struct gathering *g, FILE *out)
{
	size_t last = 0;
	bool first = true;

	if (!g->samples.hz) {
		fputs(",\n\"samples\":null", out);
		return;
	}
	fprintf(out, ",\n\"samples\":{\"wall\":%s,\"unread\":%" PRIu64 ",\"at\":[", g->samples.wall ? "true" : "false", MIN(g->samples.unread, UINT64_C(1) << 52));
	for (size_t i = 0; i < g->n_nodes; i++)
		if (g->nodes[i].samples) {
			fprintf(out, "%s%zu,%" PRIu64, first ? "" : ",", i - last, MIN(g->nodes[i].samples, UINT64_C(1) << 52));
			first = false;
			last = i;
		}
	fputs("]}", out);
}

#define COLUMN(member, format, cast)                                                                     \
	do {                                                                                             \
		fputs(first ? "[" : ",[", out);                                                          \
		first = false;                                                                           \
		for (size_t i = 0; i < g->n_cells; i++)                                                  \
			fprintf(out, i ? "," format : format, (cast)g->cells[i].member);                 \
		fputs("]", out);                                                                         \
	} while (0)

static void put_cells(const struct gathering *g, FILE *out)
{
	bool first = true;

	fputs(",\n\"cells\":[", out);
	COLUMN(name, "%u", unsigned);
	COLUMN(what, "%u", unsigned);
	COLUMN(err, "%u", unsigned);
	COLUMN(path, "%d", int);
	COLUMN(frame, "%d", int);
	COLUMN(node, "%u", unsigned);
	COLUMN(phase, "%u", unsigned);
	COLUMN(about, "%u", unsigned);
	COLUMN(n, "%" PRIu64, uint64_t);
	COLUMN(ns, "%" PRIu64, uint64_t);
	COLUMN(got, "%" PRIu64, uint64_t);
	COLUMN(put, "%" PRIu64, uint64_t);
	COLUMN(violations, "%" PRIu64, uint64_t);
	COLUMN(broker_ns, "%" PRIu64, uint64_t);
	fputs("]", out);
}

/* Numbers and times are written as differences; these are negative in a log out of order. */
static void put_calls(const struct gathering *g, FILE *out)
{
	int64_t last = 0;

	fputs(",\n\"calls\":[[", out);
	for (size_t i = 0; i < g->n_calls; i++) {
		int64_t sequence = (int64_t)MIN(g->calls[i].sequence, UINT64_C(1) << 52);

		fprintf(out, "%s%" PRId64, i ? "," : "", sequence - last);
		last = sequence;
	}
	last = 0;
	fputs("],[", out);
	for (size_t i = 0; i < g->n_calls; i++) {
		fprintf(out, "%s%" PRId64, i ? "," : "", (int64_t)g->calls[i].at - last);
		last = (int64_t)g->calls[i].at;
	}
	fputs("],[", out);
	for (size_t i = 0; i < g->n_calls; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : "", g->calls[i].ns);
	fputs("],[", out);
	for (size_t i = 0; i < g->n_calls; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", g->calls[i].lane);
	fputs("],[", out);
	for (size_t i = 0; i < g->n_calls; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", g->calls[i].cell);
	fputs("],[", out);
	for (size_t i = 0; i < g->n_calls; i++) {
		fputs(i ? "," : "", out);
		json_put(out, g->calls[i].args);
	}
	/* As a text: it may be an address, which is beyond what a browser counts exactly. */
	fputs("],[", out);
	for (size_t i = 0; i < g->n_calls; i++)
		if (g->calls[i].returned)
			fprintf(out, "%s\"%" PRId64 "\"", i ? "," : "", g->calls[i].result);
		else
			fprintf(out, "%snull", i ? "," : "");
	fputs("]]", out);
}

/* Slots, written as differences, then what was counted: lanes in triples, output in pairs. */
static void put_bins(const struct gathering *g, FILE *out)
{
	size_t last = 0;
	bool first = true;

	fprintf(out, ",\n\"thinned\":%s,\"bins\":{\"width\":%" PRIu64 ",\"lanes\":[", g->thinned ? "true" : "false", g->bin_ns);
	for (size_t l = 0; l < g->n_lanes; l++) {
		fputs(l ? ",[" : "[", out);
		first = true;
		last = 0;
		for (size_t i = 0; i < GATHER_BINS && g->thinned; i++)
			for (size_t k = 0; k <= N_ABOUT; k++)
				if (g->lanes[l].bins[i][k]) {
					fprintf(out, "%s%zu,%zu,%" PRIu32, first ? "" : ",", i - last, k, g->lanes[l].bins[i][k]);
					first = false;
					last = i;
				}
		fputs("]", out);
	}
	fputs("],\"output\":[", out);
	first = true;
	last = 0;
	for (size_t i = 0; i < GATHER_BINS; i++)
		if (g->output_bins[i]) {
			fprintf(out, "%s%zu,%" PRIu64, first ? "" : ",", i - last, g->output_bins[i]);
			first = false;
			last = i;
		}
	fputs("]}", out);
}

/* The last thread of that number, if it is called otherwise than the program's first one; else its process, if it is
 * another one's first thread. */
static void put_lane_name(const struct gathering *g, const struct lane *lane, FILE *out)
{
	for (size_t i = g->n_tasks; i-- > 1;) {
		const struct task_row *task = &g->tasks[i];

		if (task->tid != lane->tid)
			continue;
		if (task->name && (!g->tasks[0].name || !streq(task->name, g->tasks[0].name))) {
			fputs(",", out);
			json_put(out, task->name);
		} else if (task->pid == task->tid) {
			fprintf(out, ",\"process %" PRIu64 "\"", task->pid);
		}
		return;
	}
}

static void put_lanes(const struct gathering *g, FILE *out)
{
	fputs(",\n\"threads\":[", out);
	for (size_t i = 0; i < g->n_lanes; i++) {
		const struct lane *lane = &g->lanes[i];

		fprintf(out, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, i ? "," : "", lane->tid,
			lane->from, lane->to, lane->calls, lane->violations);
		put_lane_name(g, lane, out);
		fputs("]", out);
	}
	fputs("]", out);
}

#define POINTS(name, member)                                                                             \
	do {                                                                                             \
		fputs(",\"" name "\":[", out);                                                           \
		for (size_t i = 0; i < g->n_points; i++)                                                 \
			fprintf(out, i ? ",%" PRIu64 : "%" PRIu64, g->points[i].member);                 \
		fputs("]", out);                                                                         \
	} while (0)

/* Usage over time, and the end: when, and all output; null when the log does not tell. */
static void put_usage(const struct gathering *g, FILE *out)
{
	json_t *end = g->collection.run.end;
	uint64_t limit = g->collection.run.limits[LIMIT_MEMORY];

	if (!g->n_points) {
		fputs(",\n\"usage\":null", out);
		return;
	}
	fprintf(out, ",\n\"usage\":{\"end\":[%" PRIu64 ",%" PRIu64 "],\"limit\":%" PRIu64,
		MIN(json_number(end, "wall_ns", 0), GATHER_MAX_TIME),
		MIN(json_number(end, "output_bytes", 0), GATHER_MAX_TIME), limit == UINT64_MAX ? 0 : MIN(limit, GATHER_MAX_TIME));
	POINTS("at", at);
	POINTS("cpu", cpu_ns);
	POINTS("memory", memory_bytes);
	if (g->output_told)
		POINTS("output", output_bytes);
	fputs("}", out);
}

static void put_acts(const struct writer *w)
{
	fputs(",\n\"acts\":[", w->out);
	for (size_t i = 0; i < w->n_acts; i++) {
		fputs(i ? ",[" : "[", w->out);
		for (size_t k = 0; k < w->acts[i].n_groups; k++)
			fprintf(w->out, "%s%" PRIu64, k ? "," : "", MIN(w->acts[i].groups[k]->first.sequence, UINT64_C(1) << 52));
		fputs("]", w->out);
	}
	fputs("],\n\"files\":[", w->out);
	for (size_t i = 0; i < w->n_shown; i++) {
		fputs(i ? "," : "", w->out);
		json_put(w->out, w->g->files[w->shown[i].file].shown);
	}
	fputs("]", w->out);
}

void write_data(struct writer *w)
{
	const struct gathering *g = w->g;
	const char *folder = g->collection.run.submission;
	_cleanup_buf_ struct buf fit = { 0 };

	fit_text(&fit, folder ? folder : "", folder ? strlen(folder) : 0, HTML_MAX_TEXT, TEXT_PATH);
	fprintf(w->out, "{\"v\":1,\"span\":%" PRIu64 ",\"program\":", g->span);
	if (g->program_at == UINT64_MAX)
		fputs("null", w->out);
	else
		fprintf(w->out, "%" PRIu64, g->program_at);
	fprintf(w->out, ",\"total\":%" PRIu64 ",\"stacks\":%" PRIu64 ",\"main\":%" PRIu64 ",\"threads_total\":%" PRIu64 ",\"folder\":",
		g->total, g->with_stack, g->collection.run.pid, g->threads);
	json_put(w->out, fit.data);
	put_texts(w->out, "names", &g->names);
	put_texts(w->out, "errnos", &g->errors);
	put_paths(w->out, &g->paths);
	put_frames(g, w->out);
	put_nodes(g, w->out);
	put_samples(g, w->out);
	put_lanes(g, w->out);
	put_cells(g, w->out);
	put_calls(g, w->out);
	put_bins(g, w->out);
	put_usage(g, w->out);
	put_acts(w);
	fputs("}", w->out);
}
