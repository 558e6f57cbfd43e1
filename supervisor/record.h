/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record: the log as JSON Lines (proctor-log(5)). The supervisor alone holds it. Records are
 * formatted into a buffer that is written out when it is full, at each refusal, at the end, and
 * at least every second; an error on the way is kept and ends the run.
 */
#ifndef PROCTOR_SUPERVISOR_RECORD_H
#define PROCTOR_SUPERVISOR_RECORD_H

#include <signal.h>

#include "supervisor/call.h"
#include "supervisor/source.h"
#include "supervisor/tasks.h"
#include "tracee/stack.h"

struct recorder;

/* The longest record of a call or a signal, with its newline, whatever the program does. */
enum { RECORD_MAX = 64 * 1024 };

struct recorder_options {
	int fd; /* -1: no log, records are only counted. Owned by the recorder. */
	const char *run_id;
	enum log_calls calls;
	uint64_t max_bytes; /* UINT64_MAX: no cap */
	enum log_full on_full; /* past the cap: drop and count, or go on until the run is killed */
	bool hash;	    /* SHA-256 of what was written, for the verdict, and chain records on the way */
	const struct policy *policy; /* for the nearest grant of a refusal */
	/* Directories whose frames are not user code (the standard library); NULL-terminated or NULL. */
	const char *const *library;
};

/* Never NULL; free with recorder_free(). OPTIONS is copied, its texts are borrowed. */
struct recorder *recorder_new(const struct recorder_options *options);
void recorder_free(struct recorder *recorder);

/*
 * Appends the record of CALL and returns its sequence number (1, 2 …). STACK may be NULL. A call
 * that `calls` leaves out gets a number too only if it is written; 0 is returned for one that is not.
 */
uint64_t record_call(struct recorder *recorder, const struct call *call, const struct stack *stack);
/* Is CALL, as it is decided, one that is written into the log? */
bool record_wants(const struct recorder *recorder, const struct call *call);
/* The same for a signal; INFO may be NULL. OVERFLOW: it tells of the stack's end (fatal_is_overflow()). */
uint64_t record_signal(struct recorder *recorder, pid_t tgid, pid_t tid, int signal, const siginfo_t *info,
		       bool overflow, bool fatal, const struct stack *stack);
/* A whole line made by the caller (start, summary, end): a JSON object without newline. Never capped. */
void record_line(struct recorder *recorder, const struct buf *line);

/*
 * Appends a chain record, the SHA-256 of all that is written before it, when hashing. They come by
 * themselves about every 32 KiB; the caller asks for the last one, right before the end record.
 */
void recorder_seal(struct recorder *recorder);

/* "code" and "stack" members of STACK (and "truncated" where they are cut, record_stack.h); nothing when it is NULL. For record_line() callers. */
void record_format_stack(const struct recorder *recorder, const struct stack *stack, struct buf *out);
/* "2026-01-05T10:11:12.345678901Z" */
void record_format_time(uint64_t realtime_ns, struct buf *out);
/* The innermost frame that is user code: not frozen and not beneath LIBRARY; the innermost at all
 * when there is none; NULL without Python frames. */
const struct python_frame *record_user_frame(const struct stack *stack, const char *const *library);

/* Is FILE, as a code object has it, frozen or beneath one of LIBRARY? */
bool record_is_library(const char *file, const char *const *library);

/* Lines of source go into "code" from SOURCE, which is borrowed. NULL: none do. */
void recorder_set_source(struct recorder *recorder, struct source *source);

/* Records tell by whom a process was made, as TASKS (borrowed) know it. NULL: they do not. */
void recorder_set_tasks(struct recorder *recorder, const struct tasks *tasks);

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
