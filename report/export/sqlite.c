/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL for sqlite3(1): creates tables that do not exist, ignores rows that do, all in one transaction.
 * Text and not a database, because `proctor run` would have to load another library at each start for
 * it, and because text can be piped into a database that already holds other runs.
 *
 * A text is quoted only if it is UTF-8 without control characters; everything else is written as
 * hexadecimal digits: so no name can begin a new line, and sqlite3 finds none of its own commands.
 * A path that is not UTF-8 is a BLOB of its bytes.
 */
#include "report/export/formats.h"

#include <inttypes.h>

#include "base/escape.h"

static const char schema[] =
	"PRAGMA application_id=0x70726374;\n" /* "prct" */
	"PRAGMA user_version=1;\n"
	"BEGIN;\n"
	"CREATE TABLE IF NOT EXISTS run(id TEXT PRIMARY KEY,log TEXT,submission TEXT,script TEXT,"
	"script_sha256 TEXT,policy TEXT,policy_hash TEXT,python TEXT,kernel TEXT,mode TEXT,started_ns INTEGER,"
	"status TEXT,exit_code INTEGER,exit_signal TEXT,cpu_ns INTEGER,wall_ns INTEGER,memory_bytes INTEGER,"
	"violations INTEGER,complete INTEGER NOT NULL) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS label(run TEXT,k TEXT,v TEXT,PRIMARY KEY(run,k)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS call(run TEXT,seq INTEGER,ts_ns INTEGER,dur_ns INTEGER,broker_ns INTEGER,"
	"pid INTEGER,tid INTEGER,name TEXT,args TEXT,path,ret INTEGER,errno TEXT,decision TEXT,how TEXT,enforced INTEGER,"
	"violation INTEGER,rule TEXT,ref TEXT,nearest TEXT,file TEXT,line INTEGER,func TEXT,path_by TEXT,to_path,PRIMARY KEY(run,seq)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS frame(run TEXT,seq INTEGER,depth INTEGER,file TEXT,line INTEGER,func TEXT,"
	"PRIMARY KEY(run,seq,depth)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS signal(run TEXT,seq INTEGER,ts_ns INTEGER,pid INTEGER,tid INTEGER,name TEXT,"
	"fatal INTEGER,PRIMARY KEY(run,seq)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS syscall(run TEXT,name TEXT,calls INTEGER,errors INTEGER,time_ns INTEGER,"
	"broker_ns INTEGER,allow INTEGER,hide INTEGER,deny INTEGER,kill INTEGER,PRIMARY KEY(run,name)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS usage(run TEXT,at_ns INTEGER,cpu_ns INTEGER,memory_bytes INTEGER,"
	"output_bytes INTEGER,threads INTEGER,PRIMARY KEY(run,at_ns)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS task(run TEXT,n INTEGER,pid INTEGER,tid INTEGER,parent INTEGER,name TEXT,args TEXT,"
	"from_ns INTEGER,to_ns INTEGER,cpu_ns INTEGER,PRIMARY KEY(run,n)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS module(run TEXT,path,bytes INTEGER,sha256 TEXT,PRIMARY KEY(run,path,sha256)) WITHOUT ROWID;\n"
	"CREATE VIEW IF NOT EXISTS refusal AS SELECT * FROM call WHERE decision IN('hide','deny','kill');\n"
	"CREATE VIEW IF NOT EXISTS why AS SELECT run,seq,decision,name,path,rule,ref,nearest,file,line,func FROM call "
	"WHERE violation;\n";

static void begin(struct exporter *e)
{
	fputs(schema, e->out);
}

static bool is_plain(const char *text, size_t n)
{
	while (n) {
		size_t len;
		uint32_t c = text_decode(text, n, &len);

		if (!len || c < 0x20 || c == 0x7f)
			return false;
		text += len;
		n -= len;
	}
	return true;
}

static void put_hex(struct exporter *e, const char *text, size_t n)
{
	char digits[3];

	fputs("X'", e->out);
	for (size_t i = 0; i < n; i++) {
		hex_text((const uint8_t *)text + i, 1, digits);
		fputs(digits, e->out);
	}
	fputc('\'', e->out);
}

static void put_n(struct exporter *e, const char *text, size_t n)
{
	if (!is_plain(text, n)) {
		fputs("CAST(", e->out);
		put_hex(e, text, n);
		fputs(" AS TEXT)", e->out);
		return;
	}
	fputc('\'', e->out);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\'')
			fputc('\'', e->out);
		fputc(text[i], e->out);
	}
	fputc('\'', e->out);
}

