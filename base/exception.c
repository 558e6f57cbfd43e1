/* SPDX-License-Identifier: Apache-2.0 */
#include "base/exception.h"

#include "base/json.h"
#include "base/util.h"

/* Is NAME, written as in BASES, class TYPE of MODULE? */
static bool is_named(const char *type, const char *module, const char *name)
{
	size_t n;

	if (!type || !module)
		return false;
	if (streq(module, "builtins"))
		return streq(type, name);
	n = strlen(module);
	return strncmp(name, module, n) == 0 && name[n] == '.' && streq(name + n + 1, type);
}

static const char *const links[] = {
	[EXCEPTION_LINK_CAUSE] = "cause",
	[EXCEPTION_LINK_CONTEXT] = "context",
	[EXCEPTION_LINK_SUPPRESSED] = "suppressed",
	[EXCEPTION_LINK_PRINTED] = "printed",
};

enum exception_link exception_link_from_name(const char *name)
{
	for (size_t i = 1; name && i < ARRAY_SIZE(links); i++)
		if (streq(name, links[i]))
			return (enum exception_link)i;
	return EXCEPTION_LINK_NONE;
}

bool exception_is(const struct exception_facts *x, const char *name)
{
	if (is_named(x->type, x->module, name))
		return true;
	/* The first is the class itself, which a program may have given any name. */
	for (size_t i = 0; i < x->n_bases; i++)
		if (x->bases[i] && streq(x->bases[i], name) && (i || !x->type || !streq(x->type, name)))
			return true;
	return false;
}

/* ------------------------------------------------------------------ as JSON */

enum {
	LONG_MAX_BYTES = 2048, /* a message, as written */
	TEXT_MAX_BYTES = 512,  /* any other text */
	NAME_MAX_BYTES = 256,
	FRAMES_ROOM = 32 * 1024,
};

static void member_text(struct buf *out, const char *key, const char *text, size_t max)
{
	if (text)
		json_put_text_cut(out, key, text, max);
}

static void member_line(struct buf *out, const char *key, uint64_t line)
{
	if (line)
		json_put_u64(out, key, MIN(line, (uint64_t)INT64_MAX));
}

static void member_texts(struct buf *out, const char *key, const char *const *texts, size_t n)
{
	size_t i;

	if (!n)
		return;
	json_open_list(out, key);
	for (i = 0; i < n; i++)
		json_put_item_cut(out, texts[i], NAME_MAX_BYTES);
	json_close_list(out);
}

static void put_frame(const struct exception_frame *frame, struct buf *out)
{
	json_open(out, NULL);
	json_put_text_cut(out, "file", frame->file ? frame->file : "", TEXT_MAX_BYTES);
	member_line(out, "line", frame->line);
	member_text(out, "function", frame->function, NAME_MAX_BYTES);
	json_close(out);
}

/* The innermost frames tell most: if not all fit, the outer ones are left out. */
static void put_frames(const struct exception_facts *x, struct buf *out)
{
	_cleanup_buf_ struct buf text = { 0 };
	size_t first = x->n_frames, used = 0, i;
	uint64_t left_out;

	while (first) {
		buf_clear(&text);
		put_frame(&x->frames[first - 1], &text);
		used += text.len + 1;
		if (used > FRAMES_ROOM)
			break;
		first--;
	}
	if (!x->n_frames)
		return;
	json_open_list(out, "frames");
	for (i = first; i < x->n_frames; i++)
		put_frame(&x->frames[i], out);
	json_close_list(out);
	left_out = x->frames_left_out + first;
	member_line(out, "frames_left_out", left_out);
}

/* The members that exceptions of a chain or a group have too. */
static void put_members(const struct exception_facts *x, struct buf *out)
{
	json_put_text_cut(out, "type", x->type ? x->type : "?", NAME_MAX_BYTES);
	member_text(out, "module", x->module, NAME_MAX_BYTES);
	member_texts(out, "bases", x->bases, x->n_bases);
	member_text(out, "message", x->message, LONG_MAX_BYTES);
	if (x->error)
		json_put_i64(out, "errno", x->error);
	member_text(out, "filename", x->filename, TEXT_MAX_BYTES);
	member_text(out, "name", x->name, NAME_MAX_BYTES);
	member_line(out, "lineno", x->lineno);
	member_text(out, "text", x->text, TEXT_MAX_BYTES);
	if (x->has_status)
		json_put_i64(out, "status", x->status);
	member_text(out, "file", x->file, TEXT_MAX_BYTES);
	member_line(out, "line", x->line);
	member_text(out, "function", x->function, NAME_MAX_BYTES);
}

static void put_others(const char *key, const struct exception_facts *others, size_t n, struct buf *out)
{
	size_t i;

	if (!n)
		return;
	json_open_list(out, key);
	for (i = 0; i < n; i++) {
		const struct exception_facts *x = &others[i];

		json_open(out, NULL);
		if (x->link != EXCEPTION_LINK_NONE)
			json_put_word(out, "by", links[x->link]);
		put_members(x, out);
		json_close(out);
	}
	json_close_list(out);
}

void exception_format(const struct exception_facts *x, const char *key, struct buf *out)
{
	json_open(out, key);
	put_members(x, out);
	member_text(out, "source", x->source, TEXT_MAX_BYTES);
	if (x->source_cut)
		json_put_bool(out, "source_cut", true);
	put_frames(x, out);
	member_texts(out, "notes", x->notes, x->n_notes);
	put_others("chain", x->chain, x->n_chain, out);
	put_others("group", x->group, x->n_group, out);
	json_close(out);
}
