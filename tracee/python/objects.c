/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/objects.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "tracee/python/printable.h"
#include "tracee/python/unicode.h"

/* ------------------------------------------------------------------ words and types */

uint64_t object_word(const struct objects *o, uint64_t address)
{
	uint64_t word;

	return pages_plausible(address) && pages_word(o->pages, address, &word) == 0 ? word : 0;
}

/* By how much a free-threaded build's header is longer: as much as its type is farther in. */
static uint32_t header_extra(const struct objects *o)
{
	return o->runtime->offsets.ob_type - 8;
}

uint64_t object_member(const struct objects *o, uint64_t object, uint32_t where)
{
	return pages_plausible(object) ? object_word(o, object + where + header_extra(o)) : 0;
}

uint64_t object_type(const struct objects *o, uint64_t object)
{
	return pages_plausible(object) ? object_word(o, object + o->runtime->offsets.ob_type) : 0;
}

uint64_t type_slot(const struct objects *o, uint64_t type, enum type_slot slot)
{
	return object_member(o, type, (uint32_t)slot);
}

bool type_has(const struct objects *o, uint64_t type, enum type_flag flag)
{
	return type_slot(o, type, SLOT_FLAGS) >> flag & 1;
}

bool object_has(const struct objects *o, uint64_t object, enum type_flag flag)
{
	return type_has(o, object_type(o, object), flag);
}

/* The NUL-terminated text at ADDRESS, as far as it can be read. */
static void read_name(const struct objects *o, uint64_t address, char name[OBJECTS_NAME])
{
	size_t n = 0;

	while (address && n < OBJECTS_NAME - 1) {
		/* What follows the page may not be mapped. */
		size_t some = MIN((size_t)OBJECTS_NAME - 1 - n, (size_t)(PAGES_SIZE - (address + n) % PAGES_SIZE));

		if (pages_read(o->pages, address + n, name + n, some) < 0)
			break;
		some = strnlen(name + n, some);
		n += some;
		if (some == 0 || (address + n) % PAGES_SIZE != 0)
			break;
	}
	name[n] = '\0';
}

void type_static_name(const struct objects *o, uint64_t type, char name[OBJECTS_NAME])
{
	for (size_t i = 0; type && i < PYTHON_TYPES; i++)
		if (o->runtime->type[i] == type) {
			snprintf(name, OBJECTS_NAME, "%s", python_types[i].name);
			return;
		}
	read_name(o, type_slot(o, type, SLOT_NAME), name);
}

/* The address of the type called NAME, or 0: the interpreter did not tell. */
static uint64_t known_type(const struct objects *o, const char *name)
{
	for (size_t i = 0; i < PYTHON_TYPES; i++)
		if (streq(python_types[i].name, name))
			return o->runtime->type[i];
	return 0;
}

bool type_is_static(const struct objects *o, uint64_t type, const char *name)
{
	uint64_t known = known_type(o, name);
	char its[OBJECTS_NAME];

	if (known)
		return type == known;
	if (!type || type_has(o, type, TYPE_HEAP))
		return false;
	type_static_name(o, type, its);
	return streq(its, name);
}

bool object_is(const struct objects *o, uint64_t object, const char *name)
{
	return type_is_static(o, object_type(o, object), name);
}

/* ------------------------------------------------------------------ containers and numbers */

int object_items(const struct objects *o, uint64_t object, uint64_t *ret_n, uint64_t *ret_items)
{
	bool tuple = object_has(o, object, TYPE_TUPLE);

	if (!tuple && !object_has(o, object, TYPE_LIST))
		return -EBADMSG;
	*ret_n = object_member(o, object, 16);
	*ret_items = tuple ? object + o->runtime->offsets.tuple_items : object_member(o, object, 24);
	return 0;
}

static bool is_text(const struct objects *o, uint64_t object, const char *text)
{
	char its[UNICODE_BYTES];

	return object_member(o, object, 16) == strlen(text) &&
	       unicode_read(o->pages, &o->runtime->offsets, o->runtime->type[PYTHON_STR], object, its) >= 0 &&
	       streq(its, text);
}

