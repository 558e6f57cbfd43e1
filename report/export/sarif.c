/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0: what was refused, as results at the lines that asked for it. Refusals that a person
 * would see as one (the same call, path, place and rule) are one result with a count, in the words of
 * `proctor explain`. At most SARIF_MAX_RESULTS of a log, because viewers show no more, and only so many
 * bytes of them; a notification tells of the rest.
 */
#include "report/export/formats.h"

#include <inttypes.h>
#include <stdlib.h>

#include "report/refusal_record.h"
#include "report/table.h"
#include "words/meant.h"

enum { SARIF_MAX_RESULTS = 5000, SARIF_MAX_BYTES = 32 << 20 };

struct result {
	json_t *json;
	uint64_t count;
};

struct sarif {
	struct table table;
	struct result *results;
	size_t n, cap;
	uint64_t beyond;
};

static const struct {
	const char *id, *text;
} rules[] = {
	[RULE_READ] = { "read", "A rule grants reading, but not this" },
	[RULE_HIDE] = { "hide", "The path is made to look absent" },
	[RULE_NEVER] = { "never", "A rule of the policy refuses it" },
	[RULE_REFUSE] = { "refuse", "The policy refuses the system call" },
	[RULE_ON_DENY] = { "on_deny", "No rule grants it" },
	[RULE_SYSCALL] = { "syscall", "The system call is not for sandboxed programs" },
	[RULE_LIMIT] = { "limit", "A limit was reached" },
	[RULE_ARCH] = { "arch", "A call of a foreign architecture" },
	[RULE_NET] = { "net", "A rule grants an address, but not this" },
	[RULE_WRITE] = { "write", "A rule grants writing, but not this" },
};

static void begin(struct exporter *e)
{
	struct sarif *s = xcalloc(1, sizeof *s);

	table_init(&s->table, SARIF_MAX_RESULTS, SARIF_MAX_BYTES);
	e->state = s;
	fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[\n", e->out);
}

static json_t *location_json(const struct exporter *e, const struct refusal *r)
{
	_cleanup_buf_ struct buf uri = { 0 };
	json_t *physical;

	/* "<string>" and "<frozen …>" are not files. */
	if (!r->file || !*r->file || *r->file == '<')
		return NULL;
	export_uri(e, r->file, true, &uri);
	physical = json_pack("{s:{s:s}}", "artifactLocation", "uri", uri.data);
	if (r->line && r->line <= INT32_MAX)
		json_object_set_new(physical, "region", json_pack("{s:I}", "startLine", (json_int_t)r->line));
	return json_pack("{s:o}", "physicalLocation", physical);
}

/* EVENT: the first of its kind; NULL: it was no call. */
static json_t *result_json(const struct exporter *e, const struct refusal_record *record, const struct event *event,
			   const uint8_t key[REFUSAL_KEY_SIZE])
{
	_cleanup_buf_ struct buf message = { 0 };
	json_t *json, *location = location_json(e, &record->r);
	char print[2 * REFUSAL_KEY_SIZE + 1];

	hex_text(key, REFUSAL_KEY_SIZE, print);
	if (record->r.syscall) {
		words_call(&message, &record->r);
		buf_putc(&message, ' ');
		if (!meant_purpose(record->r.meant, &message))
			message.data[--message.len] = '\0';
		buf_printf(&message, " was %s: ", words_action(&record->r));
	}
	words_staff(&message, &record->r);
	json = json_pack("{s:s, s:s, s:{s:s}, s:{s:s}, s:{s:I}}", "ruleId", rules[record->r.rule].id, "level",
			 record->r.audit ? "warning" : "error", "message", "text",
			 message.data ? message.data : "refused", "partialFingerprints", "proctorRefusal/v1", print,
			 "properties", "sequence", (json_int_t)MIN(record->sequence, (uint64_t)INT64_MAX));
	/* In the message stands the path that a call names. */
	if (event && event->path_followed) {
		export_set(json_object_get(json, "properties"), "path", event->path);
		export_set_followed(json_object_get(json, "properties"), event);
	}
	if (location)
		json_object_set_new(json, "locations", json_pack("[o]", location));
	return json;
}

static void take(struct exporter *e, struct sarif *s, const struct refusal_record *record, const struct event *event)
{
	uint8_t key[REFUSAL_KEY_SIZE];
	bool is_new;
	size_t i;

	refusal_key(&record->r, key);
	i = table_put(&s->table, key, sizeof key, &is_new);
	if (i == TABLE_FULL) {
		s->beyond++;
		return;
	}
	if (is_new) {
		grow_array(&s->results, &s->cap, i + 1, sizeof *s->results);
		s->results[i] = (struct result){ .json = result_json(e, record, event, key) };
		s->n = i + 1;
		s->table.bytes += export_size(s->results[i].json);
	}
	s->results[i].count++;
}

static void record(struct exporter *e, const struct event *event)
{
	struct refusal_record refusal;

	/* Files that interpreters look for and do without are no findings. */
	if (event->kind != RECORD_CALL || !event->violation ||
	    refusal_record_init(&refusal, event->json, &e->run) < 0)
		return;
	take(e, e->state, &refusal, event);
	refusal_record_fini(&refusal);
}

static void take_limit(struct exporter *e)
{
	struct refusal_record limit;

	if (refusal_record_from_limit(&limit, &e->run) < 0)
		return;
	take(e, e->state, &limit, NULL);
	refusal_record_fini(&limit);
}

static json_t *driver_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		json_array_append_new(list, json_pack("{s:s, s:{s:s}}", "id", rules[i].id, "shortDescription", "text",
						      rules[i].text));
	return json_pack("{s:{s:s, s:s, s:o}}", "driver", "name", "proctor", "version", PACKAGE_VERSION, "rules", list);
}

