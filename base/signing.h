/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of logs and verdicts: Ed25519 (RFC 8032), by libhogweed, nettle's library of public keys, which is loaded
 * when the first key is. Keys are PEM files as openssl-genpkey(1) writes them (PKCS#8, and SubjectPublicKeyInfo).
 *
 * What is signed ends in
 *
 *     ,"signature":{"key":"<public key, 64 digits>","ed25519":"<signature, 128 digits>"}}
 *
 * and the signature is of the text "proctor log 1", or "proctor verdict 1", a newline, the SHA-256 in hexadecimal of
 * every byte before that comma (of a log from its first line on), and a newline. So one is never taken for the other,
 * and anybody who has the public key can check it without proctor.
 */
#ifndef PROCTOR_BASE_SIGNING_H
#define PROCTOR_BASE_SIGNING_H

#include "base/buf.h"

enum { SIGNING_KEY = 32, SIGNATURE = 64 };

/* A private key: in memory of its own, which no child of this process inherits and no core dump holds. */
struct signing_key;

/*
 * Reads the key file at PATH, which has to be the caller's or root's, readable by nobody else, and without another
 * name. 0 with a key, and where it lies with no link left, both of which the caller frees; -errno with why, a sentence
 * that goes on from "PATH: ", in MESSAGE.
 */
int signing_key_read(const char *path, struct signing_key **ret_key, char **ret_real, struct buf *message);
/* Wipes it; NULL is fine. */
void signing_key_free(struct signing_key *key);

/* What is signed, and so what a signature is good for. */
enum signed_what { SIGNED_LOG, SIGNED_VERDICT };

/* Appends the member "signature" for what has SHA256 (hexadecimal), as WHAT. */
void signing_put(const struct signing_key *key, enum signed_what what, const char sha256[65], struct buf *out);

/* A public key; NAME is where it was read from, borrowed. */
struct public_key {
	const char *name;
	uint8_t bytes[SIGNING_KEY];
};
/* Reads the PEM file NAME. 0, or -errno likewise. */
int public_key_read(const char *name, struct public_key *ret_key, struct buf *message);

/* A signature as a document says it. */
struct signature {
	size_t body; /* bytes before it, which it is of */
	uint8_t key[SIGNING_KEY], bytes[SIGNATURE];
};

/* The one that the document of LEN bytes at TEXT ends in; false: it ends in none. */
bool signature_find(const char *text, size_t len, struct signature *ret_signature);
/* Is SIGNATURE, by its key, one of SHA256 as WHAT? */
bool signature_holds(const struct signature *signature, enum signed_what what, const char sha256[65]);

#endif
