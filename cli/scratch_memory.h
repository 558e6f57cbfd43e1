/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scratch in memory: a tmpfs of exactly the granted size and number of inodes, on a mount that no path leads to.
 * The kernel keeps the quota, and writes to it need no stop.
 *
 * It is made by a process that enters a user and a mount namespace of its own for that, hands over the mount's
 * descriptor (SCM_RIGHTS, unix(7)) and is gone before this returns; nobody else is ever in those namespaces. The
 * mount is gone with the last descriptor of it, whoever is killed. For another user it is made by proctor itself,
 * which is privileged then: that user would have all rights over a namespace of its own, and over who is in it.
 *
 * fsopen(2), fsmount(2): Linux 5.2. Where user namespaces are forbidden (sysctl user.max_user_namespaces,
 * kernel.unprivileged_userns_clone of Debian, AppArmor, a container's seccomp filter) it is not to be had.
 */
#ifndef PROCTOR_CLI_SCRATCH_MEMORY_H
#define PROCTOR_CLI_SCRATCH_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct scratch_memory {
	uint64_t bytes; /* of contents, in whole pages; a part of one at the end is not granted */
	uint64_t files; /* files, directories and links that may be made in it */
	const char *path; /* its root has this name in the mount, absolute and canonical */
	bool of_user;	  /* it is made with the rights of the caller, and is UID's and GID's then */
	uid_t uid;
	gid_t gid;
};

/*
 * Makes it. RET_MOUNT holds the mount, RET_PARENT and RET_ROOT are the directory that PATH's last name is in, and PATH
 * itself, of mode 0700, both to be read; all are the caller's. 0 or -errno.
 */
int scratch_memory_make(const struct scratch_memory *memory, int *ret_mount, int *ret_parent, int *ret_root);

#endif
