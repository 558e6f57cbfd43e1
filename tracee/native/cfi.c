/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/cfi.h"

#include <errno.h>
#include <stdlib.h>

enum {
	MAX_TABLE = 4 << 20, /* entries of the search table */
	/* Pointer encodings (Linux Standard Base, DW_EH_PE_*). */
	PE_ABSOLUTE = 0x00,
	PE_UDATA4 = 0x03,
	PE_SDATA4 = 0x0b,
	PE_PCREL_SDATA4 = 0x1b,
	PE_DATAREL_SDATA4 = 0x3b,
};

struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint8_t u8(struct cursor *c)
{
	if (c->at == c->end) {
		c->bad = true;
		return 0;
	}
	return *c->at++;
}

static void skip(struct cursor *c, uint64_t n)
{
	if (n > (uint64_t)(c->end - c->at))
		c->bad = true;
	else
		c->at += n;
}

static uint64_t uleb(struct cursor *c)
{
	uint64_t v = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = u8(c);
		if (shift > 56) {
			c->bad = true;
			return 0;
		}
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

static void reg(struct cursor *c)
{
	if (uleb(c) > ABI_DWARF_LAST)
		c->bad = true;
}

/* DWARF 5 table 7.9; no branches, no calls, no division (libunwind lets it trap). */
static void operation(struct cursor *c)
{
	static const uint8_t constant_size[] = {1, 1, 2, 2, 4, 4, 8, 8};
	uint8_t op = u8(c);

	if (op >= 0x08 && op <= 0x0f) /* const1u … const8s */
		skip(c, constant_size[op - 0x08]);
	else if (op == 0x10 || op == 0x11 || op == 0x23) /* constu, consts, plus_uconst */
		uleb(c);
	else if (op == 0x15 || op == 0x94) /* pick, deref_size */
		u8(c);
	else if (op >= 0x70 && op <= 0x70 + ABI_DWARF_LAST) /* breg */
		uleb(c);
	else if (op == 0x06 || (op >= 0x12 && op <= 0x1a) || op == 0x1c || op == 0x96)
		c->bad |= op == 0x18; /* deref; dup … and; minus; nop; not xderef */
	else if ((op >= 0x1e && op <= 0x22) || (op >= 0x24 && op <= 0x27))
		return; /* mul, neg, not, or, plus; shl, shr, shra, xor */
	else if ((op >= 0x29 && op <= 0x2e) || (op >= 0x30 && op <= 0x4f))
		return; /* comparisons; lit0 … lit31 */
	else
		c->bad = true;
}

bool cfi_expression_ok(const uint8_t *p, size_t n)
{
	struct cursor c = {p, p + n, n > CFI_EXPRESSION_MAX};

	while (!c.bad && c.at < c.end)
		operation(&c);
	return !c.bad;
}

static void expression(struct cursor *c)
{
	uint64_t n = uleb(c);

	if (n > (uint64_t)(c->end - c->at) || !cfi_expression_ok(c->at, (size_t)n))
		c->bad = true;
	else
		c->at += n;
}

/* The opcodes whose upper two bits are 0. DWARF 5 table 7.29. */
static void instruction(struct cursor *c, uint8_t op, unsigned int *states)
{
	switch (op) {
	case 0x00: /* nop */
		break;
	case 0x02: /* advance_loc1, 2, 4 */
	case 0x03:
	case 0x04:
		skip(c, UINT64_C(1) << (op - 2));
		break;
	case 0x05: /* offset_extended, def_cfa, their _sf, val_offset, val_offset_sf */
	case 0x0c:
	case 0x11:
	case 0x12:
	case 0x14:
	case 0x15:
		reg(c);
		uleb(c);
		break;
	case 0x06: /* restore_extended, undefined, same_value, def_cfa_register */
	case 0x07:
	case 0x08:
	case 0x0d:
		reg(c);
		break;
	case 0x09: /* register */
		reg(c);
		reg(c);
		break;
	case 0x0a: /* remember_state */
		if (++*states > CFI_STATES_MAX)
			c->bad = true;
		break;
	case 0x0b: /* restore_state */
		if ((*states)-- == 0)
			c->bad = true;
		break;
	case 0x0e: /* def_cfa_offset, def_cfa_offset_sf, GNU_args_size */
	case 0x13:
	case 0x2e:
		uleb(c);
		break;
	case 0x0f: /* def_cfa_expression */
		expression(c);
		break;
	case 0x10: /* expression, val_expression */
	case 0x16:
		reg(c);
		expression(c);
		break;
	default:
		c->bad = true;
	}
}

bool cfi_program_ok(const uint8_t *p, size_t n)
{
	struct cursor c = {p, p + n, false};
	unsigned int states = 0;

	while (!c.bad && c.at < c.end) {
		uint8_t op = u8(&c);

		switch (op & 0xc0) {
		case 0x40: /* advance_loc */
			break;
		case 0x80: /* offset */
			uleb(&c);
			c.bad |= (op & 0x3f) > ABI_DWARF_LAST;
			break;
		case 0xc0: /* restore */
			c.bad |= (op & 0x3f) > ABI_DWARF_LAST;
			break;
		default:
			instruction(&c, op, &states);
		}
	}
	return !c.bad;
}

static size_t encoded_size(uint8_t encoding)
{
	return encoding == PE_ABSOLUTE ? 8 : 4;
}

static bool encoding_ok(uint8_t encoding)
{
	return encoding == PE_ABSOLUTE || encoding == PE_UDATA4 || encoding == PE_SDATA4 ||
	       encoding == PE_PCREL_SDATA4;
}

/* A record of .eh_frame: a copy, so that what is checked is what is kept. */
struct record {
	uint64_t vaddr;
	uint32_t length; /* of what follows the length field */
	uint8_t *bytes;	 /* all of it; owned */
};

static void record_fini(struct record *r)
{
	free(r->bytes);
}
#define _cleanup_record_ _cleanup_(record_fini)

/* On success the cursor is behind the length field. */
static int record_read(struct image *im, uint64_t vaddr, struct record *r, struct cursor *ret)
{
	if (image_read(im, vaddr, &r->length, 4) < 0 || r->length < 4 || r->length > CFI_RECORD_MAX)
		return -EBADMSG;
	r->vaddr = vaddr;
	r->bytes = xmalloc(4 + (size_t)r->length);
	memcpy(r->bytes, &r->length, 4);
	if (image_read(im, vaddr + 4, r->bytes + 4, r->length) < 0)
		return -EBADMSG;
	*ret = (struct cursor){r->bytes + 4, r->bytes + 4 + r->length, false};
	return 0;
}

static bool record_keep(const struct image *im, struct cfi_store *store, const struct record *r)
{
	return cfi_store_add(store, im->bias + r->vaddr, r->bytes, 4 + (size_t)r->length);
}

/* The augmentation "zPLR" and the like: the letters say what data follow. */
static void augmentation(struct cursor *c, const char *letters, uint8_t *encoding)
{
	uint64_t n = uleb(c);
	struct cursor data = {c->at, c->at + MIN(n, (uint64_t)(c->end - c->at)), false};

	skip(c, n);
	for (letters++; *letters; letters++) {
		uint8_t e;

		if (*letters == 'R') {
			*encoding = u8(&data);
		} else if (*letters == 'L') {
			u8(&data);
		} else if (*letters == 'P') {
			e = u8(&data);
			c->bad |= (e & 0x0f) != PE_SDATA4 && (e & 0x0f) != PE_UDATA4 &&
				  e != PE_ABSOLUTE;
			skip(&data, encoded_size(e));
		} else if (*letters != 'S' && *letters != 'B') {
			c->bad = true;
		}
	}
	c->bad |= data.bad || !encoding_ok(*encoding);
}

static bool cie_ok(struct image *im, uint64_t vaddr, struct record *cie, uint8_t *ret_encoding,
		   bool *ret_augmented)
{
	uint8_t encoding = PE_ABSOLUTE, version;
	const char *letters;
	struct cursor c;
	uint64_t column;

	if (record_read(im, vaddr, cie, &c) < 0)
		return false;
	for (int i = 0; i < 4; i++)
		c.bad |= u8(&c) != 0; /* the CIE id */
	version = u8(&c);
	letters = (const char *)c.at;
	if (c.bad || (version != 1 && version != 3) || !memchr(letters, 0, (size_t)(c.end - c.at)))
		return false;
	skip(&c, strlen(letters) + 1);
	c.bad |= uleb(&c) > 16; /* code alignment */
	uleb(&c);		/* data alignment, signed */
	column = version == 1 ? u8(&c) : uleb(&c);
	if (c.bad || column != ABI_DWARF_RETURN || (*letters && *letters != 'z'))
		return false;
	if (*letters)
		augmentation(&c, letters, &encoding);
	if (c.bad || !cfi_program_ok(c.at, (size_t)(c.end - c.at)))
		return false;
	*ret_encoding = encoding;
	*ret_augmented = *letters != '\0';
	return true;
}

/* Checks the FDE at VADDR and its CIE, and keeps them. */
static int take_fde(struct image *im, struct cfi_store *store, uint64_t vaddr)
{
	_cleanup_record_ struct record fde = {0}, cie = {0};
	bool augmented = false;
	uint8_t encoding = 0;
	struct cursor c;
	uint32_t back;

	if (record_read(im, vaddr, &fde, &c) < 0)
		return -EBADMSG;
	memcpy(&back, c.at, 4);
	if (back == 0 || back > vaddr + 4 ||
	    !cie_ok(im, vaddr + 4 - back, &cie, &encoding, &augmented))
		return -EBADMSG;
	skip(&c, 4 + 2 * encoded_size(encoding));
	if (augmented)
		skip(&c, uleb(&c));
	if (c.bad || !cfi_program_ok(c.at, (size_t)(c.end - c.at)))
		return -EBADMSG;
	return record_keep(im, store, &fde) && record_keep(im, store, &cie) ? 0 : -ENOSPC;
}

struct table_entry {
	int32_t start, fde; /* relative to .eh_frame_hdr */
};

/* The last entry that does not start after VADDR. The table may be forged, but is only searched. */
static int search(struct image *im, uint32_t n, uint64_t vaddr, uint64_t *ret_entry,
		  struct table_entry *ret)
{
	const uint64_t base = im->eh_frame_hdr;
	struct table_entry e, best = {0};
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (image_read(im, base + 12 + (uint64_t)middle * sizeof e, &e, sizeof e) < 0)
			return -EBADMSG;
		if ((int64_t)(base + (uint64_t)(int64_t)e.start) > (int64_t)vaddr) {
			high = middle;
		} else {
			low = middle + 1;
			best = e;
		}
	}
	if (!low)
		return -ENOENT;
	*ret_entry = base + 12 + (uint64_t)(low - 1) * sizeof e;
	*ret = best;
	return 0;
}

int cfi_find(struct image *im, struct cfi_store *store, uint64_t vaddr, uint64_t *ret_entry)
{
	struct table_entry e = {0};
	uint64_t entry = 0;
	uint8_t head[12];
	uint32_t n;
	int r;

	/* What ld, gold, lld and mold write; anything else has no table to search. */
	if (!im->eh_frame_hdr || image_read(im, im->eh_frame_hdr, head, sizeof head) < 0 ||
	    head[0] != 1 || head[1] != PE_PCREL_SDATA4 || head[2] != PE_UDATA4 ||
	    head[3] != PE_DATAREL_SDATA4)
		return -ENOENT;
	memcpy(&n, head + 8, 4);
	if (n > MAX_TABLE)
		return -EBADMSG;
	r = search(im, n, vaddr, &entry, &e);
	if (r == 0)
		r = take_fde(im, store, im->eh_frame_hdr + (uint64_t)(int64_t)e.fde);
	if (r == 0 && !cfi_store_add(store, im->bias + entry, &e, sizeof e))
		r = -ENOSPC;
	if (r == 0)
		*ret_entry = entry;
	return r;
}
