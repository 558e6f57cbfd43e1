/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explain_json.h"

#include <stdlib.h>

#include "base/text.h"
#include "report/explain_cause.h"

/* Sets NAME to TEXT when there is any; TEXT is UTF-8, as everything from base/text.h is. */
static void set_text(json_t *object, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(object, name, json_string(text));
}

static void set_buf(json_t *object, const char *name, const struct buf *text)
{
	if (text->len)
		json_object_set_new(object, name, json_stringn(text->data, text->len));
}

/* Copies the record's own member exactly, with its _b64 twin. */
static void set_member(json_t *object, const char *name, json_t *record)
{
	json_t *member = json_object_get(record, name);

	if (member)
		json_object_set(object, name, member);
}

static void set_words(json_t *object, const struct refusal *r, bool student)
{
	_cleanup_buf_ struct buf call = { 0 }, to_student = { 0 }, to_staff = { 0 };
	json_t *messages = json_object();

	words_student(&to_student, r);
	set_buf(messages, "student", &to_student);
	if (!student) {
		words_staff(&to_staff, r);
		set_buf(messages, "staff", &to_staff);
		if (r->syscall) {
			words_call(&call, r);
			set_buf(object, "call", &call);
		}
	}
	json_object_set_new(object, "messages", messages);
}

static void set_fix(json_t *object, const struct refusal *r, bool student)
{
	_cleanup_(fix_fini) struct fix fix;
	json_t *json = json_object();

	words_fix(r, student, &fix);
	set_buf(json, "advice", &fix.advice);
	set_buf(json, "policy", &fix.policy);
	set_buf(json, "option", &fix.option);
	set_buf(json, "note", &fix.note);
	json_object_set_new(object, "fix", json);
}

static void set_source(json_t *object, const struct explainer *e,
		       const struct refusal_record *record)
{
	_cleanup_buf_ struct buf place = { 0 }, line = { 0 };
	struct recorded_source source;

	if (!words_place(&place, &record->r, e->student))
		return;
	set_buf(object, "place", &place);
	if (!refusal_record_source(record, e->run, &source))
		return;
	text_args(&line, source.text);
	set_buf(object, "source", &line);
	if (source.line != record->r.line)
		json_object_set_new(object, "source_line", json_integer((json_int_t)source.line));
	if (source.cut)
		json_object_set_new(object, "source_cut", json_true());
	if (source.changed)
		json_object_set_new(object, "source_changed", json_true());
	free(source.text);
}

static void set_nearest(json_t *object, const struct refusal *r)
{
	_cleanup_buf_ struct buf reason = { 0 };

	if (!r->nearest_path || !r->path)
		return;
	nearest_reason(&reason, r->nearest_path, r->path);
	set_buf(object, "nearest_reason", &reason);
}

static void set_limit(json_t *object, const struct refusal *r)
{
	json_t *limit;

	if (r->rule != RULE_LIMIT)
		return;
	limit = json_object();
	set_text(limit, "name", limit_name(r->limit));
	json_set_number(limit, "value", r->limit_value);
	if (r->limit_used)
		json_set_number(limit, "used", r->limit_used);
	if (r->limit_supervisor_ns)
		json_set_number(limit, "supervisor_ns", r->limit_supervisor_ns);
	json_object_set_new(object, "limit", limit);
}

static json_t *refusal_json(struct explainer *e, const struct refusal_record *record,
			    uint64_t count)
{
	static const char *const members[] = { "@timestamp", "process", "syscall", "meant", "file",
					       "decision",   "rule",	"code",	   "stack" };
	json_t *json = json_object();

	if (record->sequence)
		json_set_number(json, "sequence", record->sequence);
	json_set_number(json, "count", count);
	set_words(json, &record->r, e->student);
	set_source(json, e, record);
	set_fix(json, &record->r, e->student);
	if (e->student)
		return json;
	set_text(json, "cause", cause_name(refusal_cause(&record->r)));
	set_text(json, "action", words_action(&record->r));
	set_limit(json, &record->r);
	set_nearest(json, &record->r);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		set_member(json, members[i], record->json);
	return json;
}

