/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor summary --by: the calls of one or more logs, counted for each file, directory, line of
 * code, process, rule or system call. Bounded: what is beyond is counted in a row that says so.
 */
#ifndef PROCTOR_REPORT_BREAKDOWN_H
#define PROCTOR_REPORT_BREAKDOWN_H

#include "report/event.h"
#include "report/run_info.h"
#include "report/summary.h"
#include "report/table.h"

enum { BREAKDOWN_MAX_ROWS = 100000, BREAKDOWN_MAX_BYTES = 64 << 20 };

enum breakdown_by { BY_SYSCALL, BY_FILE, BY_DIRECTORY, BY_LINE, BY_PROCESS, BY_RULE };
enum breakdown_order { BREAKDOWN_CALLS, BREAKDOWN_REFUSED, BREAKDOWN_ERRORS, BREAKDOWN_TIME, BREAKDOWN_NAME };

struct breakdown_row {
	char *name;
	uint64_t calls, opened, errors, hidden, refused, time_ns;
	uint64_t logs; /* in how many of them */
	unsigned last_log;
	/* The first of its calls; NULL or 0 for a system call, whose counts are the log's own. */
	char *first_log, *first_code;
	uint64_t first_sequence;
};

struct breakdown {
	enum breakdown_by by;
	bool outside; /* by file or directory: not the submission's, nor the interpreter's own */
	struct table table;
	struct breakdown_row *rows;
	size_t n, cap;
	size_t others;	/* number of the row of what is beyond, from 1; 0: nothing is */
	unsigned logs;	/* so far */
	bool whole;	/* all of them */
	bool only_refusals; /* a log that has no calls that were allowed */
};

void breakdown_init(struct breakdown *breakdown, enum breakdown_by by, bool outside);
void breakdown_fini(struct breakdown *breakdown);

/* Reads READER to its end. 0 or -errno. LOG_NAME is copied. Not for BY_SYSCALL. */
int breakdown_read(struct breakdown *breakdown, struct log_reader *reader, const char *log_name);
/* The same for BY_SYSCALL, from the SUMMARY of a log. */
void breakdown_add_summary(struct breakdown *breakdown, const struct summary *summary,
			   const struct log_health *health);

/* From their names; -EINVAL when there is none. */
int breakdown_by_from_name(const char *name, enum breakdown_by *ret_by);
int breakdown_order_from_name(const char *name, enum breakdown_order *ret_order);
void breakdown_sort(struct breakdown *breakdown, enum breakdown_order order);

void breakdown_print(const struct breakdown *breakdown, FILE *out);
void breakdown_print_csv(const struct breakdown *breakdown, FILE *out);
/* One JSON document, "proctor.breakdown/1". */
void breakdown_print_json(const struct breakdown *breakdown, FILE *out);

#endif