static json_t *invocation_json(const struct exporter *e, const struct sarif *s, const struct log_health *health)
{
	json_t *notes = json_array(), *json;
	_cleanup_buf_ struct buf text = { 0 };

	if (s->beyond)
		buf_printf(&text, "%" PRIu64 " more refusals are not listed\n", s->beyond);
	if (!log_is_whole(health))
		log_health_tell(health, &text);
	if (text.len)
		json_array_append_new(notes, json_pack("{s:s, s:{s:s}}", "level", "warning", "message", "text", text.data));
	/* Was proctor able to do its work? */
	json = json_pack("{s:b, s:o}", "executionSuccessful", e->run.ended && !(e->run.status && streq(e->run.status, "XX")),
			 "toolExecutionNotifications", notes);
	export_set_text(json, "startTimeUtc", e->run.started);
	return json;
}

static void forget_results(struct sarif *s)
{
	for (size_t i = 0; i < s->n; i++)
		json_decref(s->results[i].json);
	s->n = 0;
	s->beyond = 0;
	table_fini(&s->table);
	table_init(&s->table, SARIF_MAX_RESULTS, SARIF_MAX_BYTES);
}

static int end_log(struct exporter *e, const struct log_health *health)
{
	struct sarif *s = e->state;
	bool separate = false;

	take_limit(e);
	fputs(e->separate ? ",\n{\"tool\":" : "{\"tool\":", e->out);
	e->separate = true;
	export_json(e, driver_json());
	fputs(",\"invocations\":[", e->out);
	export_json(e, invocation_json(e, s, health));
	fputs("],\"columnKind\":\"unicodeCodePoints\",\"results\":[", e->out);
	for (size_t i = 0; i < s->n; i++) {
		fputs(separate ? ",\n" : "\n", e->out);
		separate = true;
		json_set_number(s->results[i].json, "occurrenceCount", s->results[i].count);
		export_json(e, steal_ptr(&s->results[i].json));
	}
	fputs("]}", e->out);
	forget_results(s);
	return 0;
}

static void finish(struct exporter *e)
{
	fputs("\n]}\n", e->out);
}

static void release(struct exporter *e)
{
	struct sarif *s = e->state;

	forget_results(s);
	free(s->results);
	table_fini(&s->table);
	free(s);
}

const struct export_format export_sarif = {
	.name = "sarif",
	.description = "SARIF 2.1.0: refusals as findings in the source",
	.begin = begin,
	.record = record,
	.end_log = end_log,
	.finish = finish,
	.release = release,
	.no_allowed = true,
};
