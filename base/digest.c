/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include "base/util.h"

void digest_so_far(const struct sha256_ctx *sha, char ret_sha256[65])
{
	struct sha256_ctx copy = *sha;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(&copy, sizeof digest, digest);
	hex_text(digest, sizeof digest, ret_sha256);
}

void digest_text(const void *data, size_t len, char ret_sha256[65])
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, len, data);
	digest_so_far(&sha, ret_sha256);
}
