/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/stacks.h"

#include <stdlib.h>

/* Frames and rows that are there from the start, so that there is always room for them. */
enum { FRAME_BEYOND, FRAME_NO_STACK };

static size_t add_frame(struct stacks *s, const char *name, const char *file, uint64_t line)
{
	_cleanup_buf_ struct buf key = { 0 };
	bool is_new;
	size_t i;

	buf_put(&key, name, strlen(name) + 1);
	if (file)
		buf_puts(&key, file);
	buf_printf(&key, "%c%llu", file ? '\0' : '\1', (unsigned long long)line);
	i = table_put(&s->frame_table, key.data, key.len, &is_new);
	if (i == TABLE_FULL)
		return FRAME_BEYOND;
	if (is_new) {
		grow_array(&s->frames, &s->cap_frames, i + 1, sizeof *s->frames);
		s->frames[i] = (struct stack_frame){ xstrdup(name), file ? xstrdup(file) : NULL, line };
		s->n_frames = i + 1;
	}
	return i;
}

/* The row of the N frames at INDICES; the first one when there is no room. */
static struct stack_row *find_row(struct stacks *s, const uint32_t *indices, size_t n)
{
	bool is_new;
	size_t i;

	i = table_put(&s->row_table, indices, n * sizeof *indices, &is_new);
	if (i == TABLE_FULL)
		return &s->rows[0];
	if (is_new) {
		grow_array(&s->rows, &s->cap_rows, i + 1, sizeof *s->rows);
		grow_array(&s->indices, &s->cap_indices, s->n_indices + n, sizeof *s->indices);
		memcpy(s->indices + s->n_indices, indices, n * sizeof *indices);
		s->rows[i] = (struct stack_row){ .first = s->n_indices, .depth = n };
		s->n_indices += n;
		s->n_rows = i + 1;
	}
	return &s->rows[i];
}

void stacks_begin(struct exporter *e)
{
	struct stacks *s = xcalloc(1, sizeof *s);
	const uint32_t beyond = FRAME_BEYOND;

	table_init(&s->frame_table, STACKS_MAX_FRAMES, STACKS_MAX_BYTES);
	table_init(&s->row_table, STACKS_MAX, STACKS_MAX_INDICES * sizeof *s->indices);
	add_frame(s, "(more stacks than are kept)", NULL, 0);
	add_frame(s, "(no stack)", NULL, 0);
	find_row(s, &beyond, 1);
	e->state = s;
}

void stacks_release(struct exporter *e)
{
	struct stacks *s = e->state;

	for (size_t i = 0; i < s->n_frames; i++) {
		free(s->frames[i].name);
		free(s->frames[i].file);
	}
	free(s->frames);
	free(s->rows);
	free(s->indices);
	table_fini(&s->frame_table);
	table_fini(&s->row_table);
	free(s);
}

static size_t frame_of(struct stacks *s, json_t *json)
{
	const char *name = json_text(json, "function"), *file = json_text(json, "file");
	uint64_t left_out = json_number(json, "omitted", 0);
	char text[64];

	if (!name && left_out) {
		snprintf(text, sizeof text, "(%llu frames left out)", (unsigned long long)left_out);
		return add_frame(s, text, NULL, 0);
	}
	return add_frame(s, name ? name : "?", file ? file : "?", json_number(json, "line", 0));
}

/* Puts the frames of list PYTHON into INDICES, which has room for STACKS_MAX_DEPTH at least; returns how many. */
static size_t add_frames(struct stacks *s, json_t *python, uint32_t *indices)
{
	size_t n = json_array_size(python), depth = 0;

	/* The log begins with the innermost frame; of a stack that is too deep the innermost are kept. */
	for (size_t i = MIN(n, (size_t)STACKS_MAX_DEPTH); i-- > 0;)
		indices[depth++] = (uint32_t)frame_of(s, json_array_get(python, i));
	if (!depth)
		indices[depth++] = FRAME_NO_STACK;
	return depth;
}

static void add_stack(struct stacks *s, const struct event *event)
{
	uint32_t indices[STACKS_MAX_DEPTH + 1];
	size_t depth = add_frames(s, json_at(event->json, "stack.python"), indices);
	struct stack_row *row;

	indices[depth++] = (uint32_t)add_frame(s, event->name ? event->name : "?", NULL, 0);
	row = find_row(s, indices, depth);
	add_saturated(&row->calls, 1);
	add_saturated(&row->time_ns, event->duration_ns);
	add_saturated(&row->refused, event->refused);
}

static void add_samples(struct stacks *s, json_t *python, uint64_t samples)
{
	uint32_t indices[STACKS_MAX_DEPTH];
	size_t depth = add_frames(s, python, indices);

	if (samples)
		add_saturated(&find_row(s, indices, depth)->samples, samples);
}

static void add_profile(struct stacks *s, json_t *profile)
{
	json_t *stack;
	size_t i;

	json_array_foreach (json_object_get(profile, "stacks"), i, stack)
		add_samples(s, json_object_get(stack, "python"), json_number(stack, "samples", 0));
	add_samples(s, NULL, json_number(profile, "unread", 0));
}

void stacks_record(struct exporter *e, const struct event *event)
{
	if (event->kind == RECORD_CALL)
		add_stack(e->state, event);
	else if (event->kind == RECORD_PROFILE)
		add_profile(e->state, json_object_get(event->json, "profile"));
}

uint64_t stack_row_weight(const struct stack_row *row, enum export_weight weight)
{
	switch (weight) {
	case WEIGHT_TIME:
		return row->time_ns;
	case WEIGHT_REFUSED:
		return row->refused;
	case WEIGHT_SAMPLES:
		return row->samples;
	default:
		return row->calls;
	}
}
