/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python stacks of calls, each kept once with what was counted for it, for the formats that draw
 * flames. Bounded: what is beyond is counted for one stack that says so.
 */
#ifndef PROCTOR_REPORT_EXPORT_STACKS_H
#define PROCTOR_REPORT_EXPORT_STACKS_H

#include "report/export/export.h"
#include "report/table.h"

enum {
	STACKS_MAX_FRAMES = 100000,
	STACKS_MAX = 100000,
	STACKS_MAX_DEPTH = 1024,
	STACKS_MAX_INDICES = 8 << 20, /* frames of all stacks together */
	STACKS_MAX_BYTES = 64 << 20,  /* of names */
};

struct stack_frame {
	char *name, *file; /* FILE NULL: no Python frame */
	uint64_t line;
};

struct stack_row {
	size_t first, depth; /* indices[first …], outermost frame first */
	uint64_t calls, time_ns, refused;
	uint64_t samples; /* of a profile record: stacks of their own, which end in no call */
};

struct stacks {
	struct table frame_table, row_table;
	struct stack_frame *frames;
	struct stack_row *rows;
	uint32_t *indices;
	size_t n_frames, cap_frames, n_rows, cap_rows, n_indices, cap_indices;
};

/* Of a format: its state is a struct stacks, in which every call is counted, and the samples of a profile. */
void stacks_begin(struct exporter *exporter);
void stacks_record(struct exporter *exporter, const struct event *event);
void stacks_release(struct exporter *exporter);
uint64_t stack_row_weight(const struct stack_row *row, enum export_weight weight);

#endif