static json_t *group_json(struct explainer *e, const struct collection *c, const struct group *group)
{
	_cleanup_buf_ struct buf names = { 0 };
	_cleanup_(json_decrefp) json_t *record_json = kept_parse(&group->first);
	struct refusal_record record;
	json_t *json;

	if (!record_json || refusal_record_init(&record, record_json, e->run) < 0)
		return NULL;
	json = refusal_json(e, &record, group->count);
	if (group->others)
		json_set_number(json, "others", group->others);
	if (group->act)
		set_text(json, "told_as", group->look_up ? "look_up" : "act");
	if (!e->student) {
		json_set_number(json, "first", group->from);
		json_set_number(json, "last", group->last);
		if (!group->look_up && collection_names(c, group, &names))
			set_buf(json, "names", &names);
	}
	refusal_record_fini(&record);
	return json;
}

/* The exception that ended the program, as in the text output. */
static void set_exception(json_t *object, struct explainer *e, const struct collection *c, const struct outcome *outcome)
{
	const struct kept *by = outcome->certain ? collection_refusal(c, outcome) : NULL;
	_cleanup_(json_decrefp) json_t *json = by ? kept_parse(by) : NULL;
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 }, error = { 0 };
	struct cause_surroundings around = e->cause->around;
	json_t *messages = json_object();
	struct refusal_record record;
	bool refused = json && refusal_record_init(&record, json, e->run) == 0;

	if (refused)
		around.refusal = &record.r;
	around.survived = around.survived_counted = collection_survived(c, collection_ended_by(c, outcome), outcome);
	around.unclear = !outcome->certain;
	cause_words(&e->cause->exception, &around, &student, &staff);
	if (refused)
		refusal_record_fini(&record);
	set_buf(messages, "student", &student);
	if (!e->student)
		set_buf(messages, "staff", &staff);
	json_object_set_new(object, "messages", messages);
	cause_exception(&e->cause->exception, &around, e->student, false, &error);
	set_buf(object, "error", &error);
	cause_place(e, e->cause, &record);
	set_source(object, e, &record);
	refusal_record_fini(&record);
	if (!e->student)
		json_object_set(object, "exception", e->cause->json);
}

/* What the end record says about OUTCOME to each audience, and which line computed most. */
static void set_recorded(json_t *object, const struct explainer *e, const struct outcome *outcome)
{
	static const char *const audiences[] = { "student", "staff" };
	json_t *cause = json_at(e->run->end, "cause"), *messages = json_object();
	const char *kind = json_text(cause, "kind");
	json_t *texts = kind && streq(kind, outcome_kind_name(outcome->kind)) ? json_object_get(cause, "text") : NULL;

	for (size_t i = 0; i < (e->student ? 1 : ARRAY_SIZE(audiences)); i++) {
		_cleanup_buf_ struct buf text = { 0 };

		if (!json_text(texts, audiences[i]))
			continue;
		text_args(&text, json_text(texts, audiences[i]));
		set_buf(messages, audiences[i], &text);
	}
	json_object_set_new(object, "messages", messages);
	if (e->student || outcome->kind != OUTCOME_LIMIT)
		return;
	set_member(object, "hottest", cause);
	set_member(object, "held", cause);
}

static json_t *outcome_json(struct explainer *e, const struct collection *c, const struct outcome *outcome)
{
	struct refusal_record record;
	json_t *json = json_object();

	set_text(json, "kind", outcome_kind_name(outcome->kind));
	json_object_set_new(json, "certain", json_boolean(outcome->certain));
	if (outcome->seq)
		json_set_number(json, "sequence", outcome->seq);
	if (outcome->kind == OUTCOME_LIMIT && refusal_record_from_limit(&record, e->run) == 0) {
		json_object_set_new(json, "limit", refusal_json(e, &record, 1));
		refusal_record_fini(&record);
	} else if (outcome->kind == OUTCOME_SIGNAL && !e->student) {
		json_t *signal = kept_parse(&c->signal);

		if (signal)
			json_object_set_new(json, "signal", signal);
	}
	if (e->cause)
		set_exception(json, e, c, outcome);
	else
		set_recorded(json, e, outcome);
	return json;
}

