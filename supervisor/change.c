/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/change.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"

static int64_t result_of(long r)
{
	return r < 0 ? -errno : 0;
}

/* A name for what FD is open on: the kernel goes to the file itself, not to a path. */
static const char *name_of(int fd, char name[32])
{
	snprintf(name, 32, "/proc/self/fd/%d", fd);
	return name;
}

mode_t change_umask_of(pid_t tid)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	const char *mask;

	snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
	if (read_file(AT_FDCWD, path, 65536, &text, NULL) < 0)
		return 0777;
	mask = strstr(text, "\nUmask:\t");
	return mask ? (mode_t)strtoul(mask + strlen("\nUmask:\t"), NULL, 8) & 0777 : 0777;
}

/*
 * The supervisor's own umask may have taken bits that the program's would not have. A umask belongs to the whole
 * process, so it is not touched; the missing bits are added to the directory, which only its owner can have put there.
 */
static void complete_mode(const struct change *change)
{
	_cleanup_close_ int fd = openat(change->dir[0], change->name[0], O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	char name[32];

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 01777) == change->mode)
		return;
	chmod(name_of(fd, name), change->mode | (st.st_mode & S_ISGID));
}

static int64_t make_directory(const struct change *change)
{
	if (mkdirat(change->dir[0], change->name[0], change->mode) < 0)
		return -errno;
	complete_mode(change);
	return 0;
}

/* Beyond RLIMIT_FSIZE, which proctor and the program both have from proctor's caller, SIGXFSZ would end proctor. */
static int64_t set_length(const struct change *change)
{
	struct rlimit limit;
	char name[32];

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || (change->length > 0 && (rlim_t)change->length > limit.rlim_cur))
		return -EFBIG;
	return result_of(truncate(name_of(change->fd, name), change->length));
}

int64_t change_make(const struct change *change)
{
	char name[32];

	switch (change->kind) {
	case CHANGE_MKDIR:
		return make_directory(change);
	case CHANGE_REMOVE:
		return result_of(unlinkat(change->dir[0], change->name[0], (int)change->flags));
	case CHANGE_RENAME:
		return result_of(syscall(SYS_renameat2, change->dir[0], change->name[0], change->dir[1],
					 change->name[1], change->flags));
	case CHANGE_LINK:
		return result_of(linkat(change->dir[0], change->name[0], change->dir[1], change->name[1], 0));
	case CHANGE_NAME:
		return result_of(linkat(AT_FDCWD, name_of(change->fd, name), change->dir[1], change->name[1], AT_SYMLINK_FOLLOW));
	case CHANGE_SYMLINK:
		return result_of(symlinkat(change->target, change->dir[0], change->name[0]));
	case CHANGE_MODE:
		return result_of(chmod(name_of(change->fd, name), change->mode));
	case CHANGE_TIMES:
		return result_of(utimensat(AT_FDCWD, name_of(change->fd, name), change->times, 0));
	case CHANGE_LENGTH:
		return set_length(change);
	}
	return -EINVAL;
}
