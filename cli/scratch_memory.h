/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scratch in memory: a tmpfs of exactly the granted size and number of inodes, on a mount that no path leads to.
 * The kernel enforces the quota, so that writes need no stop.
 *
 * A helper process makes it: that enters a user and a mount namespace of its own, hands over the mount's
 * descriptor (SCM_RIGHTS, unix(7)) and is gone before this returns; no other process is ever in those namespaces.
 * The mount goes away with its last descriptor, whichever process is killed. For --user, proctor itself makes it,
 * being privileged: that user would have all rights over its own user namespace, and over the helper in it.
 *
 * fsopen(2), fsmount(2): Linux 5.2. It cannot be made where user namespaces are forbidden (sysctl
 * user.max_user_namespaces, kernel.unprivileged_userns_clone of Debian, AppArmor, a container's seccomp filter).
 */
#ifndef PROCTOR_CLI_SCRATCH_MEMORY_H
#define PROCTOR_CLI_SCRATCH_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct scratch_memory {
	uint64_t bytes; /* of contents, rounded down to whole pages */
	uint64_t files; /* how many files, directories and links may be made in it */
	const char *path; /* path of its root in the mount, absolute and canonical */
	bool of_user;	  /* for --user: made with the caller's rights, owned by UID and GID */
	uid_t uid;
	gid_t gid;
};

/*
 * Makes it. RET_MOUNT holds the mount; RET_ROOT is PATH, of mode 0700, and RET_PARENT the directory that holds it,
 * both open for reading; the caller closes all. 0 or -errno.
 */
int scratch_memory_make(const struct scratch_memory *memory, int *ret_mount, int *ret_parent, int *ret_root);

#endif
