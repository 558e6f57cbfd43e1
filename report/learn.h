/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes from the calls in logs the smallest policy that a run needs (proctor-learn(1)).
 *
 * Theory of operation. Each call about a path becomes a fact: what was asked of which path, and what came of
 * it. Facts that the interpreter's own rules do not allow become wishes, named relative to the submission
 * where the path lies in it. Wishes become rules: read rules for what was there, hide rules for what was not, so
 * that a program still finds it absent. Only then are siblings merged into trees. What was refused, or may
 * not be granted, is kept as a comment with its reason.
 *
 * All names come from a log and were chosen by the program. Nothing here looks at the file system: the caller
 * says what lies at a path (struct learn_seen).
 */
#ifndef PROCTOR_REPORT_LEARN_H
#define PROCTOR_REPORT_LEARN_H

#include "policy/net.h"
#include "report/refusal_record.h"
#include "report/tally_table.h"

/* A log may name more than any policy can hold, and each name is compared with each other. */
enum { LEARN_MAX_NEVER = 4096, LEARN_MAX_PATHS = 65536 };

enum learn_flags {
	LEARN_LOOKED = 1,  /* its metadata was read */
	LEARN_READ = 2,	   /* it was opened */
	LEARN_LISTED = 4,  /* the call says that it is a directory */
	LEARN_ABSENT = 8,  /* it was not there */
	LEARN_HIDDEN = 16, /* a rule made it look absent */
	LEARN_KERNEL = 32, /* the kernel itself refused it */
	LEARN_OPENED = 64, /* with ABSENT or HIDDEN: the program tried to open or enter it, not only looked */
};

struct learn_seen {
	bool directory, file;
	char *real; /* where its links lead; owned by the caller of look(); NULL: it is not there */
};

enum learn_kind { LEARN_RULE_READ, LEARN_RULE_HIDE, LEARN_WITHHELD };

struct learn_rule {
	enum learn_kind kind;
	char *name; /* "/srv/x", or "S/x" for what lies in the submission, "S" for the submission itself */
	char *path; /* as one of the runs had it */
	bool directory, tree;
	unsigned flags;
	uint64_t count, runs;
	size_t files; /* of a tree or a pattern: how many rules it replaced */
	size_t wild_from, wild_to; /* the part of the name that may be anything; equal: none */
	char *place;  /* or NULL */
	char *reason; /* LEARN_WITHHELD: why */
};

struct learn {
	/* The caller's to set. */
	uint64_t collapse; /* siblings that make a tree; 0: never */
	uint64_t min_runs;
	const char *home; /* or NULL */
	/* What the system call of this name is about; the table of calls is out of reach for this room. */
	enum topic (*topic_of)(const char *syscall);
	void (*look)(const char *path, struct learn_seen *ret_seen);
	bool use_submission; /* every run has a submission; set before the first wish */

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

/* A run begins; a run ends: takes note of all that INFO says about it. */
void learn_begin_run(struct learn *learn);
void learn_end_run(struct learn *learn, const struct run_info *info);
/* Takes note of a call record of the run that began last; INFO is what its log has said so far. GROUP: shared by runs
 * that have the same rules of their own. */
void learn_call(struct learn *learn, uint32_t group, json_t *record, const struct run_info *info);
/* The group of a fact. */
uint32_t learn_group(const struct tally_entry *fact);

/* The address in an entry of `addresses`, and what it was used for. */
const char *learn_address(const struct tally_entry *entry, enum net_use *ret_use);
/* May ENTRY be granted? If not, RET_WHY says why; the caller frees it. */
bool learn_grants_address(const struct learn *learn, const struct tally_entry *entry, char **ret_why);

/* Makes a wish of a fact that nothing allows yet, from a run whose submission is SUBMISSION (or NULL). */
void learn_wish(struct learn *learn, const struct tally_entry *fact, const char *submission);
/* Makes rules of all wishes. */
void learn_rules(struct learn *learn);
/* The policy. */
void learn_policy(const struct learn *learn, struct buf *out);

/* Must PATH never be granted as a whole tree? */
bool learn_is_protected(const char *path, const char *home);

#endif
