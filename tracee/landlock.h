/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second wall: the same grants as a Landlock ruleset (landlock(7)), enforced by the kernel on
 * the tracee alone. It still holds if the broker makes a mistake. Best effort by ABI version: all that
 * the running kernel knows is handled, nothing is required.
 */
#ifndef PROCTOR_TRACEE_LANDLOCK_H
#define PROCTOR_TRACEE_LANDLOCK_H

#include <stddef.h>
#include <sys/types.h>

/* What a rule lets through beneath (or at) a path. */
enum landlock_access {
	LANDLOCK_READ = 1,    /* read files; list directories if the path is one */
	LANDLOCK_LIST = 8,    /* list directories only */
	LANDLOCK_EXECUTE = 2, /* execute (the interpreter and its loader) */
	LANDLOCK_WRITE = 4,   /* write to an existing file (/dev/null) */
	LANDLOCK_CREATE = 16, /* make regular files; the tracee makes or removes no other names itself */
};

/* The kernel's Landlock ABI, 0 when it has none or it is disabled. */
int landlock_abi(void);

/* A ruleset that handles everything ABI knows and allows nothing. RET_FD is O_CLOEXEC, owned by the
 * caller. 0 or -errno. */
int landlock_new(int abi, int *ret_fd);

/* Lets ACCESS through beneath PATH_FD (an O_PATH descriptor). 0 or -errno. */
int landlock_allow(int ruleset_fd, int abi, int path_fd, unsigned access);

/* Puts the calling thread behind the ruleset; needs no_new_privs. 0 or -errno. */
int landlock_restrict(int ruleset_fd, int abi);

/* Puts TID, a thread that is alone in its process and stands at the exit stop of an exec (tracee/trace.h), behind the
 * ruleset that is its own descriptor FD. 0; -ESRCH when it has been killed; -errno. */
int landlock_inject(pid_t tid, int fd, int abi);

/* To do the same in another process: the number of landlock_restrict_self(2), and its flags. */
enum { LANDLOCK_RESTRICT_SELF = 446 };
unsigned landlock_flags(int abi);

#endif
