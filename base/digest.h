/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 in hexadecimal: 64 digits, lower case, and a NUL. */
#ifndef PROCTOR_BASE_DIGEST_H
#define PROCTOR_BASE_DIGEST_H

#include <nettle/sha2.h>
#include <stddef.h>

/* Of LEN bytes at DATA. */
void digest_text(const void *data, size_t len, char ret_sha256[65]);
/* Of all that SHA was updated with so far. Hashing can go on. */
void digest_so_far(const struct sha256_ctx *sha, char ret_sha256[65]);

#endif
