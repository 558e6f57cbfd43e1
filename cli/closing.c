/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/closing.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "base/names.h"
#include "base/text.h"
#include "words/words.h"

/* Appends "1 s" for "1s", as words_limit() writes it. */
static void put_spaced(struct buf *out, const struct buf *value)
{
	const char *unit = value->data;

	while (*unit && !isalpha((unsigned char)*unit))
		unit++;
	buf_put(out, value->data, (size_t)(unit - value->data));
	buf_putc(out, ' ');
	buf_puts(out, unit);
}

static void put_limit(const struct run_result *r, struct buf *out)
{
	static const char *const texts[][2] = {
		[LIMIT_CPU] = { "after ", " of CPU time" },
		[LIMIT_WALL] = { "after ", " of wall time" },
		[LIMIT_MEMORY] = { "at ", " of memory" },
		[LIMIT_OUTPUT] = { "after ", " of output" },
		[LIMIT_TASKS] = { "for ", " at one time" },
		[LIMIT_FILES] = { "for ", " at one time" },
	};
	_cleanup_buf_ struct buf value = { 0 };

	buf_puts(out, texts[r->limit][0]);
	words_limit(&value, r->limit, r->limit_value);
	if (r->limit == LIMIT_TASKS || r->limit == LIMIT_FILES)
		buf_printf(out, "more than %s %s%s", value.data, r->limit == LIMIT_TASKS ? "thread" : "open file",
			   r->limit_value == 1 ? "" : "s");
	else
		put_spaced(out, &value);
	buf_puts(out, texts[r->limit][1]);
	if (r->limit_supervisor_ns)
		buf_lit(out, ", with what it made proctor work");
}

/* Appends ", in solve.py:12 in f()" from the stack recorded when the program was stopped, if there is one. */
static void put_place(const struct closing *closing, struct buf *out)
{
	const struct buf *stack = &closing->result->stack;
	struct refusal where = { .submission = closing->submission,
				 .submission_named = closing->submission_named };
	_cleanup_buf_ struct buf text = { 0 }, place = { 0 };
	json_t *root, *code;
	json_int_t line;

	if (!stack->len)
		return;
	buf_putc(&text, '{');
	buf_put(&text, stack->data, stack->len);
	buf_putc(&text, '}');
	root = json_loadb(text.data, text.len, 0, NULL);
	code = json_object_get(root, "code");
	where.file = json_string_value(json_object_get(code, "file.path"));
	line = json_integer_value(json_object_get(code, "line.number"));
	where.line = line > 0 ? (uint64_t)line : 0;
	where.function = json_string_value(json_object_get(code, "function.name"));
	if (where.file && words_place(&place, &where, false)) {
		buf_lit(out, ", in ");
		buf_put(out, place.data, place.len);
		if (where.function && where.function[0] != '<')
			buf_printf(out, " in %s()", where.function);
	}
	json_decref(root);
}

/* The call that was answered by killing is the last violation, but only the first is known here. */
static void put_kill(const struct run_result *r, struct buf *out)
{
	const struct violation *first = &r->first;

	buf_lit(out, "by the policy, which ends a program for such a call");
	if (r->violations != 1 || !first->action)
		return;
	buf_printf(out, ": %s", first->action);
	if (first->path)
		buf_printf(out, " of %s", first->path);
	if (first->code)
		buf_printf(out, ", in %s", first->code);
}

void closing_what(const struct closing *closing, struct buf *out)
{
	const struct run_result *r = closing->result;

	if (r->status == STATUS_XX)
		return;
	if (r->limited) {
		buf_lit(out, "stopped ");
		put_limit(r, out);
		put_place(closing, out);
	} else if (r->log_full) {
		buf_lit(out, "stopped because the log is full (log.max, --log-max)");
	} else if (r->status == STATUS_PV) {
		buf_lit(out, "stopped ");
		put_kill(r, out);
	} else if (r->interrupted && !r->exited) {
		buf_printf(out, "stopped because proctor was sent %s", signal_name(r->interrupted));
	}
}

/* Did an error end the program because something was hidden from it? The error itself does not show that. */
static bool misses_hidden(const struct run_result *r)
{
	const struct refusal *by = r->exception ? r->raised_by.refusal : NULL;

	return by && by->action == ACTION_HIDE && by->path && r->exited && r->exit_code;
}

void closing_refusals(const struct closing *closing, struct buf *out)
{
	uint64_t n = closing->result->violations;

	if (n) {
		text_count(out, n);
		buf_printf(out, " call%s %s%s; ", n == 1 ? "" : "s",
			   closing->audit ? "would have been" : n == 1 ? "was" : "were", " refused");
	} else if (misses_hidden(closing->result)) {
		buf_lit(out, "what it looked for was hidden from it; ");
	} else {
		return;
	}
	if (!closing->log)
		buf_lit(out, "run it with -o LOG, and proctor explain LOG says why");
	else if (*closing->log)
		buf_printf(out, "proctor explain %s says why", closing->log);
	else
		buf_lit(out, "proctor explain says why");
}

void closing_shadow(const struct closing *closing, struct buf *out)
{
	const struct shadow_result *r = &closing->result->shadow;
	const struct {
		uint64_t n;
		const char *what, *which;
	} parts[] = {
		{ r->refused, "refused ", " allowed" },
		{ r->allowed, "allowed ", " refused" },
		{ r->otherwise, "answered otherwise ", " refused" },
	};
	const char *between = " would have ";
	size_t i;

	if (!closing->shadow)
		return;
	buf_puts(out, closing->shadow);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!parts[i].n)
			continue;
		buf_puts(out, between);
		buf_puts(out, parts[i].what);
		text_count(out, parts[i].n);
		buf_printf(out, " call%s that %s%s", parts[i].n == 1 ? "" : "s", parts[i].n == 1 ? "was" : "were", parts[i].which);
		between = ", and ";
	}
	if (!r->refused && !r->allowed && !r->otherwise)
		buf_lit(out, " would have decided each call alike");
}
