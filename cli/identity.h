/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rights of a run: those of --user, or the caller's, and in any case no capability. What must be
 * known before the start (can the script be read, the verdict be written?) is tried with exactly
 * these rights, temporarily; just before the program starts, proctor takes them for good.
 */
#ifndef PROCTOR_CLI_IDENTITY_H
#define PROCTOR_CLI_IDENTITY_H

#include <linux/capability.h>
#include <sys/types.h>

#include "base/util.h"

struct identity {
	const char *name; /* --user, borrowed; NULL: the caller's own rights */
	uid_t uid;
	gid_t gid;
	/* The caller's rights, while the run's are in effect. */
	bool entered;
	gid_t own_gid;
	gid_t *own_groups;
	int n_own_groups;
	struct __user_cap_data_struct own_caps[2];
};

/* NAME: --user, borrowed, or NULL. 0; -ENOENT: there is no such user. */
int identity_find(const char *name, struct identity *ret_identity);
void identity_fini(struct identity *identity);

/*
 * The run's rights take effect; nothing is given up. 0 or -errno (-EPERM: not root), in which case the
 * caller's stay in effect. identity_leave() restores the caller's: 0, or -errno, and then proctor must give up.
 */
int identity_enter(struct identity *identity);
int identity_leave(struct identity *identity);

/*
 * Takes the run's rights for good, in this process and all that it starts. Without --user,
 * CAP_DAC_OVERRIDE stays permitted (not effective), so that root's verdict can go wherever root can
 * write. 0 or -errno; RET_OF_USER: it was the change to --user that failed.
 */
int identity_become(const struct identity *identity, bool *ret_of_user);

#endif
