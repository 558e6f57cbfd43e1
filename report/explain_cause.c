/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explain_cause.h"

#include <stdlib.h>

#include "base/text.h"

/* ------------------------------------------------------------------ where */

/* The frames in the order that rows_who() needs, the innermost first; a new reference. */
static json_t *inner_first(json_t *exception)
{
	json_t *outer_first = json_object_get(exception, "frames"), *frames = json_array();
	size_t n = json_is_array(outer_first) ? MIN(json_array_size(outer_first), (size_t)EXCEPTION_FRAMES) : 0;

	while (n-- > 0)
		json_array_append(frames, json_array_get(outer_first, n));
	return frames;
}

/* The line of code: with SYNTAX the one that has the syntax error, otherwise the one that raised the exception. */
static json_t *code_of(const struct exception_facts *x, bool syntax)
{
	const char *line = syntax ? x->text : x->source;
	json_t *code = json_object();

	if (line)
		json_object_set_new(code, "source", json_stringn(line, syntax ? strcspn(line, "\r\n") : strlen(line)));
	json_object_set_new(code, "source_cut", json_boolean(x->source_cut));
	return code;
}

/* A record with the frames of EXCEPTION, and CODE. */
static json_t *with_frames(json_t *exception, json_t *code)
{
	json_t *record = json_object(), *stack = json_object();

	json_object_set_new(stack, "python", inner_first(exception));
	json_object_set_new(record, "stack", stack);
	json_object_set_new(record, "code", code);
	return record;
}

void cause_place(const struct explainer *e, const struct cause_record *cause, struct refusal_record *ret_record)
{
	const struct exception_facts *x = &cause->exception;
	bool syntax = !x->file && x->filename && x->lineno;
	_cleanup_(json_decrefp) json_t *json = with_frames(cause->json, code_of(x, syntax));

	refusal_record_from_any(ret_record, json, e->run);
	ret_record->r.file = syntax ? x->filename : x->file;
	ret_record->r.line = syntax ? x->lineno : x->line;
	ret_record->r.function = syntax ? NULL : x->function;
}

/* ------------------------------------------------------------------ text */

/* X with its place as a row, unless SENTENCE (may be NULL) has said it already. */
static void row_of(struct explainer *e, const struct cause_record *cause, const char *label,
		   const struct exception_facts *x, const char *sentence)
{
	_cleanup_buf_ struct buf text = { 0 };

	cause_exception(x, &cause->around, e->student, true, &text);
	if (!sentence || !strstr(sentence, text.data))
		row_text(e, label, text.data);
}

static void rows_origin(struct explainer *e, const struct cause_record *cause, const char *sentence)
{
	const struct exception_facts *x = &cause->exception;

	for (size_t i = 0; i < x->n_notes; i++) {
		_cleanup_buf_ struct buf text = { 0 };

		cause_text(x->notes[i], &cause->around, e->student, &text);
		if (text.len)
			row_text(e, "note", text.data);
	}
	for (size_t i = 0; i < x->n_chain && x->chain[i].link != EXCEPTION_LINK_SUPPRESSED; i++)
		row_of(e, cause,
		       x->chain[i].link == EXCEPTION_LINK_CAUSE	  ? "from" :
		       x->chain[i].link == EXCEPTION_LINK_PRINTED ? "shown" :
								    "while",
		       &x->chain[i],
		       sentence);
	for (size_t i = 0; i < x->n_group; i++)
		row_of(e, cause, i ? "" : "of", &x->group[i], NULL);
}

void explain_exception(struct explainer *e, const struct cause_record *cause)
{
	_cleanup_buf_ struct buf sentence = { 0 }, error = { 0 };
	struct refusal_record record;

	cause_words(&cause->exception, &cause->around, e->student ? &sentence : NULL, e->student ? NULL : &sentence);
	page_heading(&e->page);
	page_put(&e->page, STYLE_BAD, "✗ ");
	page_put(&e->page, STYLE_STRONG, sentence.data);
	page_end(&e->page);
	cause_exception(&cause->exception, &cause->around, e->student, false, &error);
	if (!strstr(sentence.data, error.data))
		row_text(e, "error", error.data);
	cause_place(e, cause, &record);
	rows_who(e, &record);
	refusal_record_fini(&record);
	rows_origin(e, cause, sentence.data);
}

void row_exception(struct explainer *e, const struct cause_record *cause)
{
	row_of(e, cause, "ended", &cause->exception, NULL);
}
