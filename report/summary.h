/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor summary: the syscall profile of a run in the layout of strace -c, with what was decided
 * and proctor's own time.
 */
#ifndef PROCTOR_REPORT_SUMMARY_H
#define PROCTOR_REPORT_SUMMARY_H

#include "report/log_reader.h"

enum { SUMMARY_MAX_ROWS = 2048 }; /* more names than that are summed up in one row */

enum summary_order { ORDER_TIME, ORDER_CALLS, ORDER_ERRORS, ORDER_BROKER, ORDER_NAME };

struct summary_row {
	char *name;
	int64_t nr; /* -1: unknown */
	uint64_t calls, errors, time_ns, broker_ns;
	uint64_t allow, hide, deny, kill;
};

struct summary {
	bool recorded; /* from the summary record; otherwise counted from the call records */
	struct summary_row *rows;
	size_t n, cap;
	struct summary_index *index;
	uint64_t wall_ns, stops;
	json_t *signals; /* name → count; NULL when there were none */
	char *run;	 /* run.id */
};

/*
 * Reads READER to its end into RET_SUMMARY, which the caller releases with summary_fini(). With
 * RECOUNT, call records are counted in case there is no summary record; without it they are passed
 * over, which is much faster. 0 or -errno.
 */
int summary_read(struct log_reader *reader, bool recount, struct summary *ret_summary);
void summary_fini(struct summary *summary);

/* From "time", "calls" …; -EINVAL: no such name. */
int summary_order_from_name(const char *name, enum summary_order *ret_order);
void summary_sort(struct summary *summary, enum summary_order order);

/* The table, and beneath it what the log lacks. */
void summary_print(const struct summary *summary, const struct log_health *health, FILE *out);
/* One JSON document, "proctor.summary/1". 0 or -EIO. */
int summary_print_json(const struct summary *summary, const struct log_health *health, FILE *out);

#endif
