/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/standing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/filter.h"

enum { FIRST_FD = 64 }; /* above what a run opens: so that few gaps are between those that stay open */

struct root {
	char *path;
	struct standing_id id;
	int fd;
	bool asked; /* by the run that is under way */
};

struct standing {
	struct root root[STANDING_MAX - 1];
	size_t n_roots, next; /* NEXT: where the one is expected that is asked for now */
	struct standing_rule *rules;
	size_t n_rules;
	int abi, ruleset; /* RULESET: -1: none */
	bool ruleset_asked;
	struct filter_kept filter;
};

struct standing *standing_new(void)
{
	struct standing *standing;
	struct standing_id id;

	if (!standing_look("/", -1, &id))
		return NULL;
	standing = xcalloc(1, sizeof *standing);
	standing->ruleset = -1;
	return standing;
}

static void drop_root(struct root *root)
{
	close(root->fd);
	free(root->path);
}

static void drop_ruleset(struct standing *standing)
{
	if (standing->ruleset >= 0)
		close(standing->ruleset);
	standing->ruleset = -1;
	free(steal_ptr(&standing->rules));
	standing->n_rules = 0;
}

void standing_free(struct standing *standing)
{
	if (!standing)
		return;
	while (standing->n_roots)
		drop_root(&standing->root[--standing->n_roots]);
	drop_ruleset(standing);
	free(standing);
}

void standing_settle(struct standing *standing)
{
	size_t i, n = 0;

	for (i = 0; i < standing->n_roots; i++) {
		if (!standing->root[i].asked) {
			drop_root(&standing->root[i]);
			continue;
		}
		standing->root[n] = standing->root[i];
		standing->root[n++].asked = false;
	}
	standing->n_roots = n;
	standing->next = 0;
	if (!standing->ruleset_asked)
		drop_ruleset(standing);
	standing->ruleset_asked = false;
}

struct filter_kept *standing_filter(struct standing *standing)
{
	return &standing->filter;
}

size_t standing_descriptors(const struct standing *standing, int fds[STANDING_MAX])
{
	size_t n = 0;

	while (n < standing->n_roots) {
		fds[n] = standing->root[n].fd;
		n++;
	}
	if (standing->ruleset >= 0)
		fds[n++] = standing->ruleset;
	return n;
}

bool standing_look(const char *path, int fd, struct standing_id *ret_id)
{
	struct statx st;
	int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | (path ? 0 : AT_EMPTY_PATH);

	if (statx(path ? AT_FDCWD : fd, path ? path : "", flags, STATX_TYPE | STATX_MODE | STATX_INO | STATX_MNT_ID, &st) < 0 ||
	    !(st.stx_mask & STATX_MNT_ID))
		return false;
	*ret_id = (struct standing_id){ .inode = st.stx_ino, .mount = st.stx_mnt_id, .major = st.stx_dev_major,
					.minor = st.stx_dev_minor, .mode = st.stx_mode };
	return true;
}

/* All but its permissions, which are asked for when it is used. */
static bool is_same(const struct standing_id *a, const struct standing_id *b)
{
	return a->inode == b->inode && a->mount == b->mount && a->major == b->major && a->minor == b->minor &&
	       (a->mode & S_IFMT) == (b->mode & S_IFMT);
}

/* The one for PATH. They are asked for in the same order by every run of the same policy. */
static struct root *find(struct standing *standing, const char *path)
{
	size_t n = standing->n_roots, i, at;

	for (i = 0; i < n; i++) {
		at = (standing->next + i) % n;
		if (!streq(standing->root[at].path, path))
			continue;
		standing->next = at + 1;
		return &standing->root[at];
	}
	return NULL;
}

int standing_root(struct standing *standing, const char *path)
{
	struct root *root = find(standing, path);
	struct standing_id id;

	if (!root || !standing_look(path, -1, &id) || !is_same(&id, &root->id))
		return -1;
	root->asked = true;
	return root->fd;
}

bool standing_known(const struct standing *standing, int fd, struct standing_id *ret_id)
{
	size_t i;

	for (i = 0; i < standing->n_roots; i++)
		if (standing->root[i].fd == fd && standing->root[i].asked) {
			*ret_id = standing->root[i].id;
			return true;
		}
	return false;
}

static int keep(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
}

void standing_keep_root(struct standing *standing, const char *path, int fd)
{
	struct root *root = find(standing, path);
	struct standing_id id;
	int kept = standing_look(NULL, fd, &id) ? keep(fd) : -1;

	/* The former one may be in use. */
	if (kept >= 0 && (!root || !root->asked) && standing->n_roots < ARRAY_SIZE(standing->root))
		standing->root[standing->n_roots++] = (struct root){ xstrdup(path), id, kept, true };
	else if (kept >= 0)
		close(kept);
}

static bool same_rules(const struct standing_rule *a, const struct standing_rule *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!is_same(&a[i].id, &b[i].id) || a[i].access != b[i].access)
			return false;
	return true;
}

int standing_ruleset(struct standing *standing, int abi, const struct standing_rule *rules, size_t n)
{
	if (standing->ruleset < 0 || standing->abi != abi || standing->n_rules != n || !same_rules(standing->rules, rules, n))
		return -1;
	standing->ruleset_asked = true;
	return standing->ruleset;
}

void standing_keep_ruleset(struct standing *standing, int abi, const struct standing_rule *rules, size_t n, int fd)
{
	drop_ruleset(standing);
	standing->ruleset = keep(fd);
	if (standing->ruleset < 0)
		return;
	standing->abi = abi;
	standing->ruleset_asked = true;
	standing->rules = xmalloc((n + !n) * sizeof *rules);
	if (n)
		memcpy(standing->rules, rules, n * sizeof *rules);
	standing->n_rules = n;
}
