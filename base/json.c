/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

size_t utf8_length(const unsigned char *s, size_t n)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		lo = 0xa0;
	else if (s[0] == 0xed)
		hi = 0x9f;
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f;
	if (n < len || s[1] < lo || s[1] > hi)
		return 0;
	for (i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static void put_escape(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_lit(b, "\\\"");
		break;
	case '\\':
		buf_lit(b, "\\\\");
		break;
	case '\n':
		buf_lit(b, "\\n");
		break;
	case '\t':
		buf_lit(b, "\\t");
		break;
	case '\r':
		buf_lit(b, "\\r");
		break;
	default:
		buf_lit(b, "\\u00");
		buf_putc(b, "0123456789abcdef"[c >> 4]);
		buf_putc(b, "0123456789abcdef"[c & 15]);
	}
}

static inline bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

bool json_string_n(struct buf *b, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	bool exact = true;
	size_t i = 0;

	buf_putc(b, '"');
	while (i < n) {
		size_t run = i, len;

		while (run < n && is_plain(s[run]))
			run++;
		buf_put(b, s + i, run - i);
		i = run;
		if (i == n)
			break;
		len = utf8_length(s + i, n - i);
		if (len > 1) {
			buf_put(b, s + i, len);
		} else if (len == 1) {
			put_escape(b, s[i]);
		} else {
			buf_lit(b, "\xef\xbf\xbd");
			exact = false;
			len = 1;
		}
		i += len;
	}
	buf_putc(b, '"');
	return exact;
}

void json_base64(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = p;
	size_t i;

	for (i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16;
		char out[4];

		if (i + 1 < n)
			v |= (uint32_t)s[i + 1] << 8;
		if (i + 2 < n)
			v |= s[i + 2];
		out[0] = digits[v >> 18];
		out[1] = digits[v >> 12 & 63];
		out[2] = i + 1 < n ? digits[v >> 6 & 63] : '=';
		out[3] = i + 2 < n ? digits[v & 63] : '=';
		buf_put(b, out, sizeof out);
	}
}

/* The length of the character at S (N > 0 bytes left), and how many bytes it takes in a JSON string. */
static size_t character_length(const char *s, size_t n, size_t *ret_takes)
{
	unsigned char c = (unsigned char)s[0];
	size_t len;

	if (is_plain(c)) {
		*ret_takes = 1;
		return 1;
	}
	len = utf8_length((const unsigned char *)s, n);
	if (len > 1)
		*ret_takes = len;
	else if (len == 0)
		*ret_takes = 3; /* U+FFFD */
	else
		*ret_takes = c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r' ? 2 : 6;
	return len ? len : 1;
}

size_t json_fit(const char *s, size_t n, size_t max)
{
	size_t i = 0, used = 0;

	if (n <= max / 6)
		return n;
	while (i < n) {
		size_t takes, len = character_length(s + i, n - i, &takes);

		if (used + takes > max)
			break;
		used += takes;
		i += len;
	}
	return i;
}

static bool put_member(struct buf *b, const char *key, const char *text, size_t n, bool cut)
{
	bool exact;

	json_key(b, key);
	exact = json_string_n(b, text, n);
	if (cut) {
		b->len--;
		buf_lit(b, "\xe2\x80\xa6\"");
	}
	if (exact)
		return true;
	buf_lit(b, ",\"");
	buf_puts(b, key);
	buf_lit(b, "_b64\":\"");
	json_base64(b, text, n);
	buf_putc(b, '"');
	return false;
}

void json_put_text(struct buf *b, const char *key, const char *text)
{
	if (text)
		put_member(b, key, text, strlen(text), false);
	else
		json_put_null(b, key);
}

bool json_put_text_n(struct buf *b, const char *key, const char *text, size_t n)
{
	return put_member(b, key, text, n, false);
}

bool json_put_text_cut(struct buf *b, const char *key, const char *text, size_t max)
{
	size_t n = strlen(text);
	bool cut = json_fit(text, n, max) < n;

	put_member(b, key, text, cut ? json_fit(text, n, max - 3) : n, cut);
	return !cut;
}

void json_put_item_cut(struct buf *b, const char *text, size_t max)
{
	size_t n = strlen(text), fits = json_fit(text, n, max);

	json_key(b, NULL);
	json_string_n(b, text, fits < n ? json_fit(text, n, max - 3) : n);
	if (fits < n) {
		b->len--;
		buf_lit(b, "\u2026\"");
	}
}
