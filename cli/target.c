/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *const options[] = { "--log", "--verdict", "--live" };

void targets_init(struct targets *targets, const char *log, const char *verdict, const char *live,
		  unsigned closed_stdio)
{
	const char *names[] = { log, verdict, live };
	size_t i;

	*targets = (struct targets){ .closed_stdio = closed_stdio };
	for (i = 0; i < TARGET_USES; i++)
		targets->of[i] = (struct target){
			.name = names[i],
			.number = -1,
			.path = TARGET_PATH_INIT,
			.fd = -1,
		};
}

void targets_fini(struct targets *targets)
{
	size_t i;

	for (i = 0; i < TARGET_USES; i++) {
		target_path_fini(&targets->of[i].path);
		if (targets->of[i].fd >= 0)
			close(targets->of[i].fd);
		targets->of[i].kind = TARGET_NONE;
		targets->of[i].fd = -1;
	}
}

/* Says "run: --log NAME: TEXT", unless something was said before. Returns STATUS. */
static int refuse(struct targets *targets, int status, enum target_use use, const char *text)
{
	if (!targets->told)
		complain("run: %s %s: %s", options[use], targets->of[use].name, text);
	targets->told = true;
	return status;
}

/* ------------------------------------------------------------------ what it is */

/* Did proctor inherit FD? Descriptors that it opens itself are closed on exec, inherited ones are not. */
static bool is_inherited(const struct targets *targets, int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC) && !(fd <= 2 && targets->closed_stdio & 1u << fd);
}

static int settle_descriptor(struct targets *targets, enum target_use use, int number)
{
	struct target *target = &targets->of[use];
	int mode;

	if (!is_inherited(targets, number))
		return refuse(targets, EXIT_USAGE, use, "no such descriptor is open");
	mode = fcntl(number, F_GETFL);
	if (mode < 0 || mode & O_PATH || (mode & O_ACCMODE) == O_RDONLY)
		return refuse(targets, EXIT_USAGE, use, "that descriptor is not open for writing");
	if (fstat(number, &target->path.st) < 0)
		return refuse(targets, EXIT_LOG, use, strerror(errno));
	target->number = number;
	target->kind = TARGET_DESCRIPTOR;
	return 0;
}

static int say_path_error(struct targets *targets, enum target_use use, int r, uid_t owner)
{
	_cleanup_free_ char *text = NULL;

	if (r != -EPERM)
		return refuse(targets, EXIT_LOG, use, strerror(-r));
	text = owner ? xasprintf("leads through a symbolic link of another user (%u), which is not followed",
				 (unsigned)owner) :
		       xstrdup("leads through a link in /proc that is no descriptor of this process");
	return refuse(targets, EXIT_LOG, use, text);
}

static int settle_one(struct targets *targets, enum target_use use)
{
	struct target *target = &targets->of[use];
	int number = target_number(target->name), r;
	uid_t owner;

	if (number >= 0)
		return settle_descriptor(targets, use, number);
	r = target_path_find(target->name, &target->path, &owner);
	if (r < 0)
		return say_path_error(targets, use, r, owner);
	if (target->path.number >= 0)
		return settle_descriptor(targets, use, target->path.number);
	if (target->path.object >= 0 && S_ISSOCK(target->path.st.st_mode))
		return refuse(targets, EXIT_LOG, use, "is a socket");
	target->kind = target->path.object < 0 || S_ISREG(target->path.st.st_mode) ? TARGET_FILE : TARGET_SPECIAL;
	if (use == TARGET_LOG && target->kind == TARGET_FILE && (target->path.by_link || target->path.object >= 0))
		return refuse(targets, EXIT_USAGE, use, "exists already, and a log is never overwritten: name another file, or remove it");
	return 0;
}

/* ------------------------------------------------------------------ the same place twice */

static bool has_object(const struct target *target)
{
	return target->kind == TARGET_DESCRIPTOR || (target->kind != TARGET_NONE && target->path.object >= 0);
}

