/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meta-file of isolate, "key:value" a line, one file a run. isolate knows nothing of answers: a run with a wrong
 * output ended well. Nor has it a status for limits of memory and output: as in isolate itself, those are signals.
 */
#include "grade/emit/fields.h"

#include <signal.h>

/* What isolate reports for a run that was stopped, by final verdict; other runs are told by their own end. */
static const struct {
	const char *status;
	int signal;
	const char *more;
} ended[N_FINALS] = {
	[FINAL_TO] = { "TO", 0, "" },
	[FINAL_ML] = { "SG", SIGKILL, "cg-oom-killed:1\n" },
	[FINAL_OL] = { "SG", SIGXFSZ, "" },
	[FINAL_PV] = { "SG", SIGSYS, "" },
};

static void put_seconds(struct buf *out, const char *key, const json_t *ns)
{
	uint64_t ms = (uint64_t)json_integer_value(ns) / 1000000;

	buf_printf(out, "%s:%llu.%03llu\n", key, (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000));
}

static void put_usage(struct buf *out, const json_t *line)
{
	unsigned long long kib = (unsigned long long)json_integer_value(json_object_get(line, "memory_bytes")) / 1024;

	put_seconds(out, "time", json_object_get(line, "cpu_ns"));
	put_seconds(out, "time-wall", json_object_get(line, "wall_ns"));
	/* Some readers look at one, some at the other. */
	buf_printf(out, "max-rss:%llu\ncg-mem:%llu\n", kib, kib);
}

static void put_end(struct buf *out, enum final f, const struct emit_result *r)
{
	const char *limit = emit_text_at(r->line, "limit", "name");
	int code, signal;

	emit_exit(r->line, &code, &signal);
	if (ended[f].status) {
		if (ended[f].signal)
			buf_printf(out, "exitsig:%d\n", ended[f].signal);
		buf_printf(out, "status:%s\nkilled:1\n%s", ended[f].status, ended[f].more);
		if (f == FINAL_TO)
			buf_printf(out, "message:Time limit exceeded%s\n", limit && streq(limit, "wall") ? " (wall clock)" : "");
		else
			buf_printf(out, "message:%s\n", emit_text_at(r->line, "messages", "staff"));
	} else if (signal) {
		buf_printf(out, "exitsig:%d\nstatus:SG\nmessage:Caught fatal signal %d\n", signal, signal);
	} else {
		buf_printf(out, "exitcode:%d\n", code);
		if (code)
			buf_printf(out, "status:RE\nmessage:Exited with error status %d\n", code);
	}
}

static void result(struct buf *out, const struct emit_result *r)
{
	enum final f;

	put_usage(out, r->line);
	if (emit_run_status(r, &f))
		put_end(out, f, r);
	else
		buf_printf(out, "status:XX\nmessage:%s\n", r->staff);
}

const struct emitter emit_isolate = { .name = "isolate", .result = result, .each = true };
