/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a proctor log (proctor-log(5)).
 *
 * Theory of operation of this room. A log is evidence about a hostile program, and may itself
 * have been cut off, tampered with or written by a newer proctor. So everything here reads it as
 * a stream, one line at a time, in memory that does not grow with its length; a line that makes
 * no sense is counted and passed over, and whatever is wrong with the log is reported next to its
 * contents. No process is ever looked at, and no file but the log: the program chose the names in
 * it (tests/check-layers).
 */
#ifndef PROCTOR_REPORT_LOG_READER_H
#define PROCTOR_REPORT_LOG_READER_H

#include <jansson.h>

#include "base/buf.h"

enum {
	LOG_VERSION = 2,
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
	RECORD_STACK, /* a stack of calls that follow; the reader has put it into them */
	RECORD_UNKNOWN, /* a kind from a newer version */
};

struct log_record {
	enum record_kind kind;
	uint64_t sequence; /* event.sequence; 0 when the record has none */
	json_t *json;	   /* an object in the form of version 1, whatever the log's is; owned by the reader, until log_next() is called again. NULL for a call
			    * that is passed over */
	const char *line;  /* its text, without newline; likewise */
	size_t len;
};

/* What is known about the log so far; complete once log_next() has returned 0. */
struct log_health {
	uint64_t bytes, lines, records;
	bool has_start, has_end;
	bool cut_off;			 /* the last line has no newline and is no record */
	bool cut_start;			 /* that line is the first, and begins as a start record does */
	uint64_t garbage, first_garbage; /* lines that are no record; number of the first, from 1 */
	uint64_t too_long;		 /* those among them that exceed a bound */
	uint64_t unknown;		 /* records of unknown kind */
	uint64_t stackless, first_stackless; /* records whose stack, kept in another record, is missing */
	int64_t version;		 /* the highest "v" */
	uint64_t disordered, first_disordered; /* sequence numbers not above the one before */
	uint64_t missing, first_missing;       /* sequence numbers left out */
	uint64_t lost;			       /* as the log itself says */
	uint64_t after_end;		       /* records behind the end record */
	uint64_t counted;		       /* records, by the end record; 0: it does not say */
};

struct log_reader;

/*
 * Opens the log at PATH ("-": standard input). The caller closes it with log_close(). 0 or -errno
 * (-EISDIR for a directory).
 */
int log_open(const char *path, struct log_reader **ret_reader);
/* The same from N bytes at DATA, which must outlive the reader: for tests and fuzzing. Never fails. */
struct log_reader *log_open_memory(const void *data, size_t n);
void log_close(struct log_reader *reader);

/* Passes over allowed calls without parsing them (json NULL), which is five times as fast; but not over those that a
 * second policy would have decided otherwise. */
void log_skip_allowed(struct log_reader *reader);

/* But not, from here on, over those that are WANTED by their name. */
void log_keep(struct log_reader *reader, bool (*wanted)(const char *call));

/* Likewise passes over every call but the one numbered SEQUENCE. */
void log_only(struct log_reader *reader, uint64_t sequence);

/* Takes the SHA-256 of every byte that is read, for log_digest_before() and log_digest(). */
void log_hash(struct log_reader *reader);
/* The digest, in hexadecimal, of all bytes before the record that log_next() returned last; and, at the
 * end of the log, of all bytes read. */
void log_digest_before(const struct log_reader *reader, char ret_sha256[65]);
void log_digest(const struct log_reader *reader, char ret_sha256[65]);
/* The digest of all bytes before that record and the first N of its line. */
void log_digest_within(const struct log_reader *reader, const struct log_record *record, size_t n, char ret_sha256[65]);
/* How many bytes are before that record. */
uint64_t log_bytes_before(const struct log_reader *reader);

/*
 * The log may still grow: a last line that has no newline yet is left for later, and log_next() may be called again
 * after it returned 0. For regular files; not with log_hash().
 */
void log_follow(struct log_reader *reader);
/* Take every JSON object for a record, of unknown kind unless it names one: for files that are no log. */
void log_any(struct log_reader *reader);

enum log_look {
	LOG_SAME,
	LOG_CUT,      /* shorter than what was read */
	LOG_REPLACED, /* another file now has its name */
	LOG_GONE,     /* no file has its name */
};
/* What became of the file at PATH, with which READER was opened. */
enum log_look log_look(const struct log_reader *reader, const char *path);

/* Shows how far reading has got on standard error when that is a terminal and the log is long. */
void log_show_progress(struct log_reader *reader);

/* 1 with a record; 0 at the end; -errno when reading failed. */
int log_next(struct log_reader *reader, struct log_record *ret_record);

const struct log_health *log_health(const struct log_reader *reader);

/* Is it something else than a log: no line was a record of a known kind? An empty file, or one that
 * ends within its start record, is a log that was cut off. */
bool log_is_foreign(const struct log_health *health);

/* Is nothing missing from start to end, and was all of it understood? Otherwise the log cannot show what did not
 * happen. */
bool log_is_whole(const struct log_health *health);

/* Are records missing so far, or not in their order? */
bool log_has_gaps(const struct log_health *health);

/* What is wrong with the log, one sentence a line, each ended by a newline; nothing when it is
 * whole. */
void log_health_tell(const struct log_health *health, struct buf *out);
/* The same as a new JSON object. */
json_t *log_health_json(const struct log_health *health);

/* ------------------------------------------------------------------ members of hostile JSON */

/* The value at PATH ("decision.action") beneath OBJECT, or NULL; a member name with a dot is not
 * found. */
json_t *json_at(json_t *object, const char *path);
/* The text there, or NULL when it is absent or no string. Borrowed. */
const char *json_text(json_t *object, const char *path);
/* The number there, or OTHERWISE when it is absent, no integer or negative. */
uint64_t json_number(json_t *object, const char *path, uint64_t otherwise);
bool json_bool(json_t *object, const char *path, bool otherwise);
/* Member NAME as raw bytes: from NAME_b64 if that is there and decodes, else from NAME; NULL when there is
 * neither. The caller frees. */
char *json_raw(json_t *object, const char *name);
/* The raw bytes of TEXT, from its twin EXACT, in base64, if that is there and decodes; NULL when there is neither. The
 * caller frees. */
char *json_raw_of(json_t *text, json_t *exact);

/* OBJECT[NAME] = N, at most the largest number that JSON can hold. */
void json_set_number(json_t *object, const char *name, uint64_t n);

#endif
