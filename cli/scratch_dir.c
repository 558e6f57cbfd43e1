/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scratch_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/util.h"
#include "cli/scratch_files.h"

#define PREFIX "proctor-scratch-"
enum {
	TRIES = 16,
	BLOCK = 1 << 16,
	FORGOTTEN_AT_ONCE = 1000, /* names that a start removes of what earlier runs left: some milliseconds' worth */
};

void scratch_dir_init(struct scratch_dir *scratch)
{
	*scratch = (struct scratch_dir){ .parent_fd = -1, .fd = -1, .mount = -1, .kept_fd = -1 };
}

void scratch_say(struct buf *message, const char *path, int err)
{
	if (message->len)
		buf_lit(message, "; ");
	text_args(message, path);
	buf_printf(message, ": %s", strerror(err));
}

/* ------------------------------------------------------------------ removing */

int scratch_open_own(int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char link[32];
	struct stat st;
	int opened;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid())
		return -EPERM;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if ((st.st_mode & 0700) != 0700 && chmod(link, 0700) < 0)
		return -errno;
	opened = open(link, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}

int scratch_open_file(int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char link[32];
	struct stat st;
	int opened;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (!(st.st_mode & S_IRUSR) && chmod(link, (st.st_mode & 0777) | S_IRUSR) < 0)
		return -errno;
	opened = open(link, O_RDONLY | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}

DIR *scratch_list(int fd)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own < 0 ? NULL : fdopendir(own);

	if (!dir && own >= 0)
		close(own);
	return dir;
}

const char *scratch_next_name(DIR *dir)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (!streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
			return entry->d_name;
	return NULL;
}

