/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a log what proctor wrote? Two things show it. Chain records in it hold the SHA-256 of all bytes
 * before them, so they show where it was changed; but anybody who can change the log can make new ones.
 * The verdict holds the SHA-256 of the whole log, and is kept by somebody else, or signed. A log may be signed
 * too: the signature in its end record covers all bytes before it (base/signing.h).
 */
#ifndef PROCTOR_REPORT_VERIFY_H
#define PROCTOR_REPORT_VERIFY_H

#include "base/signing.h"
#include "report/log_reader.h"

enum verify_result {
	VERIFY_INTACT,
	VERIFY_TRUNCATED, /* proved up to `proved`; the end is missing */
	VERIFY_CHANGED,
	VERIFY_UNPROVED, /* no verdict, and no chain record */
	VERIFY_UNSIGNED, /* it may be unchanged, but no key that was given vouches for it */
};

/* The signature of a log or a verdict. */
enum signature_state {
	SIGNATURE_NONE,
	SIGNATURE_UNKNOWN, /* by a key that was not given: nothing was checked */
	SIGNATURE_GOOD,
	SIGNATURE_BAD, /* by a key that was given, but not of these bytes */
};

/* Who is expected to have signed a log. */
struct verify_wanted {
	const struct public_key *keys; /* any of them will do */
	size_t n_keys;		       /* 0: nobody in particular */
	bool with_verdict;
	const char *sha256, *run; /* what the verdict says; SHA256 is set if there is a verdict */
	enum signature_state verdict_signature;
	const char *verdict_signer; /* name of the key, if the signature is good */
};

struct verification {
	enum verify_result result;
	bool by_verdict;    /* the whole log has the digest in the verdict */
	bool other_run;	    /* the verdict is of another run */
	bool rewritten;	    /* its chain agrees with itself, and not with the verdict */
	bool forged;	    /* a signature does not match these bytes */
	enum signature_state signature; /* the log's */
	const char *signer; /* name of the key that vouches for it; NULL: none */
	char key[2 * SIGNING_KEY + 1]; /* the key that the log says it is signed with, or "" */
	uint64_t end_line;  /* the last end record's; 0: none */
	uint64_t chains;    /* chain records that agree with the bytes before them */
	uint64_t lines;
	uint64_t last;	    /* the last sequence number */
	uint64_t proved, proved_line; /* sequence number and line, from 1, up to which it is proved; 0: nothing is */
	/* VERIFY_CHANGED: the range of lines, and of sequence numbers, that holds the change. LAST 0: no
	 * end is known. */
	uint64_t first_line, last_line, first_changed, last_changed;
	char sha256[65];
	char run[64];
};

/* Reads READER, which must be new, to its end. WANTED must outlive the result. 0 or -errno. */
int verify_log(struct log_reader *reader, const struct verify_wanted *wanted, struct verification *ret_verification);

/* Checks SIGNATURE, of SHA256 as WHAT, with the N keys at KEYS; RET_SIGNER: the name of the key that verifies it. */
enum signature_state verify_signature(const struct signature *signature, enum signed_what what, const char sha256[65],
				      const struct public_key *keys, size_t n, const char **ret_signer);

const char *verify_name(enum verify_result result); /* "intact" …; static */
/* One line without newline: what is known. */
void verify_tell(const struct verification *verification, struct buf *out);
json_t *verify_json(const struct verification *verification);

#endif
