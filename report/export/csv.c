/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values (report/csv.h): a line for each call and signal, ended by a newline. */
#include "report/csv.h"
#include "report/export/formats.h"

static const char header[] = "run,log,sequence,timestamp,kind,pid,tid,action,args,path,path_b64,result,errno,"
			     "outcome,duration_ns,broker_ns,decision,how,enforced,violation,rule,ref,nearest,"
			     "nearest_path,file,line,function,path_by,to_path,to_path_b64,ppid\n";

static void begin(struct exporter *e)
{
	fputs(header, e->out);
}

static void put_n(struct exporter *e, const char *text, size_t n)
{
	csv_cell(e->out, text, n, e->options->raw);
}

static void put_text(struct exporter *e, const char *text)
{
	fputc(',', e->out);
	if (text && *text)
		put_n(e, text, strlen(text));
}

static void put_json(struct exporter *e, json_t *text)
{
	fputc(',', e->out);
	if (text)
		put_n(e, json_string_value(text), json_string_length(text));
}

static void put_number(struct exporter *e, uint64_t n)
{
	fprintf(e->out, ",%llu", (unsigned long long)n);
}

static void put_call(struct exporter *e, const struct event *event)
{
	_cleanup_buf_ struct buf args = { 0 };

	fputc(',', e->out);
	if (event->args) {
		event_args(event->args, &args);
		put_n(e, args.data ? args.data : "", args.len);
	}
	put_json(e, event->path);
	put_json(e, event->path_b64);
	fputc(',', e->out);
	if (event->returned)
		fprintf(e->out, "%lld", (long long)event->result);
	put_text(e, event->err);
	put_text(e, event->outcome);
	put_number(e, event->duration_ns);
	fputc(',', e->out);
	if (json_is_integer(json_at(event->json, "event.broker_ns")))
		fprintf(e->out, "%llu", (unsigned long long)event->broker_ns);
	put_text(e, event->action);
	put_text(e, event->how);
	put_text(e, event->action ? event->enforced ? "true" : "false" : NULL);
	put_text(e, event->action ? event->violation ? "true" : "false" : NULL);
	put_text(e, event->rule);
	put_text(e, event->ref);
	put_text(e, event->nearest);
	put_text(e, event->nearest_path);
}

static void record(struct exporter *e, const struct event *event)
{
	if (event->kind != RECORD_CALL && event->kind != RECORD_SIGNAL)
		return;
	put_n(e, e->run.id ? e->run.id : "", e->run.id ? strlen(e->run.id) : 0);
	put_text(e, e->log_name);
	put_number(e, event->sequence);
	put_text(e, event->timestamp);
	put_text(e, event->kind == RECORD_CALL ? "call" : "signal");
	put_number(e, event->pid);
	put_number(e, event->tid);
	put_text(e, event->name);
	put_call(e, event);
	put_text(e, event->file);
	fputc(',', e->out);
	if (event->line)
		fprintf(e->out, "%llu", (unsigned long long)event->line);
	put_text(e, event->function);
	put_text(e, export_path_by(event));
	put_json(e, event->to_path);
	put_json(e, event->to_path_b64);
	fputc(',', e->out);
	if (event->parent)
		fprintf(e->out, "%llu", (unsigned long long)event->parent);
	fputc('\n', e->out);
}

const struct export_format export_csv = {
	.name = "csv",
	.description = "a table: a line for each call and signal",
	.begin = begin,
	.record = record,
};
