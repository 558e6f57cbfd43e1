/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scratch_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"

/* From linux/mount.h, which cannot be included together with <sys/mount.h> on older systems. */
enum { FS_CLOEXEC = 1, FS_SET_STRING = 1, FS_CREATE = 6, MOUNT_CLOEXEC = 1, ATTR_NOSUID = 2, ATTR_NODEV = 4 };

static int set(int fs, const char *key, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	return syscall(SYS_fsconfig, fs, FS_SET_STRING, key, text, 0) < 0 ? -errno : 0;
}

/* The root of the tmpfs and the directories of PATH are inodes too. */
static uint64_t count_inodes(const struct scratch_memory *memory)
{
	uint64_t n = memory->files + 1;
	const char *p;

	for (p = memory->path; *p; p++)
		n += *p == '/';
	return n;
}

/* Makes the mount and returns its descriptor; needs CAP_SYS_ADMIN over the mount namespace. */
static int make_mount(const struct scratch_memory *memory)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), bytes = memory->bytes / page * page;
	_cleanup_close_ int fs = (int)syscall(SYS_fsopen, "tmpfs", FS_CLOEXEC);
	int r, mount;

	if (fs < 0)
		return -errno;
	if (bytes == 0)
		return -EINVAL; /* to tmpfs, 0 is no limit */
	r = set(fs, "size", bytes);
	r = r < 0 ? r : set(fs, "nr_inodes", count_inodes(memory));
	if (r < 0)
		return r;
	if (syscall(SYS_fsconfig, fs, FS_SET_STRING, "mode", "0755", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FS_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	mount = (int)syscall(SYS_fsmount, fs, MOUNT_CLOEXEC, ATTR_NOSUID | ATTR_NODEV);
	return mount < 0 ? -errno : mount;
}

/* ------------------------------------------------------------------ the helper */

static int put(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : write_full(fd, text, strlen(text));

	return n < 0 ? (int)n : 0;
}

/* Maps only the helper's own ids. */
static int enter_namespaces(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];
	int r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	r = put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "%u %u 1", uid, uid);
	r = r < 0 ? r : put("/proc/self/uid_map", map);
	snprintf(map, sizeof map, "%u %u 1", gid, gid);
	return r < 0 ? r : put("/proc/self/gid_map", map);
}

/* Sends ERROR, and FD if there is no error. */
static int hand_over(int socket, int error, int fd)
{
	char control[CMSG_SPACE(sizeof fd)] = { 0 };
	struct iovec part = { &error, sizeof error };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *head;

	if (fd >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof control;
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(head), &fd, sizeof fd);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int take_over(int socket)
{
	int error = -EIO, fd = -1;
	char control[CMSG_SPACE(sizeof fd)];
	struct iovec part = { &error, sizeof error };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof control };
	struct cmsghdr *head;
	ssize_t n;

	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	head = n < 0 ? NULL : CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(head), sizeof fd);
	if (n != sizeof error)
		return -EIO; /* it was killed */
	return error < 0 ? error : fd < 0 ? -EIO : fd;
}

static _Noreturn void help(const struct scratch_memory *memory, int socket)
{
	int r, fd = -1;

	/* The helper must not outlive proctor, however short it lives. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	r = enter_namespaces();
	if (r == 0)
		fd = make_mount(memory);
	_exit(hand_over(socket, fd < 0 && r == 0 ? fd : r, fd) < 0);
}

static int ask_helper(const struct scratch_memory *memory)
{
	int ends[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		help(memory, ends[1]);
	}
	fd = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (fd == 0)
		fd = take_over(ends[0]);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return fd;
}

/* ------------------------------------------------------------------ its root */

/* Makes the directories of PATH in the mount, by their names alone. */
static int make_root(const struct scratch_memory *memory, int mount, int *ret_parent, int *ret_root)
{
	_cleanup_close_ int parent = -1, at = fcntl(mount, F_DUPFD_CLOEXEC, 3);
	const char *path = memory->path;
	char name[NAME_MAX + 1];
	size_t n;

	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		int next;

		n = strcspn(path, "/");
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path, n);
		name[n] = '\0';
		path += n;
		if (mkdirat(at, name, 0700) < 0)
			return -errno;
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		if (*path && fchmod(next, 0755) < 0) {
			close(next);
			return -errno;
		}
		if (parent >= 0)
			close(parent);
		parent = at;
		at = next;
	}
	if (parent < 0)
		return -EINVAL;
	if (fchmod(at, 0700) < 0 || (memory->of_user && fchown(at, memory->uid, memory->gid) < 0))
		return -errno;
	*ret_root = steal_fd(&at);
	*ret_parent = steal_fd(&parent);
	return 0;
}

int scratch_memory_make(const struct scratch_memory *memory, int *ret_mount, int *ret_parent, int *ret_root)
{
	_cleanup_close_ int mount = memory->of_user ? make_mount(memory) : ask_helper(memory);
	int r = mount < 0 ? mount : make_root(memory, mount, ret_parent, ret_root);

	if (r == 0)
		*ret_mount = steal_fd(&mount);
	return r;
}
