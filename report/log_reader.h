/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a proctor log (proctor-log(5)).
 *
 * Theory of operation of this room. A log is evidence about a hostile program, and may itself
 * have been cut off, tampered with or written by a newer proctor. So everything here reads it as
 * a stream, one line at a time, in memory that does not grow with its length; a line that makes
 * no sense is counted and passed over, and whatever is wrong with the log is said next to what it
 * tells. No process is ever looked at, and no file but the log: the names in it are the
 * program's to choose (tests/check-layers).
 */
#ifndef PROCTOR_REPORT_LOG_READER_H
#define PROCTOR_REPORT_LOG_READER_H

#include <jansson.h>

#include "base/buf.h"

enum {
	LOG_VERSION = 1,
	LOG_MAX_LINE = 16 << 20, /* longer lines are passed over and counted */
	LOG_MAX_VALUES =
		200000, /* a line with more JSON values is not a record: bounds the memory */
};

enum record_kind {
	RECORD_START,
	RECORD_CALL,
	RECORD_SIGNAL,
	RECORD_LOST,
	RECORD_SUMMARY,
	RECORD_END,
	RECORD_CHAIN,
	RECORD_PROFILE,
	RECORD_STACK, /* of calls that follow, which the reader has put there */
	RECORD_UNKNOWN, /* a kind of a newer version */
};

struct log_record {
	enum record_kind kind;
	uint64_t sequence; /* event.sequence; 0 when the record has none */
	json_t *json;	   /* an object; the reader's, until the next call. NULL for a call that is
			    * passed over */
	const char *line;  /* its text, without newline; likewise */
	size_t len;
};

/* What is known about the log so far; complete when log_next() returned 0. */
struct log_health {
	uint64_t bytes, lines, records;
	bool has_start, has_end;
	bool cut_off;			 /* the last line has no newline and is no record */
	bool cut_start;			 /* it is the first, and begins as a start record does */
	uint64_t garbage, first_garbage; /* lines that are no record; number of the first, from 1 */
	uint64_t too_long;		 /* of those, the ones over a bound */
	uint64_t unknown;		 /* records of unknown kind */
	uint64_t stackless, first_stackless; /* records whose stack, which is in another, is not there */
	int64_t version;		 /* the highest "v" */
	uint64_t disordered, first_disordered; /* sequence numbers not above the one before */
	uint64_t missing, first_missing;       /* sequence numbers left out */
	uint64_t lost;			       /* as the log itself says */
	uint64_t after_end;		       /* records behind the end record */
	uint64_t counted;		       /* records, as the end record says; 0: it does not */
};

struct log_reader;

/*
 * Opens the log at PATH ("-": standard input). The caller closes it with log_close(). 0 or -errno
 * (-EISDIR for a directory).
 */
int log_open(const char *path, struct log_reader **ret_reader);
/* The same from N bytes at DATA, which must stay: for tests and fuzzing. Never fails. */
struct log_reader *log_open_memory(const void *data, size_t n);
void log_close(struct log_reader *reader);

/* Passes over calls that were allowed without parsing them (json NULL): five times as fast. Not over those that a
 * second policy would have decided otherwise. */
void log_skip_allowed(struct log_reader *reader);

/* Likewise passes over every call but the one numbered SEQUENCE. */
void log_only(struct log_reader *reader, uint64_t sequence);

/* Takes the SHA-256 of every byte that is read, for log_digest_before() and log_digest(). */
void log_hash(struct log_reader *reader);
/* Of all bytes before the record that log_next() returned last; of all bytes read, at the end of
 * the log. Hexadecimal. */
void log_digest_before(const struct log_reader *reader, char ret_sha256[65]);
void log_digest(const struct log_reader *reader, char ret_sha256[65]);
/* Of all bytes before that record, and the first N of its line. */
void log_digest_within(const struct log_reader *reader, const struct log_record *record, size_t n, char ret_sha256[65]);
/* How many bytes are before that record. */
uint64_t log_bytes_before(const struct log_reader *reader);

/*
 * The log may still grow: a last line that has no newline yet is left for later, and log_next() may be called again
 * after it returned 0. For regular files; not with log_hash().
 */
void log_follow(struct log_reader *reader);
/* Every JSON object is a record, of unknown kind unless it names one: for the lines of other files. */
void log_any(struct log_reader *reader);

enum log_look {
	LOG_SAME,
	LOG_CUT,      /* shorter than what was read */
	LOG_REPLACED, /* another file has its name */
	LOG_GONE,     /* none has */
};
/* What became of PATH, by which READER was opened. */
enum log_look log_look(const struct log_reader *reader, const char *path);

/* Shows how far reading has got on standard error when that is a terminal and the log is long. */
void log_show_progress(struct log_reader *reader);

/* 1 with a record; 0 at the end; -errno when reading failed. */
int log_next(struct log_reader *reader, struct log_record *ret_record);

const struct log_health *log_health(const struct log_reader *reader);

/* No line of it was a record of a known kind: it is something else. An empty file, or one that
 * ends within its start record, is a log that was cut. */
bool log_is_foreign(const struct log_health *health);

/* Nothing is missing from start to end, and all of it was understood. Unless this is true, nobody can
 * say what did not happen. */
bool log_is_whole(const struct log_health *health);

/* What is wrong with the log, one sentence a line, each ended by a newline; nothing when it is
 * whole. */
void log_health_tell(const struct log_health *health, struct buf *out);
/* The same as a new JSON object. */
json_t *log_health_json(const struct log_health *health);

/* ------------------------------------------------------------------ members of hostile JSON */

/* The value at PATH ("decision.action") beneath OBJECT, or NULL; a member name with a dot is not
 * found. */
json_t *json_at(json_t *object, const char *path);
/* Its text, or NULL when it is absent or no string. Borrowed. */
const char *json_text(json_t *object, const char *path);
/* Its number, or OTHERWISE when it is absent, no integer or negative. */
uint64_t json_number(json_t *object, const char *path, uint64_t otherwise);
bool json_bool(json_t *object, const char *path, bool otherwise);
/* NAME as raw bytes: from NAME_b64 if that is there and decodes, else NAME; NULL when neither. The
 * caller frees. */
char *json_raw(json_t *object, const char *name);

/* OBJECT[NAME] = N, as far as numbers go in JSON. */
void json_set_number(json_t *object, const char *name, uint64_t n);

#endif
