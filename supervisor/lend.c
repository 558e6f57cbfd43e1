/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/lend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Is TID a thread of the first process, whose descriptors the ground's pidfd leads to? */
static bool is_first_process(const struct view *view, pid_t tid)
{
	const struct task *task = tasks_find(view->tasks, tid);

	return !task || task->tgid == view->ground->pid;
}

int lend_duplicate(const struct view *view, pid_t tid, int fd)
{
	bool first = is_first_process(view, tid);
	_cleanup_close_ int pidfd = -1;
	long r = -1;

	if (fd < 0 || fd >= view->ground->reserved_fd)
		return -EBADF;
	if (first)
		r = syscall(SYS_pidfd_getfd, view->ground->pidfd, fd, 0);
	/* The first thread may have exited; another one still has the descriptors. */
	if (!first || (r < 0 && errno == ESRCH)) {
		pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD_FLAG);
		if (pidfd < 0 && errno == EINVAL) /* before Linux 6.9: first threads only */
			pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
		if (pidfd < 0)
			return errno == EINVAL ? -EOPNOTSUPP : -errno;
		r = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	}
	if (r < 0)
		return errno == EPERM || errno == ENOSYS ? -EOPNOTSUPP : -errno;
	return (int)r;
}

int lend_look(const struct view *view, pid_t tid, int fd)
{
	int own = lend_duplicate(view, tid, fd);
	char name[32];

	if (own != -EOPNOTSUPP)
		return own;
	snprintf(name, sizeof name, "fd/%d", fd);
	own = open_proc(tid, name, O_PATH);
	if (own < 0)
		return errno == ENOENT ? -EBADF : -errno;
	return own;
}

int lend_flags(pid_t tid, int fd, int borrowed)
{
	_cleanup_free_ char *text = NULL;
	char path[48];
	const char *flags;
	int have = fcntl(borrowed, F_GETFL);

	if (have < 0 || !(have & O_PATH))
		return have;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", tid, fd);
	if (read_file(AT_FDCWD, path, 65536, &text, NULL) < 0)
		return -1;
	flags = strstr(text, "flags:\t");
	return flags ? (int)strtol(flags + strlen("flags:\t"), NULL, 8) : -1;
}

size_t lend_name(int own, char *path, size_t size, struct stat *ret_stat)
{
	char link[32];
	ssize_t n;

	path[0] = '\0';
	if (fstat(own, ret_stat) < 0 || ret_stat->st_nlink == 0 || (!S_ISREG(ret_stat->st_mode) && !S_ISDIR(ret_stat->st_mode)))
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", own);
	n = readlink(link, path, size - 1);
	if (n <= 0 || path[0] != '/')
		n = 0;
	path[n] = '\0';
	return (size_t)n;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_ino != 0;
}

bool is_stdio_stat(const struct ground *ground, const struct stat *st, unsigned mask)
{
	int i;

	for (i = 0; i < 3; i++)
		if ((mask & (1u << i)) && same_file(st, &ground->stdio[i]))
			return true;
	return false;
}

bool is_stdio_file(const struct ground *ground, int own, unsigned mask)
{
	struct stat st;

	return fstat(own, &st) < 0 || is_stdio_stat(ground, &st, mask);
}

bool is_stdio(const struct view *view, pid_t tid, int fd, unsigned mask)
{
	_cleanup_close_ int own = lend_look(view, tid, fd);

	return own >= 0 ? is_stdio_file(view->ground, own, mask) : own != -EBADF;
}