/* Is it /dev/null or the like, where written data vanishes and nobody can mistake it for something else? */
static bool is_sink(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && (st->st_rdev == makedev(1, 3) || st->st_rdev == makedev(1, 5) ||
					st->st_rdev == makedev(1, 7));
}

/* The terminal behind FD, by whatever name it was opened (/dev/tty, /dev/console); otherwise the device. */
static dev_t device_behind(int fd, const struct stat *st)
{
	unsigned device;

	if (ioctl(fd, TIOCGDEV, &device) < 0)
		return st->st_rdev;
	return makedev(device >> 8 & 0xfff, (device & 0xff) | (device >> 12 & 0xfff00));
}

static dev_t device_of(const struct target *target)
{
	const struct stat *st = &target->path.st;
	_cleanup_free_ char *name = NULL;
	_cleanup_close_ int fd = -1;

	if (target->kind == TARGET_DESCRIPTOR)
		return device_behind(target->number, st);
	/* Only these are names for some other terminal; opening any other device might start something. */
	if (major(st->st_rdev) != 5 && st->st_rdev != makedev(4, 0))
		return st->st_rdev;
	name = xasprintf("/proc/self/fd/%d", target->path.object);
	fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? st->st_rdev : device_behind(fd, st);
}

static bool is_same(const struct stat *a, dev_t a_device, const struct stat *b, dev_t b_device)
{
	if (a->st_dev == b->st_dev && a->st_ino == b->st_ino)
		return !is_sink(a);
	return S_ISCHR(a->st_mode) && S_ISCHR(b->st_mode) && a_device == b_device && !is_sink(a);
}

static bool is_same_target(const struct target *a, const struct target *b)
{
	if (a->kind == TARGET_NONE || b->kind == TARGET_NONE)
		return false;
	if (has_object(a) && has_object(b))
		return is_same(&a->path.st, device_of(a), &b->path.st, device_of(b));
	return a->kind == TARGET_FILE && b->kind == TARGET_FILE && !has_object(a) && !has_object(b) &&
	       a->path.dir_st.st_dev == b->path.dir_st.st_dev && a->path.dir_st.st_ino == b->path.dir_st.st_ino &&
	       streq(a->path.base, b->path.base);
}

/*
 * Can the program write to TARGET through its descriptor FD? Any descriptor of the same file, pipe or
 * terminal will do. A file that is only open for reading is harmless, but from a pipe the program would
 * take the records away.
 */
static bool is_shared(const struct targets *targets, const struct target *target, int fd)
{
	struct stat st;
	int mode = fcntl(fd, F_GETFL);

	if (mode < 0 || targets->closed_stdio & 1u << fd || !has_object(target) || fstat(fd, &st) < 0)
		return false;
	if ((mode & O_ACCMODE) == O_RDONLY && !S_ISFIFO(st.st_mode))
		return false;
	return is_same(&target->path.st, device_of(target), &st, device_behind(fd, &st));
}

static int check_shared(struct targets *targets, enum target_use use)
{
	static const char *const names[] = { "input", "output", "error" };
	static const char *const instead[] = {
		"name a file, or a descriptor of its own: -o 3 3>FILE",
		"name a file, or a descriptor of its own: --verdict 3 3>FILE",
		"name a file, a descriptor of its own (--live 3 3>FILE), or standard error (--live 2)",
	};
	const struct target *target = &targets->of[use];
	_cleanup_free_ char *text = NULL;
	int fd;

	/* Live output on standard error is for a person who reads both, as with -v: see proctor-run(1). */
	if (use == TARGET_LIVE && target->kind == TARGET_DESCRIPTOR && target->number == STDERR_FILENO)
		return 0;
	for (fd = 2; fd >= 0; fd--) {
		if (!is_shared(targets, target, fd))
			continue;
		text = xasprintf("the program has the same file as its standard %s, and could write there too; %s",
				 names[fd], instead[use]);
		return refuse(targets, EXIT_USAGE, use, text);
	}
	return 0;
}

