/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor export: a log in the format of another program.
 *
 * Theory of operation of this room. Each log is read once, a record at a time; a format writes as
 * it goes and keeps nothing that grows with the log, or what is bounded: stacks and files in a
 * table, refusals in groups. What lies beyond such a bound is summed up under a name that says so.
 * Names, paths and arguments are the program's: JSON is written by jansson alone, and what is no
 * JSON says in its own file how it keeps a text from being read as anything else.
 */
#ifndef PROCTOR_REPORT_EXPORT_EXPORT_H
#define PROCTOR_REPORT_EXPORT_EXPORT_H

#include "report/event.h"
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
	int64_t start_ns, last_ns; /* the first and the latest time in it; 0: none yet */
	/* The format's own. */
	bool separate;	      /* a list has begun: a comma comes before the next element */
	void *state;
};

/* A format. All may be NULL but the name. */
struct export_format {
	const char *name, *description;
	void (*begin)(struct exporter *exporter);
	/* A record of the log: allowed calls too, unless NO_ALLOWED. EVENT is of a call, a signal or
	 * anything else; start and end have been taken into exporter->run before. */
	void (*record)(struct exporter *exporter, const struct event *event);
	/* The log is at its end. 0, or -errno with a message told. */
	int (*end_log)(struct exporter *exporter, const struct log_health *health);
	void (*finish)(struct exporter *exporter);
	/* Frees what begin made: also when the export fails, and finish is not called. */
	void (*release)(struct exporter *exporter);
	bool no_allowed; /* calls that were allowed are passed over unread: much faster */
};

/*
 * One export to OUT: begin, each log, end. export_log() reads READER to its end: 0 or -errno; what
 * the log lacks is in log_health(READER). Unless it is GOOD, export_end() leaves the output without
 * its end, which no reader takes for a whole one.
 */
void export_begin(struct exporter *exporter, const struct export_format *format,
		  const struct export_options *options, FILE *out);
int export_log(struct exporter *exporter, const struct export_format *format, struct log_reader *reader,
	       const char *log_name);
void export_end(struct exporter *exporter, const struct export_format *format, bool good);

/* ------------------------------------------------------------------ for the formats */

/* Writes VALUE, which it takes, as JSON on one line. */
void export_json(struct exporter *exporter, json_t *value);
/* The same as an element of a list, with a comma where one belongs, and a newline behind. */
void export_element(struct exporter *exporter, json_t *value);

/* About how many bytes VALUE takes: those of its text. */
size_t export_size(json_t *value);

/* OBJECT[NAME] = TEXT, VALUE (a new reference is taken); nothing for NULL. */
void export_set_text(json_t *object, const char *name, const char *text);
void export_set(json_t *object, const char *name, json_t *value);

/* "solve.py:12", relative to the submission where it lies beneath; false when it is not known. */
bool export_place(const struct exporter *exporter, const struct event *event, struct buf *out);
/* A path as a file: URI, percent-encoded (RFC 3986); relative to the submission when it lies
 * beneath and RELATIVE. */
void export_uri(const struct exporter *exporter, const char *path, bool relative, struct buf *out);
/* The path of EVENT, exact bytes, or NULL. The caller frees. */
char *export_path(const struct event *event);

/* What the call does to its file, for the formats that have a word for it. */
enum export_verb { VERB_OTHER, VERB_OPEN, VERB_CREATE, VERB_READ, VERB_WRITE, VERB_DELETE, VERB_RENAME,
		   VERB_ATTRIBUTES, VERB_LOOK };
enum export_verb export_verb(const struct event *event);

#endif
