/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/target_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/names.h"

#define MAX_LINKS 40 /* as the kernel's MAXSYMLINKS, path_resolution(7) */
#define PROC_ROOT_INODE 1

void target_path_fini(struct target_path *path)
{
	if (path->dir >= 0)
		close(path->dir);
	if (path->object >= 0)
		close(path->object);
	free(path->base);
	*path = (struct target_path)TARGET_PATH_INIT;
}

/* ------------------------------------------------------------------ descriptors */

static int parse_number(const char *text)
{
	uint64_t number;

	return parse_count(text, &number) == 0 && number <= INT_MAX ? (int)number : -1;
}

static bool is_own_task(const char *pid)
{
	uint64_t number;

	return streq(pid, "self") || streq(pid, "thread-self") ||
	       (parse_count(pid, &number) == 0 && number == (uint64_t)getpid());
}

/* The number in /proc/PID/fd/N of this process. */
static int number_in_proc(const char *path)
{
	const char *rest = after_prefix(path, "/proc/"), *slash = rest ? strchr(rest, '/') : NULL;
	_cleanup_free_ char *pid = slash ? xstrndup(rest, (size_t)(slash - rest)) : NULL;
	const char *number = slash ? after_prefix(slash, "/fd/") : NULL;

	return number && is_own_task(pid) ? parse_number(number) : -1;
}

int target_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} names[] = { { "-", 1 }, { "/dev/stdin", 0 }, { "/dev/stdout", 1 }, { "/dev/stderr", 2 } };
	const char *rest = after_prefix(name, "/dev/fd/");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(name, names[i].name))
			return names[i].number;
	if (rest)
		return parse_number(rest);
	return name[0] == '/' ? number_in_proc(name) : parse_number(name);
}

/* ------------------------------------------------------------------ the walk */

struct walk {
	int dir;
	struct buf left; /* what is still to be walked */
	unsigned links;
	uid_t owner;
};

static void walk_fini(struct walk *walk)
{
	if (walk->dir >= 0)
		close(walk->dir);
	buf_fini(&walk->left);
}

static int enter(struct walk *walk, int fd)
{
	if (fd < 0)
		return -errno;
	if (walk->dir >= 0)
		close(walk->dir);
	walk->dir = fd;
	return 0;
}

