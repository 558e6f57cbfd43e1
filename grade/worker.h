/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child that calls a function for one job after another, instead of a child for each. It saves what a fork and an
 * exit cost, and what was found out once is at hand for the next job.
 *
 * Each job is called in a thread of its own, of which there is never more than one: what the kernel keeps for each
 * thread (capabilities, its tracees) ends with it. Descriptors and working directory are the job's alone: all others are
 * closed before it, but for what the work itself keeps for its jobs. Whatever is not as after a job that went well ends the child, so that no job finds anything odd:
 * the next one is given to a new child.
 */
#ifndef PROCTOR_GRADE_WORKER_H
#define PROCTOR_GRADE_WORKER_H

#include "grade/launch.h"

/* What is called in the child. */
struct work {
	void (*begin)(void); /* before its first job, in the thread that starts those of the jobs; or NULL */
	int (*run)(int argc, char **argv);
	/* Which descriptors stay open for the next job, in FDS, WORKER_KEPT at most; or NULL. Returns how many. */
	size_t (*keeps)(int *fds);
};

enum { WORKER_KEPT = 129 };

struct worker {
	struct child child; /* pid 0: there is none */
	int fd;		    /* to the child; readable once a job has ended, or the child; -1 */
};

#define WORKER_NONE ((struct worker){ .child = { .pidfd = -1 }, .fd = -1 })

/*
 * Has the worker call WORK->run(argc, argv) with ARGV of LAUNCH, its directory and descriptors; a child is started if there is
 * none, with LAUNCH's core and keep_fd. 0, or -errno: nothing was called. -E2BIG: it is too long to be sent.
 */
int worker_call(struct worker *worker, const struct launch *launch, const struct work *work);

/* Takes the end of the job, when fd is readable: what it returned is its exit status. If the child ended, its own
 * status. 0 or -errno. */
int worker_take(struct worker *worker, struct child_end *ret);

/* Kills the child, if there is one, and collects it. */
void worker_end(struct worker *worker);

#endif
