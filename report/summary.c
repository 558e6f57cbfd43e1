/* SPDX-License-Identifier: Apache-2.0 */
#include "report/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"

/* The names come from the log: a log that fills the table must not slow down every look-up. */
struct summary_index {
	uint32_t slot[2 * SUMMARY_MAX_ROWS]; /* row + 1; 0: free */
};

#define MAX_NAME 40

static struct summary_row *new_row(struct summary *s, const char *name, int64_t nr)
{
	grow_array(&s->rows, &s->cap, s->n + 1, sizeof *s->rows);
	s->rows[s->n] = (struct summary_row){ .name = xstrdup(name), .nr = nr };
	return &s->rows[s->n++];
}

/* The row called NAME, made if it is new; once the table is full, the last row takes all further names. */
static struct summary_row *row_of(struct summary *s, const char *name, int64_t nr)
{
	_cleanup_free_ char *clipped = xstrndup(name ? name : "?", MAX_NAME);
	uint64_t h = hash_text(HASH_BEGIN, clipped);
	uint32_t *slot;

	if (!s->index)
		s->index = xcalloc(1, sizeof *s->index);
	for (;; h++) {
		slot = &s->index->slot[h % ARRAY_SIZE(s->index->slot)];
		if (*slot && streq(s->rows[*slot - 1].name, clipped))
			return &s->rows[*slot - 1];
		if (!*slot)
			break;
	}
	if (s->n == SUMMARY_MAX_ROWS)
		return &s->rows[s->n - 1];
	if (s->n == SUMMARY_MAX_ROWS - 1)
		return new_row(s, "(others)", -1);
	new_row(s, clipped, nr);
	*slot = (uint32_t)s->n;
	return &s->rows[s->n - 1];
}

static void clear_rows(struct summary *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->rows[i].name);
	s->n = 0;
	free(s->index);
	s->index = NULL;
}

void summary_fini(struct summary *s)
{
	clear_rows(s);
	free(s->rows);
	free(s->run);
	json_decref(s->signals);
	*s = (struct summary){ 0 };
}

/* ------------------------------------------------------------------ records */

static int64_t number_of_syscall(json_t *object, const char *path)
{
	uint64_t nr = json_number(object, path, UINT64_MAX);

	return nr > INT32_MAX ? -1 : (int64_t)nr;
}

static void take_row(struct summary *s, json_t *json)
{
	struct summary_row *row = row_of(s, json_text(json, "name"), number_of_syscall(json, "nr"));

	add_saturated(&row->calls, json_number(json, "calls", 0));
	add_saturated(&row->errors, json_number(json, "errors", 0));
	add_saturated(&row->time_ns, json_number(json, "time_ns", 0));
	add_saturated(&row->broker_ns, json_number(json, "broker_ns", 0));
	add_saturated(&row->allow, json_number(json, "allow", 0));
	add_saturated(&row->hide, json_number(json, "hide", 0));
	add_saturated(&row->deny, json_number(json, "deny", 0));
	add_saturated(&row->kill, json_number(json, "kill", 0));
}

static void take_summary(struct summary *s, json_t *json)
{
	json_t *row;
	size_t i;

	clear_rows(s);
	s->recorded = true;
	s->wall_ns = json_number(json, "wall_ns", 0);
	s->stops = json_number(json, "stops", 0);
	json_decref(s->signals);
	s->signals = json_incref(json_at(json, "signals"));
	json_array_foreach (json_at(json, "syscalls"), i, row)
		take_row(s, row);
}

static void count_decision(struct summary_row *row, const char *action)
{
	if (action && streq(action, "hide"))
		row->hide++;
	else if (action && streq(action, "deny"))
		row->deny++;
	else if (action && streq(action, "kill"))
		row->kill++;
	else
		row->allow++;
}

static void count_call(struct summary *s, json_t *json)
{
	struct summary_row *row =
		row_of(s, json_text(json, "event.action"), number_of_syscall(json, "syscall.nr"));

	row->calls++;
	row->errors += json_text(json, "syscall.errno") != NULL;
	add_saturated(&row->time_ns, json_number(json, "event.duration", 0));
	count_decision(row, json_text(json, "decision.action"));
}

