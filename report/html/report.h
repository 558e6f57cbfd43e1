/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor report: a log as one page for people. The page is one file that loads nothing else; all
 * that it says is there without script, which only draws and filters. Its own policy
 * (Content-Security-Policy) lets nothing run but the script that it came with.
 */
#ifndef PROCTOR_REPORT_HTML_REPORT_H
#define PROCTOR_REPORT_HTML_REPORT_H

#include "report/html/gather.h"

/* A source file that the user named; no file is opened because the log names it. */
struct report_source {
	const char *name; /* as given */
	const char *text;
	size_t len;
};

struct report_options {
	const struct report_source *sources;
	size_t n_sources;
	const char *index; /* a link to the page of all runs; NULL: there is none */
};

/* Writes the page of what was GATHERED to OUT, whose errors the caller checks. */
void report_write(struct gathering *gathering, const struct report_options *options, FILE *out);

/* A run in the index of several runs. Texts are owned, and fit to be shown. */
struct report_row {
	char *href, *log, *name, *status, *cause;
	uint64_t violations, paths_outside, cpu_ns, wall_ns, memory_bytes, calls;
	bool whole; /* the log is */
};

/* The row for what was GATHERED from the log LOG, whose page is HREF; release with report_row_fini(). */
void report_row(struct gathering *gathering, const char *href, const char *log, struct report_row *ret_row);
void report_row_fini(struct report_row *row);
/* Writes the index of N runs. */
void report_index(const struct report_row *rows, size_t n, FILE *out);

#endif
