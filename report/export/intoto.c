/* SPDX-License-Identifier: Apache-2.0 */
/*
 * in-toto statements with the predicate runtime-trace v0.2, one a line for each run of a script:
 * which files it opened and which calls were refused, to be signed by another tool. Refused files
 * are not listed as accessed, nor are files that it only looked at (stat). The submission's own modules have the digest
 * that the log has of them; one that changed between two opens is there twice.
 */
#include "report/export/formats.h"
#include "report/table.h"

#include <errno.h>
#include <stdlib.h>

enum { MAX_FILES = 100000, MAX_FILES_BYTES = 64 << 20, MAX_REFUSALS = 10000, MAX_REFUSALS_BYTES = 32 << 20 };

struct intoto {
	struct table table;
	json_t *files, *refusals;
	size_t refusals_bytes;
	uint64_t more_files, more_refusals;
};

static void begin_log(struct intoto *s)
{
	table_init(&s->table, MAX_FILES, MAX_FILES_BYTES);
	s->files = json_array();
	s->refusals = json_array();
	s->refusals_bytes = 0;
	s->more_files = s->more_refusals = 0;
}

static void end_of_log(struct intoto *s)
{
	table_fini(&s->table);
	json_decref(s->files);
	json_decref(s->refusals);
}

static void begin(struct exporter *e)
{
	struct intoto *s = xcalloc(1, sizeof *s);

	begin_log(s);
	e->state = s;
}

static void take_file(struct exporter *e, struct intoto *s, const struct event *event)
{
	_cleanup_free_ char *path = export_path(event);
	_cleanup_buf_ struct buf uri = { 0 };
	bool is_new;

	if (!path)
		return;
	if (table_put(&s->table, path, strlen(path), &is_new) == TABLE_FULL) {
		s->more_files++;
		return;
	}
	if (!is_new)
		return;
	export_uri(e, path, false, &uri);
	s->table.bytes += uri.len;
	json_array_append_new(s->files, json_pack("{s:O, s:s}", "name", event->path, "uri", uri.data ? uri.data : ""));
}

/* A file of which the log has the digest: the entry of its path gets it, or, if that has another one, there is one
 * more. */
static void take_digest(struct exporter *e, struct intoto *s, json_t *module)
{
	_cleanup_free_ char *path = json_raw(module, "path");
	const char *digest = json_text(module, "sha256"), *known;
	_cleanup_buf_ struct buf key = { 0 }, uri = { 0 };
	json_t *entry;
	bool is_new;
	size_t i;

	if (!path || !digest || strlen(digest) != 64)
		return;
	buf_puts(&key, path);
	i = table_put(&s->table, key.data, key.len, &is_new);
	known = i != TABLE_FULL ? json_text(json_array_get(s->files, i), "digest.sha256") : NULL;
	if (known && streq(known, digest))
		return;
	if (known) {
		buf_putc(&key, '\0');
		buf_puts(&key, digest);
		i = table_put(&s->table, key.data, key.len, &is_new);
	}
	if (i == TABLE_FULL) {
		s->more_files++;
		return;
	}
	if (is_new) {
		export_uri(e, path, false, &uri);
		s->table.bytes += uri.len;
		json_array_append_new(s->files, json_pack("{s:O, s:s}", "name", json_object_get(module, "path"), "uri", uri.data));
	}
	entry = json_array_get(s->files, i);
	json_object_set_new(entry, "digest", json_pack("{s:s}", "sha256", digest));
}

static void take_refusal(struct exporter *e, struct intoto *s, const struct event *event)
{
	_cleanup_buf_ struct buf place = { 0 };
	json_t *json;

	if (json_array_size(s->refusals) >= MAX_REFUSALS || s->refusals_bytes >= MAX_REFUSALS_BYTES) {
		s->more_refusals++;
		return;
	}
	json = json_object();
	json_set_number(json, "sequence", event->sequence);
	export_set_text(json, "call", event->name);
	export_set(json, "path", event->path);
	export_set_followed(json, event);
	export_set_text(json, "decision", event->action);
	json_object_set_new(json, "enforced", json_boolean(event->enforced));
	export_set_text(json, "rule", event->rule);
	export_set_text(json, "ref", event->ref);
	if (export_place(e, event, &place))
		export_set_text(json, "code", place.data);
	s->refusals_bytes += export_size(json);
	json_array_append_new(s->refusals, json);
}

