/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child that calls a function for one job after another, instead of a child for each. It saves what a fork and an
 * exit cost, and what was found out once is at hand for the next job.
 *
 * Each job is called in a thread of its own, of which there is never more than one: what the kernel keeps for each
 * thread (capabilities, its tracees) ends with it. Descriptors and working directory are the job's alone: all others are
 * closed before it. Whatever is not as after a job that went well ends the child, so that no job finds anything odd:
 * the next one is given to a new child.
 */
#ifndef PROCTOR_GRADE_WORKER_H
#define PROCTOR_GRADE_WORKER_H

#include "grade/launch.h"

struct worker {
	struct child child; /* pid 0: there is none */
	int fd;		    /* to the child; readable once a job has ended, or the child; -1 */
};

#define WORKER_NONE ((struct worker){ .child = { .pidfd = -1 }, .fd = -1 })

/*
 * Has the worker call RUN(argc, argv) with ARGV of LAUNCH, its directory and descriptors; a child is started if there is
 * none, with LAUNCH's core and keep_fd. 0, or -errno: nothing was called. -E2BIG: it is too long to be sent.
 */
int worker_call(struct worker *worker, const struct launch *launch, int (*run)(int argc, char **argv));

/* Takes the end of the job, when fd is readable: what RUN returned is its exit status. If the child ended, its own
 * status. 0 or -errno. */
int worker_take(struct worker *worker, struct child_end *ret);

/* Kills the child, if there is one, and collects it. */
void worker_end(struct worker *worker);

#endif
