/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program is gone, and no other process can reach where it wrote, so ".." safely leads up there. So it does in the
 * copy, which lies in a directory that only its owner can enter.
 */
#include "cli/scratch_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "cli/scratch_files.h"

/* A directory that is being copied: the names still to be done, taken from the end. */
struct level {
	char **names;
	size_t n;
	size_t path_len; /* of the path to it */
	struct timespec times[2];
};

/* A file with several names: the path, from the root, under which it was copied first. */
struct linked {
	ino_t ino;
	char *path;
};

struct keeping {
	int from, to; /* the current directories; owned */
	int target;   /* the root of the copy */
	struct level *levels;
	size_t n_levels, cap_levels;
	void *linked; /* tsearch(3) */
	struct buf path; /* of the current file, from the root */
	struct buf *message;
	int r;
};

static void fail(struct keeping *k, int err)
{
	if (k->message->len < 4096)
		scratch_say(k->message, k->path.data ? k->path.data : ".", err);
	k->r = -err;
}

static int compare_linked(const void *a, const void *b)
{
	ino_t x = ((const struct linked *)a)->ino, y = ((const struct linked *)b)->ino;

	return x < y ? -1 : x > y;
}

static void free_linked(void *linked)
{
	free(((struct linked *)linked)->path);
	free(linked);
}

/* Links NAME to a file already copied under another name. True if there is one, even if the link failed. */
static bool link_again(struct keeping *k, const struct stat *st, const char *name)
{
	struct linked *mine = xcalloc(1, sizeof *mine), *first, **found;
	_cleanup_close_ int dir = -1;
	const char *slash;

	mine->ino = st->st_ino;
	found = tsearch(mine, &k->linked, compare_linked);
	if (!found)
		abort(); /* out of memory: like xcalloc() */
	first = *found;
	if (first == mine) {
		mine->path = xstrdup(k->path.data);
		return false;
	}
	free(mine);
	dir = scratch_open_target(k->target, first->path);
	slash = strrchr(first->path, '/');
	if (dir < 0 || linkat(dir, slash ? slash + 1 : first->path, k->to, name, 0) < 0)
		fail(k, dir < 0 ? -dir : errno);
	return true;
}

static void keep_file(struct keeping *k, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	_cleanup_close_ int from = -1, to = -1;
	int r;

	if (st->st_nlink > 1 && link_again(k, st, name))
		return;
	from = scratch_open_file(k->from, name);
	to = from < 0 ? from : openat(k->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = from < 0 ? from : to < 0 ? -errno : scratch_copy_file(from, to, st->st_size);
	if (r == 0 && (fchmod(to, st->st_mode & 0777) < 0 || futimens(to, times) < 0))
		r = -errno;
	if (r < 0)
		fail(k, -r);
}

static void keep_link(struct keeping *k, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(k->from, name, text, sizeof text - 1);

	if (n >= 0)
		text[n] = '\0';
	if (n < 0 || symlinkat(text, k->to, name) < 0)
		fail(k, errno);
}

/* ------------------------------------------------------------------ directories */

/* The contents of the directory that FD is open on are to be done next. */
static int push_level(struct keeping *k, int fd, const struct stat *st)
{
	struct level level = { .path_len = k->path.len, .times = { st->st_atim, st->st_mtim } };
	DIR *dir = scratch_list(fd);
	const char *name;
	size_t cap = 0;

	if (!dir)
		return -errno;
	while ((name = scratch_next_name(dir))) {
		grow_array(&level.names, &cap, level.n + 1, sizeof(*level.names));
		level.names[level.n++] = xstrdup(name);
	}
	closedir(dir);
	grow_array(&k->levels, &k->cap_levels, k->n_levels + 1, sizeof(*k->levels));
	k->levels[k->n_levels++] = level;
	return 0;
}

/* Goes down into directory NAME. 0, or -errno and nothing has changed. */
static int enter(struct keeping *k, const char *name, const struct stat *st)
{
	_cleanup_close_ int from = scratch_open_own(k->from, name), to = -1;
	int r;

	if (from < 0)
		return from;
	if (mkdirat(k->to, name, 0700) < 0)
		return -errno;
	to = openat(k->to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0 || fchmod(to, (st->st_mode & 0777) | 0700) < 0)
		return -errno;
	r = push_level(k, from, st);
	if (r < 0)
		return r;
	close(k->from);
	close(k->to);
	k->from = steal_fd(&from);
	k->to = steal_fd(&to);
	return 0;
}

/* Goes up again. False: the rest cannot be copied, or nothing is left. */
static bool leave(struct keeping *k)
{
	struct level *level = &k->levels[--k->n_levels];
	_cleanup_close_ int from = -1, to = -1;

	free(level->names);
	if (k->n_levels == 0)
		return false; /* that was the root */
	futimens(k->to, level->times);
	from = openat(k->from, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = openat(k->to, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0 || to < 0) {
		fail(k, errno);
		return false;
	}
	close(k->from);
	close(k->to);
	k->from = steal_fd(&from);
	k->to = steal_fd(&to);
	return true;
}

static void keep_entry(struct keeping *k, const char *name)
{
	struct stat st;
	int r;

	k->path.len = k->levels[k->n_levels - 1].path_len;
	if (k->path.len)
		buf_putc(&k->path, '/');
	buf_puts(&k->path, name);
	if (fstatat(k->from, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		fail(k, errno);
	} else if (S_ISDIR(st.st_mode)) {
		r = enter(k, name, &st);
		if (r < 0)
			fail(k, -r);
	} else if (S_ISLNK(st.st_mode)) {
		keep_link(k, name);
	} else if (S_ISREG(st.st_mode)) {
		keep_file(k, name, &st);
	}
}

int scratch_keep(int from, int to, struct buf *message)
{
	struct keeping k = { .from = fcntl(from, F_DUPFD_CLOEXEC, 3), .to = fcntl(to, F_DUPFD_CLOEXEC, 3),
			     .target = to, .message = message };
	struct stat st;
	bool more = true;
	int r = k.from < 0 || k.to < 0 || fstat(from, &st) < 0 ? -errno : push_level(&k, from, &st);

	if (r < 0)
		fail(&k, -r);
	while (more && k.n_levels) {
		struct level *level = &k.levels[k.n_levels - 1];

		if (level->n) {
			_cleanup_free_ char *name = level->names[--level->n];

			keep_entry(&k, name);
		} else {
			more = leave(&k);
		}
	}
	while (k.n_levels) {
		struct level *level = &k.levels[--k.n_levels];

		while (level->n)
			free(level->names[--level->n]);
		free(level->names);
	}
	tdestroy(k.linked, free_linked);
	free(k.levels);
	buf_fini(&k.path);
	if (k.from >= 0)
		close(k.from);
	if (k.to >= 0)
		close(k.to);
	return k.r;
}
