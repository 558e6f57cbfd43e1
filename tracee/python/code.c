/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/code.h"

#include <errno.h>

#include "tracee/python/line_table.h"
#include "tracee/python/unicode.h"

enum {
	MAX_COPIES = 4096,  /* per-thread copies of the instructions */
	MAX_CODE = 1 << 30, /* bytes of instructions */
	SMALL_TABLE = 2048,
	TABLE_BYTES_PER_WORK = 16,
};

const char code_unreadable[] = "?";

void code_begin(struct code_reader *r)
{
	texts_reset(&r->texts);
	memset(r->code, 0, sizeof r->code);
	memset(r->string, 0, sizeof r->string);
}

void code_fini(struct code_reader *r)
{
	texts_fini(&r->texts);
}

static size_t memo_slot(uint64_t address)
{
	return (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % CODE_MEMO;
}

static const char *string_read(struct code_reader *r, uint64_t address)
{
	struct code_string *memo = &r->string[memo_slot(address)];
	char text[UNICODE_BYTES];
	ssize_t n;

	if (memo->text && memo->address == address)
		return memo->text;
	n = unicode_read(r->pages, &r->runtime->offsets, r->runtime->type[PYTHON_STR], address, text);
	if (n < 0)
		return code_unreadable;
	memo->address = address;
	memo->text = texts_add(&r->texts, text, (size_t)n);
	return memo->text ? memo->text : code_unreadable;
}

static uint64_t word_at(const unsigned char *p, uint32_t offset)
{
	uint64_t v;

	memcpy(&v, p + offset, sizeof v);
	return v;
}

struct code *code_read(struct code_reader *r, uint64_t address)
{
	const struct python_offsets *o = &r->runtime->offsets;
	struct code *code = &r->code[memo_slot(address)];
	unsigned char raw[OFFSETS_CODE_MAX];

	if (address && code->address == address)
		return code;
	if (!pages_plausible(address) || pages_read(r->pages, address, raw, o->code_bytes) < 0)
		return NULL;
	if (r->runtime->type[PYTHON_CODE] && word_at(raw, o->ob_type) != r->runtime->type[PYTHON_CODE])
		return NULL;
	*code = (struct code){
		.address = address,
		.file = string_read(r, word_at(raw, o->code_filename)),
		.name = string_read(r, word_at(raw, o->code_name)),
		.line_table = word_at(raw, o->code_linetable),
		.instructions = address + o->code_instructions,
		.tlbc = o->code_tlbc ? word_at(raw, o->code_tlbc) : 0,
	};
	memcpy(&code->first_line, raw + o->code_first_line, sizeof code->first_line);
	return code;
}

/* Free-threaded builds from 3.14 on give each thread but the first its own copy of the instructions. */
static int instructions_of(struct code_reader *r, const struct code *code, int32_t tlbc,
			   uint64_t *ret)
{
	uint64_t n;

	*ret = code->instructions;
	if (tlbc <= 0 || !code->tlbc)
		return 0;
	if (!pages_plausible(code->tlbc) || pages_word(r->pages, code->tlbc, &n) < 0 ||
	    n > MAX_COPIES || (uint64_t)tlbc >= n)
		return -EBADMSG;
	return pages_word(r->pages, code->tlbc + 8 + 8 * (uint64_t)tlbc, ret);
}

/* How far into its code INSTR is, in bytes; -1: before the first instruction. */
static int offset_of(struct code_reader *r, const struct code *code, uint64_t instr, int32_t tlbc,
		     int64_t *ret)
{
	const int minor = r->runtime->offsets.minor;
	uint64_t start = 0;
	int64_t offset;

	if (minor <= 10) {
		int32_t last = (int32_t)instr;

		offset = minor == 10 && last > 0 ? (int64_t)last * 2 : last;
	} else {
		if (instructions_of(r, code, tlbc, &start) < 0)
			return -EBADMSG;
		offset = (int64_t)(instr - start);
		if (offset < -2 || offset % 2)
			return -EBADMSG;
	}
	if (offset > MAX_CODE)
		return -EBADMSG;
	*ret = offset < 0 ? -1 : offset;
	return 0;
}

static int table_find(struct code_reader *r, const struct code *code, uint64_t size, int64_t offset,
		      int *ret_line)
{
	const struct python_offsets *o = &r->runtime->offsets;
	_cleanup_free_ uint8_t *large = NULL;
	uint8_t small[SMALL_TABLE], *table = small;

	if (!budget_table(r->pages->budget, (size_t)size))
		return -EFAULT;
	if (size > sizeof small)
		table = large = xmalloc((size_t)size);
	if (pages_read(r->pages, code->line_table + o->bytes_data, table, (size_t)size) < 0 ||
	    !budget_work(r->pages->budget, (unsigned int)size / TABLE_BYTES_PER_WORK + 1))
		return -EFAULT;
	return line_table_find(o->minor, table, (size_t)size, code->first_line, offset, ret_line);
}

static int bytes_size(struct code_reader *r, uint64_t address, uint64_t *ret)
{
	const struct python_offsets *o = &r->runtime->offsets;
	uint64_t type;

	if (!pages_plausible(address) || pages_word(r->pages, address + o->ob_type, &type) < 0 ||
	    pages_word(r->pages, address + o->bytes_size, ret) < 0)
		return -EFAULT;
	if ((r->runtime->type[PYTHON_BYTES] && type != r->runtime->type[PYTHON_BYTES]) || *ret > LINE_TABLE_MAX)
		return -EBADMSG;
	return 0;
}

int code_line(struct code_reader *r, struct code *code, uint64_t instr, int32_t tlbc, int *ret_line)
{
	uint64_t size = 0;
	int64_t offset = 0;
	int line = 0, result;

	if (instr && code->last_instr == instr) {
		*ret_line = code->last_line;
		return 0;
	}
	if (offset_of(r, code, instr, tlbc, &offset) < 0)
		return -EBADMSG;
	result = bytes_size(r, code->line_table, &size);
	if (result == 0)
		result = table_find(r, code, size, offset, &line);
	if (result < 0)
		return result;
	code->last_instr = instr;
	code->last_line = line;
	*ret_line = line;
	return 0;
}
