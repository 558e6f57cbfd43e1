/* SPDX-License-Identifier: Apache-2.0 */
#include "report/tail.h"

#include <inttypes.h>

#include "base/text.h"
#include "report/refusal_record.h"

void tail_init(struct tail *tail, bool colour, const char *log_path, void (*put)(void *context, const struct buf *line),
	       void *context)
{
	*tail = (struct tail){ .telling = telling_new(colour, log_path, put, context), .put = put, .context = context };
	run_info_init(&tail->run);
}

void tail_fini(struct tail *tail)
{
	telling_free(tail->telling);
	run_info_fini(&tail->run);
}

bool tail_ended(const struct tail *tail)
{
	return tail->run.ended;
}

void tail_put_text(const char *text, struct buf *out)
{
	size_t n = strnlen(text, TAIL_MAX_LINE + 1), end = n;

	/* Not within a character. */
	if (n > TAIL_MAX_LINE)
		for (end = TAIL_MAX_LINE; end && ((unsigned char)text[end] & 0xc0) == 0x80; end--)
			;
	text_escape(out, text, end, TEXT_ARGS);
	if (end < n)
		buf_lit(out, "…");
}

void tail_put_used(json_t *json, struct buf *out)
{
	uint64_t violations = json_number(json, "violations", 0);

	buf_printf(out, "cpu %.3f s, wall %.3f s, memory %.1f MiB, ", (double)json_number(json, "cpu_ns", 0) / 1e9,
		   (double)json_number(json, "wall_ns", 0) / 1e9, (double)json_number(json, "memory_bytes", 0) / 1048576.0);
	text_count(out, violations);
	buf_puts(out, violations == 1 ? " violation" : " violations");
}

static void tell_start(const struct tail *tail, json_t *json)
{
	json_t *args = json_at(json, "process.args"), *one;
	_cleanup_buf_ struct buf line = { 0 }, words = { 0 };
	size_t i;

	json_array_foreach (args, i, one) {
		if (words.len > 2 * TAIL_MAX_LINE)
			break;
		if (i)
			buf_putc(&words, ' ');
		buf_puts(&words, json_is_string(one) ? json_string_value(one) : "?");
	}
	buf_lit(&line, "proctor: run ");
	tail_put_text(tail->run.id ? tail->run.id : "?", &line);
	buf_lit(&line, " of ");
	tail_put_text(words.len ? words.data : "?", &line);
	buf_lit(&line, ", since ");
	tail_put_text(tail->run.started ? tail->run.started : "?", &line);
	buf_puts(&line, tail->run.audit ? "; audit mode: nothing is enforced\n" : "\n");
	tail->put(tail->context, &line);
}

static void tell_call(struct tail *tail, json_t *json)
{
	struct refusal_record record;

	/* Hidden looks are not worth telling, as for --live. */
	if (!json_bool(json, "decision.violation", false))
		return;
	tail->violations++;
	if (refusal_record_init(&record, json, &tail->run) < 0)
		return;
	telling_refusal(tail->telling, &record.r, record.sequence);
	refusal_record_fini(&record);
}

/* Signals that the program handles are its own affair. */
static void tell_signal(const struct tail *tail, json_t *json)
{
	const char *name = json_text(json, "signal.name");
	_cleanup_buf_ struct buf line = { 0 };
	struct refusal_record record;

	if (!json_bool(json, "fatal", false))
		return;
	refusal_record_from_any(&record, json, &tail->run);
	buf_printf(&line, "proctor: #%" PRIu64 " the signal ", record.sequence);
	tail_put_text(name ? name : "?", &line);
	buf_lit(&line, " ends it");
	if (record.r.file) {
		buf_lit(&line, " at ");
		words_place(&line, &record.r, false);
	}
	buf_putc(&line, '\n');
	tail->put(tail->context, &line);
	refusal_record_fini(&record);
}

static void tell_lost(const struct tail *tail, json_t *json)
{
	uint64_t count = json_number(json, "count", 0);
	_cleanup_buf_ struct buf line = { 0 };

	buf_lit(&line, "proctor: ");
	text_count(&line, count);
	buf_puts(&line, count == 1 ? " record was left out: the log is full\n" : " records were left out: the log is full\n");
	tail->put(tail->context, &line);
}

void tail_take(struct tail *tail, const struct log_record *record)
{
	bool first = !tail->run.started && !tail->run.id;

	if (record->kind == RECORD_CALL)
		tail->calls++;
	if (!record->json || tail->run.ended)
		return;
	run_info_take(&tail->run, record);
	switch (record->kind) {
	case RECORD_START:
		if (first)
			tell_start(tail, record->json);
		break;
	case RECORD_CALL:
		tell_call(tail, record->json);
		break;
	case RECORD_SIGNAL:
		tell_signal(tail, record->json);
		break;
	case RECORD_LOST:
		tell_lost(tail, record->json);
		break;
	default:
		break;
	}
}

void tail_finish(struct tail *tail)
{
	const char *why = json_text(tail->run.end, "cause.text.staff");
	_cleanup_buf_ struct buf line = { 0 };

	telling_finish(tail->telling, NULL);
	buf_lit(&line, "proctor: ");
	run_info_tell_end(&tail->run, &line);
	if (tail->run.ended) {
		buf_lit(&line, ", ");
		tail_put_used(tail->run.end, &line);
	}
	if (why) {
		buf_lit(&line, ": ");
		tail_put_text(why, &line);
	}
	buf_putc(&line, '\n');
	tail->put(tail->context, &line);
}
