/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a log what proctor wrote? Two things tell. Chain records in it hold the SHA-256 of all bytes
 * before them, so they say where it was changed; but whoever can change the log can make them anew.
 * The verdict holds the SHA-256 of the whole, and is kept by somebody else, or signed.
 */
#ifndef PROCTOR_REPORT_VERIFY_H
#define PROCTOR_REPORT_VERIFY_H

#include "report/log_reader.h"

enum verify_result {
	VERIFY_INTACT,
	VERIFY_TRUNCATED, /* what is there is proved up to `proved`; the end is missing */
	VERIFY_CHANGED,
	VERIFY_UNPROVED, /* no verdict, and no chain record */
};

struct verification {
	enum verify_result result;
	bool by_verdict;    /* the whole is what the verdict says */
	bool other_run;	    /* the verdict is of another run */
	bool rewritten;	    /* its chain agrees with itself, and not with the verdict */
	uint64_t chains;    /* chain records that agree with what is before them */
	uint64_t lines;
	uint64_t last;	    /* the last sequence number */
	uint64_t proved, proved_line; /* the sequence number and line, from 1, up to which it is; 0: nothing */
	/* VERIFY_CHANGED: the lines, and the sequence numbers, among which the change is. LAST 0: from
	 * there on. */
	uint64_t first_line, last_line, first_changed, last_changed;
	char sha256[65];
	char run[64];
};

/*
 * Reads READER, which must be new, to its end. SHA256 and RUN are what the verdict says; NULL: there
 * is none. 0 or -errno.
 */
int verify_log(struct log_reader *reader, const char *sha256, const char *run, struct verification *ret_verification);

const char *verify_name(enum verify_result result); /* "intact" …; static */
/* One line without newline: what is known. */
void verify_tell(const struct verification *verification, struct buf *out);
json_t *verify_json(const struct verification *verification);

#endif
