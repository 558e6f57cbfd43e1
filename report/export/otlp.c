/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenTelemetry traces as OTLP/JSON, a document a line as its file exporter writes them: a span for
 * each refused call beneath one for the run. Allowed calls are only counted, in the run's span:
 * stores of spans are not made for as many as there would be.
 */
#include "report/export/formats.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SPANS_A_LINE = 256 };

struct otlp {
	json_t *spans; /* of the line being built */
	char trace[33], root[17];
	uint64_t n; /* spans of this run so far */
	uint64_t refused;
};

static void begin(struct exporter *e)
{
	struct otlp *o = xcalloc(1, sizeof *o);

	o->spans = json_array();
	e->state = o;
}

/* "key" = one typed value, as a KeyValue. */
static void add(json_t *attributes, const char *key, const char *type, json_t *value)
{
	if (value)
		json_array_append_new(attributes, json_pack("{s:s, s:{s:o}}", "key", key, "value", type, value));
}

static void add_text(json_t *attributes, const char *key, const char *text)
{
	add(attributes, key, "stringValue", text ? json_string(text) : NULL);
}

/* The JSON of protocol buffers writes 64-bit numbers as texts. */
static json_t *decimal(int64_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, n);
	return json_string(text);
}

static void add_number(json_t *attributes, const char *key, uint64_t n)
{
	add(attributes, key, "intValue", decimal((int64_t)MIN(n, (uint64_t)INT64_MAX)));
}

/* The 128 bits of a ULID (26 characters of Crockford's base 32); false when TEXT is not a ULID. */
static bool ulid_bits(const char *text, char ret_hex[33])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned __int128 bits = 0;

	if (!text || strlen(text) != 26 || text[0] > '7')
		return false;
	for (; *text; text++) {
		const char *digit = strchr(digits, *text);

		if (!digit)
			return false;
		bits = bits << 5 | (unsigned)(digit - digits);
	}
	snprintf(ret_hex, 33, "%016" PRIx64 "%016" PRIx64, (uint64_t)(bits >> 64), (uint64_t)bits);
	return bits != 0;
}

/* For a log without a run id: the log's number, which no ULID of our time can equal. */
static void name_trace(struct exporter *e, struct otlp *o)
{
	if (!ulid_bits(e->run.id, o->trace))
		snprintf(o->trace, sizeof o->trace, "%032x", e->log);
	/* The last half of the trace id is random; spans only need to differ within their trace. */
	memcpy(o->root, o->trace + 16, 17);
	if (streq(o->root, "0000000000000000"))
		o->root[15] = '1';
}

static json_t *resource_json(const struct exporter *e)
{
	json_t *attributes = json_array();

	add_text(attributes, "service.name", "proctor");
	add_text(attributes, "host.arch", json_text(e->start, "host.arch"));
	add_text(attributes, "os.type", "linux");
	add_text(attributes, "os.version", json_text(e->start, "host.kernel"));
	if (e->run.pid)
		add_number(attributes, "process.pid", e->run.pid);
	add_text(attributes, "process.executable.path", json_text(e->start, "process.executable"));
	add_text(attributes, "process.runtime.version", json_text(e->start, "process.python"));
	add_text(attributes, "proctor.run.id", e->run.id);
	add_text(attributes, "proctor.submission", json_text(e->start, "run.submission"));
	return json_pack("{s:o}", "attributes", attributes);
}

static void write_line(struct exporter *e, struct otlp *o)
{
	if (!json_array_size(o->spans))
		return;
	export_json(e, json_pack("{s:[{s:o, s:[{s:{s:s, s:s}, s:O}]}]}", "resourceSpans", "resource", resource_json(e),
				 "scopeSpans", "scope", "name", "proctor", "version", PACKAGE_VERSION, "spans",
				 o->spans));
	fputc('\n', e->out);
	json_array_clear(o->spans);
}

static void add_span(struct exporter *e, struct otlp *o, json_t *span)
{
	json_array_append_new(o->spans, span);
	if (json_array_size(o->spans) >= SPANS_A_LINE)
		write_line(e, o);
}

