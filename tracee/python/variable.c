/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/variable.h"

#include <errno.h>

#include "tracee/native/ends.h"
#include "tracee/python/objects.h"

enum { LOCALS = 256, NAME = 64 };

/* The place among NAMES, a tuple, of NAME; -ENOENT. *RET_N is how many there are. */
static ssize_t find_name(const struct objects *o, uint64_t names, const char *name, uint64_t *ret_n)
{
	uint64_t n, items;

	*ret_n = 0;
	if (object_items(o, names, &n, &items) < 0 || n > LOCALS)
		return -ENOENT;
	*ret_n = n;
	for (uint64_t i = 0; i < n && budget_work(o->pages->budget, 4); i++) {
		_cleanup_buf_ struct buf text = { 0 };

		if (object_text(o, object_word(o, items + 8 * i), &text) == 0 && text.len && streq(text.data, name))
			return (ssize_t)i;
	}
	return -ENOENT;
}

/* What variable number I of FRAME names, that of a closure in its cell; 0: nothing. */
static uint64_t value_at(const struct objects *o, const struct frame *frame, uint64_t i)
{
	const struct python_offsets *offsets = &o->runtime->offsets;
	uint64_t value = object_word(o, frame->address + offsets->frame_locals + 8 * i) & ~offsets->code_tag_mask;

	return value && object_is(o, value, "cell") ? object_member(o, value, 16) : value;
}

static uint64_t find_value(const struct objects *o, const struct frame *frame, const char *name)
{
	uint64_t names = frame->code + o->runtime->offsets.code_locals, n, more, value;
	ssize_t at = find_name(o, object_word(o, names), name, &n);

	value = at >= 0 ? value_at(o, frame, (uint64_t)at) : 0;
	if (value || o->runtime->offsets.style != FRAMES_OBJECT)
		return value;
	/* Before 3.11 an argument that a closure uses too is in a cell behind all variables: co_cellvars. */
	at = find_name(o, object_word(o, names + 16), name, &more);
	return at >= 0 ? value_at(o, frame, n + (uint64_t)at) : 0;
}

static uint64_t find_attribute(const struct objects *o, uint64_t object, const char *name)
{
	struct dict_walk walk;
	uint64_t key;

	if (!object || attributes_begin(o, object, &walk) < 0)
		return 0;
	while (dict_next(o, &walk, &key)) {
		_cleanup_buf_ struct buf text = { 0 };

		if (key && object_text(o, key, &text) == 0 && text.len && streq(text.data, name))
			return dict_value(o, &walk);
	}
	return 0;
}

/* ------------------------------------------------------------------ as words */

/* Appends the N bytes at TEXT, cut before a character. */
static bool put_word(struct stack_words *words, const char *text, size_t n)
{
	size_t fits = MIN(n, sizeof words->word[0] - 1);

	if (memchr(text, '\0', n) || words->n == STACK_WORDS)
		return false;
	while (fits < n && fits && ((unsigned char)text[fits] & 0xc0) == 0x80)
		fits--;
	words->cut |= fits < n;
	memcpy(words->word[words->n], text, fits);
	words->word[words->n++][fits] = '\0';
	return true;
}

static bool put_bytes(const struct objects *o, uint64_t object, struct stack_words *words)
{
	const struct python_offsets *offsets = &o->runtime->offsets;
	uint64_t n = object_word(o, object + offsets->bytes_size), fits = MIN(n, (uint64_t)sizeof words->word[0]);
	char data[sizeof words->word[0]];

	return pages_read(o->pages, object + offsets->bytes_data, data, (size_t)fits) == 0 && put_word(words, data, (size_t)fits);
}

/* A text or a number. False: neither. */
static bool put_scalar(const struct objects *o, uint64_t object, struct stack_words *words)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (!object)
		return false;
	if (object_has(o, object, TYPE_BYTES))
		return put_bytes(o, object, words);
	if (object_has(o, object, TYPE_UNICODE)) {
		if (object_text(o, object, &text) < 0)
			return false;
	} else if (!object_is(o, object, "int") || object_show(o, object, false, &text) < 0) {
		return false;
	}
	return put_word(words, text.data ? text.data : "", text.len);
}

/* A function of Python code: its name and its file, two words. PyFunctionObject, PyMethodObject. */
static bool put_function(const struct objects *o, uint64_t object, struct stack_words *words)
{
	bool old = o->runtime->offsets.minor == 9;
	uint64_t code;

	if (object && object_is(o, object, "method"))
		object = object_member(o, object, 16);
	if (!object || !object_is(o, object, "function"))
		return false;
	code = object_member(o, object, old ? 16 : 48);
	return object_is(o, code, "code") && put_scalar(o, object_member(o, object, old ? 104 : 40), words) &&
	       put_scalar(o, object_word(o, code + o->runtime->offsets.code_filename), words);
}

static bool put_value(const struct objects *o, uint64_t object, struct stack_words *words)
{
	uint64_t n, items;

	if (!object)
		return false;
	if (object_items(o, object, &n, &items) < 0)
		return put_function(o, object, words) || put_scalar(o, object, words);
	for (uint64_t i = 0; i < n; i++)
		if (words->n == STACK_WORDS || !put_scalar(o, object_word(o, items + 8 * i), words)) {
			words->cut = true;
			break;
		}
	return words->n > 0;
}

uint64_t variable_value(struct frames *f, size_t i, const char *name)
{
	const struct objects o = { f->pages, &f->runtime };
	const char *dot = strchr(name, '.');
	char first[NAME];
	const struct frame *frame;
	uint64_t value;

	if (i >= ends_kept(f->total, FRAMES_KEPT) || !f->runtime.address || (dot && dot - name >= NAME))
		return 0;
	snprintf(first, sizeof first, "%.*s", (int)(dot ? dot - name : (ptrdiff_t)strlen(name)), name);
	frame = &f->frame[ends_slot(ends_element(i, f->total, FRAMES_KEPT), FRAMES_KEPT)];
	value = find_value(&o, frame, first);
	return dot ? find_attribute(&o, value, dot + 1) : value;
}

int variable_read(struct frames *f, size_t i, const char *name, struct stack_words *ret)
{
	const struct objects o = { f->pages, &f->runtime };
	uint64_t value = variable_value(f, i, name);

	*ret = (struct stack_words){ 0 };
	if (!value)
		return -ENOENT;
	return put_value(&o, value, ret) ? 0 : -EBADMSG;
}
