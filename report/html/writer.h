/* SPDX-License-Identifier: Apache-2.0 */
/* What the sections of a page share: each writes its part of what was gathered. */
#ifndef PROCTOR_REPORT_HTML_WRITER_H
#define PROCTOR_REPORT_HTML_WRITER_H

#include "report/explain_rows.h"
#include "report/html/gather.h"
#include "report/html/html.h"
#include "report/html/report.h"

enum {
	WRITER_ACTS = 300,	 /* cards */
	WRITER_ACT_CALLS = 12,	 /* calls on one card */
	WRITER_SOURCE_LINES = 5000,
	WRITER_ROWS = 500,	 /* rows of a table */
};

/* Refusals that a person would see as one act: of one kind, at one place. */
struct act {
	struct group *groups[WRITER_ACT_CALLS];
	size_t n_groups;
	uint64_t count;	  /* calls, including those of groups that are not listed */
	uint64_t place;
	char *title;	  /* explain's sentence for a student, without the place */
	const char *kind; /* subject_name() */
	bool led;	  /* this is, or may be, why the program ended */
};

/* A file of the program's source, in the order of the page. */
struct shown_file {
	size_t file; /* of gathering.files */
	const struct report_source *given; /* NULL: only what the log has of it */
	bool other; /* what was given is not what ran */
};

struct writer {
	FILE *out;
	struct gathering *g;
	const struct report_options *options;
	struct outcome outcome;
	const struct cause_record *cause; /* the exception that ended the program, or NULL */
	const struct kept *by; /* the record that OUTCOME is about, or NULL */
	struct group *first;
	struct act *acts;
	size_t n_acts, cap_acts;
	struct table anchors; /* sequence numbers that have an anchor */
	uint64_t acts_beyond; /* calls in acts beyond the bound */
	struct shown_file *shown;
	size_t n_shown, cap_shown;
	const struct source_line **lines; /* gathering.lines, sorted by file and number */
};

/* refusals.c: makes the acts. */
void writer_acts(struct writer *w);
/* source.c: chooses the files that are shown. */
void writer_sources(struct writer *w);
/* "solve.py:12 in f()", as a link if the line is shown; "no Python line" when FILE is NULL. */
void write_place(struct writer *w, const char *file, uint64_t line, const char *function);
/* The id of a line, "L12"; false when the line is not shown. */
bool writer_anchor(const struct writer *w, const char *file, uint64_t line, char ret_id[48]);
/* The line with AROUND lines on either side, as far as they are known. */
void write_excerpt(struct writer *w, const char *file, uint64_t line, uint64_t around);
/* A path, raw: the part that it shares with the program's folder is paler. */
void write_path(struct writer *w, const char *path);

/* The sections; each writes HTML to w->out. */
void write_verdict(struct writer *w);
void write_notes(struct writer *w);
void write_gauges(struct writer *w);
void write_glance(struct writer *w);
void write_facts(struct writer *w);
void write_refusals(struct writer *w);
void write_kinds(struct writer *w);
void write_source(struct writer *w);
void write_outside(struct writer *w);
void write_syscalls(struct writer *w);
void write_tasks(struct writer *w);
void write_policy(struct writer *w);
void write_environment(struct writer *w);
void write_data(struct writer *w);

/* Paths outside the folder that are not the interpreter's own, and how many of them were allowed. */
void writer_count_outside(const struct writer *w, uint64_t *ret_paths, uint64_t *ret_allowed);

#endif
