/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a run's log, verdict and live lines go. One rule for the three:
 *
 * "-", a number, and /dev/fd/N mean a descriptor that proctor was started with. A FIFO or a device,
 * also behind a link, is written in place. Anything else is a regular file, also behind a link: the log
 * must not exist, live lines are appended, and an old verdict is removed before anything else can fail
 * and the new one put in its place as a whole at the end. So a run that does not get that far leaves no
 * verdict, least of all that of an earlier run.
 *
 * All three are settled before anything is created or removed. What the program could write to itself
 * (its standard output and error) is no place for a record, and no two records share a place.
 *
 * The log and the live output are opened with the rights of the caller, who may be root; the verdict
 * is written after these have been given up, so with --user it is found, tried and made as that user.
 */
#ifndef PROCTOR_CLI_TARGET_H
#define PROCTOR_CLI_TARGET_H

#include "base/buf.h"
#include "cli/identity.h"
#include "cli/target_path.h"

enum target_use { TARGET_LOG, TARGET_VERDICT, TARGET_LIVE, TARGET_USES };

enum target_kind {
	TARGET_NONE, /* not asked for, or not settled */
	TARGET_DESCRIPTOR,
	TARGET_SPECIAL, /* a FIFO, a device */
	TARGET_FILE,
};

struct target {
	const char *name; /* as given, borrowed; NULL: not asked for */
	enum target_kind kind;
	int number; /* TARGET_DESCRIPTOR: the one that the user named */
	struct target_path path; /* the others */
	int fd; /* what we opened ourselves to write to, or -1 */
};

struct targets {
	struct target of[TARGET_USES];
	unsigned closed_stdio; /* bit N: the program has no descriptor N */
	bool told;	       /* one complaint is enough */
	bool settled;	       /* no verdict of an earlier run is left where this run's will be */
};

void targets_init(struct targets *targets, const char *log, const char *verdict, const char *live,
		  unsigned closed_stdio);
void targets_fini(struct targets *targets);

/*
 * Finds out what each target is and whether it is possible; removes the old verdict as soon as it is sure
 * that this file is meant, whatever is wrong with the other targets. OTHERS (NULL-terminated) are files
 * that the run reads, which no verdict may replace. 0 or the exit status, having said why (EXIT_INTERNAL:
 * proctor itself failed).
 */
int targets_settle(struct targets *targets, struct identity *identity, const char *const *others);

/*
 * For a command line that is wrong: removes the file where the verdict would be, but only if it is a
 * verdict. Says so if that fails, and nothing else.
 */
void target_forget_verdict(const char *name);

/* Opens and creates. 0 with a descriptor for the caller (-1: not asked for), or the exit status. */
int target_open_log(struct targets *targets, int *ret_fd);
int target_open_live(struct targets *targets, int *ret_fd);

/* Writes TEXT; waits for a reader if need be. 0 or -errno. */
int target_write_verdict(struct targets *targets, const struct buf *text);

#endif
