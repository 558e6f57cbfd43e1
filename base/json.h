/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON text (RFC 8259). Reading it is left to jansson, in report/. */
#ifndef PROCTOR_BASE_JSON_H
#define PROCTOR_BASE_JSON_H

#include "base/buf.h"

/* Length of the UTF-8 sequence at S (N > 0 bytes left), 0 if it is none. RFC 3629 section 4. */
size_t utf8_length(const unsigned char *s, size_t n);

/*
 * A quoted JSON string of the N bytes at S. Control characters are escaped; bytes that are not
 * UTF-8 (RFC 3629: no surrogates, no overlong forms) become U+FFFD. Returns false when such
 * bytes were there, in which case the caller writes a "_b64" twin to keep them exactly.
 */
bool json_string_n(struct buf *b, const char *s, size_t n);
static inline bool json_string(struct buf *b, const char *s)
{
	return json_string_n(b, s, strlen(s));
}

/*
 * Members and items. A function that writes a document shows its shape:
 *
 *     json_open(b, NULL);
 *     json_put_text(b, "path", path);
 *     json_open_list(b, "sizes");
 *     json_put_u64(b, NULL, 12);
 *     json_close_list(b);
 *     json_close(b);
 *
 * KEY is plain ASCII; NULL: an item of a list, or a document. Commas are put automatically: one before anything that
 * follows a value, none at the beginning of an object, a list or the text. No state is kept outside the text.
 */
_always_inline_ void json_key_room(struct buf *b, const char *key, size_t more)
{
	size_t n = key ? strlen(key) : 0;
	char last = b->len ? b->data[b->len - 1] : '\n', *p;

	buf_reserve(b, n + 4 + more);
	p = b->data + b->len;
	if (last != '{' && last != '[' && last != ':' && last != '\n')
		*p++ = ',';
	if (key) {
		*p++ = '"';
		memcpy(p, key, n);
		p += n;
		*p++ = '"';
		*p++ = ':';
	}
	*p = '\0';
	b->len = (size_t)(p - b->data);
}

/* A key alone, for a value that the caller appends. */
_always_inline_ void json_key(struct buf *b, const char *key)
{
	json_key_room(b, key, 0);
}

/* KEY and one character of the grammar. */
_always_inline_ void json_key_mark(struct buf *b, const char *key, char mark)
{
	json_key_room(b, key, 1);
	b->data[b->len++] = mark;
	b->data[b->len] = '\0';
}

_always_inline_ void json_open(struct buf *b, const char *key)
{
	json_key_mark(b, key, '{');
}

_always_inline_ void json_close(struct buf *b)
{
	buf_putc(b, '}');
}

_always_inline_ void json_open_list(struct buf *b, const char *key)
{
	json_key_mark(b, key, '[');
}

_always_inline_ void json_close_list(struct buf *b)
{
	buf_putc(b, ']');
}

/* The members in TEXT, which have no braces around them; nothing if it is empty. */
static inline void json_put_members(struct buf *b, const struct buf *text)
{
	if (!text->len)
		return;
	json_key(b, NULL);
	buf_put(b, text->data, text->len);
}

_always_inline_ void json_put_u64(struct buf *b, const char *key, uint64_t value)
{
	json_key(b, key);
	buf_u64(b, value);
}

_always_inline_ void json_put_i64(struct buf *b, const char *key, int64_t value)
{
	json_key(b, key);
	buf_i64(b, value);
}

_always_inline_ void json_put_null(struct buf *b, const char *key)
{
	json_key(b, key);
	buf_lit(b, "null");
}

_always_inline_ void json_put_bool(struct buf *b, const char *key, bool value)
{
	json_key(b, key);
	if (value)
		buf_lit(b, "true");
	else
		buf_lit(b, "false");
}

/* WORD needs no escape: a name of ours. NULL: null. */
_always_inline_ void json_put_word(struct buf *b, const char *key, const char *word)
{
	size_t n;

	if (!word) {
		json_put_null(b, key);
		return;
	}
	n = strlen(word);
	json_key_room(b, key, n + 2);
	b->data[b->len] = '"';
	memcpy(b->data + b->len + 1, word, n);
	b->data[b->len + n + 1] = '"';
	b->len += n + 2;
	b->data[b->len] = '\0';
}

/* TEXT; if it is not UTF-8, also a second member, KEY with "_b64" added. NULL: null. KEY is never NULL; so below. */
void json_put_text(struct buf *b, const char *key, const char *text);
/* The same for N bytes; false when they are not UTF-8. */
bool json_put_text_n(struct buf *b, const char *key, const char *text, size_t n);

/*
 * How many of the N bytes at S, whole characters, a JSON string can hold in MAX bytes between its
 * quotes. N when all of them fit.
 */
size_t json_fit(const char *s, size_t n, size_t max);

/*
 * json_put_text() in at most JSON_MEMBER_MAX(MAX) bytes: if the escaped form of TEXT takes more than MAX
 * bytes, only its beginning and an ellipsis are written (a "_b64" twin has the exact bytes of that beginning).
 * MAX is at least 8. False when it was cut.
 */
bool json_put_text_cut(struct buf *b, const char *key, const char *text, size_t max);
#define JSON_MEMBER_MAX(max) ((max) + ((max) + 2) / 3 * 4 + 64)

/* An item: the beginning of TEXT, whose escaped form takes MAX bytes at most. */
void json_put_item_cut(struct buf *b, const char *text, size_t max);

/* The N bytes at P in base64 (RFC 4648 section 4), without quotes. */
void json_base64(struct buf *b, const void *p, size_t n);

#endif