/* Moves directory NAME of FROM up into TOP, under a name that is free there. */
static int move_up(int from, const char *name, int top, unsigned *counter)
{
	int made_writable = scratch_open_own(from, name);
	char free_name[32];
	int tries;

	if (made_writable >= 0)
		close(made_writable);
	for (tries = 0; tries < 1 << 20; tries++) {
		snprintf(free_name, sizeof free_name, "%u", (*counter)++);
		if (syscall(SYS_renameat2, from, name, top, free_name, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* Removes NAME from TOP; directories in it are first moved up into TOP, to be removed later. Not more than LEFT names,
 * which are counted off. */
static int remove_entry(int top, const char *name, unsigned *counter, unsigned *left)
{
	_cleanup_close_ int fd = -1;
	const char *inner;
	DIR *dir;
	int r = 0;

	--*left;
	if (unlinkat(top, name, 0) == 0)
		return 0;
	fd = scratch_open_own(top, name);
	if (fd < 0)
		return fd;
	dir = scratch_list(fd);
	if (!dir)
		return -errno;
	for (; *left && (inner = scratch_next_name(dir)); --*left)
		if (unlinkat(fd, inner, 0) < 0)
			r = move_up(fd, inner, top, counter);
	closedir(dir);
	return unlinkat(top, name, AT_REMOVEDIR) < 0 ? (r < 0 ? r : -errno) : 0;
}

/* Removes up to LEFT names beneath FD. */
static void empty(int fd, unsigned *left)
{
	unsigned counter = 0;
	bool removed = true;

	while (removed && *left) {
		DIR *dir = scratch_list(fd);
		const char *name;

		if (!dir)
			return;
		removed = false;
		while (*left && (name = scratch_next_name(dir)))
			removed |= remove_entry(fd, name, &counter, left) == 0;
		closedir(dir);
	}
}

/* Removes NAME from PARENT with all that is in it, or up to LEFT names of that; FD is open on it. */
static void remove_whole(int parent, const char *name, int fd, unsigned *left)
{
	int opened = scratch_open_own(parent, name);

	if (opened < 0)
		return;
	empty(fd, left);
	unlinkat(parent, name, AT_REMOVEDIR);
	close(opened);
}

void scratch_dir_fini(struct scratch_dir *scratch)
{
	unsigned all = UINT_MAX;

	if (scratch->path && !scratch->keep && scratch->mount < 0)
		remove_whole(scratch->parent_fd, strrchr(scratch->path, '/') + 1, scratch->fd, &all);
	if (scratch->fd >= 0)
		close(scratch->fd);
	if (scratch->parent_fd >= 0)
		close(scratch->parent_fd);
	if (scratch->kept_fd >= 0)
		close(scratch->kept_fd);
	if (scratch->mount >= 0)
		close(scratch->mount);
	free(scratch->path);
	scratch_dir_init(scratch);
}

/* ------------------------------------------------------------------ making */

/* Removes scratches that are not locked: their runs were killed, and proctor with them. What is much takes several
 * starts, so that none waits long. */
static void remove_forgotten(int parent)
{
	unsigned left = FORGOTTEN_AT_ONCE;
	DIR *dir = scratch_list(parent);
	const char *name;

	while (dir && left && (name = scratch_next_name(dir))) {
		_cleanup_close_ int fd = -1;

		if (!after_prefix(name, PREFIX))
			continue;
		fd = scratch_open_own(parent, name);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			remove_whole(parent, name, fd, &left);
	}
	if (dir)
		closedir(dir);
}

/* Makes NAME, opens and locks it. -EAGAIN: another run took it for a forgotten one and removed it first. */
static int make_locked(int parent, const char *name)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (mkdirat(parent, name, 0700) < 0)
		return errno == EEXIST ? -EAGAIN : -errno;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &st) < 0 || st.st_nlink == 0)
		return -EAGAIN;
	return steal_fd(&fd);
}

static int make_name(char room[48])
{
	unsigned char random[8];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return -EIO;
	snprintf(room, 48, PREFIX "%02x%02x%02x%02x%02x%02x%02x%02x", random[0], random[1], random[2], random[3],
		 random[4], random[5], random[6], random[7]);
	return 0;
}

static int make_new(int parent, char room[48])
{
	int tries, fd = -EAGAIN;

	remove_forgotten(parent);
	for (tries = 0; tries < TRIES && fd == -EAGAIN; tries++) {
		fd = make_name(room);
		if (fd == 0)
			fd = make_locked(parent, room);
	}
	return fd;
}

static int open_parent(const char *directory, char **ret_real)
{
	int fd;

	*ret_real = realpath(directory, NULL);
	if (!*ret_real)
		return -errno;
	fd = open(*ret_real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Splits KEPT into its last name, RET_NAME, without slashes behind it, and the rest. False: it has no such name. */
static bool split_kept(char *kept, const char **ret_where, const char **ret_name)
{
	size_t n = strlen(kept);
	char *slash;

	while (n > 1 && kept[n - 1] == '/')
		kept[--n] = '\0';
	slash = strrchr(kept, '/');
	*ret_where = !slash ? "." : slash == kept ? "/" : kept;
	*ret_name = slash ? slash + 1 : kept;
	if (slash)
		*slash = '\0';
	return **ret_name && !streq(*ret_name, ".") && !streq(*ret_name, "..");
}

static int make_kept(int parent, const char *name)
{
	return mkdirat(parent, name, 0700) < 0 ? -errno : scratch_open_own(parent, name);
}

/* Makes NAME, or with "" a new name, in the directory REAL, which PARENT is open on. */
static int make_on_disk(struct scratch_dir *scratch, int parent, const char *real, const char *name)
{
	char room[48];
	int fd = *name ? make_kept(parent, name) : make_new(parent, room);

	if (fd < 0)
		return fd;
	scratch->fd = fd;
	scratch->parent_fd = fcntl(parent, F_DUPFD_CLOEXEC, 3);
	scratch->keep = *name;
	scratch->path = xasprintf("%s/%s", streq(real, "/") ? "" : real, *name ? name : room);
	return scratch->parent_fd < 0 ? -errno : 0;
}

/* The same in memory. */
static int make_detached(struct scratch_dir *scratch, const struct scratch_memory *size, const char *real,
			 const char *name)
{
	struct scratch_memory memory = *size;
	_cleanup_free_ char *path = NULL;
	char room[48];
	int r = *name ? 0 : make_name(room);

	if (r < 0)
		return r;
	memory.path = path = xasprintf("%s/%s", streq(real, "/") ? "" : real, *name ? name : room);
	if (scratch_memory_make(&memory, &scratch->mount, &scratch->parent_fd, &scratch->fd) < 0)
		return -EOPNOTSUPP;
	scratch->path = path;
	path = NULL;
	return 0;
}

int scratch_dir_make_kept(struct scratch_dir *scratch, const char *keep, struct buf *message)
{
	_cleanup_free_ char *kept = xstrdup(keep), *real = NULL;
	_cleanup_close_ int parent = -1;
	const char *where, *name;
	int r = split_kept(kept, &where, &name) ? 0 : -EEXIST;

	if (r == 0)
		r = parent = open_parent(where, &real);
	if (r >= 0)
		r = scratch->kept_fd = make_kept(parent, name);
	if (r < 0)
		scratch_say(message, keep, -r);
	return MIN(r, 0);
}

int scratch_dir_make(struct scratch_dir *scratch, const char *keep, const struct scratch_memory *size, struct buf *message)
{
	const char *tmp = getenv("TMPDIR"), *where = tmp && tmp[0] == '/' ? tmp : "/tmp", *name = "";
	_cleanup_free_ char *kept = keep ? xstrdup(keep) : NULL, *real = NULL;
	_cleanup_close_ int parent = -1;
	int r = kept && !split_kept(kept, &where, &name) ? -EEXIST : 0;

	if (r == 0)
		r = parent = open_parent(where, &real);
	if (r >= 0)
		r = size ? make_detached(scratch, size, real, name) : make_on_disk(scratch, parent, real, name);
	if (r < 0 && r != -EOPNOTSUPP)
		scratch_say(message, keep ? keep : where, -r);
	return MIN(r, 0);
}

/* ------------------------------------------------------------------ collecting */

struct collection {
	const char *glob;
	int target; /* DIR */
	char path[PATH_MAX]; /* of the current file, from the scratch's root */
	struct buf *message;
	int r;
};

static void fail(struct collection *c, int err)
{
	if (c->message->len < 4096)
		scratch_say(c->message, c->path, err);
	c->r = -err;
}

/* Copies the part of FROM between two offsets to the same offset. */
static int copy_part(int from, int to, off_t at, off_t end)
{
	char block[BLOCK];

	while (at < end) {
		ssize_t n = pread(from, block, (size_t)MIN((off_t)sizeof block, end - at), at), k = 0;

		while (k < n) {
			ssize_t w = pwrite(to, block + k, (size_t)(n - k), at + k);

			if (w < 0)
				return -errno;
			k += w;
		}
		if (n <= 0)
			return n < 0 ? -errno : 0;
		at += n;
	}
	return 0;
}

int scratch_copy_file(int from, int to, off_t size)
{
	off_t at = 0, hole;
	int r = ftruncate(to, size) < 0 ? -errno : 0;

	while (r == 0 && at < size) {
		at = lseek(from, at, SEEK_DATA);
		if (at < 0)
			return errno == ENXIO ? 0 : -errno;
		hole = lseek(from, at, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		r = copy_part(from, to, at, MIN(hole, size));
		at = hole;
	}
	return r;
}

int scratch_open_target(int dir, const char *path)
{
	_cleanup_close_ int fd = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	char name[NAME_MAX + 1];

	while (fd >= 0 && strchr(path, '/')) {
		size_t n = strcspn(path, "/");
		int next;

		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path, n);
		name[n] = '\0';
		if (mkdirat(fd, name, 0777) < 0 && errno != EEXIST)
			return -errno;
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		close(fd);
		fd = next;
		path += n + 1;
	}
	return fd < 0 ? -errno : steal_fd(&fd);
}

static void collect_file(struct collection *c, int dir, const char *name, off_t size)
{
	_cleanup_close_ int from = scratch_open_file(dir, name), target = -1, to = -1;
	const char *slash = strrchr(c->path, '/');
	int r;

	if (from < 0) {
		fail(c, -from);
		return;
	}
	target = scratch_open_target(c->target, c->path);
	if (target < 0) {
		fail(c, -target);
		return;
	}
	to = openat(target, slash ? slash + 1 : c->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	r = to < 0 ? -errno : scratch_copy_file(from, to, size);
	if (r < 0)
		fail(c, -r);
}

static void collect_from(struct collection *c, int fd, size_t len, unsigned depth)
{
	DIR *dir = scratch_list(fd);
	const char *name;

	while (dir && (name = scratch_next_name(dir))) {
		size_t n = strlen(name);
		struct stat st;

		/* Nobody can have asked for names that are longer than a path can be. */
		if (len + n + 2 > sizeof c->path || fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		memcpy(c->path + len, name, n + 1);
		if (S_ISDIR(st.st_mode) && depth > 0) {
			_cleanup_close_ int inner = scratch_open_own(fd, name);

			c->path[len + n] = '/';
			c->path[len + n + 1] = '\0';
			if (inner >= 0)
				collect_from(c, inner, len + n + 1, depth - 1);
			else
				fail(c, -inner);
		} else if (S_ISREG(st.st_mode) && fnmatch(c->glob, c->path, FNM_PATHNAME) == 0) {
			collect_file(c, fd, name, st.st_size);
		}
	}
	if (dir)
		closedir(dir);
}

static unsigned count(const char *text, char c)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

int scratch_dir_open_target(const char *what, struct buf *message)
{
	const char *directory = strrchr(what, '=') + 1;
	int fd = mkdir(directory, 0777) < 0 && errno != EEXIST ?
			 -1 :
			 open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	fd = -errno;
	scratch_say(message, directory, errno);
	return fd;
}

int scratch_dir_collect(const struct scratch_dir *scratch, const char *what, int target, struct buf *message)
{
	_cleanup_free_ char *glob = xstrndup(what, (size_t)(strrchr(what, '=') - what));
	_cleanup_close_ int root = scratch_open_own(scratch->parent_fd, strrchr(scratch->path, '/') + 1);
	struct collection c = { .glob = glob, .target = target, .message = message };

	if (root < 0) {
		scratch_say(message, scratch->path, -root);
		return root;
	}
	collect_from(&c, root, 0, count(glob, '/'));
	return c.r;
}

bool scratch_dir_is_full(const struct scratch_dir *scratch, bool *ret_of_files)
{
	struct statfs fs;

	if (scratch->mount < 0 || fstatfs(scratch->fd, &fs) < 0 || (fs.f_bfree && fs.f_ffree))
		return false;
	*ret_of_files = fs.f_bfree != 0;
	return true;
}
