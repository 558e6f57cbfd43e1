/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a log that keeps what explaining needs: the refusals in groups, and what may have
 * ended the program. Bounded in groups and in bytes of records; what exceeds the bounds is only counted.
 */
#ifndef PROCTOR_REPORT_COLLECT_H
#define PROCTOR_REPORT_COLLECT_H

#include "report/cause_record.h"
#include "report/refusal_record.h"
#include "report/shadow.h"
#include "words/outcome.h"

#include <uthash.h>

enum {
	COLLECT_MAX_GROUPS = 1024,
	COLLECT_MAX_BYTES = 32 << 20,
	COLLECT_MAX_LINE = 1 << 20, /* a longer record is kept without its stack */
	COLLECT_RECENT = 4096,	    /* refusals before the end whose groups are known */
	COLLECT_MAX_NAMES = 20,    /* of one line, each told separately; with more, the first stands for all */
};

/* The text of a record, to be parsed again when it is explained. */
struct kept {
	uint64_t sequence;
	char *line; /* NULL: nothing kept */
	size_t len;
};

/* Refusals of one line that differ only in what they name. */
struct line;

/* Refusals that a person would see as one. */
struct group {
	uint8_t key[REFUSAL_KEY_SIZE];
	struct kept first;
	uint64_t from, last, count; /* including the refusals told with it */
	uint64_t others;	    /* those among them that name something else at the same line */
	uint64_t parts;		    /* those that are parts of its act or look-up */
	struct line *line;	    /* where there is one */
	/* Where the name is made up: its pattern (random_name()), owned, which the whole group shares, and a digest of
	 * the first refusal's name; else NULL. */
	char *pattern;
	uint64_t name;
	bool violation, resolver, network;
	uint64_t place;	    /* digest of thread, file and line */
	struct group *into; /* this group is told as a part of that one */
	bool routine;	    /* hidden by proctor's own rules: interpreters look for it and do without */
	bool leads;	    /* told before others: it ended the program, or has the same place as the one that did */
	bool look_up;	    /* other groups are told here, all from one name look-up */
	bool act;	    /* likewise, all from one call of a library */
	uint64_t library;   /* digest of the library that the line called; 0: none */
	const char *advice; /* specific to the library; NULL: none */
	bool looks;	    /* it only asks what is there */
	UT_hash_handle hh;
};

/* A refused call. */
struct refused_call {
	uint64_t sequence;
	struct group *group; /* NULL: beyond the groups that are kept */
};

struct collection {
	struct run_info run;
	bool has_cause;		   /* the end record tells of an exception */
	struct cause_record cause; /* that exception */
	struct refused_call *recent;	   /* a ring of COLLECT_RECENT, indexed by their number */
	uint64_t n_recent;
	struct group *groups; /* what leads first, then in order of first appearance */
	struct line *lines;
	size_t bytes;
	uint64_t violations,
		uncounted; /* refusals that count against the program, and those that do not: hidden … */
	uint64_t ungrouped;
	uint64_t wanted;    /* only this record; 0: all */
	struct kept found;  /* the wanted one */
	struct refused_call kill;    /* the last one that was answered by killing */
	struct refused_call refused; /* the last one that the program felt (outcome_is_felt()) */
	struct kept signal; /* the last fatal signal */
	uint64_t felt;
	uint64_t routine, routine_first, routine_last; /* of the uncounted: routine ones, first and last record */
	uint64_t merged; /* violations that are told as a part of others */
	struct shadow_rows shadow;
};

/* WANTED: keep only that record; 0: everything. The caller frees with collection_fini(). */
void collection_init(struct collection *collection, uint64_t wanted);
void collection_fini(struct collection *collection);

/*
 * For callers that need the log for other things too: take one record after the other; after the last one, finish
 * merges the groups and puts them in order.
 */
void collection_take(struct collection *collection, const struct log_record *record);
void collection_finish(struct collection *collection);

/* Does both, for all of READER. 0 or -errno. */
int collect(struct collection *collection, struct log_reader *reader);

/* What ended the program, and the facts that say so. */
struct outcome_facts collection_facts(const struct collection *collection);
struct outcome collection_outcome(const struct collection *collection);

/* The exception to be told with OUTCOME; NULL: none. Borrowed. */
const struct cause_record *collection_cause(const struct collection *collection, const struct outcome *outcome);

/* The group under which the refusal that OUTCOME is about is told; NULL: it is about none, or its group was not
 * kept. */
struct group *collection_ended_by(const struct collection *collection, const struct outcome *outcome);
/* After how many other refusals the program went on; FIRST is what collection_ended_by() returned. */
uint64_t collection_survived(const struct collection *collection, const struct group *first, const struct outcome *outcome);
/* The record of the refusal that OUTCOME is about, or of one like it; NULL as above. Borrowed. */
const struct kept *collection_refusal(const struct collection *collection, const struct outcome *outcome);

/*
 * Appends what the names of GROUP have in common: at its line, "/srv/data-*.csv", or for its act, "/tmp/tmp*, /srv/tmp*".
 * False, with nothing appended, where they share no more than a directory.
 */
bool collection_names(const struct collection *collection, const struct group *group, struct buf *out);

/* Parses KEPT again; a new reference, NULL when nothing was kept. */
json_t *kept_parse(const struct kept *kept);

#endif
