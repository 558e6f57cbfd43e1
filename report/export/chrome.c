/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace event format of Chromium, which Perfetto reads: a process for each run, a slice for
 * each call, an instant for each refusal, counters for what was used over time. Times are microseconds from the start of their run, because
 * a double cannot hold nanoseconds in times since 1970.
 */
#include "report/export/formats.h"

static void begin(struct exporter *e)
{
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", e->out);
}

/* jansson writes 17 digits of a double; only three behind the point mean anything. */
static json_t *microseconds(int64_t ns)
{
	return ns % 1000 ? json_real((double)ns / 1000.0) : json_integer(ns / 1000);
}

static json_t *new_event(struct exporter *e, const char *phase, const char *name, uint64_t tid)
{
	json_t *json = json_object();

	export_set_text(json, "ph", phase);
	export_set_text(json, "name", name ? name : "?");
	json_set_number(json, "pid", e->log);
	json_set_number(json, "tid", tid);
	return json;
}

static void put_metadata(struct exporter *e, const char *what, const char *name, const char *value)
{
	json_t *json = new_event(e, "M", what, 0), *args = json_object();

	export_set_text(args, name, value);
	json_object_set_new(json, "args", args);
	export_element(e, json);
}

static void put_start(struct exporter *e, const struct event *event)
{
	_cleanup_buf_ struct buf name = { 0 };

	buf_puts(&name, e->run.script ? e->run.script : "run");
	if (e->run.id)
		buf_printf(&name, " %s", e->run.id);
	put_metadata(e, "process_name", "name", name.data);
	if (event->timestamp)
		put_metadata(e, "process_labels", "labels", event->timestamp);
}

static json_t *arguments(struct exporter *e, const struct event *event)
{
	_cleanup_buf_ struct buf text = { 0 }, place = { 0 };
	json_t *args = json_object();

	json_set_number(args, "sequence", event->sequence);
	export_set(args, "path", event->path);
	export_set(args, "path_b64", event->path_b64);
	export_set_followed(args, event);
	if (event->args) {
		event_args(event->args, &text);
		export_set_text(args, "arguments", text.data);
	}
	if (event->returned)
		json_object_set_new(args, "result", json_integer(event->result));
	export_set_text(args, "errno", event->err);
	export_set_text(args, "decision", event->action);
	export_set_text(args, "how", event->how);
	export_set_text(args, "rule", event->rule);
	export_set_text(args, "ref", event->ref);
	if (export_place(e, event, &place))
		export_set_text(args, "code", place.data);
	return args;
}

static void put_slice(struct exporter *e, const struct event *event)
{
	json_t *json = new_event(e, "X", event->name, event->tid);

	export_set_text(json, "cat", event->refused ? "call,refused" : "call");
	json_object_set_new(json, "ts", microseconds(event->time_ns - e->start_ns));
	json_object_set_new(json, "dur",
			    microseconds((int64_t)MIN(event->duration_ns, (uint64_t)INT64_MAX)));
	json_object_set_new(json, "args", arguments(e, event));
	export_element(e, json);
}

static void put_instant(struct exporter *e, const struct event *event, const char *category)
{
	_cleanup_free_ char *name = event->action ? xasprintf("%s %s", event->action, event->name ? event->name : "?") :
						    NULL;
	json_t *json = new_event(e, "i", name ? name : event->name, event->tid);

	export_set_text(json, "cat", category);
	export_set_text(json, "s", "t");
	export_set_text(json, "cname", "terrible");
	json_object_set_new(json, "ts", microseconds(event->time_ns - e->start_ns));
	json_object_set_new(json, "args", arguments(e, event));
	export_element(e, json);
}

/* A track that counts: NAME at AT_NS since the start. */
static void put_counter(struct exporter *e, const char *name, int64_t at_ns, json_t *value)
{
	json_t *json = new_event(e, "C", name, 0), *args = json_object();

	json_object_set_new(json, "ts", microseconds(at_ns));
	export_set(args, name, value);
	json_object_set_new(json, "args", args);
	export_element(e, json);
}

/* CPU time as the share of one processor since the point before. */
static json_t *share(json_t *sums, json_t *times, size_t i)
{
	double used = (double)json_integer_value(json_array_get(sums, i)),
	       at = (double)json_integer_value(json_array_get(times, i));

	if (i) {
		used -= (double)json_integer_value(json_array_get(sums, i - 1));
		at -= (double)json_integer_value(json_array_get(times, i - 1));
	}
	return json_integer(at > 0 && used > 0 ? (json_int_t)MIN(100.0 * used / at, 1e6) : 0);
}

static void put_usage(struct exporter *e, json_t *usage)
{
	static const char *const columns[] = { "memory_bytes", "output_bytes", "threads" };
	json_t *times = json_object_get(usage, "at_ns"), *cpu = json_object_get(usage, "cpu_ns"), *at, *value;
	size_t i, k;

	json_array_foreach (times, i, at) {
		if (!json_is_integer(at) || json_integer_value(at) < 0)
			continue;
		value = share(cpu, times, i);
		put_counter(e, "cpu_percent", json_integer_value(at), value);
		json_decref(value);
		for (k = 0; k < ARRAY_SIZE(columns); k++) {
			value = json_array_get(json_object_get(usage, columns[k]), i);
			if (json_is_integer(value))
				put_counter(e, columns[k], json_integer_value(at), value);
		}
	}
}

static void put_thread_names(struct exporter *e, json_t *tasks)
{
	json_t *one;
	size_t i;

	json_array_foreach (tasks, i, one) {
		const char *name = json_text(one, "name");
		json_t *json, *args;

		if (!name)
			continue;
		json = new_event(e, "M", "thread_name", json_number(one, "thread", 0));
		args = json_object();
		export_set_text(args, "name", name);
		json_object_set_new(json, "args", args);
		export_element(e, json);
	}
}

static void record(struct exporter *e, const struct event *event)
{
	if (event->kind == RECORD_START && event->json == e->start)
		put_start(e, event);
	if (event->kind == RECORD_SUMMARY) {
		put_thread_names(e, json_at(event->json, "tasks.list"));
		put_usage(e, json_at(event->json, "usage"));
	}
	if (!event->timed)
		return;
	if (event->kind == RECORD_CALL)
		put_slice(e, event);
	if (event->kind == RECORD_CALL && event->refused)
		put_instant(e, event, "refused");
	else if (event->kind == RECORD_SIGNAL)
		put_instant(e, event, "signal");
}

static void finish(struct exporter *e)
{
	fputs("\n]}\n", e->out);
}

const struct export_format export_chrome = {
	.name = "chrome",
	.description = "a timeline for Perfetto and chrome://tracing",
	.begin = begin,
	.record = record,
	.finish = finish,
};
