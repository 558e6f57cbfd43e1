/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/last_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/target_path.h"
#include "cli/xdg.h"

/* The greatest length of a record; the one that crosses the bound is still written. */
#define RECORD_ROOM (UINT64_C(1) << 20)

static char *directory_name(void)
{
	return xdg_directory("XDG_STATE_HOME", ".local/state");
}

char *last_log_name(void)
{
	_cleanup_free_ char *directory = directory_name();

	return directory ? xasprintf("%s/last.jsonl", directory) : NULL;
}

char *last_log_directory(void)
{
	_cleanup_free_ char *rest = xstrdup("");
	char *name = directory_name();

	while (name && *name) {
		_cleanup_free_ char *real = realpath(name, NULL), *longer = NULL;
		char *slash = strrchr(name, '/');

		if (real) {
			free(name);
			return xasprintf("%s%s", slashed(real), rest);
		}
		if (!slash)
			break;
		longer = xasprintf("%s%s", slash, rest);
		free(rest);
		rest = steal_ptr(&longer);
		*slash = '\0';
	}
	free(name);
	return NULL;
}

/* ------------------------------------------------------------------ the directory */

static bool is_own(const struct stat *directory)
{
	return directory->st_uid == geteuid() && !(directory->st_mode & 022);
}

/* Makes directory NAME, in one of our own, unless it exists. */
static int make_directory(const char *name)
{
	_cleanup_(target_path_fini) struct target_path path = TARGET_PATH_INIT;
	uid_t owner;
	int r = target_path_find(name, &path, &owner);

	if (r == -EISDIR)
		return 0;
	if (r < 0)
		return r;
	if (path.object >= 0 || path.number >= 0)
		return -ENOTDIR;
	if (!is_own(&path.dir_st))
		return -EPERM;
	return mkdirat(path.dir, path.base, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* Makes the last three components of the path, but not the directories above. */
static int make_directories(void)
{
	_cleanup_free_ char *name = directory_name();
	size_t i, n = 0, at[3] = { 0 };
	int r = 0;

	if (!name)
		return -ENOENT;
	for (i = strlen(name); i > 1 && n + 1 < ARRAY_SIZE(at); i--)
		if (name[i] == '/' && name[i + 1] != '/')
			at[n++] = i;
	while (n-- > 0 && r == 0) {
		name[at[n]] = '\0';
		r = make_directory(name);
		name[at[n]] = '/';
	}
	return r < 0 ? r : make_directory(name);
}

/* Finds the directory, and what is in the log's place in it. */
static int find(struct target_path *ret_path)
{
	_cleanup_(target_path_fini) struct target_path path = TARGET_PATH_INIT;
	_cleanup_free_ char *name = last_log_name();
	uid_t owner;
	int r = name ? target_path_find(name, &path, &owner) : -ENOENT;

	if (r < 0)
		return r;
	if (path.number >= 0 || path.by_link || !is_own(&path.dir_st))
		return -EPERM;
	if (path.object >= 0 && !S_ISREG(path.st.st_mode))
		return -EEXIST;
	*ret_path = path;
	path = (struct target_path)TARGET_PATH_INIT;
	return 0;
}

int last_log_open(void)
{
	_cleanup_(target_path_fini) struct target_path path = TARGET_PATH_INIT;
	struct rlimit limit;
	int fd, r = make_directories();

	if (r == 0)
		r = find(&path);
	if (r < 0)
		return r;
	/* A log that cannot be written would end the run. */
	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur < LAST_LOG_MAX + RECORD_ROOM)
		return -EFBIG;
	fd = memfd_create("proctor-log", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ------------------------------------------------------------------ keeping it */

static int copy(int from, int to)
{
	_cleanup_free_ char *text = NULL;
	char name[64];
	size_t len;
	ssize_t n;
	int r;

	snprintf(name, sizeof name, "/proc/self/fd/%d", from);
	r = read_file(AT_FDCWD, name, LAST_LOG_MAX + RECORD_ROOM, &text, &len);
	if (r < 0)
		return r;
	n = write_full(to, text, len);
	return n < 0 ? (int)n : 0;
}

int last_log_keep(int fd)
{
	_cleanup_(target_path_fini) struct target_path path = TARGET_PATH_INIT;
	_cleanup_close_ int out = -1;
	uint64_t random;
	char name[64];
	int r = find(&path);

	if (r < 0)
		return r;
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return -EIO;
	snprintf(name, sizeof name, ".last-%016llx.tmp", (unsigned long long)random);
	out = openat(path.dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out < 0)
		return -errno;
	r = copy(fd, out);
	if (r == 0 && close(steal_fd(&out)) < 0)
		r = -errno;
	if (r == 0 && renameat(path.dir, name, path.dir, path.base) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(path.dir, name, 0);
	return r;
}