static void record(struct exporter *e, const struct event *event)
{
	struct intoto *s = e->state;
	enum export_verb verb;
	json_t *module;
	size_t i;

	if (event->kind == RECORD_SUMMARY)
		json_array_foreach (json_at(event->json, "modules.list"), i, module)
			take_digest(e, s, module);
	if (event->kind != RECORD_CALL)
		return;
	if (event->violation)
		take_refusal(e, s, event);
	verb = export_verb(event);
	/* What a descriptor leads to was taken when it was opened. */
	if (event->path && !event->path_followed && verb != VERB_LOOK && verb != VERB_OTHER && event->outcome && streq(event->outcome, "success"))
		take_file(e, s, event);
}

static json_t *monitor_json(const struct exporter *e)
{
	const char *hash = json_text(e->start, "policy.hash"),
		   *digest = hash ? after_prefix(hash, "sha256:") : NULL;
	json_t *json = json_pack("{s:s}", "type", "urn:proctor:monitor:" PACKAGE_VERSION);

	if (digest) {
		json_t *source = json_pack("{s:{s:s}}", "digest", "sha256", digest);

		export_set_text(source, "name", json_text(e->start, "policy.name"));
		json_object_set_new(json, "configSource", source);
	}
	export_set(json, "tracePolicy", json_at(e->start, "settings"));
	return json;
}

static json_t *process_json(const struct exporter *e, const struct intoto *s, const struct log_health *health)
{
	json_t *json = json_object();

	export_set(json, "executable", json_at(e->start, "process.executable"));
	export_set(json, "arguments", json_at(e->start, "process.args"));
	export_set_text(json, "status", e->run.status);
	json_object_set(json, "refusals", s->refusals);
	json_object_set_new(json, "logComplete", json_boolean(log_is_whole(health)));
	/* What exceeded the bounds of a statement. */
	if (s->more_files)
		json_set_number(json, "fileAccessesLeftOut", s->more_files);
	if (s->more_refusals)
		json_set_number(json, "refusalsLeftOut", s->more_refusals);
	return json;
}

static json_t *predicate_json(const struct exporter *e, const struct intoto *s, const struct log_health *health)
{
	const char *host = e->options->host_id;
	json_t *json = json_object(), *times = json_object();

	json_object_set_new(json, "monitor", monitor_json(e));
	json_object_set_new(json, "monitoredProcess",
			    json_pack("{s:s, s:s, s:s}", "hostID", host ? host : "urn:proctor:host:unnamed", "type",
				      "urn:proctor:run", "event", e->run.id));
	json_object_set_new(json, "monitorLog",
			    json_pack("{s:[o], s:O}", "process", process_json(e, s, health), "fileAccess", s->files));
	export_set_text(times, "buildStartedOn", e->run.started);
	export_set_text(times, "buildFinishedOn", json_text(e->run.end, "@timestamp"));
	json_object_set_new(json, "metadata", times);
	return json;
}

static int end_log(struct exporter *e, const struct log_health *health)
{
	struct intoto *s = e->state;
	json_t *statement;
	int r = 0;

	if (e->run.id && e->run.script && e->run.script_sha256) {
		statement = json_pack("{s:s, s:[{s:s, s:{s:s}}], s:s, s:o}", "_type", "https://in-toto.io/Statement/v1",
				      "subject", "name", e->run.script, "digest", "sha256", e->run.script_sha256,
				      "predicateType", "https://in-toto.io/attestation/runtime-trace/v0.2", "predicate",
				      predicate_json(e, s, health));
		export_json(e, statement);
		fputc('\n', e->out);
	} else {
		complain("%s: no script with a digest was run, so there is nothing to attest", e->log_name);
		r = -ENODATA;
	}
	end_of_log(s);
	begin_log(s);
	return r;
}

static void release(struct exporter *e)
{
	struct intoto *s = e->state;

	end_of_log(s);
	free(s);
}

const struct export_format export_intoto = {
	.name = "intoto",
	.description = "in-toto statements (runtime-trace v0.2), unsigned",
	.begin = begin,
	.record = record,
	.end_log = end_log,
	.release = release,
};
