/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a refused call, or the limit in an end record, in the form that words.h takes. */
#ifndef PROCTOR_REPORT_REFUSAL_RECORD_H
#define PROCTOR_REPORT_REFUSAL_RECORD_H

#include "report/run_info.h"

struct refusal_record {
	struct refusal r; /* borrows from the rest, and from the run_info that it was made with */
	uint64_t sequence, pid, tid;
	bool violation;
	json_t *json; /* the record; a reference of its own */
	struct buf args;
	char *path;
	char *opened; /* instead: what its descriptor was open on */
	char *address; /* refusal.address */
	struct meant *meant; /* refusal.meant */
};

/* A line of code, as it was recorded. */
struct recorded_source {
	char *text;    /* any bytes */
	uint64_t line; /* its number; that of code.caller when there is no line of the code itself */
	bool cut;      /* the line is longer */
	bool changed;  /* the script had changed since the run started */
};

/*
 * Reads the call record JSON into RET_RECORD, which the caller releases with
 * refusal_record_fini() and before RUN. 0; -ENOENT when the call was allowed or the record has no
 * decision. Members that are missing or of a wrong type stay NULL or 0.
 */
int refusal_record_init(struct refusal_record *ret_record, json_t *json,
			const struct run_info *run);
/* The same from RUN's end record; -ENOENT when that has no limit. */
int refusal_record_from_limit(struct refusal_record *ret_record, const struct run_info *run);
/*
 * For any record (an allowed call, a signal): its number, process and place in the code; for a call also
 * its name, arguments and path. No decision.
 */
void refusal_record_from_any(struct refusal_record *ret_record, json_t *json,
			     const struct run_info *run);
void refusal_record_fini(struct refusal_record *record);

/* "solve.py:12" as words_place() writes it, or NULL. The caller frees it. */
char *refusal_place(const struct refusal *r);

/* The line of code of RECORD, a record of RUN; the caller frees RET->text. False, with RET empty: none was recorded. */
bool refusal_record_source(const struct refusal_record *record, const struct run_info *run,
			   struct recorded_source *ret);

#endif
