/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the program: fork, and in the child, in this order: wait until the supervisor is
 * attached; no_new_privs; no capabilities; the working directory and the umask; Landlock; lay the
 * descriptors out; limits; the filter; exec. A failure is reported to the supervisor through a pipe that
 * a successful exec closes.
 */
#ifndef PROCTOR_TRACEE_SPAWN_H
#define PROCTOR_TRACEE_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "tracee/syscalls.h"

struct spawn_limit {
	int resource;
	rlim_t soft, hard;
};

struct spawn {
	const char *path; /* absolute; executed as it is */
	char *const *argv, *const *envp;
	const int *fds; /* moved to reserved_fd, reserved_fd + 1 … and kept across exec */
	size_t n_fds;
	int reserved_fd;
	int directory_fd; /* to start in; -1: where the supervisor is */
	int umask;	  /* -1: the supervisor's */
	unsigned closed_stdio; /* bit N: descriptor N was closed when proctor started */
	const struct spawn_limit *limits;
	size_t n_limits;
	struct reg_values values; /* for the filter; the child fills in its own pid */
	bool stop_all;
	struct filter_kept *filter_kept; /* of former runs, for an adopted program; or NULL */
	int landlock_fd, landlock_abi; /* -1, 0: none */
	const sigset_t *signal_mask;   /* to restore */
	const sigset_t *ignored;       /* to be ignored again: exec resets handlers to the default */
};

struct spawned {
	pid_t pid;
	int error_fd; /* read by spawn_error() */
	void *stack;  /* that it was started on, or NULL */
};

/* Makes a process, attaches, and lets it run. 0 or -errno (-EPERM: ptrace is forbidden here). The
 * caller reaps PID; then it calls spawn_end(). What path, argv and envp point to stays until the exec. */
int spawn_program(const struct spawn *spawn, struct spawned *ret_spawned);

void spawn_end(struct spawned *spawned);

/* After the child ended without having executed: which step failed (static text), whether that
 * was the exec itself, and returns its errno; 0 when the child reported nothing. */
int spawn_error(const struct spawned *spawned, const char **ret_step, bool *ret_in_exec);

/*
 * Drops every capability of this process but those in KEEP (bits of the permitted set; the
 * effective set becomes empty), the bounding and ambient sets too. 0 or -errno.
 */
int spawn_drop_capabilities(uint64_t keep);

/* Empties the bounding set of this thread, for itself and all threads and processes that come from it: they need not do
 * it. Called by the only thread of a process. */
void spawn_drop_bounding_set(void);

/* Makes the capabilities in MASK (which must be permitted) effective, or none. */
void spawn_raise_capabilities(uint64_t mask);

#endif
