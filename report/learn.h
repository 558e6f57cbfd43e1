/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the calls of logs to the smallest policy that a run needs (proctor-learn(1)).
 *
 * Theory of operation. Each call about a path becomes a fact: what was asked of which path, and what came of
 * it. Facts that the interpreter's own rules do not answer become wishes, named relative to the submission
 * where they lie in it. Wishes become rules: read rules for what was there, hide rules for what was not, so
 * that a program still finds it absent. Only then are siblings put together to trees. What was refused, or may
 * not be granted, is kept as a comment with its reason.
 *
 * All names come from a log and are the program's to choose. Nothing here looks at the file system: who calls
 * says what lies at a path (struct learn_seen).
 */
#ifndef PROCTOR_REPORT_LEARN_H
#define PROCTOR_REPORT_LEARN_H

#include "policy/net.h"
#include "report/refusal_record.h"
#include "report/tally_table.h"

/* A log may name more than any policy can have, and each is compared with each. */
enum { LEARN_MAX_NEVER = 4096, LEARN_MAX_PATHS = 65536 };

enum learn_flags {
	LEARN_LOOKED = 1,  /* its metadata was read */
	LEARN_READ = 2,	   /* it was opened */
	LEARN_LISTED = 4,  /* the call says that it is a directory */
	LEARN_ABSENT = 8,  /* it was not there */
	LEARN_HIDDEN = 16, /* a rule made it look absent */
	LEARN_KERNEL = 32, /* the kernel itself refused it */
	LEARN_OPENED = 64, /* and absent or hidden when it was to be opened or entered, not only looked at */
};

struct learn_seen {
	bool directory, file;
	char *real; /* where its links lead; owned by the caller of look(); NULL: it is not there */
};

enum learn_kind { LEARN_RULE_READ, LEARN_RULE_HIDE, LEARN_WITHHELD };

struct learn_rule {
	enum learn_kind kind;
	char *name; /* "/srv/x", or "S/x" for what lies in the submission, "S" for itself */
	char *path; /* in one of the runs */
	bool directory, tree;
	unsigned flags;
	uint64_t count, runs;
	size_t files; /* of a tree or a pattern: how many rules it took the place of */
	size_t wild_from, wild_to; /* the part of the name that is any; equal: none */
	char *place;  /* or NULL */
	char *reason; /* LEARN_WITHHELD: why */
};

struct learn {
	/* The caller's to set. */
	uint64_t collapse; /* siblings that make a tree; 0: never */
	uint64_t min_runs;
	const char *home; /* or NULL */
	/* What a call of this name is about: the table of calls, which is not ours to read. */
	enum topic (*topic_of)(const char *syscall);
	void (*look)(const char *path, struct learn_seen *ret_seen);
	bool use_submission; /* every run has one: before the first wish */

	bool too_many;	     /* `never` holds more than LEARN_MAX_NEVER entries: no policy can be made */

	struct tally_table facts;   /* key: GROUP:PATH */
	struct tally_table wishes;  /* key: NAME; note: the path */
	struct tally_table addresses; /* key: "connect 127.0.0.1:80"; note: why it may not be granted, or NULL */
	struct tally_table refused; /* note: the line that would allow it, or why there is none */
	struct text_list never, submissions;
	struct limits limits; /* the largest that all runs had */
	uint64_t runs, calls, calls_let_through;
	uint64_t cpu_ns, wall_ns, memory_bytes; /* the most that a run used */
	struct learn_rule *rules;
	size_t n_rules, cap_rules;
};

void learn_init(struct learn *learn);
void learn_fini(struct learn *learn);

/* A run begins; ends, with all that INFO says of it, which is taken note of. */
void learn_begin_run(struct learn *learn);
void learn_end_run(struct learn *learn, const struct run_info *info);
/* Takes note of a call record of the run that began last, INFO being what its log has said so far. GROUP: runs whose
 * own rules are the same. */
void learn_call(struct learn *learn, uint32_t group, json_t *record, const struct run_info *info);
/* The group of a fact. */
uint32_t learn_group(const struct tally_entry *fact);

/* The address of one of `addresses`, and what for. */
const char *learn_address(const struct tally_entry *entry, enum net_use *ret_use);
/* May ENTRY be granted? Otherwise RET_WHY is why not; the caller frees it. */
bool learn_grants_address(const struct learn *learn, const struct tally_entry *entry, char **ret_why);

/* Of a fact that nothing allows yet, of a run whose submission is SUBMISSION (or NULL). */
void learn_wish(struct learn *learn, const struct tally_entry *fact, const char *submission);
/* Makes rules of all wishes. */
void learn_rules(struct learn *learn);
/* The policy. */
void learn_policy(const struct learn *learn, struct buf *out);

/* May nothing ever be granted with everything beneath PATH? */
bool learn_is_protected(const char *path, const char *home);

#endif
