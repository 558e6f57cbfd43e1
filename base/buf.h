/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer. Always NUL-terminated once something was put; may hold NULs. */
#ifndef PROCTOR_BASE_BUF_H
#define PROCTOR_BASE_BUF_H

#include "base/util.h"

struct buf {
	char *data;
	size_t len, cap;
};

/* Releases the memory and leaves an empty buffer. */
void buf_fini(struct buf *b);
#define _cleanup_buf_ _cleanup_(buf_fini)

/* Room for N more bytes and the NUL. */
void buf_reserve_slow(struct buf *b, size_t n);
static inline void buf_reserve(struct buf *b, size_t n)
{
	if (b->cap - b->len <= n)
		buf_reserve_slow(b, n);
}

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

static inline void buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

static inline void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

/* Constant text whose length the compiler knows. */
#define buf_lit(b, text) buf_put((b), "" text, sizeof(text) - 1)

static inline void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_printf(struct buf *b, const char *format, ...) _printf_(2, 3);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_hex(struct buf *b, uint64_t v); /* 0x… , lower case, no padding */

/* Takes the text (never NULL; the caller frees) and leaves an empty buffer. */
char *buf_steal(struct buf *b);

#endif