static int enter_path(struct walk *walk, const char *path)
{
	return enter(walk, openat(walk->dir < 0 ? AT_FDCWD : walk->dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Takes off the next component. RET_LAST: no other follows; RET_SLASH: a slash follows. */
static char *take_component(struct buf *left, bool *ret_last, bool *ret_slash)
{
	const char *s = left->data + strspn(left->data, "/");
	size_t n = strcspn(s, "/");
	const char *rest = s + n;
	char *component = xstrndup(s, n);
	struct buf next = { 0 };

	*ret_slash = *rest == '/';
	rest += strspn(rest, "/");
	*ret_last = *rest == '\0';
	buf_puts(&next, rest);
	buf_fini(left);
	*left = next;
	return component;
}

static bool is_trusted_owner(uid_t owner)
{
	struct stat root;

	return owner == 0 || owner == geteuid() || (stat("/", &root) == 0 && owner == root.st_uid);
}

/*
 * Links in /proc do not lead where their text says, except for those directly in it (self, mounts).
 * A link in our own fd directory names a descriptor; -EPERM for any other.
 */
static int look_at_proc(const struct walk *walk, const char *name, int *ret_number)
{
	_cleanup_free_ char *self = NULL, *dir = NULL, *path = NULL;
	struct statfs fs;
	struct stat st;
	int r;

	if (fstatfs(walk->dir, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return 0;
	if (fstat(walk->dir, &st) == 0 && st.st_ino == PROC_ROOT_INODE)
		return 0;
	self = xasprintf("/proc/self/fd/%d", walk->dir);
	r = read_link(AT_FDCWD, self, &dir);
	if (r < 0)
		return r;
	path = xasprintf("%s/%s", dir, name);
	*ret_number = number_in_proc(path);
	return *ret_number < 0 ? -EPERM : 0;
}

/* FD is a link called NAME: puts its text before the rest of the path. RET_NUMBER: it names this descriptor. */
static int follow(struct walk *walk, int fd, const struct stat *st, const char *name, bool slash, int *ret_number)
{
	_cleanup_free_ char *target = NULL, *rest = NULL;
	int r = look_at_proc(walk, name, ret_number);

	if (r < 0 || *ret_number >= 0)
		return r;
	walk->owner = st->st_uid;
	if (!is_trusted_owner(st->st_uid))
		return -EPERM;
	if (++walk->links > MAX_LINKS)
		return -ELOOP;
	r = read_link(fd, "", &target);
	if (r < 0)
		return r;
	if (target[0] == '/') {
		r = enter_path(walk, "/");
		if (r < 0)
			return r;
	}
	rest = xasprintf("%s%s%s", target, slash || walk->left.len ? "/" : "", walk->left.data ? walk->left.data : "");
	buf_clear(&walk->left);
	buf_puts(&walk->left, rest);
	return walk->left.len > 2 * PATH_MAX ? -ENAMETOOLONG : 0;
}

/* The walk is at the last component; FD is open on it, or -1 if it does not exist. */
static int arrive(struct walk *walk, char **component, int *fd, const struct stat *st, struct target_path *ret)
{
	struct target_path found = TARGET_PATH_INIT;

	if (fstat(walk->dir, &found.dir_st) < 0)
		return -errno;
	if (*fd >= 0)
		found.st = *st;
	found.dir = steal_fd(&walk->dir);
	found.object = steal_fd(fd);
	found.base = steal_ptr(component);
	*ret = found;
	return 0;
}

/* Walks one component. 1: arrived. */
static int step(struct walk *walk, struct target_path *ret, bool *by_link)
{
	bool last, slash;
	_cleanup_free_ char *component = take_component(&walk->left, &last, &slash);
	_cleanup_close_ int fd = -1;
	struct stat st = { 0 };
	int r, number = -1;

	if (streq(component, ".") || streq(component, "..") || !*component)
		return last ? -EISDIR : streq(component, "..") ? enter_path(walk, "..") : 0;
	fd = openat(walk->dir, component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno != ENOENT || !last))
		return -errno;
	if (fd >= 0 && fstat(fd, &st) < 0)
		return -errno;
	if (fd >= 0 && S_ISLNK(st.st_mode)) {
		*by_link = *by_link || last;
		r = follow(walk, fd, &st, component, slash, &number);
		if (r < 0 || number < 0)
			return r;
		if (!last || slash)
			return -ENOTDIR;
		*ret = (struct target_path){ .number = number, .dir = -1, .object = -1 };
		return 1;
	}
	if (fd >= 0 && S_ISDIR(st.st_mode))
		return last ? -EISDIR : enter(walk, steal_fd(&fd));
	if (!last || slash)
		return fd < 0 ? -EISDIR : -ENOTDIR;
	r = arrive(walk, &component, &fd, &st, ret);
	return r < 0 ? r : 1;
}

/* Enters the directory of NAME in one step, if no link is on the way there; otherwise each is looked at. */
static bool enter_without_links(struct walk *walk, const char *name)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	const char *slash = strrchr(name, '/');
	_cleanup_free_ char *directory = slash ? xstrndup(name, (size_t)(slash - name) + 1) : NULL;

	if (!slash || !slash[1])
		return false;
	walk->dir = (int)syscall(SYS_openat2, AT_FDCWD, directory, &how, sizeof how);
	if (walk->dir < 0)
		return false;
	buf_puts(&walk->left, slash + 1);
	return true;
}

int target_path_find(const char *name, struct target_path *ret_path, uid_t *ret_owner)
{
	_cleanup_(walk_fini) struct walk walk = { .dir = -1 };
	bool by_link = false;
	int r;

	*ret_owner = 0;
	if (!*name)
		return -ENOENT;
	if (strlen(name) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = 0;
	if (!enter_without_links(&walk, name)) {
		buf_puts(&walk.left, name);
		r = enter_path(&walk, name[0] == '/' ? "/" : ".");
	}
	while (r == 0)
		r = step(&walk, ret_path, &by_link);
	*ret_owner = walk.owner;
	if (r < 0)
		return r;
	ret_path->by_link = by_link;
	return 0;
}
