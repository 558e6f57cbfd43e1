/* SPDX-License-Identifier: Apache-2.0 */
#include "report/breakdown.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"
#include "report/csv.h"
#include "report/descriptors.h"
#include "report/export/export.h"

static const char *const by_names[] = {
	[BY_SYSCALL] = "syscall", [BY_FILE] = "file",	    [BY_DIRECTORY] = "directory",
	[BY_LINE] = "line",	  [BY_PROCESS] = "process", [BY_RULE] = "rule",
};

void breakdown_init(struct breakdown *b, enum breakdown_by by, bool outside)
{
	*b = (struct breakdown){ .by = by, .outside = outside, .whole = true };
	table_init(&b->table, BREAKDOWN_MAX_ROWS, BREAKDOWN_MAX_BYTES);
}

void breakdown_fini(struct breakdown *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->rows[i].name);
		free(b->rows[i].first_log);
		free(b->rows[i].first_code);
	}
	free(b->rows);
	table_fini(&b->table);
	*b = (struct breakdown){ 0 };
}

static int from_name(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (streq(names[i], name))
			return (int)i;
	return -EINVAL;
}

int breakdown_by_from_name(const char *name, enum breakdown_by *ret_by)
{
	int i = from_name(by_names, ARRAY_SIZE(by_names), name);

	if (i < 0)
		return i;
	*ret_by = (enum breakdown_by)i;
	return 0;
}

int breakdown_order_from_name(const char *name, enum breakdown_order *ret_order)
{
	static const char *const names[] = { "calls", "refused", "errors", "bytes", "time", "name" };
	int i = from_name(names, ARRAY_SIZE(names), name);

	if (i < 0)
		return i;
	*ret_order = (enum breakdown_order)i;
	return 0;
}

/* ------------------------------------------------------------------ counting */

static struct breakdown_row *new_row(struct breakdown *b, char *name)
{
	grow_array(&b->rows, &b->cap, b->n + 1, sizeof *b->rows);
	b->rows[b->n] = (struct breakdown_row){ .name = name };
	return &b->rows[b->n++];
}

static struct breakdown_row *others(struct breakdown *b)
{
	if (!b->others) {
		new_row(b, xstrdup("(others)"));
		b->others = b->n;
	}
	return &b->rows[b->others - 1];
}

/* The row of NAME. Key numbers of the table are row numbers until the row for others is added. */
static struct breakdown_row *row_of(struct breakdown *b, const char *name)
{
	size_t len = strlen(name), i;
	bool is_new;

	i = table_put(&b->table, name, len, &is_new);
	if (i == TABLE_FULL)
		return others(b);
	if (!is_new)
		return &b->rows[i];
	return new_row(b, xstrndup(name, len));
}

static void seen_in_log(struct breakdown *b, struct breakdown_row *row)
{
	if (row->last_log != b->logs)
		row->logs++;
	row->last_log = b->logs;
}

/* The name under which the call EVENT about PATH is counted; false: it is not counted. */
static bool name_of(const struct breakdown *b, const struct event *event, const char *path, const struct run_info *run,
		    struct buf *out)
{
	const char *slash;

	switch (b->by) {
	case BY_DIRECTORY:
		slash = path ? strrchr(path, '/') : NULL;
		if (slash) {
			buf_put(out, path, slash == path ? 1 : (size_t)(slash - path));
			return true;
		}
		__attribute__((fallthrough));
	case BY_FILE:
		if (!path || !*path)
			return false;
		buf_puts(out, path);
		return true;
	case BY_LINE:
		if (!event->file)
			return false;
		buf_printf(out, "%s:%" PRIu64, event->file, event->line);
		return true;
	case BY_PROCESS:
		buf_printf(out, "%s %" PRIu64, run->id ? run->id : "?", event->pid);
		return true;
	case BY_RULE:
		if (!event->rule)
			return false;
		buf_printf(out, "%s %s", event->rule, event->ref ? event->ref : "");
		return true;
	default:
		return false;
	}
}

/* The submission's files lie beneath its directory; the interpreter's are recognised by the rule. */
static bool is_inside(const struct event *event, const char *path, const struct run_info *run)
{
	return (event->ref && streq(event->ref, "builtin:python")) || path_inside(path, run->submission);
}

