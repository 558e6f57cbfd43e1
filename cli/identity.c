/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracee/spawn.h"

int identity_find(const char *name, struct identity *ret_identity)
{
	const struct passwd *user;

	if (!name) {
		*ret_identity = (struct identity){ 0 };
		return 0;
	}
	user = getpwnam(name);
	if (!user)
		return -ENOENT;
	*ret_identity = (struct identity){ .name = name, .uid = user->pw_uid, .gid = user->pw_gid };
	return 0;
}

void identity_fini(struct identity *identity)
{
	free(identity->own_groups);
	*identity = (struct identity){ 0 };
}

/* ------------------------------------------------------------------ for a while */

static int get_caps(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &header, data) < 0 ? -errno : 0;
}

static int set_caps(const struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int save(struct identity *identity)
{
	int n = getgroups(0, NULL);

	if (n < 0)
		return -errno;
	free(identity->own_groups);
	identity->own_groups = xcalloc((size_t)n, sizeof(*identity->own_groups));
	n = getgroups(n, identity->own_groups);
	if (n < 0)
		return -errno;
	identity->n_own_groups = n;
	identity->own_gid = getegid();
	return get_caps(identity->own_caps);
}

static int enter(const struct identity *identity)
{
	if (identity->name &&
	    (initgroups(identity->name, identity->gid) < 0 || setresgid((gid_t)-1, identity->gid, (gid_t)-1) < 0 ||
	     setresuid((uid_t)-1, identity->uid, (uid_t)-1) < 0))
		return -errno;
	/* Changing identity made this process undumpable, which also closes its own /proc/self/fd to it.
	 * The real and saved ids are still the caller's, so nobody else may trace us. */
	if (identity->name)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	spawn_raise_capabilities(0);
	return 0;
}

int identity_enter(struct identity *identity)
{
	int r = save(identity);

	if (r < 0)
		return r;
	identity->entered = true;
	r = enter(identity);
	if (r < 0)
		identity_leave(identity);
	return r;
}

/* The saved uid is the caller's. */
static int leave_user(void)
{
	uid_t real, effective, saved;

	if (getresuid(&real, &effective, &saved) < 0 || setresuid((uid_t)-1, saved, (uid_t)-1) < 0)
		return -errno;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

static int leave_groups(const struct identity *identity)
{
	if (setresgid((gid_t)-1, identity->own_gid, (gid_t)-1) < 0)
		return -errno;
	/* Without the right to set groups we had not changed them either. */
	if (setgroups((size_t)identity->n_own_groups, identity->own_groups) < 0 && errno != EPERM)
		return -errno;
	return 0;
}

int identity_leave(struct identity *identity)
{
	int r = 0;

	if (!identity->entered)
		return 0;
	identity->entered = false;
	if (identity->name)
		r = leave_user();
	if (r == 0)
		r = set_caps(identity->own_caps);
	if (r == 0 && identity->name)
		r = leave_groups(identity);
	return r;
}

/* ------------------------------------------------------------------ for good */

int identity_become(const struct identity *identity, bool *ret_of_user)
{
	*ret_of_user = false;
	if (identity->name) {
		if (initgroups(identity->name, identity->gid) < 0 ||
		    setresgid(identity->gid, identity->gid, identity->gid) < 0 ||
		    setresuid(identity->uid, identity->uid, identity->uid) < 0) {
			*ret_of_user = true;
			return -errno;
		}
		/* Changing identity made this process undumpable; the child inherits that, and has to be
		 * traced. */
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	}
	return spawn_drop_capabilities(identity->name ? 0 : UINT64_C(1) << CAP_DAC_OVERRIDE);
}