static void count_signal(struct summary *s, json_t *json)
{
	const char *name = json_text(json, "signal.name");

	if (!s->signals)
		s->signals = json_object();
	if (!name || (!json_object_get(s->signals, name) && json_object_size(s->signals) >= 64))
		name = "others";
	json_object_set_new(s->signals, name,
			    json_integer((json_int_t)json_number(s->signals, name, 0) + 1));
}

static void take_record(struct summary *s, const struct log_record *record, bool recount)
{
	if (record->kind == RECORD_START && !s->run && json_text(record->json, "run.id"))
		s->run = xstrdup(json_text(record->json, "run.id"));
	else if (record->kind == RECORD_SUMMARY)
		take_summary(s, record->json);
	else if (recount && !s->recorded && record->kind == RECORD_CALL)
		count_call(s, record->json);
	else if (!s->recorded && record->kind == RECORD_SIGNAL)
		count_signal(s, record->json);
	else if (!s->recorded && record->kind == RECORD_END)
		s->wall_ns = json_number(record->json, "wall_ns", 0);
}

int summary_read(struct log_reader *reader, bool recount, struct summary *ret_summary)
{
	struct summary s = { 0 };
	struct log_record record;
	int r;

	if (!recount)
		log_only(reader, UINT64_MAX);
	while ((r = log_next(reader, &record)) > 0)
		take_record(&s, &record, recount);
	if (r < 0) {
		summary_fini(&s);
		return r;
	}
	*ret_summary = s;
	return 0;
}

/* ------------------------------------------------------------------ order */

int summary_order_from_name(const char *name, enum summary_order *ret_order)
{
	static const char *const names[] = { "time", "calls", "errors", "broker", "name" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i], name)) {
			*ret_order = (enum summary_order)i;
			return 0;
		}
	return -EINVAL;
}

static int most_first(uint64_t a, uint64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int compare(const void *pa, const void *pb, void *order)
{
	const struct summary_row *a = pa, *b = pb;
	int r = 0;

	switch (*(enum summary_order *)order) {
	case ORDER_TIME:
		r = most_first(a->time_ns, b->time_ns);
		break;
	case ORDER_CALLS:
		break;
	case ORDER_ERRORS:
		r = most_first(a->errors, b->errors);
		break;
	case ORDER_BROKER:
		r = most_first(a->broker_ns, b->broker_ns);
		break;
	case ORDER_NAME:
		return strcmp(a->name, b->name);
	}
	if (!r)
		r = most_first(a->calls, b->calls);
	return r ? r : strcmp(a->name, b->name);
}

void summary_sort(struct summary *s, enum summary_order order)
{
	/* Rows move, so the index becomes useless. */
	free(s->index);
	s->index = NULL;
	if (s->n)
		qsort_r(s->rows, s->n, sizeof *s->rows, compare, &order);
}

/* ------------------------------------------------------------------ output */

static struct summary_row total_of(const struct summary *s)
{
	struct summary_row total = { .nr = -1 };

	for (size_t i = 0; i < s->n; i++) {
		const struct summary_row *row = &s->rows[i];

		add_saturated(&total.calls, row->calls);
		add_saturated(&total.errors, row->errors);
		add_saturated(&total.time_ns, row->time_ns);
		add_saturated(&total.broker_ns, row->broker_ns);
		add_saturated(&total.allow, row->allow);
		add_saturated(&total.hide, row->hide);
		add_saturated(&total.deny, row->deny);
		add_saturated(&total.kill, row->kill);
	}
	return total;
}

static void put_count(FILE *out, uint64_t n)
{
	if (n)
		fprintf(out, " %9" PRIu64, n);
	else
		fprintf(out, " %9s", "");
}

static void put_row(FILE *out, const struct summary *s, const struct summary_row *row,
		    double percent, const char *name)
{
	_cleanup_buf_ struct buf shown = { 0 };

	text_path(&shown, name);
	fprintf(out, "%6.2f %11.6f", percent, (double)row->time_ns / 1e9);
	if (row->calls)
		fprintf(out, " %11" PRIu64, row->time_ns / row->calls / 1000);
	else
		fprintf(out, " %11s", "");
	fprintf(out, " %9" PRIu64, row->calls);
	put_count(out, row->errors);
	put_count(out, row->hide);
	put_count(out, row->deny);
	put_count(out, row->kill);
	if (s->recorded)
		fprintf(out, " %11.6f", (double)row->broker_ns / 1e9);
	else
		fprintf(out, " %11s", "-");
	fprintf(out, " %s\n", shown.data);
}

static void put_signals(FILE *out, json_t *signals)
{
	const char *separator = "signals: ";
	const char *name;
	json_t *count;

	json_object_foreach (signals, name, count) {
		_cleanup_buf_ struct buf shown = { 0 };

		text_path(&shown, name);
		fprintf(out, "%s%s %" JSON_INTEGER_FORMAT, separator, shown.data,
			json_integer_value(count));
		separator = ", ";
	}
	if (json_object_size(signals))
		fputc('\n', out);
}

static void put_notes(const struct summary *s, const struct log_health *health, FILE *out)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (s->stops)
		fprintf(out, "stops: %" PRIu64 "\n", s->stops);
	put_signals(out, s->signals);
	if (!s->recorded)
		buf_lit(&text, "the log has no summary record: counted from its call records, "
			       "which leave out what "
			       "was not logged\n");
	log_health_tell(health, &text);
	if (text.len)
		fputs(text.data, out);
}

