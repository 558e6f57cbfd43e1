/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder writes the log as JSON Lines (proctor-log(5)), whatever the records are about. Only the supervisor
 * holds it. Records are formatted into a buffer that is written out when it is full, at each refusal, at the end,
 * and at least every second; a write error is kept and ends the run.
 *
 * A record is begun by record_open(), filled by the code that knows the facts (record/call.h, record/signal.h), and
 * finished by record_commit(), which numbers it, or removes it if the log is full.
 */
#ifndef PROCTOR_RECORD_RECORDER_H
#define PROCTOR_RECORD_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct recorder;

/* The longest record of a call or a signal, with its newline, whatever the program does. */
enum { RECORD_MAX = 64 * 1024 };

/*
 * The form of a log (proctor-log(5)). In RECORD_ECS what the Elastic Common Schema has a field for is there, as it wants
 * it, and all else is beneath "proctor".
 */
enum record_form { RECORD_PLAIN, RECORD_ECS };

struct recorder_options {
	enum record_form form;
	int fd; /* -1: no log, records are only counted. Owned by the recorder. */
	const char *run_id;
	uint64_t max_bytes; /* UINT64_MAX: no cap */
	bool drop;	    /* past the cap: drop and count; else go on until the run is killed */
	bool hash;	    /* SHA-256 of what was written, for the verdict, and chain records on the way */
};

/* Never NULL; free with recorder_free(). OPTIONS is copied, its texts are borrowed. */
struct recorder *recorder_new(const struct recorder_options *options);
void recorder_free(struct recorder *recorder);

/* A record that is being written: the buffer for its members, and where in it the record starts. */
struct record {
	struct buf *out;
	size_t start;
	uint64_t sequence;
};

/* Is there a log that records are written to? */
bool recorder_writes(const struct recorder *recorder);
/* Counts a record of a run without a log. Returns its sequence number. */
uint64_t recorder_count_only(struct recorder *recorder);

/*
 * Begins a record with "v", "kind" and "@timestamp", and gives it the next sequence number (1, 2 …). Only for a
 * recorder with a log. Nothing else may be recorded until record_commit().
 */
struct record record_open(struct recorder *recorder, const char *kind, uint64_t realtime_ns);
/* Is the log's form RECORD_ECS? */
bool recorder_is_ecs(const struct recorder *recorder);
/* The members that every record begins with, in an object that is open: "v", "kind" and "@timestamp", and "ecs". */
void record_put_head(const struct recorder *recorder, const char *kind, uint64_t realtime_ns, struct buf *out);
/* The categorisation fields of ECS, in an "event" that is open. DENIED: it is also one of intrusion detection. */
void record_put_category(const char *kind, const char *category, const char *type, bool denied, struct buf *out);
/* What follows is proctor's own, until record_close_own(): beneath "proctor", if that is the form. */
void record_open_own(const struct recorder *recorder, struct buf *out);
void record_close_own(const struct recorder *recorder, struct buf *out);
/* "run":{"id":"…"} */
void record_put_run(const struct recorder *recorder, struct buf *out);
/* Bytes that may still be added to RECORD if LEAST bytes are kept for what comes after. */
size_t record_room(const struct record *record, size_t least);
/* Closes RECORD. Returns its number, or 0 if it was left out because the log is full. URGENT: writes it out at once. */
uint64_t record_commit(struct recorder *recorder, const struct record *record, bool urgent);

/* A record of KIND with MEMBERS and without a number; no record may be open. False: the log is full. */
bool record_unnumbered(struct recorder *recorder, const char *kind, uint64_t realtime_ns, const struct buf *members);

/* A whole line made by the caller (start, summary, end): a JSON object without newline. Never capped. */
void record_line(struct recorder *recorder, const struct buf *line);

/*
 * When hashing, appends a chain record: the SHA-256 of all that is written before it. Others are added
 * automatically about every 32 KiB; the caller asks for the last one, right before the end record.
 */
void recorder_seal(struct recorder *recorder);

/* When hashing: the SHA-256, in hexadecimal, of all that was recorded, followed by MORE. */
void recorder_digest(const struct recorder *recorder, const struct buf *more, char ret_sha256[65]);

/* "2026-01-05T10:11:12.345678901Z" */
void record_format_time(uint64_t realtime_ns, struct buf *out);

/* WAITING(CONTEXT) is called whenever a signal interrupts a write that blocks (a pipe whose reader is
 * slow). NULL: no function. */
void recorder_on_wait(struct recorder *recorder, void (*waiting)(void *context), void *context);
/* Writes out what is buffered. 0 or -errno; once failed, always failed. */
int recorder_flush(struct recorder *recorder);
/* 0, or -errno of the first write that failed. */
int recorder_error(const struct recorder *recorder);
/* The cap was reached. */
bool recorder_full(const struct recorder *recorder);
/* Records left out because of the cap. */
uint64_t recorder_lost(const struct recorder *recorder);
uint64_t recorder_count(const struct recorder *recorder);
uint64_t recorder_bytes(const struct recorder *recorder);
/*
 * Writes out the rest and closes. Gives up on a reader that takes nothing for RECORDER_PATIENCE_MS
 * (-ETIMEDOUT). RET_SHA256 (65 bytes, hexadecimal) is filled when hashing.
 */
enum { RECORDER_PATIENCE_MS = 10000 };
int recorder_close(struct recorder *recorder, char ret_sha256[65]);

#endif