static json_t *groups_json(struct explainer *e, const struct collection *c, const struct group *first,
			   const struct outcome *outcome)
{
	json_t *list = json_array();

	for (const struct group *g = c->groups; g; g = g->hh.next)
		if (explain_shows(e, g, first, outcome))
			json_array_append_new(list, group_json(e, c, g));
	return list;
}

static void set_one(json_t *document, struct explainer *e, const struct collection *c)
{
	_cleanup_(json_decrefp) json_t *record_json = kept_parse(&c->found);
	struct refusal_record record;
	json_t *list = json_array();

	if (record_json && refusal_record_init(&record, record_json, e->run) == 0) {
		json_array_append_new(list, refusal_json(e, &record, 1));
		refusal_record_fini(&record);
	} else if (record_json && !e->student) {
		json_object_set(document, "record", record_json);
	}
	json_object_set_new(document, "refusals", list);
}

static void set_all(json_t *document, struct explainer *e, const struct collection *c)
{
	const struct outcome outcome = collection_outcome(c);
	struct group *first = explain_first(e, c, &outcome);

	e->cause = collection_cause(c, &outcome);
	json_object_set_new(document, "ended_by", outcome_json(e, c, &outcome));
	json_set_number(document, "violations", c->violations);
	if (!e->student) {
		json_set_number(document, "uncounted", c->uncounted);
		json_set_number(document, "ungrouped", c->ungrouped);
	}
	json_object_set_new(document, "refusals", groups_json(e, c, first, &outcome));
}

static json_t *shadow_json(const struct shadow_rows *shadow)
{
	json_t *json = json_object(), *list = json_array();
	const struct shadow_row *row;

	set_text(json, "policy", shadow->name);
	json_set_number(json, "refused", shadow->refused);
	json_set_number(json, "allowed", shadow->allowed);
	json_set_number(json, "otherwise", shadow->otherwise);
	json_set_number(json, "left_out", shadow->left_out);
	for (row = shadow->rows; row; row = row->hh.next) {
		json_t *one = json_object();

		json_set_number(one, "sequence", row->first);
		json_set_number(one, "count", row->count);
		set_text(one, "text", row->text);
		json_array_append_new(list, one);
	}
	json_object_set_new(json, "calls", list);
	return json;
}

static void set_exit(json_t *document, const struct run_info *run)
{
	json_t *json = json_object();

	if (run->exit_code >= 0)
		json_object_set_new(json, "code", json_integer(run->exit_code));
	set_text(json, "signal", run->exit_signal);
	if (json_object_size(json))
		json_object_set(document, "exit", json);
	json_decref(json);
	if (run->audit)
		json_object_set_new(document, "audit", json_true());
}

int explain_json(const struct collection *c, const struct log_health *health,
		 const struct explain_options *options, FILE *out)
{
	struct explainer e = { .run = &c->run,
			       .all = options->all,
			       .student = options->student };
	_cleanup_(json_decrefp) json_t *document = json_object();
	int r;

	set_text(document, "schema", "proctor.explain/1");
	json_object_set_new(document, "log", log_health_json(health));
	set_text(document, "run", c->run.id);
	set_text(document, "status", c->run.status);
	set_exit(document, &c->run);
	if (c->wanted)
		set_one(document, &e, c);
	else
		set_all(document, &e, c);
	if (c->shadow.name && !e.student && !c->wanted)
		json_object_set_new(document, "shadow", shadow_json(&c->shadow));
	r = json_dumpf(document, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	fputc('\n', out);
	return r == 0 ? EXPLAIN_OK : EXPLAIN_READ_ERROR;
}
