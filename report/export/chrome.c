/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace event format of Chromium, which Perfetto reads: a process for each run, a slice for
 * each call, an instant for each refusal. Times are microseconds from the start of their run, because
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

static void record(struct exporter *e, const struct event *event)
{
	if (event->kind == RECORD_START && event->json == e->start)
		put_start(e, event);
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
