/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elastic Common Schema 8.11 documents, one a line. What ECS has no field for goes beneath
 * "proctor"; its own fields never get a value that ECS does not expect there.
 */
#include "report/export/formats.h"

#define ECS_VERSION "8.11.0"

static json_t *list(const char *first, const char *second)
{
	json_t *json = json_array();

	if (first)
		json_array_append_new(json, json_string(first));
	if (second)
		json_array_append_new(json, json_string(second));
	return json;
}

static bool is_file(const struct event *event)
{
	return event->kind == RECORD_CALL && event->path;
}

static json_t *types(const struct event *event)
{
	static const char *const of_verb[] = {
		[VERB_OTHER] = "access", [VERB_OPEN] = "access",     [VERB_CREATE] = "creation",
		[VERB_READ] = "access",	 [VERB_WRITE] = "change",    [VERB_DELETE] = "deletion",
		[VERB_RENAME] = "change", [VERB_ATTRIBUTES] = "change", [VERB_LOOK] = "info",
	};

	if (event->kind == RECORD_START)
		return list("start", NULL);
	if (event->kind == RECORD_END)
		return list("end", NULL);
	/* A close or an lseek is no access. */
	return list(is_file(event) && (!event->path_followed || export_verb(event) != VERB_OTHER) ? of_verb[export_verb(event)] :
												    "info",
		    event->kind == RECORD_CALL && event->violation ? "denied" : NULL);
}

static json_t *event_json(const struct event *event)
{
	static const char *const datasets[] = {
		[RECORD_START] = "proctor.start", [RECORD_CALL] = "proctor.call",   [RECORD_SIGNAL] = "proctor.signal",
		[RECORD_LOST] = "proctor.lost",	  [RECORD_SUMMARY] = "proctor.summary", [RECORD_END] = "proctor.end",
	};
	json_t *json = json_object();

	export_set_text(json, "module", "proctor");
	export_set_text(json, "dataset", datasets[event->kind]);
	export_set_text(json, "kind", event->violation ? "alert" : event->kind == RECORD_SUMMARY ? "metric" : "event");
	/* "denied" is only allowed in other categories than file and process. */
	json_object_set_new(json, "category",
			    list(is_file(event) ? "file" : "process", event->violation ? "intrusion_detection" : NULL));
	json_object_set_new(json, "type", types(event));
	export_set_text(json, "action", event->kind == RECORD_START ? "run-start" :
					event->kind == RECORD_END   ? "run-end" :
								      event->name);
	export_set_text(json, "outcome", event->outcome);
	if (event->sequence)
		json_set_number(json, "sequence", event->sequence);
	if (event->kind == RECORD_CALL)
		json_set_number(json, "duration", event->duration_ns);
	else if (event->kind == RECORD_END)
		export_set(json, "duration", json_at(event->json, "wall_ns"));
	export_set_text(json, "code", event->err);
	return json;
}

static json_t *process_json(const struct exporter *e, const struct event *event)
{
	json_t *json = json_object(), *thread = json_object(), *start = json_at(event->json, "process");

	json_set_number(json, "pid", event->pid ? event->pid : e->run.pid);
	if (event->tid) {
		json_set_number(thread, "id", event->tid);
		json_object_set(json, "thread", thread);
	}
	json_decref(thread);
	if (event->parent)
		json_object_set_new(json, "parent", json_pack("{s:I}", "pid", (json_int_t)MIN(event->parent, (uint64_t)INT64_MAX)));
	export_set_text(json, "entity_id", e->run.id);
	if (event->kind == RECORD_START) {
		export_set(json, "args", json_at(start, "args"));
		json_set_number(json, "args_count", json_array_size(json_at(start, "args")));
		export_set(json, "executable", json_at(start, "executable"));
		export_set(json, "working_directory", json_at(start, "working_directory"));
	}
	if (event->kind == RECORD_END && json_is_integer(json_at(event->json, "exit.code")))
		export_set(json, "exit_code", json_at(event->json, "exit.code"));
	return json;
}

