/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change of names or metadata beneath a write grant, made by the supervisor in the program's place. The kernel has
 * no mkdirat(2) that refuses links, so the supervisor changes only a last name in a directory that it holds
 * (resolver_hold_parent()), or a file that it holds. Nothing is looked up again by a path: whatever the program or
 * others move meanwhile, a change meets what was decided on, or fails.
 *
 * The supervisor has the program's user and group, and no more rights than the program while it does this.
 */
#ifndef PROCTOR_SUPERVISOR_CHANGE_H
#define PROCTOR_SUPERVISOR_CHANGE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum change_kind {
	CHANGE_MKDIR,	/* dir[0], name[0], mode */
	CHANGE_REMOVE,	/* dir[0], name[0], flags: AT_REMOVEDIR */
	CHANGE_RENAME,	/* dir[0], name[0] to dir[1], name[1], flags: of renameat2(2) */
	CHANGE_LINK,	/* the same, without flags */
	CHANGE_NAME,	/* fd, which has no name, gets that of dir[1], name[1] */
	CHANGE_SYMLINK, /* dir[0], name[0], with the text target */
	CHANGE_MODE,	/* fd, mode */
	CHANGE_TIMES,	/* fd, times */
	CHANGE_LENGTH,	/* fd, length */
};

struct change {
	enum change_kind kind;
	int dir[2]; /* O_PATH; all descriptors and texts belong to the call */
	const char *name[2];
	const char *target;
	int fd; /* O_PATH; of NAME the program's own */
	unsigned flags;
	mode_t mode; /* of a new directory: the program's umask is already applied */
	struct timespec times[2];
	off_t length;
};

/* The umask of thread TID (proc(5)); all bits where it cannot be known. */
mode_t change_umask_of(pid_t tid);

/* Makes CHANGE. The kernel's convention: 0 or -errno. */
int64_t change_make(const struct change *change);

#endif
