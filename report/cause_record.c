/* SPDX-License-Identifier: Apache-2.0 */
#include "report/cause_record.h"

#include <errno.h>
#include <stdlib.h>

/* The list NAME of OBJECT, or NULL; *RET_N is the number of its members, at most MAX. */
static json_t *list_of(json_t *object, const char *name, size_t max, size_t *ret_n)
{
	json_t *list = json_object_get(object, name);

	*ret_n = json_is_array(list) ? MIN(json_array_size(list), max) : 0;
	return *ret_n ? list : NULL;
}

static void *keep_list(struct cause_record *cause, size_t n, size_t size)
{
	return cause->lists[cause->n_lists++] = xcalloc(n, size);
}

static const char *const *take_texts(struct cause_record *cause, json_t *object, const char *name, size_t max,
				     size_t *ret_n)
{
	json_t *list = list_of(object, name, max, ret_n);
	const char **texts;

	if (!list)
		return NULL;
	texts = keep_list(cause, *ret_n, sizeof *texts);
	for (size_t i = 0; i < *ret_n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		texts[i] = text ? text : "";
	}
	return texts;
}

static void take_frames(struct cause_record *cause, json_t *object, struct exception_facts *x)
{
	json_t *list = list_of(object, "frames", EXCEPTION_FRAMES, &x->n_frames);
	struct exception_frame *frames;

	x->frames_left_out = json_number(object, "frames_left_out", 0);
	if (!list)
		return;
	frames = keep_list(cause, x->n_frames, sizeof *frames);
	for (size_t i = 0; i < x->n_frames; i++) {
		json_t *frame = json_array_get(list, i);

		frames[i].file = json_text(frame, "file");
		frames[i].function = json_text(frame, "function");
		frames[i].line = json_number(frame, "line", 0);
	}
	x->frames = frames;
}

static void take_status(json_t *object, struct exception_facts *x)
{
	json_t *status = json_object_get(object, "status");

	x->has_status = json_is_integer(status);
	x->status = x->has_status ? json_integer_value(status) : 0;
}

/* The members that every exception in a record has. */
static void take_one(json_t *object, struct exception_facts *x)
{
	x->type = json_text(object, "type");
	x->module = json_text(object, "module");
	x->message = json_text(object, "message");
	x->error = (int)MIN(json_number(object, "errno", 0), (uint64_t)4095);
	x->filename = json_text(object, "filename");
	x->name = json_text(object, "name");
	x->lineno = json_number(object, "lineno", 0);
	x->text = json_text(object, "text");
	x->file = json_text(object, "file");
	x->function = json_text(object, "function");
	x->line = json_number(object, "line", 0);
	x->source = json_text(object, "source");
	x->source_cut = json_bool(object, "source_cut", false);
	take_status(object, x);
	x->link = exception_link_from_name(json_text(object, "by"));
}

static const struct exception_facts *take_others(struct cause_record *cause, json_t *object, const char *name,
						 size_t max, size_t *ret_n)
{
	json_t *list = list_of(object, name, max, ret_n);
	struct exception_facts *others;

	if (!list)
		return NULL;
	others = keep_list(cause, *ret_n, sizeof *others);
	for (size_t i = 0; i < *ret_n; i++) {
		json_t *other = json_array_get(list, i);

		take_one(other, &others[i]);
		others[i].bases = take_texts(cause, other, "bases", EXCEPTION_BASES, &others[i].n_bases);
	}
	return others;
}

/* A count, or 0 when it is not a positive number. */
static uint64_t whole_number(json_t *object, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(object, name));

	return n > 0 ? (uint64_t)n : 0;
}

static void take_found(struct cause_surroundings *around, json_t *found)
{
	around->beside = json_text(found, "beside");
	around->other_case = json_text(found, "other_case");
	around->near_name = json_text(found, "near_name");
	around->shadow = json_text(found, "shadow");
	around->installed = json_text(found, "installed");
	around->scratch_bytes = whole_number(found, "scratch_bytes");
	around->scratch_files = whole_number(found, "scratch_files");
	around->network = json_bool(found, "network", false);
}

bool cause_record_init(struct cause_record *ret_cause, const struct run_info *run)
{
	json_t *json = json_at(run->end, "cause"), *exception = json_object_get(json, "exception");
	struct cause_record cause = { .json = exception };
	struct exception_facts *x = &cause.exception;
	const char *kind = json_text(json, "kind");

	if (!json_is_object(exception))
		return false;
	take_one(exception, x);
	x->link = EXCEPTION_LINK_NONE;
	x->bases = take_texts(&cause, exception, "bases", EXCEPTION_BASES, &x->n_bases);
	take_frames(&cause, exception, x);
	x->notes = take_texts(&cause, exception, "notes", EXCEPTION_NOTES, &x->n_notes);
	x->chain = take_others(&cause, exception, "chain", EXCEPTION_CHAIN, &x->n_chain);
	x->group = take_others(&cause, exception, "group", EXCEPTION_GROUP, &x->n_group);
	cause.around = (struct cause_surroundings){
		.submission = run->submission,
		.submission_named = run->submission_named,
		.working_directory = run->working_directory,
		.interpreter = run->interpreter,
		.script = run->script,
	};
	if (kind && streq(kind, "refusal"))
		cause.raised_by = json_number(json, "seq", 0);
	cause.certain = json_bool(json, "certain", false);
	if (json_text(json, "working_directory"))
		cause.around.working_directory = json_text(json, "working_directory");
	take_found(&cause.around, json_object_get(json, "found"));
	*ret_cause = cause;
	return true;
}

void cause_record_fini(struct cause_record *cause)
{
	while (cause->n_lists)
		free(cause->lists[--cause->n_lists]);
}