/* The table of a dict's keys, at AT: PyDictKeysObject. */
static int read_keys(const struct objects *o, uint64_t at, struct dict_walk *ret)
{
	*ret = (struct dict_walk){ .width = 24, .key = 8, .value = 16 };
	if (o->runtime->offsets.minor < 11) {
		uint64_t size = object_word(o, at + 8);

		if (size > 1u << 24)
			return -EBADMSG;
		ret->n = object_word(o, at + 32);
		ret->entries = at + 40 + size * (size <= 0xff ? 1 : size <= 0xffff ? 2 : 4);
	} else {
		unsigned char head[3]; /* dk_log2_size, dk_log2_index_bytes, dk_kind */

		if (pages_read(o->pages, at + 8, head, sizeof head) < 0 || head[1] > 26)
			return -EBADMSG;
		ret->n = object_word(o, at + 24);
		ret->entries = at + 32 + (UINT64_C(1) << head[1]);
		if (head[2]) /* keys are all str: no hashes */
			ret->width = 16, ret->key = 0, ret->value = 8;
	}
	ret->n = MIN(ret->n, (uint64_t)OBJECTS_ENTRIES);
	return 0;
}

int dict_begin(const struct objects *o, uint64_t dict, struct dict_walk *ret_walk)
{
	uint64_t at = object_member(o, dict, 32), values = object_member(o, dict, 40);

	if (!object_has(o, dict, TYPE_DICT) || !pages_plausible(at) || read_keys(o, at, ret_walk) < 0)
		return -EBADMSG;
	/* A split table keeps its values apart, since 3.13 behind a header. */
	ret_walk->values = values ? values + (o->runtime->offsets.minor >= 13 ? 8 : 0) : 0;
	return 0;
}

/*
 * The values of an object without a dict, in the order of the names that its class keeps; 0: none, and *RET_DICT is its
 * dict, or 0. Include/internal/pycore_object.h and pycore_dict.h of each version.
 */
static uint64_t values_without_dict(const struct objects *o, uint64_t object, uint64_t type, uint64_t *ret_dict)
{
	int minor = o->runtime->offsets.minor;
	uint64_t word = object_word(o, object - (o->runtime->offsets.free_threaded ? 8 : 24));

	*ret_dict = 0;
	if (minor == 12 && word & 1)
		return word + 1;
	*ret_dict = word;
	if (word)
		return 0;
	if (minor == 11)
		return object_word(o, object - 32);
	/* Behind the object, with a header of its own. */
	return minor >= 13 && type_has(o, type, TYPE_INLINE_VALUES) ? object + type_slot(o, type, SLOT_BASICSIZE) + 8 : 0;
}

int attributes_begin(const struct objects *o, uint64_t object, struct dict_walk *ret_walk)
{
	uint64_t type = object_type(o, object), dict, values = 0, offset = type_slot(o, type, SLOT_DICTOFFSET), keys;

	if (!type_has(o, type, TYPE_HEAP))
		return -EBADMSG;
	if (type_has(o, type, TYPE_MANAGED_DICT) && o->runtime->offsets.minor >= 11)
		values = values_without_dict(o, object, type, &dict);
	else
		dict = offset && offset < UINT16_MAX ? object_word(o, object + offset) : 0;
	if (dict)
		return dict_begin(o, dict, ret_walk);
	keys = object_word(o, type + o->runtime->offsets.type_bytes + OBJECTS_CACHED_KEYS);
	if (!values || !pages_plausible(keys) || read_keys(o, keys, ret_walk) < 0)
		return -EBADMSG;
	ret_walk->values = values;
	return 0;
}

bool dict_next(const struct objects *o, struct dict_walk *walk, uint64_t *ret_key)
{
	if (walk->next >= walk->n || !budget_work(o->pages->budget, 1))
		return false;
	*ret_key = object_word(o, walk->entries + walk->next++ * walk->width + walk->key);
	return true;
}

uint64_t dict_value_at(const struct dict_walk *walk)
{
	uint64_t i = walk->next - 1;

	return walk->values ? walk->values + i * 8 : walk->entries + i * walk->width + walk->value;
}

uint64_t dict_value(const struct objects *o, const struct dict_walk *walk)
{
	return object_word(o, dict_value_at(walk));
}

