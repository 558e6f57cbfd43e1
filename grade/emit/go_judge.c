/* SPDX-License-Identifier: Apache-2.0 */
/* The reply of go-judge to /run: a list of results. Times are nanoseconds, memory is bytes. */
#include "grade/emit/fields.h"

#include <signal.h>

/* go-judge's names for outcomes, and the signal that it reports for a run ended at a limit. */
static const struct {
	const char *name;
	int signal; /* 0: the program's own */
} statuses[N_FINALS] = {
	[FINAL_AC] = { "Accepted", 0 },
	[FINAL_OK] = { "Accepted", 0 },
	[FINAL_WA] = { "Wrong Answer", 0 },
	[FINAL_TO] = { "Time Limit Exceeded", SIGKILL },
	[FINAL_RE] = { "Nonzero Exit Status", 0 },
	[FINAL_CE] = { "Nonzero Exit Status", 0 },
	[FINAL_ML] = { "Memory Limit Exceeded", SIGKILL },
	[FINAL_OL] = { "Output Limit Exceeded", SIGXFSZ },
	[FINAL_SG] = { "Signalled", 0 },
	[FINAL_PV] = { "Dangerous Syscall", SIGSYS },
	[FINAL_JE] = { "Internal Error", 0 },
};

static json_int_t number_at(const json_t *line, const char *name)
{
	return json_integer_value(json_object_get(line, name));
}

static void begin(struct buf *out, const struct emit_totals *totals)
{
	(void)totals;
	buf_lit(out, "[");
}

static void result(struct buf *out, const struct emit_result *r)
{
	const json_t *line = r->line;
	const char *status = statuses[r->verdict].name;
	int signal = statuses[r->verdict].signal, code, own;
	json_t *one;

	if (r->verdict == FINAL_AC && json_number_value(json_object_get(line, "score")) <
					      json_number_value(json_object_get(line, "max_score")))
		status = "Partially Correct";
	/* The program ended well, but the checker failed. */
	if (r->verdict == FINAL_JE && json_object_get(line, "checker"))
		status = "Judgement Failed";
	emit_exit(line, &code, &own);
	one = json_pack("{s:s,s:i,s:I,s:I,s:I}", "status", status, "exitStatus", signal ? signal : own ? own : code, "time",
			number_at(line, "cpu_ns"), "memory", number_at(line, "memory_bytes"), "runTime",
			number_at(line, "wall_ns"));
	if (json_is_integer(json_object_get(line, "tasks_peak")))
		json_object_set(one, "procPeak", json_object_get(line, "tasks_peak"));
	if (!final_is_good(r->verdict))
		json_object_set_new(one, "error", json_string(r->staff));
	buf_puts(out, r->number > 1 ? ",\n" : "\n");
	put_json(out, one);
}

static void end(struct buf *out, const struct emit_totals *totals)
{
	(void)totals;
	buf_lit(out, "\n]\n");
}

const struct emitter emit_go_judge = { .name = "go-judge", .begin = begin, .result = result, .end = end };
