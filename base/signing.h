/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of logs and verdicts: Ed25519 (RFC 8032), by libhogweed, nettle's public-key library, which is loaded
 * with the first key. Keys are PEM files as openssl-genpkey(1) writes them (PKCS#8, and SubjectPublicKeyInfo).
 *
 * A signed document ends in
 *
 *     ,"signature":{"key":"<public key, 64 digits>","ed25519":"<signature, 128 digits>"}}
 *
 * and what is signed is the text "proctor log 1", or "proctor verdict 1", a newline, the SHA-256 in hexadecimal of
 * every byte before that comma (of a log from its first line on), and a newline. So a log's signature is never taken
 * for a verdict's, and anybody who has the public key can check it without proctor.
 */
#ifndef PROCTOR_BASE_SIGNING_H
#define PROCTOR_BASE_SIGNING_H

#include "base/buf.h"

enum { SIGNING_KEY = 32, SIGNATURE = 64 };

/* A private key: in memory of its own, which no child of this process inherits and no core dump holds. */
struct signing_key;

/*
 * Reads the key file at PATH, which must belong to the caller or root, be readable by nobody else, and have no other
 * hard link. 0 with the key, and its path with all links resolved, both of which the caller frees; -errno with the
 * reason in MESSAGE, to be printed after "PATH: ".
 */
int signing_key_read(const char *path, struct signing_key **ret_key, char **ret_real, struct buf *message);
/* Wipes it; NULL is fine. */
void signing_key_free(struct signing_key *key);

/* What is signed, and so what a signature is good for. */
enum signed_what { SIGNED_LOG, SIGNED_VERDICT };

/* Appends the member "signature" for a document with SHA256 (hexadecimal), as WHAT. */
void signing_put(const struct signing_key *key, enum signed_what what, const char sha256[65], struct buf *out);

/* A public key; NAME is where it was read from, borrowed. */
struct public_key {
	const char *name;
	uint8_t bytes[SIGNING_KEY];
};
/* Reads the PEM file NAME. 0, or -errno with the reason in MESSAGE likewise. */
int public_key_read(const char *name, struct public_key *ret_key, struct buf *message);

/* A signature as found in a document. */
struct signature {
	size_t body; /* bytes before it, which it covers */
	uint8_t key[SIGNING_KEY], bytes[SIGNATURE];
};

/* The signature at the end of the document of LEN bytes at TEXT; false: there is none. */
bool signature_find(const char *text, size_t len, struct signature *ret_signature);
/* Is SIGNATURE, checked with the key that it names, valid for SHA256 as WHAT? */
bool signature_holds(const struct signature *signature, enum signed_what what, const char sha256[65]);

#endif