static bool has_opened(const struct event *event)
{
	enum export_verb verb = export_verb(event);

	return (verb == VERB_OPEN || verb == VERB_CREATE) && event->outcome && streq(event->outcome, "success");
}

static bool is_by_path(const struct breakdown *b)
{
	return b->by == BY_FILE || b->by == BY_DIRECTORY;
}

/* Returns the number of the row in which EVENT, about PATH, is counted; DESCRIPTOR_UNKNOWN: it is not. */
static int32_t count(struct breakdown *b, const struct event *event, const char *path, const struct run_info *run,
		     const char *log_name)
{
	_cleanup_buf_ struct buf name = { 0 }, code = { 0 };
	struct breakdown_row *row;
	int32_t number;

	if ((b->outside && is_inside(event, path, run)) || !name_of(b, event, path, run, &name))
		return DESCRIPTOR_UNKNOWN;
	row = row_of(b, name.data);
	number = (int32_t)(row - b->rows);
	add_saturated(&row->calls, 1);
	add_saturated(&row->opened, has_opened(event));
	add_saturated(&row->errors, event->err != NULL);
	add_saturated(&row->time_ns, event->duration_ns);
	if (event->refused && streq(event->action, "hide"))
		add_saturated(&row->hidden, 1);
	else
		add_saturated(&row->refused, event->refused);
	seen_in_log(b, row);
	if (row->first_log)
		return number;
	row->first_log = xstrdup(log_name);
	row->first_sequence = event->sequence;
	b->table.bytes += strlen(log_name);
	if (event->file) {
		buf_printf(&code, "%s:%" PRIu64, event->file, event->line);
		b->table.bytes += code.len;
		row->first_code = buf_steal(&code);
	}
	return number;
}

static void add_read(struct breakdown *b, int32_t row, uint64_t n)
{
	if (row != DESCRIPTOR_UNKNOWN)
		add_saturated(&b->rows[row].read_bytes, n);
}

static void add_written(struct breakdown *b, int32_t row, uint64_t n)
{
	if (row != DESCRIPTOR_UNKNOWN)
		add_saturated(&b->rows[row].written_bytes, n);
}

/* Counts the bytes that EVENT has moved, by what its descriptors are open on. */
static void count_bytes(struct breakdown *b, struct descriptors *descriptors, const struct event *event)
{
	uint64_t n = event->returned && event->result > 0 ? (uint64_t)event->result : 0;
	size_t from, to;

	if (call_copies(event->name, &from, &to)) {
		add_read(b, descriptors_object(descriptors, event, from), n);
		add_written(b, descriptors_object(descriptors, event, to), n);
	} else if (call_reads(event->name)) {
		add_read(b, descriptors_object(descriptors, event, 0), n);
	} else if (call_writes(event->name)) {
		add_written(b, descriptors_object(descriptors, event, 0), n);
	}
}

/* DESCRIPTORS: those of the log, if it has every call; or NULL. */
static void take_call(struct breakdown *b, const struct event *event, const struct run_info *run, const char *log_name,
		      struct descriptors *descriptors)
{
	_cleanup_free_ char *path = is_by_path(b) ? export_path(event) : NULL;
	int32_t object = count(b, event, path, run, log_name);

	if (!descriptors || !event->name)
		return;
	if (!path)
		object = descriptors_subject(descriptors, event);
	count_bytes(b, descriptors, event);
	descriptors_follow(descriptors, event, object);
}

static void begin_log(struct breakdown *b)
{
	b->logs++;
}

static void end_log(struct breakdown *b, const struct log_health *health)
{
	b->whole = b->whole && log_is_whole(health);
}

