/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a child process, and learning of its end without touching signals or children of other code. */
#ifndef PROCTOR_GRADE_LAUNCH_H
#define PROCTOR_GRADE_LAUNCH_H

#include "base/util.h"

struct launch {
	char *const *argv;  /* argv[0] is a path, or is searched for in PATH */
	const char *file;   /* what is executed, if it is not argv[0] */
	int (*run)(void *arg); /* or NULL; called with RUN_ARG in place of a program, returns the exit status */
	void *run_arg;
	const char *cwd;    /* or NULL: this process's */
	int in, out, err;   /* become 0, 1, 2 in the child; remain the caller's */
	int core;	    /* the only core it may use, or -1 */
	int keep_fd;	    /* stays open in the child under its own number, or -1 */
	bool own_group;	    /* a process group of its own, so that whatever it starts can be ended */
	uint64_t cpu_ns;    /* 0: no limit; rounded up to whole seconds */
	uint64_t memory_bytes, file_bytes; /* address space, size of a file; 0: no limit */
};

struct child {
	pid_t pid;
	int pidfd; /* readable once it has ended; -1: none */
	bool own_group;
};

struct child_end {
	int status; /* wait(2) */
	uint64_t cpu_ns;
};

/*
 * Starts a child that the kernel kills when this process ends. 0 or -errno; if there is no such program, the child
 * itself says so on its standard error and exits with 127.
 */
int launch_start(const struct launch *launch, struct child *ret);

/* Kills the child, and its group if it has one. It still has to be collected. */
void child_kill(const struct child *child);

/*
 * Waits for the child's end if need be, collects it and kills what is left of its group. 0 or -errno. CHILD
 * is closed.
 */
int child_collect(struct child *child, struct child_end *ret);

#endif