uint64_t dict_get(const struct objects *o, uint64_t dict, const char *key)
{
	struct dict_walk walk;
	uint64_t its;

	if (dict_begin(o, dict, &walk) < 0)
		return 0;
	while (dict_next(o, &walk, &its))
		if (is_text(o, its, key))
			return dict_value(o, &walk);
	return 0;
}

int object_integer(const struct objects *o, uint64_t object, int64_t *ret)
{
	uint64_t tag = object_member(o, object, 16), n = tag, value = 0;
	bool negative;

	if (!object_has(o, object, TYPE_LONG))
		return -EBADMSG;
	if (o->runtime->offsets.minor >= 12) {
		n = tag >> 3;
		negative = (tag & 3) == 2;
	} else {
		negative = (int64_t)tag < 0;
		n = negative ? -tag : tag;
	}
	if (n > 2) /* digits of 30 bits */
		return -EBADMSG;
	for (uint64_t i = n; i-- > 0;) {
		uint32_t digit;

		if (pages_read(o->pages, object + 24 + header_extra(o) + 4 * i, &digit, sizeof digit) < 0)
			return -EBADMSG;
		value = value << 30 | (digit & 0x3fffffff);
	}
	*ret = negative ? -(int64_t)value : (int64_t)value;
	return 0;
}

/* ------------------------------------------------------------------ as text */

int object_text(const struct objects *o, uint64_t object, struct buf *out)
{
	char text[UNICODE_BYTES];
	ssize_t n;

	if (!object_has(o, object, TYPE_UNICODE))
		return -EBADMSG;
	n = unicode_read(o->pages, &o->runtime->offsets, 0, object, text);
	if (n < 0)
		return -EBADMSG;
	buf_put(out, text, (size_t)n);
	return 0;
}

static bool has(const uint32_t *text, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] == c)
			return true;
	return false;
}

