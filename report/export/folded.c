/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folded stacks, as flamegraph.pl, inferno and speedscope read them: "outer;inner;call COUNT".
 * In a name, what would end it (a semicolon, a line break, other control characters) is escaped.
 */
#include "report/export/formats.h"
#include "report/export/stacks.h"

#include "base/escape.h"

static void put_frame(const struct stack_frame *frame, FILE *out)
{
	_cleanup_buf_ struct buf raw = { 0 }, text = { 0 };

	buf_puts(&raw, frame->name);
	if (frame->file)
		buf_printf(&raw, " (%s:%llu)", frame->file, (unsigned long long)frame->line);
	text_args(&text, raw.data);
	for (size_t i = 0; i < text.len; i++)
		fputc(text.data[i] == ';' ? ',' : text.data[i], out);
}

static void finish(struct exporter *e)
{
	struct stacks *s = e->state;

	for (size_t i = 0; i < s->n_rows; i++) {
		const struct stack_row *row = &s->rows[i];
		uint64_t weight = stack_row_weight(row, e->options->weight);

		if (!weight)
			continue;
		for (size_t k = 0; k < row->depth; k++) {
			if (k)
				fputc(';', e->out);
			put_frame(&s->frames[s->indices[row->first + k]], e->out);
		}
		fprintf(e->out, " %llu\n", (unsigned long long)weight);
	}
}

const struct export_format export_folded = {
	.name = "folded",
	.description = "folded stacks for flamegraph.pl and inferno",
	.begin = stacks_begin,
	.record = stacks_record,
	.finish = finish,
	.release = stacks_release,
};
