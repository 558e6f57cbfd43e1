/* SPDX-License-Identifier: Apache-2.0 */
#include "report/diff_run.h"

#include <stdlib.h>

#include "base/text.h"
#include "report/cause_record.h"
#include "report/refusal_record.h"

enum {
	MIN_SAMPLES = 20,  /* fewer say nothing about shares */
	MIN_DIFFERENCE = 50, /* percent of the samples */
};

/* ------------------------------------------------------------------ the end */

static char *place_of(const char *file, uint64_t line, const struct run_info *run)
{
	struct refusal r = { .file = file, .line = line, .submission = run->submission };

	return refusal_place(&r);
}

static void put_exception(const struct exception_facts *x, const struct run_info *run, struct buf *out)
{
	_cleanup_free_ char *place = place_of(x->file, x->line, run);

	buf_lit(out, ", ");
	text_args(out, x->type);
	if (place)
		buf_printf(out, " at %s", place);
}

char *diff_end_of(const struct run_info *run)
{
	const char *limit = json_text(run->end, "limit.name");
	struct cause_record cause;
	struct buf text = { 0 };

	run_info_tell_end(run, &text);
	if (limit) {
		buf_lit(&text, ", limit ");
		text_args(&text, limit);
	}
	if (cause_record_init(&cause, run)) {
		if (cause.certain && cause.exception.type)
			put_exception(&cause.exception, run, &text);
		cause_record_fini(&cause);
	}
	return buf_steal(&text);
}

const char *diff_tasks_of(const struct run_info *run)
{
	const json_t *peak = run->end ? json_object_get(run->end, "tasks_peak") : NULL;

	if (!json_is_integer(peak))
		return "";
	return json_integer_value(peak) > 1 ? "several" : "one";
}

/* ------------------------------------------------------------------ a profile */

/* The innermost frame of STACK in the program's own files; in any, if it was in none of them. */
static char *line_of(json_t *stack, const struct run_info *run)
{
	const json_t *frames = json_object_get(stack, "python");
	json_t *frame, *own = json_array_get(frames, 0);
	size_t i;

	json_array_foreach (frames, i, frame) {
		const char *file = json_text(frame, "file");

		if (file && run->submission && path_inside(file, run->submission)) {
			own = frame;
			break;
		}
	}
	return place_of(json_text(own, "file"), json_number(own, "line", 0), run);
}

void diff_profile_take(struct diff_profile *profile, json_t *record, const struct run_info *run)
{
	json_t *stack;
	size_t i;

	json_array_foreach (json_at(record, "profile.stacks"), i, stack) {
		struct tally_entry entry = { .key = line_of(stack, run), .runs = 1 };

		if (!entry.key)
			continue;
		entry.at = strlen(entry.key);
		entry.count = MIN(json_number(stack, "samples", 0), UINT32_MAX);
		profile->samples += entry.count;
		tally_add(&profile->lines, &entry);
	}
	tally_merge(&profile->lines);
}

void diff_profile_fini(struct diff_profile *profile)
{
	tally_fini(&profile->lines);
}

static unsigned share(const struct diff_profile *profile, const char *place)
{
	const struct tally_entry *line = tally_find(&profile->lines, place);

	return line ? (unsigned)(100 * line->count / profile->samples) : 0;
}

/* Adds the lines of OF whose share is an outstanding one; those that SKIP has were looked at before. */
static size_t add_shares(const struct diff_profile *a, const struct diff_profile *b, const struct diff_profile *of,
			 const struct diff_profile *skip, struct diff_share *ret, size_t n)
{
	for (size_t i = 0; i < of->lines.n && n < DIFF_SHARES; i++) {
		struct diff_share s = { of->lines.entries[i].key, 0, 0 };

		if (skip && tally_find(&skip->lines, s.place))
			continue;
		s.first = share(a, s.place);
		s.second = share(b, s.place);
		if (s.first >= s.second + MIN_DIFFERENCE || s.second >= s.first + MIN_DIFFERENCE)
			ret[n++] = s;
	}
	return n;
}

static int by_place(const void *a, const void *b)
{
	return strcmp(((const struct diff_share *)a)->place, ((const struct diff_share *)b)->place);
}

size_t diff_shares(const struct diff_profile *a, const struct diff_profile *b, struct diff_share ret[static DIFF_SHARES])
{
	size_t n;

	if (a->samples < MIN_SAMPLES || b->samples < MIN_SAMPLES)
		return 0;
	n = add_shares(a, b, a, NULL, ret, 0);
	n = add_shares(a, b, b, a, ret, n);
	if (n)
		qsort(ret, n, sizeof(*ret), by_place);
	return n;
}