static void put_text(struct exporter *e, const char *text)
{
	if (text)
		put_n(e, text, strlen(text));
	else
		fputs("NULL", e->out);
}

static void put_next(struct exporter *e, const char *text)
{
	fputc(',', e->out);
	put_text(e, text);
}

/* N, if it is KNOWN. */
static void put_known(struct exporter *e, bool known, int64_t n)
{
	if (known)
		fprintf(e->out, ",%" PRId64, n);
	else
		fputs(",NULL", e->out);
}

static void put_integer(struct exporter *e, uint64_t n)
{
	put_known(e, true, (int64_t)MIN(n, (uint64_t)INT64_MAX));
}

/* A member of OBJECT that is a count; NULL is written when it is missing. */
static void put_member(struct exporter *e, json_t *object, const char *name)
{
	json_t *value = json_at(object, name);

	put_known(e, json_is_integer(value), json_integer_value(value));
}

static void put_bool(struct exporter *e, bool value)
{
	fputs(value ? ",1" : ",0", e->out);
}

static void put_insert(struct exporter *e, const char *table)
{
	/* A log without a start record is identified by its name. */
	fprintf(e->out, "INSERT OR IGNORE INTO %s VALUES(", table);
	put_text(e, e->run.id ? e->run.id : e->log_name);
}

/* PATH, exact bytes; a BLOB unless UTF8. */
static void put_bytes(struct exporter *e, const char *path, bool utf8)
{
	fputc(',', e->out);
	if (path && !utf8)
		put_hex(e, path, strlen(path));
	else
		put_text(e, path);
}

static void put_path(struct exporter *e, const struct event *event)
{
	_cleanup_free_ char *path = export_path(event);

	put_bytes(e, path, !event->path_b64);
}

static void put_frames(struct exporter *e, const struct event *event)
{
	json_t *frame;
	size_t i;

	json_array_foreach (json_at(event->json, "stack.python"), i, frame) {
		if (!json_is_object(frame) || !json_text(frame, "function"))
			continue;
		put_insert(e, "frame");
		put_integer(e, event->sequence);
		put_integer(e, i);
		put_next(e, json_text(frame, "file"));
		put_member(e, frame, "line");
		put_next(e, json_text(frame, "function"));
		fputs(");\n", e->out);
	}
}

static void put_call(struct exporter *e, const struct event *event)
{
	_cleanup_free_ char *to_path = json_raw_of(event->to_path, event->to_path_b64);
	_cleanup_buf_ struct buf args = { 0 };

	event_args(event->args, &args);
	put_insert(e, "call");
	put_integer(e, event->sequence);
	put_known(e, event->timed, event->time_ns);
	put_integer(e, event->duration_ns);
	put_known(e, json_is_integer(json_at(event->json, "event.broker_ns")),
		  (int64_t)MIN(event->broker_ns, (uint64_t)INT64_MAX));
	put_integer(e, event->pid);
	put_integer(e, event->tid);
	put_next(e, event->name);
	fputc(',', e->out);
	put_n(e, args.data ? args.data : "", args.len);
	put_path(e, event);
	put_member(e, event->json, "syscall.ret");
	put_next(e, event->err);
	put_next(e, event->action);
	put_next(e, event->how);
	put_bool(e, event->enforced);
	put_bool(e, event->violation);
	put_next(e, event->rule);
	put_next(e, event->ref);
	put_next(e, event->nearest);
	put_next(e, event->file);
	put_known(e, event->line != 0, (int64_t)MIN(event->line, (uint64_t)INT64_MAX));
	put_next(e, event->function);
	put_next(e, export_path_by(event));
	put_bytes(e, to_path, !event->to_path_b64);
	fputs(");\n", e->out);
	put_frames(e, event);
}

static void put_signal(struct exporter *e, const struct event *event)
{
	put_insert(e, "signal");
	put_integer(e, event->sequence);
	put_known(e, event->timed, event->time_ns);
	put_integer(e, event->pid);
	put_integer(e, event->tid);
	put_next(e, event->name);
	put_bool(e, json_bool(event->json, "fatal", false));
	fputs(");\n", e->out);
}

