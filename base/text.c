/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <inttypes.h>

struct range {
	uint32_t first, last;
};

static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },	  { 0xa960, 0xa97f },
	{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },	  { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff },
	{ 0x20000, 0x3fffd },
};

static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f },
};

static bool within(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* policy(5): UTF-8 without control characters. */
static bool policy_can_name(const char *path, size_t n)
{
	size_t i = 0, len;

	while (i < n) {
		uint32_t c = text_decode(path + i, n - i, &len);

		if (len == 0 || c < 0x20 || c == 0x7f)
			return false;
		i += len;
	}
	return true;
}

bool text_yaml_path(struct buf *out, const char *path)
{
	size_t n = strlen(path), i = 0, len;

	if (!policy_can_name(path, n))
		return false;
	buf_putc(out, '"');
	while (i < n) {
		uint32_t c = text_decode(path + i, n - i, &len);

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (char)c);
		else if (c == '%' || c == '*' || c == '?')
			buf_printf(out, "%%%c", (char)c);
		else if (text_deceives(c))
			buf_printf(out, "\\U%08" PRIx32, c);
		else
			buf_put(out, path + i, len);
		i += len;
	}
	buf_putc(out, '"');
	return true;
}

static size_t columns_of(uint32_t c)
{
	if (within(combining, ARRAY_SIZE(combining), c))
		return 0;
	return within(wide, ARRAY_SIZE(wide), c) ? 2 : 1;
}

size_t text_fit(const char *text, size_t n, size_t columns)
{
	size_t i = 0, used = 0, len;

	while (i < n) {
		uint32_t c = text_decode(text + i, n - i, &len);

		used += len ? columns_of(c) : 1;
		if (used > columns)
			break;
		i += len ? len : 1;
	}
	return i;
}

size_t text_width(const char *text, size_t n)
{
	size_t i = 0, used = 0, len;

	while (i < n) {
		uint32_t c = text_decode(text + i, n - i, &len);

		used += len ? columns_of(c) : 1;
		i += len ? len : 1;
	}
	return used;
}

/* VALUE / UNIT with at most three decimals, rounded up, without trailing zeros. */
static void put_scaled(struct buf *out, uint64_t value, uint64_t unit)
{
	uint64_t whole = value / unit;
	uint64_t thousandths =
		(uint64_t)(((unsigned __int128)(value % unit) * 1000 + unit - 1) / unit);
	unsigned width = 3;

	if (thousandths == 1000) {
		whole++;
		thousandths = 0;
	}
	buf_u64(out, whole);
	if (!thousandths)
		return;
	for (; thousandths % 10 == 0; thousandths /= 10)
		width--;
	buf_printf(out, ".%0*" PRIu64, (int)width, thousandths);
}

void text_duration(struct buf *out, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	size_t i = 0;

	if (ns == 0) {
		buf_lit(out, "0s");
		return;
	}
	while (ns < units[i].ns)
		i++;
	put_scaled(out, ns, units[i].ns);
	buf_puts(out, units[i].name);
}

void text_size(struct buf *out, uint64_t bytes)
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned unit = 0;

	while (unit < 4 && bytes >> (10 * (unit + 1)))
		unit++;
	put_scaled(out, bytes, UINT64_C(1) << (10 * unit));
	buf_puts(out, names[unit]);
}

void text_count(struct buf *out, uint64_t n)
{
	char digits[27], *p = digits + sizeof digits;
	unsigned i = 0;

	do {
		if (i && i % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + n % 10);
		i++;
	} while (n /= 10);
	buf_put(out, p, (size_t)(digits + sizeof digits - p));
}