int breakdown_read(struct breakdown *b, struct log_reader *reader, const char *log_name)
{
	struct log_record record;
	struct descriptors descriptors;
	struct event event;
	struct run_info run;
	bool every = false;
	int r;

	begin_log(b);
	run_info_init(&run);
	descriptors_init(&descriptors, log_health(reader));
	while ((r = log_next(reader, &record)) > 0) {
		const char *calls = record.kind == RECORD_START ? json_text(record.json, "settings.calls") : NULL;

		run_info_take(&run, &record);
		b->only_refusals = b->only_refusals || (calls && streq(calls, "denied"));
		every = every || (calls && streq(calls, "all"));
		if (record.kind != RECORD_CALL && record.kind != RECORD_SIGNAL)
			continue;
		event_read(&event, &record);
		if (record.kind == RECORD_CALL)
			take_call(b, &event, &run, log_name, every && is_by_path(b) ? &descriptors : NULL);
		else if (every && is_by_path(b))
			descriptors_follow(&descriptors, &event, DESCRIPTOR_UNKNOWN);
	}
	b->every += every;
	descriptors_fini(&descriptors);
	run_info_fini(&run);
	end_log(b, log_health(reader));
	return r;
}

void breakdown_add_summary(struct breakdown *b, const struct summary *summary, const struct log_health *health)
{
	begin_log(b);
	for (size_t i = 0; i < summary->n; i++) {
		const struct summary_row *from = &summary->rows[i];
		struct breakdown_row *row = row_of(b, from->name);

		add_saturated(&row->calls, from->calls);
		add_saturated(&row->errors, from->errors);
		add_saturated(&row->time_ns, from->time_ns);
		add_saturated(&row->hidden, from->hide);
		add_saturated(&row->refused, from->deny);
		add_saturated(&row->refused, from->kill);
		seen_in_log(b, row);
	}
	end_log(b, health);
}

/* ------------------------------------------------------------------ order */

static uint64_t measure(const struct breakdown_row *row, enum breakdown_order order)
{
	switch (order) {
	case BREAKDOWN_REFUSED:
		return row->refused;
	case BREAKDOWN_ERRORS:
		return row->errors;
	case BREAKDOWN_BYTES:
		return row->written_bytes > UINT64_MAX - row->read_bytes ? UINT64_MAX : row->read_bytes + row->written_bytes;
	case BREAKDOWN_TIME:
		return row->time_ns;
	case BREAKDOWN_NAME:
		return 0;
	default:
		return row->calls;
	}
}

/* The highest first; equal rows by name. */
static int compare(const void *a, const void *b, void *order)
{
	const struct breakdown_row *x = a, *y = b;
	uint64_t m = measure(x, *(enum breakdown_order *)order), n = measure(y, *(enum breakdown_order *)order);

	return m != n ? (m < n) - (m > n) : strcmp(x->name, y->name);
}

void breakdown_sort(struct breakdown *b, enum breakdown_order order)
{
	if (b->n)
		qsort_r(b->rows, b->n, sizeof *b->rows, compare, &order);
}

/* ------------------------------------------------------------------ telling */

bool breakdown_knows_bytes(const struct breakdown *b)
{
	return is_by_path(b) && b->logs && b->every == b->logs;
}

static bool has_first(const struct breakdown *b)
{
	return b->by != BY_SYSCALL;
}

