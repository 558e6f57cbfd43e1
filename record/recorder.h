/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorder: the log as JSON Lines (proctor-log(5)), whatever its records tell of. The supervisor alone
 * holds it. Records are formatted into a buffer that is written out when it is full, at each refusal, at the
 * end, and at least every second; an error on the way is kept and ends the run.
 *
 * A record is begun by record_open(), filled by whoever knows the facts (record/call.h, record/signal.h), and
 * finished by record_commit(), which numbers it, or takes it back where the log is full.
 */
#ifndef PROCTOR_RECORD_RECORDER_H
#define PROCTOR_RECORD_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct recorder;

/* The longest record of a call or a signal, with its newline, whatever the program does. */
enum { RECORD_MAX = 64 * 1024 };

struct recorder_options {
	int fd; /* -1: no log, records are only counted. Owned by the recorder. */
	const char *run_id;
	uint64_t max_bytes; /* UINT64_MAX: no cap */
	bool drop;	    /* past the cap: drop and count; else go on until the run is killed */
	bool hash;	    /* SHA-256 of what was written, for the verdict, and chain records on the way */
};

/* Never NULL; free with recorder_free(). OPTIONS is copied, its texts are borrowed. */
struct recorder *recorder_new(const struct recorder_options *options);
void recorder_free(struct recorder *recorder);

/* A record on its way: the buffer that its members go to, and what it may take of it. */
struct record {
	struct buf *out;
	size_t start;
	uint64_t sequence;
};

/* Is there a log that records are written to? */
bool recorder_writes(const struct recorder *recorder);
/* Counts a record of a run without a log. Its sequence number. */
uint64_t recorder_count_only(struct recorder *recorder);

/*
 * Begins a record with "v", "kind" and "@timestamp", and gives it the next sequence number (1, 2 …). For a recorder
 * that writes. Nothing else may be recorded until record_commit().
 */
struct record record_open(struct recorder *recorder, const char *kind, uint64_t realtime_ns);
/* "run":{"id":"…"} */
void record_put_run(const struct recorder *recorder, struct buf *out);
/* Bytes that RECORD may still take, when LEAST of them are kept for what is behind it. */
size_t record_room(const struct record *record, size_t least);
/* Closes RECORD. Its number; 0 when the log is full and it was left out. URGENT: it is written out at once. */
uint64_t record_commit(struct recorder *recorder, const struct record *record, bool urgent);

/* A record of KIND without a number, whose members are MEMBERS; none may be open. False: the log is full. */
bool record_unnumbered(struct recorder *recorder, const char *kind, uint64_t realtime_ns, const struct buf *members);

/* A whole line made by the caller (start, summary, end): a JSON object without newline. Never capped. */
void record_line(struct recorder *recorder, const struct buf *line);

/*
 * Appends a chain record, the SHA-256 of all that is written before it, when hashing. They come by
 * themselves about every 32 KiB; the caller asks for the last one, right before the end record.
 */
void recorder_seal(struct recorder *recorder);

/* The SHA-256, in hexadecimal, of all that was recorded and of MORE behind it, when hashing. */
void recorder_digest(const struct recorder *recorder, const struct buf *more, char ret_sha256[65]);

/* "2026-01-05T10:11:12.345678901Z" */
void record_format_time(uint64_t realtime_ns, struct buf *out);

/* WAITING(CONTEXT) is called whenever a signal interrupts a write that blocks (a pipe whose reader is
 * slow). NULL: nothing is. */
void recorder_on_wait(struct recorder *recorder, void (*waiting)(void *context), void *context);
/* Writes out what is buffered. 0 or -errno; once failed, always failed. */
int recorder_flush(struct recorder *recorder);
/* 0, or -errno of the first write that failed. */
int recorder_error(const struct recorder *recorder);
/* The cap was reached. */
bool recorder_full(const struct recorder *recorder);
/* Records that were left out for it. */
uint64_t recorder_lost(const struct recorder *recorder);
uint64_t recorder_count(const struct recorder *recorder);
uint64_t recorder_bytes(const struct recorder *recorder);
/*
 * Writes out the rest and closes. A reader that takes nothing for PATIENCE_MS is given up
 * (-ETIMEDOUT). RET_SHA256 (65 bytes, hexadecimal) is filled when hashing.
 */
enum { RECORDER_PATIENCE_MS = 10000 };
int recorder_close(struct recorder *recorder, char ret_sha256[65]);

#endif
