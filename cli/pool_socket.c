/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pool_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli/warm.h"

enum { BACKLOG = 256, TRIES = 100, PAUSE_NS = 10000000 };

/*
 * The directory of NAME, locked until it is closed: to look whether somebody has a socket, to remove it and to bind
 * another are three steps, between which another pool would do its own. Anybody who may read the directory may hold that
 * lock, so it is not waited for longer than a second. -1: not locked.
 */
static int lock_directory(const char *name)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	_cleanup_free_ char *copy = xstrdup(name);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC), i;

	for (i = 0; fd >= 0 && i < TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		nanosleep(&pause, NULL);
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/*
 * Has a process a stream socket at ADDRESS? One that is bound need not listen yet, and to connect to that fails as to one
 * that was left behind; a datagram socket is told the difference (connect(2): EPROTOTYPE).
 */
static bool is_taken(const struct sockaddr_un *address, socklen_t len)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 || connect(fd, (const struct sockaddr *)address, len) == 0 || errno != ECONNREFUSED;
}

static int bind_and_listen(int fd, const struct sockaddr_un *address, socklen_t len)
{
	mode_t mask = umask(0177);
	int r = bind(fd, (const struct sockaddr *)address, len) < 0 ? -errno : 0;

	umask(mask);
	return r == 0 && listen(fd, BACKLOG) < 0 ? -errno : r;
}

int pool_listen(const char *name, struct pool_place *ret_place)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), lock = -1;
	struct sockaddr_un address;
	struct stat st = { 0 };
	socklen_t len;
	int r = warm_address(name, &address, &len);

	if (r < 0 || fd < 0)
		return r < 0 ? r : -errno;
	if (*name != '@') {
		lock = lock_directory(name);
		/* A socket that an earlier pool left behind. */
		if (lstat(name, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == geteuid() && !is_taken(&address, len))
			unlink(name);
	}
	r = bind_and_listen(fd, &address, len);
	if (r < 0)
		return r;
	if (*name == '@' || lstat(name, &st) < 0)
		st = (struct stat){ 0 };
	if (ret_place)
		*ret_place = (struct pool_place){ st.st_dev, st.st_ino };
	return steal_fd(&fd);
}

void pool_leave(const char *name, const struct pool_place *place)
{
	_cleanup_close_ int lock = -1;
	struct stat st;

	if (!place->inode)
		return;
	lock = lock_directory(name);
	if (lstat(name, &st) == 0 && st.st_dev == place->device && st.st_ino == place->inode)
		unlink(name);
}