static json_t *call_attributes(const struct event *event)
{
	_cleanup_buf_ struct buf args = { 0 };
	json_t *json = json_array();

	event_args(event->args, &args);
	add_text(json, "proctor.arguments", args.data);
	add(json, "file.path", "stringValue", event->path ? json_incref(event->path) : NULL);
	if (event->path_followed)
		add_text(json, "proctor.path_by", export_path_by(event));
	add(json, "proctor.to_path", "stringValue", event->to_path ? json_incref(event->to_path) : NULL);
	add_text(json, "proctor.decision", event->action);
	add_text(json, "proctor.rule.id", event->rule);
	add_text(json, "proctor.rule.ref", event->ref);
	add(json, "proctor.violation", "boolValue", json_boolean(event->violation));
	add(json, "proctor.enforced", "boolValue", json_boolean(event->enforced));
	add_number(json, "proctor.sequence", event->sequence);
	add_number(json, "thread.id", event->tid);
	add_text(json, "error.type", event->err);
	add_text(json, "code.file.path", event->file);
	if (event->line)
		add_number(json, "code.line.number", event->line);
	add_text(json, "code.function.name", event->function);
	return json;
}

/* Counts up from the root's id; 0 would be no id. */
static void span_id(struct otlp *o, char ret_id[17])
{
	uint64_t id = (uint64_t)strtoull(o->root, NULL, 16) + ++o->n;

	if (!id)
		id = (uint64_t)strtoull(o->root, NULL, 16) + ++o->n;
	snprintf(ret_id, 17, "%016" PRIx64, id);
}

static void put_call(struct exporter *e, struct otlp *o, const struct event *event)
{
	_cleanup_free_ char *message = xasprintf("%s by rule %s", event->action, event->rule ? event->rule : "?");
	char id[17];
	json_t *span;
	int64_t end = event->time_ns;

	if (__builtin_add_overflow(end, (int64_t)MIN(event->duration_ns, (uint64_t)INT64_MAX), &end))
		end = INT64_MAX;
	span_id(o, id);
	span = json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "traceId", o->trace, "spanId", id, "parentSpanId",
			 o->root, "name", event->name ? event->name : "?", "kind", 1, "startTimeUnixNano",
			 decimal(event->time_ns), "endTimeUnixNano", decimal(end), "attributes",
			 call_attributes(event));
	json_object_set_new(span, "status",
			    event->enforced ? json_pack("{s:i, s:s}", "code", 2, "message", message) :
					      json_pack("{s:i}", "code", 0));
	add_span(e, o, span);
}

static void record(struct exporter *e, const struct event *event)
{
	struct otlp *o = e->state;

	if (event->kind != RECORD_CALL || !event->refused)
		return;
	o->refused++;
	if (event->violation && event->timed && event->time_ns >= 0) {
		if (!o->trace[0])
			name_trace(e, o);
		put_call(e, o, event);
	}
}

static json_t *run_attributes(const struct exporter *e, const struct otlp *o, const struct log_health *health)
{
	static const char *const counts[] = { "cpu_ns", "wall_ns", "memory_bytes", "violations" };
	json_t *json = json_array();
	char key[64];

	add_text(json, "proctor.status", e->run.status);
	add_text(json, "proctor.script", e->run.script);
	add_text(json, "proctor.policy.hash", json_text(e->start, "policy.hash"));
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		if (!json_is_integer(json_at(e->run.end, counts[i])))
			continue;
		snprintf(key, sizeof key, "proctor.%s", counts[i]);
		add_number(json, key, json_number(e->run.end, counts[i], 0));
	}
	add_number(json, "proctor.records", health->records);
	add_number(json, "proctor.refused", o->refused);
	add(json, "proctor.log.complete", "boolValue", json_boolean(log_is_whole(health)));
	return json;
}

/* The run's own span comes last: only now is it known how it ended. */
static int end_log(struct exporter *e, const struct log_health *health)
{
	struct otlp *o = e->state;
	bool ok = e->run.status && streq(e->run.status, "OK");
	json_t *span;

	if (!o->trace[0])
		name_trace(e, o);
	span = json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "traceId", o->trace, "spanId", o->root, "name",
			 "proctor run", "kind", 1, "startTimeUnixNano", decimal(MAX(e->start_ns, 0)), "endTimeUnixNano",
			 decimal(MAX(e->last_ns, MAX(e->start_ns, 0))), "attributes", run_attributes(e, o, health));
	json_object_set_new(span, "status",
			    json_pack("{s:i, s:s}", "code", ok ? 1 : 2, "message",
				      e->run.status ? e->run.status : "the log has no end"));
	add_span(e, o, span);
	write_line(e, o);
	o->trace[0] = '\0';
	o->n = o->refused = 0;
	return 0;
}

static void release(struct exporter *e)
{
	struct otlp *o = e->state;

	json_decref(o->spans);
	free(o);
}

const struct export_format export_otlp = {
	.name = "otlp",
	.description = "OpenTelemetry spans (OTLP/JSON) of runs and refusals",
	.begin = begin,
	.record = record,
	.end_log = end_log,
	.release = release,
	.no_allowed = true,
};
