/* SPDX-License-Identifier: Apache-2.0 */
#include "base/escape.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/util.h"

struct range {
	uint32_t first, last;
};

/* Characters that change how the text around them is shown, or show nothing at all. */
static const struct range deceptive[] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c },   { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },   { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

bool text_deceives(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_SIZE(deceptive); i++)
		if (c >= deceptive[i].first && c <= deceptive[i].last)
			return true;
	return c >= 0x80 && c < 0xa0;
}

uint32_t text_decode(const char *s, size_t n, size_t *ret_len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = utf8_length(u, n), i;
	uint32_t c;

	*ret_len = len;
	if (len <= 1)
		return u[0];
	c = u[0] & (0x7fu >> len);
	for (i = 1; i < len; i++)
		c = c << 6 | (u[i] & 0x3fu);
	return c;
}

static void escape_control(struct buf *out, uint32_t c)
{
	if (c == '\n')
		buf_lit(out, "\\n");
	else if (c == '\t')
		buf_lit(out, "\\t");
	else if (c == '\r')
		buf_lit(out, "\\r");
	else
		buf_printf(out, "\\x%02" PRIx32, c);
}

/* Returns how many bytes of TEXT were used. */
static size_t escape_one(struct buf *out, const char *text, size_t n, enum text_escape how)
{
	size_t len;
	uint32_t c = text_decode(text, n, &len);

	if (len == 0) {
		buf_printf(out, "\\x%02x", (unsigned char)text[0]);
		return 1;
	}
	if (c < 0x20 || c == 0x7f)
		escape_control(out, c);
	else if (text_deceives(c))
		buf_printf(out, "\\u{%" PRIx32 "}", c);
	else if (c == '\\' && how == TEXT_PATH)
		buf_lit(out, "\\\\");
	else
		buf_put(out, text, len);
	return len;
}

/* How many bytes TEXT begins with that are written as they are, whatever it is. */
static size_t plain(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && text[i] >= 0x20 && text[i] < 0x7f && text[i] != '\\')
		i++;
	return i;
}

void text_escape(struct buf *out, const char *text, size_t n, enum text_escape how)
{
	size_t i = 0, run;

	buf_put(out, "", 0); /* so that an empty text is a string too */
	while (i < n) {
		run = plain(text + i, n - i);
		buf_put(out, text + i, run);
		i += run;
		if (i < n)
			i += escape_one(out, text + i, n - i, how);
	}
}

void text_yaml_string(struct buf *out, const char *text, size_t n)
{
	_cleanup_buf_ struct buf quoted = { 0 };
	size_t i, len;

	json_string_n(&quoted, text, n); /* YAML's double quotes take JSON's escapes */
	for (i = 0; i < quoted.len; i += len) {
		uint32_t c;

		len = plain(quoted.data + i, quoted.len - i);
		buf_put(out, quoted.data + i, len);
		if (len)
			continue;
		c = text_decode(quoted.data + i, quoted.len - i, &len);
		if (text_deceives(c) || c == 0x7f)
			buf_printf(out, "\\U%08" PRIx32, c);
		else
			buf_put(out, quoted.data + i, len);
	}
}
