/* SPDX-License-Identifier: Apache-2.0 */
#include "report/event.h"

#include <ctype.h>
#include <time.h>

/* Reads exactly N digits and THEN at *AT, which moves behind them. -1 when they are not there. */
static int take_number(const char **at, int n, char then)
{
	int value = 0;

	for (; n > 0; n--, ++*at) {
		if (!isdigit((unsigned char)**at))
			return -1;
		value = value * 10 + (**at - '0');
	}
	if (**at != then)
		return -1;
	++*at;
	return value;
}

/* ".345678901Z", up to nine digits, or "Z". */
static bool take_fraction(const char *at, int64_t *ret_ns)
{
	int64_t ns = 0, unit = 100000000;

	if (*at == '.')
		for (at++; isdigit((unsigned char)*at) && unit; at++, unit /= 10)
			ns += (*at - '0') * unit;
	*ret_ns = ns;
	return at[0] == 'Z' && at[1] == '\0';
}

bool event_time(const char *text, int64_t *ret_ns)
{
	const char *at = text;
	struct tm tm = { 0 };
	int64_t fraction;

	if (!text)
		return false;
	tm.tm_year = take_number(&at, 4, '-') - 1900;
	if (tm.tm_year < 0 || tm.tm_year > 300)
		return false;
	tm.tm_mon = take_number(&at, 2, '-') - 1;
	if (tm.tm_mon < 0 || tm.tm_mon > 11)
		return false;
	tm.tm_mday = take_number(&at, 2, 'T');
	if (tm.tm_mday < 1 || tm.tm_mday > 31)
		return false;
	tm.tm_hour = take_number(&at, 2, ':');
	if (tm.tm_hour < 0 || tm.tm_hour > 23)
		return false;
	tm.tm_min = take_number(&at, 2, ':');
	if (tm.tm_min < 0 || tm.tm_min > 59)
		return false;
	for (int i = 0; i < 2; i++, at++) {
		if (!isdigit((unsigned char)*at))
			return false;
		tm.tm_sec = tm.tm_sec * 10 + (*at - '0');
	}
	if (tm.tm_sec > 60 || !take_fraction(at, &fraction))
		return false;
	*ret_ns = (int64_t)timegm(&tm) * 1000000000 + fraction;
	return true;
}

static void take_decision(struct event *e, json_t *json)
{
	e->action = json_text(json, "decision.action");
	e->how = json_text(json, "decision.how");
	e->enforced = json_bool(json, "decision.enforced", true);
	e->violation = json_bool(json, "decision.violation", false);
	e->refused = e->action && (streq(e->action, "hide") || streq(e->action, "deny") ||
				   streq(e->action, "kill"));
	e->rule = json_text(json, "rule.id");
	e->ref = json_text(json, "rule.ref");
	e->nearest = json_text(json, "rule.nearest");
	e->nearest_path = json_text(json, "rule.nearest_path");
}

void event_code(json_t *code, const char **ret_file, uint64_t *ret_line, const char **ret_function)
{
	json_t *line = json_object_get(code, "line.number");

	*ret_file = json_string_value(json_object_get(code, "file.path"));
	*ret_function = json_string_value(json_object_get(code, "function.name"));
	*ret_line = json_is_integer(line) && json_integer_value(line) > 0 ? (uint64_t)json_integer_value(line) : 0;
}

static void take_file(struct event *e, json_t *file)
{
	json_t *path = json_object_get(file, "path"), *exact = json_object_get(file, "path_b64");

	e->path = json_is_string(path) ? path : NULL;
	e->path_b64 = json_is_string(exact) ? exact : NULL;
	e->path_followed = e->path && json_is_integer(json_object_get(file, "descriptor"));
}

/*
 * Is the innermost code of the program's own, EVENT's "<string>", a line of a .pth file? The interpreter's module site
 * executes those at the start. Which file it was is in none of the frames.
 */
static bool is_of_pth(const struct event *e, json_t *frames)
{
	const char *file, *slash;
	size_t i;

	for (i = 0; i + 1 < json_array_size(frames); i++)
		if (json_number(json_array_get(frames, i), "line", 0) == e->line &&
		    streq_or_null(json_text(json_array_get(frames, i), "file"), e->file))
			break;
	frames = json_array_get(frames, i + 1);
	file = json_text(frames, "file");
	slash = file ? strrchr(file, '/') : NULL;
	return file && streq_or_null(json_text(frames, "function"), "addpackage") &&
	       (streq(file, "<frozen site>") || (slash && streq(slash, "/site.py")));
}

void event_read(struct event *e, const struct log_record *record)
{
	json_t *json = record->json, *result = json_at(json, "syscall.ret"),
	       *args = json_at(json, "syscall.args");

	*e = (struct event){ .json = json, .kind = record->kind, .sequence = record->sequence };
	e->pid = json_number(json, "process.pid", 0);
	e->parent = json_number(json, "process.parent.pid", 0);
	e->tid = json_number(json, "process.thread.id", e->pid);
	e->duration_ns = json_number(json, "event.duration", 0);
	e->broker_ns = MIN(json_number(json, "event.broker_ns", 0), e->duration_ns);
	e->timestamp = json_text(json, "@timestamp");
	e->timed = event_time(e->timestamp, &e->time_ns);
	e->name = json_text(json, "event.action");
	e->outcome = json_text(json, "event.outcome");
	e->args = json_is_array(args) ? args : NULL;
	e->returned = json_is_integer(result);
	e->result = e->returned ? (int64_t)json_integer_value(result) : 0;
	e->err = json_text(json, "syscall.errno");
	take_file(e, json_object_get(json, "file"));
	take_decision(e, json);
	event_code(json_object_get(json, "code"), &e->file, &e->line, &e->function);
	if (e->file && streq(e->file, "<string>") && is_of_pth(e, json_at(json, "stack.python")))
		e->file = "<a .pth file of site>";
}

bool event_has_flag(const struct event *event, const char *name)
{
	json_t *arg;
	size_t i;

	json_array_foreach (event->args, i, arg) {
		const char *text = json_string_value(arg);

		if (text && *text != '"' && strstr(text, name))
			return true;
	}
	return false;
}

void event_args(json_t *args, struct buf *out)
{
	json_t *arg;
	size_t i;

	json_array_foreach (args, i, arg) {
		if (i)
			buf_lit(out, ", ");
		if (json_is_string(arg))
			buf_put(out, json_string_value(arg), json_string_length(arg));
		else
			buf_putc(out, '?');
	}
}
