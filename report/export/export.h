/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor export: a log in the format of another program.
 *
 * Theory of operation of this room. Each log is read once, a record at a time; a format writes as
 * it goes and keeps only what does not grow with the log, or is bounded: stacks and files in a
 * table, refusals in groups. What exceeds such a bound is summed up under a name that says so.
 * The program chose names, paths and arguments: all JSON is written by jansson, and every other format
 * says in its own file how it keeps a text from being read as anything else.
 */
#ifndef PROCTOR_REPORT_EXPORT_EXPORT_H
#define PROCTOR_REPORT_EXPORT_EXPORT_H

#include "report/event.h"
#include "report/export/opened.h"
#include "report/run_info.h"

enum export_weight { WEIGHT_CALLS, WEIGHT_TIME, WEIGHT_REFUSED, WEIGHT_SAMPLES };

struct export_options {
	enum export_weight weight; /* folded: what a stack counts */
	bool raw;		   /* csv: a cell may begin as a formula does */
	const char *host_id;	   /* intoto: URI of this host, UTF-8; NULL: it has no name */
};

struct exporter {
	const struct export_options *options;
	FILE *out;
	/* The log being read. */
	const char *log_name;
	unsigned log;	      /* its number, from 1 */
	struct run_info run;
	json_t *start;	      /* its start record; NULL when it has none */
	struct opened *opened; /* what its descriptors are open on; NULL: it does not tell */
	int64_t start_ns, last_ns; /* the first and the latest time in it; 0: none yet */
	/* For the format. */
	bool separate;	      /* a comma is due before the next element of the list */
	void *state;
};

/* A format. All members but the name may be NULL. */
struct export_format {
	const char *name, *description;
	void (*begin)(struct exporter *exporter);
	/* A record of the log, including allowed calls unless NO_ALLOWED. EVENT is a call, a signal or
	 * anything else; start and end records have been taken into exporter->run before. */
	void (*record)(struct exporter *exporter, const struct event *event);
	/* The log is at its end. 0, or -errno with a message told. */
	int (*end_log)(struct exporter *exporter, const struct log_health *health);
	void (*finish)(struct exporter *exporter);
	/* Frees what begin made, even when the export fails and finish is not called. */
	void (*release)(struct exporter *exporter);
	bool no_allowed; /* allowed calls are passed over unread, which is much faster */
};

/*
 * One export to OUT: begin, each log, end. export_log() reads READER to its end: 0 or -errno; what
 * the log lacks is in log_health(READER). Unless GOOD, export_end() leaves the output unfinished, so
 * that no reader takes it for a whole one.
 */
void export_begin(struct exporter *exporter, const struct export_format *format,
		  const struct export_options *options, FILE *out);
int export_log(struct exporter *exporter, const struct export_format *format, struct log_reader *reader,
	       const char *log_name);
void export_end(struct exporter *exporter, const struct export_format *format, bool good);

/* ------------------------------------------------------------------ for the formats */

/* Writes VALUE, which is taken over, as JSON on one line. */
void export_json(struct exporter *exporter, json_t *value);
/* The same as an element of a list, with a comma before it where needed, and a newline after it. */
void export_element(struct exporter *exporter, json_t *value);

/* About how many bytes VALUE takes: those of its text. */
size_t export_size(json_t *value);

/* OBJECT[NAME] = TEXT or VALUE (a new reference is taken over); NULL sets nothing. */
void export_set_text(json_t *object, const char *name, const char *text);
void export_set(json_t *object, const char *name, json_t *value);

/* Appends "solve.py:12", relative to the submission if it lies beneath; false when the place is not known. */
bool export_place(const struct exporter *exporter, const struct event *event, struct buf *out);
/* Appends a path as a file: URI, percent-encoded (RFC 3986); with RELATIVE relative to the submission if it
 * lies beneath. */
void export_uri(const struct exporter *exporter, const char *path, bool relative, struct buf *out);
/* The path of EVENT, exact bytes, or NULL. The caller frees. */
char *export_path(const struct event *event);
/* How EVENT's path is known: "call": the call names it; "descriptor": it was opened as the call's descriptor; NULL: it has
 * none. */
const char *export_path_by(const struct event *event);
/* OBJECT gets how the path of EVENT is known, unless the call names it, and what it was copied to. */
void export_set_followed(json_t *object, const struct event *event);

/* What the call does to its file, for the formats that have a word for it. */
enum export_verb { VERB_OTHER, VERB_OPEN, VERB_CREATE, VERB_READ, VERB_WRITE, VERB_DELETE, VERB_RENAME,
		   VERB_ATTRIBUTES, VERB_LOOK };
enum export_verb export_verb(const struct event *event);

#endif