static void put_escaped(uint32_t c, struct buf *out)
{
	if (c == '\n' || c == '\r' || c == '\t')
		buf_printf(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
	else
		buf_printf(out, c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x", c);
}

/* Quotes as repr() of a str does, or of a bytes. */
static int put_quoted(const uint32_t *text, size_t n, bool bytes, struct buf *out)
{
	const uint32_t quote = has(text, n, '\'') && !has(text, n, '"') ? '"' : '\'';

	buf_putc(out, (char)quote);
	for (size_t i = 0; i < n; i++) {
		enum printable printable = bytes && text[i] > 0x7f ? PRINTABLE_ESCAPED : printable_of(text[i]);
		char utf8[4];

		if (printable == PRINTABLE_UNKNOWN)
			return -ENOTSUP;
		if (printable == PRINTABLE_ESCAPED) {
			put_escaped(text[i], out);
			continue;
		}
		if (text[i] == quote || text[i] == '\\')
			buf_putc(out, '\\');
		buf_put(out, utf8, unicode_encode(&text[i], 4, 1, utf8));
	}
	buf_putc(out, (char)quote);
	return 0;
}

static int show_text(const struct objects *o, uint64_t object, bool repr, struct buf *out)
{
	uint32_t text[UNICODE_CHARS];
	ssize_t n;

	if (!repr)
		return object_text(o, object, out) < 0 ? -ENOTSUP : 0;
	/* Any character may decide how it is quoted, so all of them are needed. */
	n = unicode_characters(o->pages, &o->runtime->offsets, object, text);
	return n < 0 ? -ENOTSUP : put_quoted(text, (size_t)n, false, out);
}

static int show_bytes(const struct objects *o, uint64_t object, struct buf *out)
{
	uint64_t n = object_member(o, object, 16);
	unsigned char data[OBJECTS_TEXT];
	uint32_t text[OBJECTS_TEXT];

	if (n > sizeof data || pages_read(o->pages, object + o->runtime->offsets.bytes_data, data, (size_t)n) < 0)
		return -ENOTSUP;
	for (size_t i = 0; i < n; i++)
		text[i] = data[i];
	buf_putc(out, 'b');
	return put_quoted(text, (size_t)n, true, out);
}

/* The next decimal with as many digits, away from 0; 0 if that would have one more. */
static void next_decimal(char *text)
{
	char *at = strchr(text, 'e');

	while (at-- > text) {
		if (*at == '9') {
			*at = '0';
		} else if (*at >= '0' && *at < '9') {
			++*at;
			return;
		}
	}
}

/* Does a decimal with DIGITS behind the point read back as VALUE? If so it is the nearest one or, at a power of two,
 * below which doubles lie closer together, perhaps the one above it. */
static bool is_exact(double value, int digits, char text[64])
{
	snprintf(text, 64, "%.*e", digits, value);
	if (strtod(text, NULL) == value)
		return true;
	next_decimal(text);
	return strtod(text, NULL) == value;
}

/* TEXT, "-d.ddde+XX", without its exponent. */
static void put_plain(const char *text, int digits, int exponent, struct buf *out)
{
	char all[32], *to = all;
	int i;

	if (*text == '-')
		buf_putc(out, *text++);
	for (; *text != 'e'; text++)
		if (*text != '.')
			*to++ = *text;
	if (exponent < 0) {
		buf_puts(out, "0.");
		for (i = -1; i > exponent; i--)
			buf_putc(out, '0');
		buf_put(out, all, (size_t)(to - all));
		return;
	}
	for (i = 0; i <= MAX(exponent + 1, digits); i++) {
		if (i == exponent + 1)
			buf_putc(out, '.');
		buf_putc(out, i <= digits ? all[i] : '0');
	}
}

/* repr() of a float: the shortest text that reads back as the same; PyOS_double_to_string(…, 'r', …). */
static void show_float(double value, struct buf *out)
{
	char text[64], *e;
	int digits, exponent;

	if (!isfinite(value)) {
		buf_puts(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
		return;
	}
	for (digits = 0; digits < 17 && !is_exact(value, digits, text); digits++)
		;
	e = strchr(text, 'e');
	exponent = e ? atoi(e + 1) : 0;
	if (exponent >= -4 && exponent < 16) {
		put_plain(text, digits, exponent, out);
	} else {
		buf_puts(out, text); /* C and Python both write at least two digits of the exponent */
	}
}

static int show(const struct objects *o, uint64_t object, bool repr, int depth, struct buf *out);

static int show_items(const struct objects *o, uint64_t object, int depth, struct buf *out)
{
	bool tuple = object_has(o, object, TYPE_TUPLE);
	uint64_t n, items;
	int r = object_items(o, object, &n, &items);

	if (r < 0 || n > OBJECTS_ITEMS)
		return -ENOTSUP;
	buf_putc(out, tuple ? '(' : '[');
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			buf_lit(out, ", ");
		r = show(o, object_word(o, items + 8 * i), true, depth + 1, out);
		if (r < 0)
			return r;
	}
	if (tuple && n == 1)
		buf_putc(out, ',');
	buf_putc(out, tuple ? ')' : ']');
	return 0;
}

static int show(const struct objects *o, uint64_t object, bool repr, int depth, struct buf *out)
{
	uint64_t type = object_type(o, object), word;
	char name[OBJECTS_NAME];
	int64_t number;
	double value;

	/* A type that a program derives from a built-in one may show itself differently. */
	if (!type || type_has(o, type, TYPE_HEAP) || depth > OBJECTS_DEPTH || out->len > OBJECTS_TEXT ||
	    !budget_work(o->pages->budget, 4))
		return -ENOTSUP;
	type_static_name(o, type, name);
	if (streq(name, "NoneType")) {
		buf_lit(out, "None");
		return 0;
	}
	if (streq(name, "str"))
		return show_text(o, object, repr, out);
	if (streq(name, "bytes"))
		return show_bytes(o, object, out);
	if (streq(name, "tuple") || streq(name, "list"))
		return show_items(o, object, depth, out);
	if (streq(name, "bool") || streq(name, "int")) {
		if (object_integer(o, object, &number) < 0)
			return -ENOTSUP;
		if (streq(name, "bool"))
			buf_puts(out, number ? "True" : "False");
		else
			buf_printf(out, "%lld", (long long)number);
		return 0;
	}
	if (streq(name, "float")) {
		word = object_member(o, object, 16);
		memcpy(&value, &word, sizeof value);
		show_float(value, out);
		return 0;
	}
	return -ENOTSUP;
}

int object_show(const struct objects *o, uint64_t object, bool repr, struct buf *out)
{
	return show(o, object, repr, 0, out);
}
