/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON text (RFC 8259). Reading it is left to jansson, in report/. */
#ifndef PROCTOR_BASE_JSON_H
#define PROCTOR_BASE_JSON_H

#include "base/buf.h"

/* Length of the UTF-8 sequence at S (N > 0 bytes left), 0 if it is none. RFC 3629 section 4. */
size_t utf8_length(const unsigned char *s, size_t n);

/*
 * A quoted JSON string of the N bytes at S. Control characters are escaped; bytes that are not
 * UTF-8 (RFC 3629: no surrogates, no overlong forms) become U+FFFD. Returns false when such
 * bytes were there, in which case the caller writes a "_b64" twin to keep them exactly.
 */
bool json_string_n(struct buf *b, const char *s, size_t n);
static inline bool json_string(struct buf *b, const char *s)
{
	return json_string_n(b, s, strlen(s));
}

/*
 * "KEY":"TEXT" and, when TEXT is not UTF-8, ,"KEY_b64":"…" after it. KEY is plain ASCII. No
 * comma before or after.
 */
void json_member_string(struct buf *b, const char *key, const char *text);

/*
 * How many of the N bytes at S, whole characters, a JSON string can hold in MAX bytes between its
 * quotes. N when all of them fit.
 */
size_t json_fit(const char *s, size_t n, size_t max);

/*
 * json_member_string() in at most JSON_MEMBER_MAX(MAX) bytes: of a TEXT whose escaped form takes
 * more than MAX bytes the beginning and an ellipsis, and of its exact bytes those of that beginning.
 * MAX is at least 8. False when it was cut.
 */
bool json_member_cut(struct buf *b, const char *key, const char *text, size_t max);
#define JSON_MEMBER_MAX(max) ((max) + ((max) + 2) / 3 * 4 + 64)

/* "KEY": */
void json_member_key(struct buf *b, const char *key);

/* The beginning of TEXT as a quoted string whose content takes MAX bytes at most. */
void json_string_cut(struct buf *b, const char *text, size_t max);

/* The N bytes at P in base64 (RFC 4648 section 4), without quotes. */
void json_base64(struct buf *b, const void *p, size_t n);

#endif
