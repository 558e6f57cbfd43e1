/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor summary --by: the calls of one or more logs, counted for each file, directory, line of
 * code, process, rule or system call. Bounded: what exceeds a bound is counted in one row that says so.
 */
#ifndef PROCTOR_REPORT_BREAKDOWN_H
#define PROCTOR_REPORT_BREAKDOWN_H

#include "report/event.h"
#include "report/run_info.h"
#include "report/summary.h"
#include "report/table.h"

enum { BREAKDOWN_MAX_ROWS = 100000, BREAKDOWN_MAX_BYTES = 64 << 20 };

enum breakdown_by { BY_SYSCALL, BY_FILE, BY_DIRECTORY, BY_LINE, BY_PROCESS, BY_RULE };
enum breakdown_order { BREAKDOWN_CALLS, BREAKDOWN_REFUSED, BREAKDOWN_ERRORS, BREAKDOWN_BYTES, BREAKDOWN_TIME, BREAKDOWN_NAME };

struct breakdown_row {
	char *name;
	uint64_t calls, opened, errors, hidden, refused, time_ns;
	uint64_t read_bytes, written_bytes; /* by file or directory: through descriptors (breakdown_knows_bytes()) */
	uint64_t logs; /* how many logs have it */
	unsigned last_log;
	/* Where its first call was; NULL or 0 with BY_SYSCALL, where the counts are the log's own. */
	char *first_log, *first_code;
	uint64_t first_sequence;
};

struct breakdown {
	enum breakdown_by by;
	bool outside; /* by file or directory: leave out those of the submission and of the interpreter */
	struct table table;
	struct breakdown_row *rows;
	size_t n, cap;
	size_t others;	/* number, from 1, of the row for what exceeds the bounds; 0: none */
	unsigned logs;	/* so far */
	unsigned every;	/* of them have all calls */
	bool whole;	/* all logs are whole */
	bool only_refusals; /* a log without the allowed calls was read */
};

void breakdown_init(struct breakdown *breakdown, enum breakdown_by by, bool outside);
void breakdown_fini(struct breakdown *breakdown);

/* Reads READER to its end. 0 or -errno. LOG_NAME is copied. Not for BY_SYSCALL. */
int breakdown_read(struct breakdown *breakdown, struct log_reader *reader, const char *log_name);
/* The same for BY_SYSCALL, from the SUMMARY of a log. */
void breakdown_add_summary(struct breakdown *breakdown, const struct summary *summary,
			   const struct log_health *health);

/* Are bytes known? By file or directory, where each log has all calls: only then descriptors can be followed. */
bool breakdown_knows_bytes(const struct breakdown *breakdown);

/* From their names; -EINVAL: no such name. */
int breakdown_by_from_name(const char *name, enum breakdown_by *ret_by);
int breakdown_order_from_name(const char *name, enum breakdown_order *ret_order);
void breakdown_sort(struct breakdown *breakdown, enum breakdown_order order);

void breakdown_print(const struct breakdown *breakdown, FILE *out);
void breakdown_print_csv(const struct breakdown *breakdown, FILE *out);
/* One JSON document, "proctor.breakdown/1". */
void breakdown_print_json(const struct breakdown *breakdown, FILE *out);

#endif
