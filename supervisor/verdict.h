/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of a run that has ended: its cause in words, for the log's last record and for the verdict
 * (record/run.h has their form), and one line for a person.
 */
#ifndef PROCTOR_SUPERVISOR_VERDICT_H
#define PROCTOR_SUPERVISOR_VERDICT_H

#include "record/run.h"
#include "supervisor/broker.h"
#include "supervisor/surroundings.h"
#include "words/cause.h"

struct verdict {
	const struct run_result *result;
	const struct policy *policy;
	const struct policy *shadow; /* that was asked too, or NULL */
	struct record_identity identity;
	const char *log_file;		 /* NULL: there is no log */
	const char *log_sha256;
	bool log_complete, audit;
	struct record_warm warm;
	const struct surroundings *found; /* what is there instead of what the program missed; or NULL */
	bool stdin_known; /* stdin was a regular file, of which STDIN_BYTES were read */
	uint64_t stdin_bytes;
	const struct buf *facts; /* of the start: record_put_facts(); or NULL */
	const struct cause_surroundings *around; /* for the words about an exception */
	const struct signing_key *key; /* that signs log and verdict, or NULL */
};

/* Appends the end record to the log. */
void verdict_record_end(const struct verdict *verdict, struct recorder *recorder);

/* Appends the document, with a newline at its end. */
void verdict_format(const struct verdict *verdict, struct buf *out);

/* "OK, exit status 0, cpu 0.030 s, wall 0.050 s, memory 9.2 MiB, 1 violation": for -v. No newline. */
void verdict_line(const struct verdict *verdict, struct buf *out);

#endif
