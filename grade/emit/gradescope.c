/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gradescope's results.json. The output of a test goes to the student; the wording for staff is in extra_data, which
 * students do not see. A run that could not be judged has no score, rather than zero points. Where groups of cases
 * make the score of a submission, only the submission has a score, and its tests have none.
 */
#include "grade/emit/emit.h"

static void begin(struct buf *out, const struct emit_totals *totals)
{
	buf_printf(out, "{\"execution_time\":%.3f,", (double)totals->wall_ns / 1e9);
	if (totals->scored)
		buf_printf(out, "\"score\":%.15g,", totals->score);
	buf_lit(out, "\"tests\":[");
}

static void result(struct buf *out, const struct emit_result *r)
{
	bool good = final_is_good(r->verdict);
	_cleanup_buf_ struct buf name = { 0 };
	json_t *test;

	buf_printf(&name, "%s %s", r->group, r->name);
	test = json_pack("{s:s,s:s,s:s,s:{s:s,s:s}}", "name", name.data, "output", r->student, "output_format", "text",
			 "extra_data", "verdict", final_name(r->verdict), "staff", r->staff);
	if (r->verdict != FINAL_JE && !r->scored) {
		json_object_set_new(test, "score", json_integer(good));
		json_object_set_new(test, "max_score", json_integer(1));
	}
	if (r->verdict != FINAL_JE)
		json_object_set_new(test, "status", json_string(good ? "passed" : "failed"));
	buf_puts(out, r->number > 1 ? ",\n" : "\n");
	put_json(out, test);
}

static void end(struct buf *out, const struct emit_totals *totals)
{
	(void)totals;
	buf_lit(out, "\n]}\n");
}

const struct emitter emit_gradescope = { .name = "gradescope", .begin = begin, .result = result, .end = end };