static void print_row(const struct breakdown *b, const struct breakdown_row *row, FILE *out)
{
	_cleanup_buf_ struct buf text = { 0 };

	text_path(&text, row->name);
	if (row->first_code && b->by != BY_LINE) {
		buf_lit(&text, "  (first: ");
		text_path(&text, row->first_code);
		buf_putc(&text, ')');
	}
	fprintf(out, "%10" PRIu64 " ", row->calls);
	if (has_first(b))
		fprintf(out, "%10" PRIu64 " ", row->opened);
	fprintf(out, "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " ", row->errors, row->hidden, row->refused);
	if (breakdown_knows_bytes(b))
		fprintf(out, "%12" PRIu64 " %12" PRIu64 " ", row->read_bytes, row->written_bytes);
	fprintf(out, "%12.6f %6" PRIu64 "  %s\n", (double)row->time_ns / 1e9, row->logs, text.data ? text.data : "");
}

void breakdown_print(const struct breakdown *b, FILE *out)
{
	fprintf(out, "%10s %s%10s %10s %10s %s%12s %6s  %s\n", "calls", has_first(b) ? "    opened " : "", "errors", "hidden",
		"refused", breakdown_knows_bytes(b) ? "  bytes read      written " : "", "seconds", "logs", by_names[b->by]);
	for (size_t i = 0; i < b->n; i++)
		print_row(b, &b->rows[i], out);
	if (b->only_refusals)
		fputs("a log has calls that were refused or hidden alone (log.calls: denied)\n", out);
	if (is_by_path(b) && !breakdown_knows_bytes(b))
		fputs("how many bytes were read and written only logs of all calls tell (run --calls all)\n", out);
	if (!b->whole)
		fputs("a log is incomplete: there were more calls than are counted here\n", out);
}

static void put_cell(FILE *out, const char *text)
{
	fputc(',', out);
	if (text)
		csv_cell(out, text, strlen(text), false);
}

void breakdown_print_csv(const struct breakdown *b, FILE *out)
{
	fprintf(out, "%s,calls,%serrors,hidden,refused,time_ns,logs%s\n", by_names[b->by], has_first(b) ? "opened," : "",
		is_by_path(b) ? ",first_log,first_sequence,first_code,read_bytes,written_bytes" :
		has_first(b)  ? ",first_log,first_sequence,first_code" : "");
	for (size_t i = 0; i < b->n; i++) {
		const struct breakdown_row *row = &b->rows[i];

		csv_cell(out, row->name, strlen(row->name), false);
		fprintf(out, ",%" PRIu64, row->calls);
		if (has_first(b))
			fprintf(out, ",%" PRIu64, row->opened);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, row->errors, row->hidden,
			row->refused, row->time_ns, row->logs);
		if (has_first(b)) {
			put_cell(out, row->first_log);
			fprintf(out, ",%" PRIu64, row->first_sequence);
			put_cell(out, row->first_code);
		}
		if (breakdown_knows_bytes(b))
			fprintf(out, ",%" PRIu64 ",%" PRIu64, row->read_bytes, row->written_bytes);
		else if (is_by_path(b))
			fputs(",,", out);
		fputc('\n', out);
	}
}

/* A path that is not UTF-8 is written escaped, as on a terminal, and marked so. */
static void set_name(json_t *json, const char *member, const char *name)
{
	_cleanup_buf_ struct buf shown = { 0 };
	json_t *text = json_string(name);

	if (!text) {
		text_path(&shown, name);
		text = json_string(shown.data);
		json_object_set_new(json, "escaped", json_true());
	}
	json_object_set_new(json, member, text);
}

static json_t *row_json(const struct breakdown *b, const struct breakdown_row *row)
{
	json_t *json = json_object(), *first;

	set_name(json, by_names[b->by], row->name);
	json_set_number(json, "calls", row->calls);
	if (has_first(b))
		json_set_number(json, "opened", row->opened);
	json_set_number(json, "errors", row->errors);
	json_set_number(json, "hidden", row->hidden);
	json_set_number(json, "refused", row->refused);
	json_set_number(json, "time_ns", row->time_ns);
	json_set_number(json, "logs", row->logs);
	if (breakdown_knows_bytes(b)) {
		json_set_number(json, "read_bytes", row->read_bytes);
		json_set_number(json, "written_bytes", row->written_bytes);
	}
	if (row->first_log) {
		first = json_object();
		set_name(first, "log", row->first_log);
		json_set_number(first, "sequence", row->first_sequence);
		export_set_text(first, "code", row->first_code);
		json_object_set_new(json, "first", first);
	}
	return json;
}

void breakdown_print_json(const struct breakdown *b, FILE *out)
{
	json_t *row;

	fprintf(out, "{\"schema\":\"proctor.breakdown/1\",\"by\":\"%s\",\"outside\":%s,\"logs\":%u,\"complete\":%s,\"rows\":[",
		by_names[b->by], b->outside ? "true" : "false", b->logs, b->whole ? "true" : "false");
	for (size_t i = 0; i < b->n; i++) {
		fputs(i ? ",\n" : "\n", out);
		row = row_json(b, &b->rows[i]);
		json_dumpf(row, out, JSON_COMPACT | JSON_ENSURE_ASCII);
		json_decref(row);
	}
	fputs("]}\n", out);
}