static json_t *file_json(const struct event *event)
{
	const char *path = json_string_value(event->path), *slash = strrchr(path, '/'), *dot;
	json_t *json = json_object();

	export_set(json, "path", event->path);
	if (!slash || !slash[1])
		return json;
	export_set_text(json, "name", slash + 1);
	json_object_set_new(json, "directory", json_stringn(path, slash == path ? 1 : (size_t)(slash - path)));
	dot = strrchr(slash + 1, '.');
	if (dot && dot > slash + 1 && dot[1])
		export_set_text(json, "extension", dot + 1);
	return json;
}

static json_t *rule_json(const struct exporter *e, const struct event *event)
{
	json_t *json = json_object();

	export_set_text(json, "id", event->rule);
	export_set_text(json, "reference", event->ref);
	export_set(json, "ruleset", json_at(e->start, "policy.name"));
	export_set(json, "version", json_at(e->start, "policy.hash"));
	return json;
}

/* Names with dots in "code" become nested, like every member of ECS. */
static json_t *code_json(const struct event *event)
{
	json_t *json = json_object(), *file = json_object(), *line = json_object(), *function = json_object();

	export_set_text(file, "path", event->file);
	export_set_text(function, "name", event->function);
	json_object_set_new(json, "file", file);
	if (event->line) {
		json_set_number(line, "number", event->line);
		json_object_set(json, "line", line);
	}
	json_decref(line);
	json_object_set_new(json, "function", function);
	return json;
}

static json_t *own_json(const struct exporter *e, const struct event *event)
{
	static const char *const members[] = { "syscall", "decision", "signal", "fatal", "stack", "truncated",
					       "count",	  "reason",   "status", "cpu_ns", "memory_bytes", "violations",
					       "limit",	  "script",   "policy", "limits", "settings", "host",
					       "stops",	  "supervisor_ns" };
	json_t *json = json_object(), *run = json_object();

	export_set_text(run, "id", e->run.id);
	export_set(run, "submission", json_at(e->start, "run.submission"));
	json_object_set_new(json, "run", run);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		export_set(json, members[i], json_object_get(event->json, members[i]));
	if (event->file)
		json_object_set_new(json, "code", code_json(event));
	export_set(json, "path_b64", event->path_b64);
	export_set_followed(json, event);
	if (event->nearest) {
		export_set_text(json, "nearest", event->nearest);
		export_set_text(json, "nearest_path", event->nearest_path);
	}
	return json;
}

static json_t *labels_json(const struct exporter *e)
{
	json_t *labels = json_at(e->start, "run.labels"), *json = json_object(), *value;
	const char *key;

	json_object_foreach (labels, key, value)
		if (json_is_string(value))
			json_object_set(json, key, value);
	return json;
}

static void set_host(json_t *json, const struct exporter *e)
{
	json_t *host = json_object(), *os = json_object();

	export_set(host, "architecture", json_at(e->start, "host.arch"));
	export_set(os, "kernel", json_at(e->start, "host.kernel"));
	export_set_text(os, "type", "linux");
	json_object_set_new(host, "os", os);
	json_object_set_new(json, "host", host);
}

static void record(struct exporter *e, const struct event *event)
{
	json_t *json, *labels;

	/* A document needs a time; nothing is known about kinds from a newer version. */
	if (!event->timed || event->kind > RECORD_END)
		return;
	json = json_pack("{s:s, s:{s:s}}", "@timestamp", event->timestamp, "ecs", "version", ECS_VERSION);
	json_object_set_new(json, "event", event_json(event));
	json_object_set_new(json, "process", process_json(e, event));
	if (is_file(event))
		json_object_set_new(json, "file", file_json(event));
	if (event->rule)
		json_object_set_new(json, "rule", rule_json(e, event));
	if (e->start)
		set_host(json, e);
	labels = labels_json(e);
	if (json_object_size(labels))
		json_object_set(json, "labels", labels);
	json_decref(labels);
	if (event->kind == RECORD_END && json_text(event->json, "error"))
		json_object_set_new(json, "error", json_pack("{s:O}", "message", json_at(event->json, "error")));
	json_object_set_new(json, "proctor", own_json(e, event));
	export_json(e, json);
	fputc('\n', e->out);
}

const struct export_format export_ecs = {
	.name = "ecs",
	.description = "Elastic Common Schema, a document a line",
	.record = record,
};