static void put_summary(struct exporter *e, json_t *json)
{
	static const char *const counts[] = { "calls", "errors", "time_ns", "broker_ns", "allow", "hide", "deny", "kill" };
	json_t *row;
	size_t i, k;

	json_array_foreach (json_at(json, "syscalls"), i, row) {
		if (!json_text(row, "name"))
			continue;
		put_insert(e, "syscall");
		put_next(e, json_text(row, "name"));
		for (k = 0; k < ARRAY_SIZE(counts); k++)
			put_member(e, row, counts[k]);
		fputs(");\n", e->out);
	}
}

static void put_usage(struct exporter *e, json_t *usage)
{
	static const char *const columns[] = { "at_ns", "cpu_ns", "memory_bytes", "output_bytes", "threads" };
	json_t *value;
	size_t i, k;

	for (i = 0; i < json_array_size(json_object_get(usage, columns[0])); i++) {
		put_insert(e, "usage");
		for (k = 0; k < ARRAY_SIZE(columns); k++) {
			value = json_array_get(json_object_get(usage, columns[k]), i);
			put_known(e, json_is_integer(value), json_integer_value(value));
		}
		fputs(");\n", e->out);
	}
}

static void put_tasks(struct exporter *e, json_t *tasks)
{
	json_t *one;
	size_t i;

	json_array_foreach (tasks, i, one) {
		_cleanup_free_ char *args = json_is_array(json_object_get(one, "args")) ?
						    json_dumps(json_object_get(one, "args"), JSON_COMPACT) :
						    NULL;

		put_insert(e, "task");
		put_integer(e, i);
		put_member(e, one, "pid");
		put_member(e, one, "thread");
		put_member(e, one, "parent");
		put_next(e, json_text(one, "name"));
		put_next(e, args);
		put_member(e, one, "from_ns");
		put_member(e, one, "to_ns");
		put_member(e, one, "cpu_ns");
		fputs(");\n", e->out);
	}
}

static void put_modules(struct exporter *e, json_t *modules)
{
	json_t *one;
	size_t i;

	json_array_foreach (modules, i, one) {
		_cleanup_free_ char *path = json_raw(one, "path");

		if (!path || !json_text(one, "sha256"))
			continue;
		put_insert(e, "module");
		put_bytes(e, path, !json_object_get(one, "path_b64"));
		put_member(e, one, "bytes");
		put_next(e, json_text(one, "sha256"));
		fputs(");\n", e->out);
	}
}

static void record(struct exporter *e, const struct event *event)
{
	if (event->kind == RECORD_CALL) {
		put_call(e, event);
	} else if (event->kind == RECORD_SIGNAL) {
		put_signal(e, event);
	} else if (event->kind == RECORD_SUMMARY) {
		put_summary(e, event->json);
		put_usage(e, json_at(event->json, "usage"));
		put_tasks(e, json_at(event->json, "tasks.list"));
		put_modules(e, json_at(event->json, "modules.list"));
	}
}

static void put_labels(struct exporter *e)
{
	const char *key;
	json_t *value;

	json_object_foreach (json_at(e->start, "run.labels"), key, value) {
		put_insert(e, "label");
		put_next(e, key);
		put_next(e, json_string_value(value));
		fputs(");\n", e->out);
	}
}

/* The run comes last: its row says how it ended. */
static int end_log(struct exporter *e, const struct log_health *health)
{
	put_labels(e);
	put_insert(e, "run");
	put_next(e, e->log_name);
	put_next(e, json_text(e->start, "run.submission"));
	put_next(e, e->run.script);
	put_next(e, e->run.script_sha256);
	put_next(e, json_text(e->start, "policy.name"));
	put_next(e, json_text(e->start, "policy.hash"));
	put_next(e, json_text(e->start, "process.python"));
	put_next(e, json_text(e->start, "host.kernel"));
	put_next(e, json_text(e->start, "settings.mode"));
	put_known(e, e->start_ns != 0, e->start_ns);
	put_next(e, e->run.status);
	put_member(e, e->run.end, "exit.code");
	put_next(e, e->run.exit_signal);
	put_member(e, e->run.end, "cpu_ns");
	put_member(e, e->run.end, "wall_ns");
	put_member(e, e->run.end, "memory_bytes");
	put_member(e, e->run.end, "violations");
	put_bool(e, log_is_whole(health));
	fputs(");\n", e->out);
	return 0;
}

static void finish(struct exporter *e)
{
	fputs("COMMIT;\n", e->out);
}

const struct export_format export_sqlite = {
	.name = "sqlite",
	.description = "SQL for sqlite3: tables of runs, calls and frames",
	.begin = begin,
	.record = record,
	.end_log = end_log,
	.finish = finish,
};
