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
enum { LEARN_MAX_NEVER = 4096, LEARN_MAX_PATHS = 65536, LEARN_MAX_WRITES = 4096 };

enum learn_flags {
	LEARN_LOOKED = 1,  /* its metadata was read */
	LEARN_READ = 2,	   /* it was opened */
	LEARN_LISTED = 4,  /* the call says that it is a directory */
	LEARN_ABSENT = 8,  /* it was not there */
	LEARN_HIDDEN = 16, /* a rule made it look absent */
	LEARN_KERNEL = 32, /* the kernel itself refused it */
	LEARN_OPENED = 64, /* with ABSENT or HIDDEN: the program tried to open or enter it, not only looked */
};

/* The first character of a key of `refused`: audit mode let the call through. */
#define LEARN_LET_THROUGH '!'
/* Where the call begins in that key. */
#define LEARN_CALL 2

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

/* A line of `exec`, or why there is none (learn_programs.h). Texts are owned. */
struct learn_program {
	char *name;   /* as a policy has it, quoted */
	char *path;   /* in one of the runs */
	char *argv;   /* "[\"-c\"]"; NULL: any arguments */
	const char *policy; /* that it gets of its own, for a proof; or NULL; borrowed */
	char *beyond; /* why it grants any; or NULL */
	char *reason; /* it is not granted: why; or NULL */
	char *place;  /* or NULL */
	uint64_t count, runs;
	size_t lists; /* of arguments that were seen and that it stands for */
	bool tried, refused; /* by a policy that names it */
};

/* A directory of `write`, or why there is no line (learn_writes.h). Texts are owned. */
struct learn_directory {
	char *name;   /* as of a rule */
	char *path;   /* in one of the runs */
	char *reason; /* it is not granted: why; or NULL */
	char *place;  /* or NULL */
	uint64_t count, runs;
};

/* Calls about the scratches of runs. */
struct learn_scratch {
	uint64_t count, runs, last_run;
	uint64_t bytes, files; /* the largest that a run had; 0: no log says */
	char *place;	       /* of the first; or NULL */
};

struct learn {
	/* The caller's to set. */
	uint64_t collapse; /* siblings that make a tree; 0: never */
	uint64_t min_runs;
	const char *home; /* or NULL */
	/* What the system call of this name is about; the table of calls is out of reach for this room. */
	enum topic (*topic_of)(const char *syscall);
	void (*look)(const char *path, struct learn_seen *ret_seen);
	/* Why no policy can be made of TEXT, or NULL; the caller frees it. */
	char *(*try_policy)(void *arg, const char *text);
	void *try_arg;
	bool use_submission; /* every run has a submission; set before the first wish */

	bool too_many_writes;
	bool too_many;	     /* `never` holds more than LEARN_MAX_NEVER entries: no policy can be made */

	struct tally_table facts;   /* key: GROUP:PATH */
	struct tally_table wishes;  /* key: NAME; note: the path */
	struct tally_table addresses; /* key: "connect 127.0.0.1:80"; note: why it may not be granted, or NULL */
	/* key: LEARN_LET_THROUGH or a space, a digit, the call; note: the line that would allow it, or why there is none */
	struct tally_table refused;
	struct tally_table programs;  /* key: the program, a line's end, its arguments; note: the path */
	struct tally_table processes; /* key: KIND:RUN:CHILD; note: the call */
	struct tally_table executed;  /* key: RUN:PROCESS, of one that executed something */
	struct {
		uint64_t pid;
		char *path;
	} started; /* by the call that was taken last: which process executed what; PATH NULL: none did */
	uint64_t *children; /* processes that the current run made, by number */
	size_t n_children, cap_children;
	struct learn_program *granted;
	size_t n_granted, cap_granted;
	struct tally_table shared;  /* likewise, of calls on shared memory by name: flags as of learn_shared_is_own() */
	struct tally_table writes;  /* key: GROUP and a path; note: the call */
	struct tally_table written; /* of those that nothing allows. key: the directory's NAME; note: its path */
	struct learn_directory *directories;
	size_t n_directories, cap_directories;
	struct learn_scratch scratch;
	struct {
		uint64_t count, runs;
		const char *place; /* borrowed from `processes` */
	} forks; /* that need a line */
	struct text_list never, never_own, submissions;
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
/* The group of a fact, or of one of `writes`. */
uint32_t learn_group(const struct tally_entry *fact);

/* The address in an entry of `addresses`, and what it was used for. */
const char *learn_address(const struct tally_entry *entry, enum net_use *ret_use);
/* May ENTRY be granted? If not, RET_WHY says why; the caller frees it. */
bool learn_grants_address(const struct learn *learn, const struct tally_entry *entry, char **ret_why);

/* Is ENTRY, one of `refused`, still refused under the learned policy? */
bool learn_stays_refused(const struct learn *learn, const struct tally_entry *entry);

/* Makes a wish of a fact that nothing allows yet, from a run whose submission is SUBMISSION (or NULL). */
void learn_wish(struct learn *learn, const struct tally_entry *fact, const char *submission);
/* Makes rules of all wishes. */
void learn_rules(struct learn *learn);
/* Makes lines of all programs, processes and writes; before the first wish. */
void learn_acts(struct learn *learn);
/* The policy. */
void learn_policy(const struct learn *learn, struct buf *out);
/* One for a program, whose calls alone LEARN has taken, to be within that of the run (proctor-policy(5), "A program's own
 * policy"). */
void learn_own_policy(const struct learn *learn, const char *name, struct buf *out);
/* Did it ask for nothing but what builtin:python grants? */
bool learn_needs_nothing(const struct learn *learn);

#endif
