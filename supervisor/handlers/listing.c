/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor reads the directory on a duplicate of the program's descriptor, which shares its offset,
 * into memory of its own, drops the names that a look would be told are absent, and hands on the rest.
 * It does not read just what the program has room for: whether a hidden name would still have fitted tells how
 * long that name is. Where more was read than handed on, the offset is put back to where the kernel says that
 * the listing goes on (d_off, telldir(3)).
 */
#include "supervisor/handlers/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracee/memory.h"

enum { ENTRIES = 32768, HEAD = 18, OLD_NAME = HEAD, NEW_NAME = HEAD + 1 };

/* Both structs of getdents(2) begin alike; in the old one the name follows at once. */
struct entry_head {
	uint64_t ino;
	int64_t off;
	uint16_t len;
};

static bool is_hidden(const struct policy *policy, struct listed *dir, const char *name, size_t len)
{
	struct decision decision;

	if ((len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
		return false;
	if (len == 0 || len > NAME_MAX)
		return true; /* no file system has such a name */
	memcpy(dir->path + dir->len, name, len);
	decision = policy_decide_path(policy, WANT_LOOKUP, dir->path, dir->len + len);
	/* A rule that grants listing a directory grants every name in it, even one whose file nothing grants. */
	return decision.action == ACTION_HIDE && decision.rule.kind == RULE_HIDE;
}

int listing_filter(const struct policy *policy, struct listed *dir, struct batch *batch, size_t room)
{
	size_t name_at = batch->old ? OLD_NAME : NEW_NAME, at = 0, kept = 0;
	struct entry_head head;

	batch->cut = false;
	for (; batch->n - at > name_at; at += head.len) {
		const char *entry = batch->entries + at;

		memcpy(&head, entry, HEAD);
		if (head.len <= name_at || head.len > batch->n - at)
			return -EIO;
		if (is_hidden(policy, dir, entry + name_at, strnlen(entry + name_at, head.len - name_at)))
			continue;
		if (head.len > room - kept) {
			batch->cut = kept > 0;
			return kept ? (int)kept : -EINVAL;
		}
		memmove(batch->entries + kept, entry, head.len);
		kept += head.len;
		batch->next = head.off;
	}
	return (int)kept;
}

/* The real path of the directory that FD is open on. 0 or -errno. */
static int find_path(int fd, struct listed *ret_dir)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, ret_dir->path, PATH_MAX);
	if (n < 0)
		return -errno;
	if (n == 0 || n == PATH_MAX || ret_dir->path[0] != '/')
		return -ENAMETOOLONG;
	if (n > 1)
		ret_dir->path[n++] = '/';
	ret_dir->len = (size_t)n;
	return 0;
}

/* Reads on until there is something to show: a program that gets 0 bytes takes it for the end. */
static int read_shown(const struct policy *policy, const struct call *call, int fd, struct listed *dir, char *entries)
{
	size_t room = MIN((uint32_t)call->request.args[2], ENTRIES);
	struct batch batch = { .entries = entries, .old = call->request.nr == SYS_getdents };
	int kept;

	do {
		long n = syscall(call->request.nr, fd, entries, ENTRIES);

		if (n <= 0)
			return n < 0 ? -errno : 0;
		batch.n = (size_t)n;
		kept = listing_filter(policy, dir, &batch, room);
	} while (kept == 0);
	if (batch.cut && lseek(fd, batch.next, SEEK_SET) < 0)
		return -errno;
	return kept;
}

static struct plan list(const struct view *view, struct call *call, int fd)
{
	alignas(8) char entries[ENTRIES];
	off_t begin = lseek(fd, 0, SEEK_CUR);
	struct listed dir;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return plan_answer(-ENOTDIR);
	/* Without its path, hidden names cannot be told from the others. */
	if (find_path(fd, &dir) < 0)
		return plan_deny(view->ground->policy, 0);
	r = read_shown(view->ground->policy, call, fd, &dir, entries);
	/* If nothing can be handed on, the offset must not have moved. */
	if (r > 0 && memory_write(call->request.tid, call->request.args[1], entries, (size_t)r) < 0)
		r = -EFAULT;
	if (r < 0 && begin >= 0)
		lseek(fd, begin, SEEK_SET);
	return plan_answer(r);
}

struct plan handle_listing(const struct view *view, struct call *call)
{
	(void)call;
	return plan_instead(view, list);
}
