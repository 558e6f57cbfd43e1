/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/maps_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"

int maps_copy_new(int *ret_fd, int *ret_read_only_fd)
{
	_cleanup_close_ int fd = memfd_create("proctor-maps", MFD_CLOEXEC);
	int read_only_fd;

	if (fd < 0)
		return -errno;
	read_only_fd = reopen_read_only(fd);
	if (read_only_fd < 0)
		return read_only_fd;
	*ret_read_only_fd = read_only_fd;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int maps_copy_fill(int fd, pid_t tgid)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	size_t len;
	ssize_t n;
	int r;

	snprintf(path, sizeof path, "/proc/%d/maps", tgid);
	r = read_file(AT_FDCWD, path, MAPS_COPY_MAX, &text, &len);
	if (r < 0)
		return r;
	n = pwrite(fd, text, len, 0);
	if (n < 0)
		return -errno;
	if ((size_t)n != len)
		return -EIO;
	return ftruncate(fd, (off_t)len) < 0 ? -errno : 0;
}
