/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/line_table.h"

#include <errno.h>
#include <limits.h>

enum { NO_LINE = -128, VARINT_SHIFT_MAX = 30 };

/* A 64-bit sum of at most LINE_TABLE_MAX 32-bit steps cannot overflow. */
static int line_give(int64_t line, int *ret_line)
{
	if (line < 1 || line > INT_MAX)
		return -EBADMSG;
	*ret_line = (int)line;
	return 0;
}

/* co_lnotab: pairs of unsigned address step and signed line step. Has no end mark. */
static int find_lnotab(const uint8_t *t, size_t n, int64_t line, int64_t offset, int *ret_line)
{
	int64_t addr = 0;

	if (n % 2)
		return -EBADMSG;
	for (size_t i = 0; i < n; i += 2) {
		addr += t[i];
		if (addr > offset)
			break;
		line += (int8_t)t[i + 1];
	}
	return line_give(line, ret_line);
}

/* PEP 626: pairs of unsigned length and signed line step; -128 for a range without a line. */
static int find_ranges(const uint8_t *t, size_t n, int64_t line, int64_t offset, int *ret_line)
{
	int64_t end = 0;

	if (n % 2)
		return -EBADMSG;
	for (size_t i = 0; i < n; i += 2) {
		int step = (int8_t)t[i + 1];

		end += t[i];
		if (step != NO_LINE)
			line += step;
		if (offset >= end)
			continue;
		if (step != NO_LINE)
			return line_give(line, ret_line);
		*ret_line = 0;
		return 0;
	}
	return -EBADMSG;
}

struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint8_t next_byte(struct cursor *c)
{
	if (c->at == c->end) {
		c->bad = true;
		return 0;
	}
	return *c->at++;
}

/* Six bits a byte, least significant first; bit 6: more follow. */
static uint32_t varint(struct cursor *c)
{
	unsigned int shift = 0;
	uint32_t v = 0;
	uint8_t byte;

	do {
		byte = next_byte(c);
		if (shift > VARINT_SHIFT_MAX || byte & 0x80) {
			c->bad = true;
			return 0;
		}
		v |= (uint32_t)(byte & 63) << shift;
		shift += 6;
	} while (byte & 64);
	return v;
}

/* The sign is in the lowest bit. */
static int64_t signed_varint(struct cursor *c)
{
	uint32_t v = varint(c);

	return v & 1 ? -(int64_t)(v >> 1) : (int64_t)(v >> 1);
}

/* Reads what follows the first byte of an entry with CODE. Returns the line step. */
static int64_t entry_step(struct cursor *c, unsigned int code)
{
	int64_t step = 0;
	int skip = 0;

	if (code == 14) { /* long form: end line, column, end column */
		step = signed_varint(c);
		for (int i = 0; i < 3; i++)
			varint(c);
	} else if (code == 13) {
		step = signed_varint(c);
	} else if (code >= 10 && code <= 12) { /* line step 0 to 2 and two columns */
		step = (int64_t)code - 10;
		skip = 2;
	} else if (code < 10) { /* the same line, one byte of columns */
		skip = 1;
	}
	while (skip--)
		next_byte(c);
	return step;
}

/* PEP 657: entries whose first byte has bit 7, a code and a length in code units of two bytes. */
static int find_locations(const uint8_t *t, size_t n, int64_t line, int64_t offset, int *ret_line)
{
	struct cursor c = {t, t + n, false};
	int64_t end = 0;

	while (c.at < c.end) {
		uint8_t byte = next_byte(&c);
		unsigned int code = byte >> 3 & 15;

		if (!(byte & 0x80))
			return -EBADMSG;
		line += entry_step(&c, code);
		end += ((byte & 7) + 1) * 2;
		if (c.bad)
			return -EBADMSG;
		if (offset >= end)
			continue;
		if (code != 15)
			return line_give(line, ret_line);
		*ret_line = 0;
		return 0;
	}
	return -EBADMSG;
}

int line_table_find(int minor, const uint8_t *table, size_t size, int first, int64_t offset,
		    int *ret_line)
{
	if (size > LINE_TABLE_MAX)
		return -EBADMSG;
	if (offset < 0)
		return line_give(first, ret_line);
	if (minor >= 11)
		return find_locations(table, size, first, offset, ret_line);
	if (minor == 10)
		return find_ranges(table, size, first, offset, ret_line);
	return find_lnotab(table, size, first, offset, ret_line);
}
