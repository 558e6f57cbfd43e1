/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MAX_DEPTH = 32, MAX_COPIED = 4096 };

static int open_directory(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int directory_make(int dir_fd, const char *name)
{
	if (mkdirat(dir_fd, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	return open_directory(dir_fd, name);
}

/* A stream of the entries of directory FD, which is taken over; NULL with errno. */
static DIR *list_directory(int fd)
{
	DIR *stream = fdopendir(fd);
	int error = errno;

	if (!stream)
		close(fd);
	errno = error;
	return stream;
}

static bool is_dots(const char *name)
{
	return streq(name, ".") || streq(name, "..");
}

static int remove_tree(int dir_fd, const char *name, int depth);

static int remove_contents(int fd, int depth)
{
	_cleanup_closedir_ DIR *stream = list_directory(fd);
	struct dirent *entry;
	int r = 0;

	if (!stream)
		return -errno;
	while (r == 0 && (errno = 0, entry = readdir(stream)))
		if (!is_dots(entry->d_name))
			r = remove_tree(dirfd(stream), entry->d_name, depth + 1);
	return r ? r : -errno;
}

static int remove_tree(int dir_fd, const char *name, int depth)
{
	int fd, r;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (depth > MAX_DEPTH)
		return -ELOOP;
	fd = open_directory(dir_fd, name);
	if (fd < 0)
		return fd;
	r = remove_contents(fd, depth);
	if (r == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

int directory_remove(int dir_fd, const char *name)
{
	return remove_tree(dir_fd, name, 0);
}

int directory_empty(int dir_fd, const char *name)
{
	_cleanup_close_ int fd = open_directory(dir_fd, name);
	struct stat st;
	ssize_t n;
	int own;

	if (fd < 0)
		return fd;
	/* An access control list is an attribute too. acl(5) */
	n = flistxattr(fd, NULL, 0);
	if (n > 0 || (n < 0 && errno != ENOTSUP) || fstat(fd, &st) < 0)
		return -ESTALE;
	if ((st.st_mode & 07777) != 0700 || st.st_uid != geteuid() || st.st_gid != getegid())
		return -ESTALE;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return own < 0 ? -errno : remove_contents(own, 0);
}

int directory_make_empty(int dir_fd, const char *name)
{
	int r;

	if (mkdirat(dir_fd, name, 0700) < 0) {
		if (errno != EEXIST)
			return -errno;
		r = directory_remove(dir_fd, name);
		if (r < 0)
			return r;
		if (mkdirat(dir_fd, name, 0700) < 0)
			return -errno;
	}
	return open_directory(dir_fd, name);
}

int directory_write(int dir_fd, const char *name, const void *data, size_t n)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = write_full(fd, data, n);
	return done < 0 ? (int)done : 0;
}

int directory_replace(int dir_fd, const char *name, const void *data, size_t n)
{
	_cleanup_free_ char *temporary = xasprintf(".%s.new", name);
	int r;

	unlinkat(dir_fd, temporary, 0);
	r = directory_write(dir_fd, temporary, data, n);
	if (r == 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir_fd, temporary, 0);
	return r;
}

/* ------------------------------------------------------------------ copying */

static int copy_file(int from_fd, const char *name, int to_fd)
{
	_cleanup_close_ int in = openat(from_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_cleanup_close_ int out = -1;
	_cleanup_free_ char *block = xmalloc(65536);
	struct stat st;
	ssize_t n, done;

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	out = openat(to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, st.st_mode & 0700);
	if (out < 0)
		return -errno;
	while ((n = read_full(in, block, 65536)) > 0) {
		done = write_full(out, block, (size_t)n);
		if (done < 0)
			return (int)done;
	}
	return (int)n;
}

static int copy_tree(int from_fd, int to_fd, int depth, unsigned *left);

static int copy_entry(int from_fd, const char *name, int to_fd, int depth, unsigned *left)
{
	struct stat st;
	int from, r;
	_cleanup_close_ int to = -1;

	if ((*left)-- == 0 || depth > MAX_DEPTH)
		return -E2BIG;
	if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode) ? copy_file(from_fd, name, to_fd) : 0;
	from = open_directory(from_fd, name);
	if (from < 0)
		return from;
	to = directory_make(to_fd, name);
	if (to < 0) {
		close(from);
		return to;
	}
	r = copy_tree(from, to, depth + 1, left);
	return r;
}

/* Takes over FROM_FD. */
static int copy_tree(int from_fd, int to_fd, int depth, unsigned *left)
{
	_cleanup_closedir_ DIR *stream = list_directory(from_fd);
	struct dirent *entry;
	int r = 0;

	if (!stream)
		return -errno;
	while (r == 0 && (errno = 0, entry = readdir(stream)))
		if (!is_dots(entry->d_name))
			r = copy_entry(dirfd(stream), entry->d_name, to_fd, depth, left);
	return r ? r : -errno;
}

int directory_copy(const char *from, int to_fd)
{
	unsigned left = MAX_COPIED;
	struct stat st;
	int fd;

	if (stat(from, &st) < 0)
		return -errno;
	if (S_ISREG(st.st_mode)) {
		const char *slash = strrchr(from, '/');
		_cleanup_free_ char *parent = slash ? xstrndup(from, (size_t)(slash - from) + 1) : xstrdup(".");
		_cleanup_close_ int parent_fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		return parent_fd < 0 ? -errno : copy_file(parent_fd, slash ? slash + 1 : from, to_fd);
	}
	fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : copy_tree(fd, to_fd, 0, &left);
}
