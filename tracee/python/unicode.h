/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python's str to UTF-8. A lone surrogate U+DC80 … U+DCFF is how Python keeps a byte of a file
 * name that is not UTF-8 (PEP 383) and becomes that byte again; any other surrogate, what is
 * beyond Unicode, and NUL become U+FFFD.
 */
#ifndef PROCTOR_TRACEE_PYTHON_UNICODE_H
#define PROCTOR_TRACEE_PYTHON_UNICODE_H

#include "tracee/native/pages.h"
#include "tracee/python/offsets.h"

enum {
	UNICODE_CHARS = 1024,		       /* characters kept; an ellipsis follows when cut */
	UNICODE_BYTES = UNICODE_CHARS * 4 + 4, /* their encoding, the ellipsis and a NUL */
};

/* Encodes N characters of WIDTH 1, 2 or 4 bytes at P into OUT (4 N bytes); returns the length. */
size_t unicode_encode(const void *p, unsigned int width, size_t n, char *out);

/*
 * Reads the str at ADDR, whose type must be at TYPE (0: any), into OUT (UNICODE_BYTES). Returns
 * its length in bytes, -EFAULT when it cannot be read, -EBADMSG when it is not a str.
 */
ssize_t unicode_read(struct pages *pages, const struct python_offsets *o, uint64_t type,
		     uint64_t addr, char *out);

/* The characters of the str at ADDR as they are. Returns how many; -EFAULT, -EBADMSG, or -ENOBUFS for a longer one. */
ssize_t unicode_characters(struct pages *pages, const struct python_offsets *o, uint64_t addr,
			   uint32_t out[UNICODE_CHARS]);

/* Character INDEX of the str at ADDR. 0, -EFAULT or -EBADMSG. */
int unicode_character(struct pages *pages, const struct python_offsets *o, uint64_t addr, uint64_t index,
		      uint32_t *ret);

#endif
