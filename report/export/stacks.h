/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python stacks of calls, each kept once with its counts, for the formats that draw flame graphs.
 * Bounded: what exceeds the bounds is counted for one stack that says so.
 */
#ifndef PROCTOR_REPORT_EXPORT_STACKS_H
#define PROCTOR_REPORT_EXPORT_STACKS_H

#include "report/export/export.h"
#include "report/table.h"

enum {
	STACKS_MAX_FRAMES = 100000,
	STACKS_MAX = 100000,
	STACKS_MAX_DEPTH = 1024,
	STACKS_MAX_INDICES = 8 << 20, /* frames in all stacks together */
	STACKS_MAX_BYTES = 64 << 20,  /* of names */
};

struct stack_frame {
	char *name, *file; /* FILE NULL: no Python frame */
	uint64_t line;
};

struct stack_row {
	size_t first, depth; /* indices[first …], outermost frame first */
	uint64_t calls, time_ns, refused;
	uint64_t samples; /* of a profile, whose stacks are separate, because they end in no call */
};

struct stacks {
	struct table frame_table, row_table;
	struct stack_frame *frames;
	struct stack_row *rows;
	uint32_t *indices;
	size_t n_frames, cap_frames, n_rows, cap_rows, n_indices, cap_indices;
};

/* For a format whose state is a struct stacks, in which every call and the samples of a profile are counted. */
void stacks_begin(struct exporter *exporter);
void stacks_record(struct exporter *exporter, const struct event *event);
void stacks_release(struct exporter *exporter);
uint64_t stack_row_weight(const struct stack_row *row, enum export_weight weight);

#endif