static int check_clashes(struct targets *targets)
{
	int a, b;

	for (a = 0; a < TARGET_USES; a++)
		for (b = a + 1; b < TARGET_USES; b++)
			if (is_same_target(&targets->of[a], &targets->of[b])) {
				_cleanup_free_ char *text =
					xasprintf("is the same file as %s %s", options[b], targets->of[b].name);

				return refuse(targets, EXIT_USAGE, (enum target_use)a, text);
			}
	return 0;
}

/* ------------------------------------------------------------------ the verdict's place */

static int check_others(struct targets *targets, const char *const *others)
{
	const struct target *target = &targets->of[TARGET_VERDICT];
	struct stat st;
	size_t i;

	for (i = 0; has_object(target) && target->kind == TARGET_FILE && others && others[i]; i++)
		if (stat(others[i], &st) == 0 && is_same(&target->path.st, 0, &st, 0)) {
			_cleanup_free_ char *text = xasprintf("is the same file as %s, which the run reads", others[i]);

			return refuse(targets, EXIT_USAGE, TARGET_VERDICT, text);
		}
	return 0;
}

/* Makes a file with a unique name in DIR. Descriptor or -errno. */
static int make_temporary(int dir, char name[64])
{
	uint64_t random;
	int fd;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return -EIO;
	snprintf(name, 64, ".proctor-verdict-%016llx.tmp", (unsigned long long)random);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int open_special(const struct target *target)
{
	_cleanup_free_ char *name = xasprintf("/proc/self/fd/%d", target->path.object);
	int fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

/* Opening a FIFO waits for a reader, which may want the log first: so we only ask whether it may be opened.
 * Some containers forbid even that; then we find out at the end. */
static int try_special(struct target *target)
{
	_cleanup_free_ char *name = xasprintf("/proc/self/fd/%d", target->path.object);

	if (S_ISFIFO(target->path.st.st_mode))
		return faccessat(AT_FDCWD, name, W_OK, AT_EACCESS) < 0 && errno != EPERM && errno != ENOSYS ? -errno :
													      0;
	target->fd = open_special(target);
	return MIN(target->fd, 0);
}

/*
 * Can a file be made in TARGET's directory? We try with a file without a name, so that nothing is left whatever
 * happens; the verdict is written to it in the end. If the file system has no such files, we only ask.
 */
static int try_directory(struct target *target)
{
	int dir = target->path.dir;

	target->fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (target->fd >= 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT)
		return -errno;
	return faccessat(dir, ".", W_OK | X_OK, AT_EACCESS) < 0 && errno != EPERM && errno != ENOSYS ? -errno : 0;
}

/* If so, the old verdict is removed. */
static int try_file(struct target *target)
{
	int r = try_directory(target);

	if (r < 0)
		return r;
	if (target->path.object >= 0 && unlinkat(target->path.dir, target->path.base, 0) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

static int prepare_verdict(struct targets *targets)
{
	struct target *target = &targets->of[TARGET_VERDICT];
	int r = 0;

	if (target->kind == TARGET_FILE)
		r = try_file(target);
	else if (target->kind == TARGET_SPECIAL)
		r = try_special(target);
	return r < 0 ? refuse(targets, EXIT_LOG, TARGET_VERDICT, strerror(-r)) : 0;
}

/* Makes our own duplicate, which nobody else can change. A non-blocking pipe is opened anew, because that flag
 * is shared with the process that gave it to us. */
static int duplicate(struct targets *targets, enum target_use use)
{
	struct target *target = &targets->of[use];
	int flags = fcntl(target->number, F_GETFL);

	if (flags >= 0 && flags & O_NONBLOCK && !S_ISSOCK(target->path.st.st_mode) &&
	    !S_ISREG(target->path.st.st_mode)) {
		_cleanup_free_ char *name = xasprintf("/proc/self/fd/%d", target->number);

		target->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (target->fd < 0)
		target->fd = fcntl(target->number, F_DUPFD_CLOEXEC, 3);
	return target->fd < 0 ? refuse(targets, EXIT_LOG, use, strerror(errno)) : 0;
}

static int duplicate_all(struct targets *targets)
{
	int i, r = 0;

	for (i = 0; i < TARGET_USES && r == 0; i++)
		if (targets->of[i].kind == TARGET_DESCRIPTOR)
			r = duplicate(targets, (enum target_use)i);
	return r;
}

static int settle(struct targets *targets, enum target_use use)
{
	int r = targets->of[use].name ? settle_one(targets, use) : 0;

	return r ? r : check_shared(targets, use);
}

/* Runs with the run's rights. */
static int settle_verdict(struct targets *targets, const char *const *others)
{
	int r = settle(targets, TARGET_VERDICT);

	if (!r)
		r = check_others(targets, others);
	if (!r)
		r = check_clashes(targets);
	return r ? r : prepare_verdict(targets);
}

int targets_settle(struct targets *targets, struct identity *identity, const char *const *others)
{
	int log = settle(targets, TARGET_LOG), live = settle(targets, TARGET_LIVE), verdict;
	int r = identity->name ? identity_enter(identity) : 0;

	if (r < 0) {
		complain("run: --user %s: %s", identity->name, strerror(-r));
		return EXIT_USAGE;
	}
	/* Even if something is wrong with the others. */
	verdict = settle_verdict(targets, others);
	r = identity_leave(identity);
	if (r < 0) {
		complain("run: cannot take back the rights of the caller: %s", strerror(-r));
		return EXIT_INTERNAL;
	}
	targets->settled = verdict == 0;
	return log ? log : live ? live : verdict ? verdict : duplicate_all(targets);
}

/* Is it a verdict, as proctor wrote it or in another layout? */
static bool is_verdict(const struct target_path *path)
{
	static const char schema[] = "\"proctor.verdict/";
	_cleanup_free_ char *name = xasprintf("/proc/self/fd/%d", path->object);
	_cleanup_close_ int fd = -1;
	char head[4096];
	ssize_t n;

	if (!S_ISREG(path->st.st_mode))
		return false;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read_full(fd, head, sizeof head);
	return n > 0 && head[0] == '{' && memmem(head, (size_t)n, schema, sizeof schema - 1);
}

void target_forget_verdict(const char *name)
{
	_cleanup_(target_path_fini) struct target_path path = TARGET_PATH_INIT;
	uid_t owner;

	if (target_number(name) >= 0 || target_path_find(name, &path, &owner) < 0 || path.object < 0 ||
	    !is_verdict(&path))
		return;
	if (unlinkat(path.dir, path.base, 0) < 0 && errno != ENOENT)
		complain("run: --verdict %s is of an earlier run, and cannot be removed: %s", name, strerror(errno));
}

/* ------------------------------------------------------------------ opening */

int target_open_log(struct targets *targets, int *ret_fd)
{
	struct target *target = &targets->of[TARGET_LOG];
	int fd = steal_fd(&target->fd);

	if (target->kind == TARGET_SPECIAL) {
		fd = open_special(target);
	} else if (target->kind == TARGET_FILE) {
		fd = openat(target->path.dir, target->path.base,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd == -EEXIST)
		return refuse(targets, EXIT_USAGE, TARGET_LOG, "exists already, and a log is never overwritten: name another file, or remove it");
	if (fd < 0 && target->kind != TARGET_NONE)
		return refuse(targets, EXIT_LOG, TARGET_LOG, strerror(-fd));
	*ret_fd = fd;
	return 0;
}

/*
 * Opens an existing file for appending. In another user's directory, it must not be a hard link that this user
 * made to a file of somebody else.
 */
static int open_to_append(const struct target_path *path)
{
	_cleanup_free_ char *name = xasprintf("/proc/self/fd/%d", path->object);
	int fd;

	if (path->st.st_nlink > 1 && path->dir_st.st_uid != 0 && path->dir_st.st_uid != geteuid())
		return -EMLINK;
	fd = open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Two runs that begin at once may share the file: if the other one has made it, it is used like an existing one. */
static int create_live(const struct target *target)
{
	_cleanup_(target_path_fini) struct target_path path = TARGET_PATH_INIT;
	int fd = openat(target->path.dir, target->path.base,
			O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	uid_t owner;

	if (fd >= 0 || errno != EEXIST)
		return fd < 0 ? -errno : fd;
	if (target_path_find(target->name, &path, &owner) < 0 || path.object < 0 || !S_ISREG(path.st.st_mode))
		return -EEXIST;
	return open_to_append(&path);
}

int target_open_live(struct targets *targets, int *ret_fd)
{
	struct target *target = &targets->of[TARGET_LIVE];
	int fd = steal_fd(&target->fd);

	if (target->kind == TARGET_SPECIAL) {
		fd = open_special(target);
	} else if (target->kind == TARGET_FILE && target->path.object >= 0) {
		fd = open_to_append(&target->path);
	} else if (target->kind == TARGET_FILE) {
		fd = create_live(target);
	}
	if (fd < 0 && target->kind != TARGET_NONE)
		return refuse(targets, EXIT_LOG, TARGET_LIVE, strerror(-fd));
	*ret_fd = fd;
	return 0;
}

/* ------------------------------------------------------------------ writing the verdict */

/* write_full(), but also waits if the descriptor is non-blocking. */
static int write_all(int fd, const struct buf *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t put = write(fd, text->data + done, text->len - done);

		if (put >= 0)
			done += (size_t)put;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* A regular file there now is the verdict of another run that was quicker; nothing else is replaced. */
static int move_into_place(int dir, const char *temporary, const char *base)
{
	struct stat st;

	if (renameat2(dir, temporary, dir, base, RENAME_NOREPLACE) == 0)
		return 0;
	/* EINVAL: this file system cannot do that. */
	if (errno != EEXIST && errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return -errno;
	} else if (!S_ISREG(st.st_mode)) {
		return -EEXIST;
	}
	return renameat(dir, temporary, dir, base) < 0 ? -errno : 0;
}

/* Writes the file without a name and gives it its name, unless that exists. */
static int name_file(struct target *target, const struct buf *text)
{
	_cleanup_free_ char *name = xasprintf("/proc/self/fd/%d", target->fd);
	int r = write_all(target->fd, text);

	if (r == 0 && linkat(AT_FDCWD, name, target->path.dir, target->path.base, AT_SYMLINK_FOLLOW) < 0)
		r = -errno;
	return r;
}

static int write_file(struct target *target, const struct buf *text)
{
	_cleanup_close_ int fd = -1;
	char name[64];
	int r;

	if (target->fd >= 0 && name_file(target, text) == 0)
		return 0;
	fd = make_temporary(target->path.dir, name);
	if (fd < 0)
		return fd;
	r = write_all(fd, text);
	if (r == 0 && close(steal_fd(&fd)) < 0)
		r = -errno;
	if (r == 0)
		r = move_into_place(target->path.dir, name, target->path.base);
	if (r < 0)
		unlinkat(target->path.dir, name, 0);
	return r;
}

int target_write_verdict(struct targets *targets, const struct buf *text)
{
	struct target *target = &targets->of[TARGET_VERDICT];

	if (target->kind == TARGET_FILE)
		return write_file(target, text);
	if (target->fd < 0)
		target->fd = open_special(target);
	return target->fd < 0 ? target->fd : write_all(target->fd, text);
}
