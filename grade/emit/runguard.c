/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metadata of DOMjudge's runguard, "key: value" a line, one file a run. What proctor does not know (bytes of each
 * stream of output, at times others) is left out.
 */
#include "grade/emit/fields.h"

#include <signal.h>

static void put_seconds(struct buf *out, const char *key, const json_t *ns)
{
	buf_printf(out, "%s: %.3f\n", key, (double)json_integer_value(ns) / 1e9);
}

/* The signal that runguard would report for a run ended at a limit. */
static int signal_of(enum final f, int own)
{
	switch (f) {
	case FINAL_TO:
	case FINAL_ML:
		return SIGKILL;
	case FINAL_PV:
		return SIGSYS;
	default:
		return own;
	}
}

static void result(struct buf *out, const struct emit_result *r)
{
	const char *limit = emit_text_at(r->line, "limit", "name");
	const json_t *stdin_bytes = json_object_get(r->line, "stdin_bytes");
	bool wall = limit && streq(limit, "wall");
	int code, signal;
	enum final f;

	if (!emit_run_status(r, &f)) {
		buf_printf(out, "internal-error: %s\n", r->staff);
		return;
	}
	emit_exit(r->line, &code, &signal);
	signal = signal_of(f, signal);
	buf_printf(out, "exitcode: %d\n", signal ? 128 + signal : code);
	if (signal)
		buf_printf(out, "signal: %d\n", signal);
	put_seconds(out, "wall-time", json_object_get(r->line, "wall_ns"));
	if (json_is_integer(json_object_get(r->line, "user_ns"))) {
		put_seconds(out, "user-time", json_object_get(r->line, "user_ns"));
		put_seconds(out, "sys-time", json_object_get(r->line, "system_ns"));
	}
	put_seconds(out, "cpu-time", json_object_get(r->line, "cpu_ns"));
	buf_printf(out, "time-used: %s\ntime-result: %s\n", wall ? "wall-time" : "cpu-time",
		   f == FINAL_TO ? "hard-timelimit" : "");
	buf_printf(out, "memory-bytes: %lld\noutput-truncated: %s\n",
		   (long long)json_integer_value(json_object_get(r->line, "memory_bytes")), f == FINAL_OL ? "stdout" : "");
	if (json_is_integer(stdin_bytes))
		buf_printf(out, "stdin-bytes: %lld\n", (long long)json_integer_value(stdin_bytes));
}

const struct emitter emit_runguard = { .name = "runguard", .result = result, .each = true };
