/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/course.h"

#include <stdlib.h>

#include "report/html/kept.h"

static uint64_t number_at(json_t *list, size_t i)
{
	json_t *one = json_array_get(list, i);

	return json_is_integer(one) && json_integer_value(one) > 0 ? MIN((uint64_t)json_integer_value(one), GATHER_MAX_TIME) : 0;
}

/* Points in order; whatever is not is left out. */
static void take_usage(struct gathering *g, json_t *usage)
{
	json_t *at = json_object_get(usage, "at_ns"), *cpu = json_object_get(usage, "cpu_ns"),
	       *memory = json_object_get(usage, "memory_bytes"), *output = json_object_get(usage, "output_bytes");

	g->n_points = 0;
	g->output_told = json_is_array(output);
	for (size_t i = 0; i < json_array_size(at) && g->n_points < GATHER_POINTS; i++) {
		const struct usage_point point = { number_at(at, i), number_at(cpu, i), number_at(memory, i),
						   number_at(output, i) };
		const struct usage_point *last = g->n_points ? &g->points[g->n_points - 1] : NULL;

		if (last && (point.at <= last->at || point.cpu_ns < last->cpu_ns || point.output_bytes < last->output_bytes))
			continue;
		grow_array(&g->points, &g->cap_points, g->n_points + 1, sizeof *g->points);
		g->points[g->n_points++] = point;
	}
}

static char *command_of(struct gathering *g, json_t *task)
{
	_cleanup_buf_ struct buf text = { 0 };
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(task, "args"), i, one) {
		buf_puts(&text, i ? " " : "");
		buf_puts(&text, json_is_string(one) ? json_string_value(one) : "?");
	}
	if (json_bool(task, "args_cut", false))
		buf_lit(&text, " …");
	return text.len ? kept_text(g, text.data, text.len, 300, TEXT_ARGS) : NULL;
}

static void take_task(struct gathering *g, json_t *json)
{
	const char *name = json_text(json, "name");
	struct task_row task = {
		.pid = json_number(json, "pid", 0),
		.tid = json_number(json, "thread", 0),
		.parent = json_number(json, "parent", 0),
		.from = MIN(json_number(json, "from_ns", 0), GATHER_MAX_TIME),
		.to = json_number(json, "to_ns", UINT64_MAX),
		.cpu_ns = json_number(json, "cpu_ns", UINT64_MAX),
		.name = name ? kept_text(g, name, strlen(name), 64, TEXT_ARGS) : NULL,
		.command = command_of(g, json),
	};

	grow_array(&g->tasks, &g->cap_tasks, g->n_tasks + 1, sizeof *g->tasks);
	g->tasks[g->n_tasks++] = task;
}

static void take_tasks(struct gathering *g, json_t *tasks)
{
	json_t *one;
	size_t i;

	g->tasks_left_out = json_number(tasks, "left_out", 0);
	json_array_foreach (json_object_get(tasks, "list"), i, one) {
		if (g->n_tasks >= GATHER_TASKS)
			g->tasks_left_out++;
		else
			take_task(g, one);
	}
}

void course_take(struct gathering *g, json_t *summary)
{
	/* Of a log with two summaries the last one is shown; threads are those of the first. */
	if (!g->summary)
		take_tasks(g, json_object_get(summary, "tasks"));
	json_decref(g->summary);
	g->summary = json_incref(summary);
	take_usage(g, json_object_get(summary, "usage"));
}

void course_fini(struct gathering *g)
{
	for (size_t i = 0; i < g->n_tasks; i++) {
		free(g->tasks[i].name);
		free(g->tasks[i].command);
	}
	free(g->points);
	free(g->tasks);
}
