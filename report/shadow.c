/* SPDX-License-Identifier: Apache-2.0 */
#include "report/shadow.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"

/* uthash's own hash functions have switches that fall through without an annotation. */
#undef HASH_FUNCTION
#define HASH_FUNCTION(key, length, hash) ((hash) = bytes_hash((key), (length)))

void shadow_rows_fini(struct shadow_rows *rows)
{
	struct shadow_row *row, *next;

	HASH_ITER (hh, rows->rows, row, next) {
		HASH_DEL(rows->rows, row);
		free(row->text);
		free(row);
	}
	free(rows->name);
	*rows = (struct shadow_rows){ 0 };
}

/* "openat /etc/hostname at solve.py:3: would be denied, on_deny builtin:pure" */
static void put_row(const struct event *e, json_t *shadow, struct buf *out)
{
	static const char *const would[][2] = {
		{ "allow", "allowed" }, { "hide", "hidden" }, { "deny", "denied" }, { "kill", "killed for" },
	};
	const char *action = json_text(shadow, "action"), *rule = json_text(shadow, "rule.id"),
		   *ref = json_text(shadow, "rule.ref"), *said = "decided otherwise";

	for (size_t i = 0; action && i < ARRAY_SIZE(would); i++)
		if (streq(action, would[i][0]))
			said = would[i][1];
	text_args(out, e->name ? e->name : "?");
	if (json_is_string(e->path)) {
		buf_putc(out, ' ');
		text_path(out, json_string_value(e->path));
	}
	if (e->file) {
		buf_lit(out, " at ");
		text_path(out, e->file);
		buf_printf(out, ":%" PRIu64, e->line);
	}
	buf_printf(out, ": would be %s, by ", said);
	text_args(out, rule ? rule : "no rule");
	if (ref) {
		buf_putc(out, ' ');
		text_path(out, ref);
	}
}

static void take_call(struct shadow_rows *rows, const struct log_record *record, json_t *shadow)
{
	_cleanup_buf_ struct buf text = { 0 };
	const char *action = json_text(shadow, "action");
	struct shadow_row *row;
	struct event event;

	event_read(&event, record);
	if (!event.refused)
		rows->refused++;
	else if (action && streq(action, "allow"))
		rows->allowed++;
	else
		rows->otherwise++;
	put_row(&event, shadow, &text);
	HASH_FIND(hh, rows->rows, text.data, text.len, row);
	if (row) {
		row->count++;
		return;
	}
	if (HASH_COUNT(rows->rows) >= SHADOW_MAX_ROWS) {
		rows->left_out++;
		return;
	}
	row = xcalloc(1, sizeof *row);
	row->text = xstrndup(text.data, text.len);
	row->first = record->sequence;
	row->count = 1;
	row->refuses = !event.refused;
	HASH_ADD_KEYPTR(hh, rows->rows, row->text, text.len, row);
}

void shadow_rows_take(struct shadow_rows *rows, const struct log_record *record)
{
	json_t *shadow = record->json ? json_object_get(record->json, "shadow") : NULL;
	const char *name;

	if (!json_is_object(shadow))
		return;
	name = json_text(shadow, "file");
	if (record->kind == RECORD_CALL)
		take_call(rows, record, shadow);
	else if (record->kind == RECORD_START && name && !rows->name)
		rows->name = xstrdup(name);
}

static void put_part(struct buf *out, uint64_t n, const char *was, const char *would, const char **between)
{
	if (!n)
		return;
	buf_puts(out, *between);
	text_count(out, n);
	buf_printf(out, " call%s %s%s would have been %s", n == 1 ? "" : "s", n == 1 ? "that was " : "that were ", was, would);
	*between = ", ";
}

void shadow_rows_sum(const struct shadow_rows *rows, struct buf *out)
{
	const char *between = "";

	put_part(out, rows->refused, "allowed", "refused", &between);
	put_part(out, rows->allowed, "refused", "allowed", &between);
	put_part(out, rows->otherwise, "refused", "answered otherwise", &between);
	if (!rows->refused && !rows->allowed && !rows->otherwise)
		buf_lit(out, "each call would have been decided alike");
}
