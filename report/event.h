/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record of a call, a signal or the end says, taken out of hostile JSON in one place for all
 * tables and formats. Everything is borrowed from the record; what it does not say is NULL, 0 or
 * false.
 */
#ifndef PROCTOR_REPORT_EVENT_H
#define PROCTOR_REPORT_EVENT_H

#include "report/log_reader.h"

struct event {
	json_t *json;
	enum record_kind kind;
	uint64_t sequence, pid, parent, tid, duration_ns; /* PARENT: of PID; 0: the log does not say */
	uint64_t broker_ns; /* of the duration, proctor's own time; 0 in an older log */
	bool timed;	 /* time_ns is known */
	int64_t time_ns; /* since 1970, UTC: the entry of the call */
	const char *timestamp;
	const char *name; /* "openat", "SIGSEGV" */
	const char *outcome;
	json_t *args;	      /* list of texts */
	bool returned;	      /* result is known */
	int64_t result;
	const char *err;      /* "EACCES" */
	json_t *path, *path_b64; /* canonical; the second one when it is not UTF-8 */
	/* For exports (report/export/opened.h): PATH is that of the open which the call's descriptor comes from; and, of a
	 * call that copies, what it wrote to. */
	bool path_followed;
	json_t *to_path, *to_path_b64;
	const char *action, *how; /* decision */
	bool refused;	      /* hide, deny or kill */
	bool enforced, violation;
	const char *rule, *ref, *nearest, *nearest_path;
	const char *file, *function; /* innermost frame that is the program's own, or a .pth file's that site executes */
	uint64_t line;
};

/* Never fails: what RECORD does not say stays empty. */
void event_read(struct event *ret_event, const struct log_record *record);

/* The place in the program's code, from CODE, whose member names contain dots; NULL and 0: it does not say. */
void event_code(json_t *code, const char **ret_file, uint64_t *ret_line, const char **ret_function);

/* "2026-01-05T10:11:12.345678901Z" in nanoseconds since 1970. False when TEXT is something else. */
bool event_time(const char *text, int64_t *ret_ns);

/* Does an argument of EVENT, other than a text of the program's, contain the flag NAME? */
bool event_has_flag(const struct event *event, const char *name);

/* Appends the list ARGS as "AT_FDCWD, \"a\", O_RDONLY". */
void event_args(json_t *args, struct buf *out);

#endif
