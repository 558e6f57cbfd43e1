/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open Cybersecurity Schema Framework 1.3, an event a line: file activity (1001) for calls that were
 * decided by their path, process activity (1007) for start and end, kernel activity (1003) for all
 * else.
 */
#include "report/export/formats.h"

enum { CLASS_FILE = 1001, CLASS_KERNEL = 1003, CLASS_PROCESS = 1007 };
enum { SEVERITY_INFORMATIONAL = 1, SEVERITY_MEDIUM = 3 };

static void set(json_t *json, const char *name, int n)
{
	json_object_set_new(json, name, json_integer(n));
}

static int class_of(const struct event *event)
{
	if (event->kind != RECORD_CALL)
		return CLASS_PROCESS;
	return event->path && json_string_length(event->path) ? CLASS_FILE : CLASS_KERNEL;
}

static int activity_of(const struct event *event, int class)
{
	static const int of_verb[] = {
		[VERB_OTHER] = 99, [VERB_OPEN] = 14,  [VERB_CREATE] = 1,    [VERB_READ] = 2, [VERB_WRITE] = 3,
		[VERB_DELETE] = 4, [VERB_RENAME] = 5, [VERB_ATTRIBUTES] = 6, [VERB_LOOK] = 8,
	};

	if (class == CLASS_PROCESS)
		return event->kind == RECORD_START ? 1 : event->kind == RECORD_END ? 2 : 99;
	if (class == CLASS_KERNEL)
		return 4;
	return of_verb[export_verb(event)];
}

static json_t *metadata_json(const struct exporter *e, const struct event *event)
{
	json_t *json = json_pack("{s:s, s:{s:s, s:s, s:s}, s:[s]}", "version", "1.3.0", "product", "name", "proctor",
				 "vendor_name", "proctor", "version", PACKAGE_VERSION, "profiles", "security_control");

	if (event->sequence)
		json_set_number(json, "sequence", event->sequence);
	export_set_text(json, "correlation_uid", e->run.id);
	export_set_text(json, "original_time", event->timestamp);
	return json;
}

static json_t *process_json(const struct exporter *e, const struct event *event)
{
	json_t *json = json_object();
	const char *executable = json_text(e->start, "process.executable");

	json_set_number(json, "pid", event->pid ? event->pid : e->run.pid);
	if (event->tid)
		json_set_number(json, "tid", event->tid);
	if (event->parent)
		json_object_set_new(json, "parent_process",
				    json_pack("{s:I}", "pid", (json_int_t)MIN(event->parent, (uint64_t)INT64_MAX)));
	export_set_text(json, "uid", e->run.id);
	if (executable) {
		const char *slash = strrchr(executable, '/');

		export_set_text(json, "name", slash && slash[1] ? slash + 1 : executable);
		json_object_set_new(json, "file", json_pack("{s:s, s:s, s:i}", "name",
							    slash && slash[1] ? slash + 1 : executable, "path",
							    executable, "type_id", 1));
	}
	return json;
}

static void set_device(json_t *json, const struct exporter *e)
{
	json_t *device = json_pack("{s:i, s:{s:s, s:i}}", "type_id", 0, "os", "name", "Linux", "type_id", 200);

	export_set(json_object_get(device, "os"), "kernel_release", json_at(e->start, "host.kernel"));
	json_object_set_new(json, "device", device);
}

/* The log does not say what kind of file it is. */
static json_t *file_json(const struct event *event)
{
	const char *path = json_string_value(event->path), *slash = strrchr(path, '/');
	json_t *json = json_object();

	export_set_text(json, "name", slash && slash[1] ? slash + 1 : path);
	export_set(json, "path", event->path);
	set(json, "type_id", 0);
	return json;
}

static void set_decision(json_t *json, const struct exporter *e, const struct event *event)
{
	json_t *policy;

	if (!event->action || streq(event->action, "none"))
		return;
	policy = json_object();
	/* Denied and blocked; allowed and logged (audit mode); allowed. */
	set(json, "action_id", event->refused && event->enforced ? 2 : 1);
	set(json, "disposition_id", !event->refused ? 1 : event->enforced ? 2 : 17);
	json_object_set_new(json, "is_alert", json_boolean(event->violation));
	export_set(policy, "name", json_at(e->start, "policy.name"));
	export_set(policy, "version", json_at(e->start, "policy.hash"));
	if (json_object_size(policy))
		json_object_set(json, "policy", policy);
	json_decref(policy);
}

static void set_outcome(json_t *json, const struct event *event)
{
	if (!event->outcome || event->kind != RECORD_CALL)
		return;
	set(json, "status_id", streq(event->outcome, "success") ? 1 : streq(event->outcome, "failure") ? 2 : 0);
	export_set_text(json, "status_code", event->err);
}

static void set_subject(json_t *json, const struct exporter *e, const struct event *event, int class)
{
	if (class == CLASS_FILE)
		json_object_set_new(json, "file", file_json(event));
	else if (class == CLASS_KERNEL)
		json_object_set_new(json, "kernel",
				    json_pack("{s:s, s:i}", "name", event->name ? event->name : "?", "type_id", 2));
	else
		json_object_set_new(json, "process", process_json(e, event));
}

static json_t *unmapped_json(const struct event *event)
{
	json_t *json = json_object();

	export_set_text(json, "action", event->name);
	export_set(json, "args", event->args);
	export_set(json, "path_b64", event->path_b64);
	export_set_followed(json, event);
	if (event->kind == RECORD_CALL)
		json_set_number(json, "duration_ns", event->duration_ns);
	export_set_text(json, "rule", event->rule);
	export_set_text(json, "rule_ref", event->ref);
	export_set_text(json, "code_file", event->file);
	if (event->line)
		json_set_number(json, "code_line", event->line);
	export_set_text(json, "code_function", event->function);
	if (event->kind == RECORD_END)
		export_set(json, "status", json_at(event->json, "status"));
	return json;
}

static void record(struct exporter *e, const struct event *event)
{
	int class = class_of(event), activity = activity_of(event, class);
	json_t *json;

	if (!event->timed || (event->kind != RECORD_CALL && event->kind != RECORD_SIGNAL && event->kind != RECORD_START &&
			      event->kind != RECORD_END))
		return;
	json = json_object();
	set(json, "category_uid", 1);
	set(json, "class_uid", class);
	set(json, "activity_id", activity);
	set(json, "type_uid", class * 100 + activity);
	set(json, "severity_id", event->violation ? SEVERITY_MEDIUM : SEVERITY_INFORMATIONAL);
	json_object_set_new(json, "time", json_integer(event->time_ns / 1000000));
	json_object_set_new(json, "metadata", metadata_json(e, event));
	json_object_set_new(json, "actor", json_pack("{s:o}", "process", process_json(e, event)));
	set_device(json, e);
	set_subject(json, e, event, class);
	set_decision(json, e, event);
	set_outcome(json, event);
	if (event->kind == RECORD_END && json_is_integer(json_at(event->json, "exit.code")))
		export_set(json, "exit_code", json_at(event->json, "exit.code"));
	json_object_set_new(json, "unmapped", unmapped_json(event));
	export_json(e, json);
	fputc('\n', e->out);
}

const struct export_format export_ocsf = {
	.name = "ocsf",
	.description = "Open Cybersecurity Schema Framework, an event a line",
	.record = record,
};
