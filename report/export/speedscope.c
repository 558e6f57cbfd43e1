/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file format of speedscope: stacks with three weights, as three profiles, and a fourth of samples
 * where there are any. A stack is written once with the sums of what was counted for it, so the file
 * does not grow with the log; the order in time is lost: the format chrome has it.
 */
#include "report/export/formats.h"
#include "report/export/stacks.h"

static json_t *frame_json(const struct stack_frame *frame)
{
	json_t *json = json_object();

	export_set_text(json, "name", frame->name);
	export_set_text(json, "file", frame->file);
	if (frame->file && frame->line)
		json_set_number(json, "line", frame->line);
	return json;
}

static void put_samples(struct exporter *e, const struct stacks *s, enum export_weight weight)
{
	bool separate = false;

	fputs("\"samples\":[", e->out);
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct stack_row *row = &s->rows[i];

		if (!stack_row_weight(row, weight))
			continue;
		fputs(separate ? ",\n[" : "\n[", e->out);
		separate = true;
		for (size_t k = 0; k < row->depth; k++)
			fprintf(e->out, "%s%u", k ? "," : "", s->indices[row->first + k]);
		fputc(']', e->out);
	}
	fputs("],\n\"weights\":[", e->out);
	separate = false;
	for (size_t i = 0; i < s->n_rows; i++) {
		uint64_t n = stack_row_weight(&s->rows[i], weight);

		if (n)
			fprintf(e->out, "%s%llu", separate ? "," : "", (unsigned long long)n);
		separate = separate || n;
	}
	fputc(']', e->out);
}

static void put_profile(struct exporter *e, const char *name, const char *unit, enum export_weight weight)
{
	const struct stacks *s = e->state;
	uint64_t total = 0;

	for (size_t i = 0; i < s->n_rows; i++)
		if (__builtin_add_overflow(total, stack_row_weight(&s->rows[i], weight), &total))
			total = UINT64_MAX;
	fprintf(e->out, "{\"type\":\"sampled\",\"name\":\"%s\",\"unit\":\"%s\",\"startValue\":0,\"endValue\":%llu,",
		name, unit, (unsigned long long)total);
	put_samples(e, s, weight);
	fputs("}", e->out);
}

/* Was there a profile? */
static bool has_samples(const struct stacks *s)
{
	for (size_t i = 0; i < s->n_rows; i++)
		if (s->rows[i].samples)
			return true;
	return false;
}

static void finish(struct exporter *e)
{
	struct stacks *s = e->state;

	fputs("{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
	      "\"exporter\":\"proctor@" PACKAGE_VERSION "\",\"name\":\"proctor\",\"activeProfileIndex\":0,\n"
	      "\"shared\":{\"frames\":[\n",
	      e->out);
	for (size_t i = 0; i < s->n_frames; i++)
		export_element(e, frame_json(&s->frames[i]));
	fputs("\n]},\"profiles\":[\n", e->out);
	put_profile(e, "time in calls, with proctor's own", "nanoseconds", WEIGHT_TIME);
	fputs(",\n", e->out);
	put_profile(e, "number of calls", "none", WEIGHT_CALLS);
	fputs(",\n", e->out);
	put_profile(e, "calls that were refused or hidden", "none", WEIGHT_REFUSED);
	if (has_samples(s)) {
		fputs(",\n", e->out);
		put_profile(e, "samples of what computes", "none", WEIGHT_SAMPLES);
	}
	fputs("]}\n", e->out);
}

const struct export_format export_speedscope = {
	.name = "speedscope",
	.description = "stacks for speedscope: time, calls and refusals",
	.begin = stacks_begin,
	.record = stacks_record,
	.finish = finish,
	.release = stacks_release,
};
