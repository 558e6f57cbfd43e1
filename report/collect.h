/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a log that keeps what explaining needs: the refusals in groups, and what may have
 * ended the program. Bounded: so many groups, so many bytes of records; what is beyond is counted.
 */
#ifndef PROCTOR_REPORT_COLLECT_H
#define PROCTOR_REPORT_COLLECT_H

#include "report/refusal_record.h"

#include <uthash.h>

enum {
	COLLECT_MAX_GROUPS = 1024,
	COLLECT_MAX_BYTES = 32 << 20,
	COLLECT_MAX_LINE = 1 << 20, /* a longer record is kept without its stack */
};

/* The text of a record, to be parsed again when it is explained. */
struct kept {
	uint64_t sequence;
	char *line; /* NULL: nothing kept */
	size_t len;
};

/* Refusals that are one to a person. */
struct group {
	uint8_t key[REFUSAL_KEY_SIZE];
	struct kept first;
	uint64_t last, count;
	bool violation;
	UT_hash_handle hh;
};

enum ending {
	ENDING_UNKNOWN, /* no end record */
	ENDING_NORMAL,
	ENDING_KILL, /* a call that the policy answers by killing */
	ENDING_LIMIT,
	ENDING_LOG,	  /* the log was full, and the policy says to end it then */
	ENDING_SIGNAL,	  /* it crashed, or was killed, by itself */
	ENDING_EXCEPTION, /* probably the exception that a refusal raised */
	ENDING_ITSELF,	  /* a non-zero exit status that no refusal explains */
	ENDING_PROCTOR,	  /* proctor failed */
};

struct collection {
	struct run_info run;
	struct group *groups; /* in order of first appearance */
	size_t bytes;
	uint64_t violations,
		uncounted; /* refusals that count against the program, and others: hidden … */
	uint64_t ungrouped;
	uint64_t wanted;    /* this record alone; 0: all */
	struct kept found;  /* the wanted one */
	struct kept kill;   /* the last call that was answered by killing */
	struct kept raised; /* the last refusal of the main thread that a Python line made */
	struct kept signal; /* the last fatal signal */
	uint64_t after_raised;
};

/* WANTED: keep that record alone; 0: everything. The caller frees with collection_fini(). */
void collection_init(struct collection *collection, uint64_t wanted);
void collection_fini(struct collection *collection);

/* Reads READER to its end. 0 or -errno. */
int collect(struct collection *collection, struct log_reader *reader);

/* What ended the program, and in *RET_BY (borrowed; NULL when there is none) the record of it. */
enum ending collection_ending(const struct collection *collection, const struct kept **ret_by);
const char *ending_name(enum ending ending); /* "kill" … for JSON; static */

/* The group that KEPT, the record of a refusal, belongs to; NULL when it was not kept. */
struct group *collection_group_of(const struct collection *collection, const struct kept *kept);

/* KEPT as JSON again; a new reference, NULL when nothing was kept. */
json_t *kept_parse(const struct kept *kept);

#endif
