/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/unicode.h"

#include <errno.h>

enum { REPLACEMENT = 0xfffd, ELLIPSIS = 0x2026 };

static char *encode_one(uint32_t c, char *out)
{
	if (c >= 0xdc80 && c <= 0xdcff) {
		*out++ = (char)(c & 0xff);
		return out;
	}
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = REPLACEMENT;
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 63));
		*out++ = (char)(0x80 | (c >> 6 & 63));
		*out++ = (char)(0x80 | (c & 63));
	}
	return out;
}

static uint32_t character(const unsigned char *p, unsigned int width, size_t i)
{
	uint16_t two;
	uint32_t four;

	if (width == 1)
		return p[i];
	if (width == 2) {
		memcpy(&two, p + i * 2, 2);
		return two;
	}
	memcpy(&four, p + i * 4, 4);
	return four;
}

size_t unicode_encode(const void *p, unsigned int width, size_t n, char *out)
{
	char *at = out;

	for (size_t i = 0; i < n; i++)
		at = encode_one(character(p, width, i), at);
	return (size_t)(at - out);
}

/* The common case: names in ASCII are copied as they are. */
static bool copy_ascii(const unsigned char *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] - 1u >= 0x7f)
			return false;
		out[i] = (char)p[i];
	}
	return true;
}

/* Where the characters of a str are, and how wide each is. */
struct characters {
	uint64_t addr, length;
	uint32_t width;
};

static int find_characters(struct pages *pages, const struct python_offsets *o, uint64_t type, uint64_t addr,
			   struct characters *ret)
{
	unsigned char head[OFFSETS_STRING_MAX];
	uint64_t its_type;
	uint32_t state;

	if (!pages_plausible(addr) || pages_read(pages, addr, head, o->string_ascii) < 0)
		return -EFAULT;
	memcpy(&its_type, head + o->ob_type, 8);
	memcpy(&ret->length, head + o->string_length, 8);
	memcpy(&state, head + o->string_state, 4);
	ret->width = state >> o->string_kind_shift & 7;
	if ((type && its_type != type) || !(state & o->string_compact_mask) ||
	    (ret->width != 1 && ret->width != 2 && ret->width != 4) || ret->length > UINT64_C(1) << 40)
		return -EBADMSG;
	ret->addr = addr + (state & o->string_ascii_mask ? o->string_ascii : o->string_compact);
	return 0;
}

ssize_t unicode_characters(struct pages *pages, const struct python_offsets *o, uint64_t addr,
			   uint32_t out[UNICODE_CHARS])
{
	unsigned char raw[UNICODE_CHARS * 4];
	struct characters text;
	int r = find_characters(pages, o, 0, addr, &text);

	if (r < 0)
		return r;
	if (text.length > UNICODE_CHARS)
		return -ENOBUFS;
	if (pages_read(pages, text.addr, raw, (size_t)text.length * text.width) < 0)
		return -EFAULT;
	for (size_t i = 0; i < text.length; i++)
		out[i] = character(raw, text.width, i);
	return (ssize_t)text.length;
}

int unicode_character(struct pages *pages, const struct python_offsets *o, uint64_t addr, uint64_t index,
		      uint32_t *ret)
{
	unsigned char raw[4];
	struct characters text;
	int r = find_characters(pages, o, 0, addr, &text);

	if (r < 0)
		return r;
	if (index >= text.length)
		return -EBADMSG;
	if (pages_read(pages, text.addr + index * text.width, raw, text.width) < 0)
		return -EFAULT;
	*ret = character(raw, text.width, 0);
	return 0;
}

ssize_t unicode_read(struct pages *pages, const struct python_offsets *o, uint64_t type,
		     uint64_t addr, char *out)
{
	unsigned char raw[UNICODE_CHARS * 4];
	struct characters text;
	bool cut;
	size_t n;
	int r = find_characters(pages, o, type, addr, &text);

	if (r < 0)
		return r;
	cut = text.length > UNICODE_CHARS;
	n = cut ? UNICODE_CHARS : (size_t)text.length;
	if (pages_read(pages, text.addr, raw, n * text.width) < 0)
		return -EFAULT;
	if (text.width != 1 || !copy_ascii(raw, n, out))
		n = unicode_encode(raw, text.width, n, out);
	if (cut)
		n = (size_t)(encode_one(ELLIPSIS, out + n) - out);
	out[n] = '\0';
	return (ssize_t)n;
}