void summary_print(const struct summary *s, const struct log_health *health, FILE *out)
{
	static const char rule[] =
		"------ ----------- ----------- --------- --------- --------- --------- ---------"
		" ----------- ----------------\n";
	struct summary_row total = total_of(s);

	fprintf(out, "%6s %11s %11s %9s %9s %9s %9s %9s %11s %s\n%s", "% time", "seconds",
		"usecs/call", "calls", "errors", "hidden", "denied", "killed", "broker", "syscall",
		rule);
	for (size_t i = 0; i < s->n; i++) {
		const struct summary_row *row = &s->rows[i];

		put_row(out, s, row,
			total.time_ns ? 100.0 * (double)row->time_ns / (double)total.time_ns : 0.0,
			row->name);
	}
	fputs(rule, out);
	put_row(out, s, &total, 100.0, "total");
	put_notes(s, health, out);
}

static json_t *row_json(const struct summary *s, const struct summary_row *row)
{
	json_t *json = json_object(), *name = json_string(row->name);

	/* A name cut in the middle of a character is not valid UTF-8. */
	json_object_set_new(json, "name", name ? name : json_string("?"));
	if (row->nr >= 0)
		json_object_set_new(json, "nr", json_integer(row->nr));
	json_set_number(json, "calls", row->calls);
	json_set_number(json, "errors", row->errors);
	json_set_number(json, "time_ns", row->time_ns);
	if (s->recorded)
		json_set_number(json, "broker_ns", row->broker_ns);
	json_set_number(json, "allow", row->allow);
	json_set_number(json, "hide", row->hide);
	json_set_number(json, "deny", row->deny);
	json_set_number(json, "kill", row->kill);
	return json;
}

int summary_print_json(const struct summary *s, const struct log_health *health, FILE *out)
{
	json_t *document = json_object(), *rows = json_array();
	int r;

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(rows, row_json(s, &s->rows[i]));
	json_object_set_new(document, "schema", json_string("proctor.summary/1"));
	json_object_set_new(document, "log", log_health_json(health));
	if (s->run)
		json_object_set_new(document, "run", json_string(s->run));
	json_object_set_new(document, "source", json_string(s->recorded ? "summary" : "calls"));
	json_set_number(document, "wall_ns", s->wall_ns);
	json_set_number(document, "stops", s->stops);
	json_object_set_new(document, "syscalls", rows);
	json_object_set_new(document, "signals",
			    s->signals ? json_incref(s->signals) : json_object());
	r = json_dumpf(document, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(document);
	return r == 0 ? 0 : -EIO;
}
