/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation. The walk has a canonical part, which is known to be a directory, and the text that is still to
 * do. Each round takes components from the text up to the next ".."; the canonical part followed by them is the
 * candidate. One of these happens to it:
 *
 *   it is the tracee's own /proc/self, /dev/fd …    answered from text; the kernel would take
 *                                                   proctor for "self"
 *   a recorded link stands in it                    the link's text replaces it, and another round
 *   a read rule holds it, or it is on the way       openat2() beneath the rule's root, which either
 *   to what one holds                               proves that no link is in it or says ELOOP: then
 *                                                   the first link is looked for and replaced
 *   nothing of the kind                             blocked; nothing was looked at
 *
 * A candidate before ".." has to be an existing directory, and then its parent is the canonical part of the next
 * round. A candidate that no rule names is taken for a directory by its text, so that a way through it leads on
 * without telling whether it is there, or a link.
 *
 * What makes this safe is that a descriptor is only ever opened by openat2() beneath the root of a rule, by the very
 * name that the policy was asked about and without following any link. A link's text, the text of the tracee's working
 * directory, everything that may change while it is looked at only chooses which name is asked about next.
 */
#include "supervisor/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"

#define MAX_LINKS   40 /* as the kernel's MAXSYMLINKS, path_resolution(7) */
#define MAX_RETRIES 64 /* of one candidate, while somebody else renames beneath it */
#define WORD_BITS   64
#define OUT_OF_PLACE (-EXDEV) /* instead of a root: nothing beneath it can be looked at */

/* linux/openat2.h has macros of the kernel's flags under the prefix of our own. */
#define BENEATH (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

struct resolver {
	const struct policy *policy; /* whose rules hold what is looked at */
	const struct policy *asked;  /* what may be looked at: the same, or a policy within it */
	bool borrows;		     /* the descriptors are another resolver's */
	int slash; /* "/": for ancestors of grants and for links, which the policy names one by one */
	int *roots;
	bool *lent; /* of each root: it is another's, and stays open */
	size_t n_roots;
	int *root_of;	    /* of each of the policy's rules: position in roots, or -errno */
	bool read_patterns; /* there are read rules with wildcards */
	uint64_t link_lengths[PATH_MAX / WORD_BITS]; /* a bit for each length that a recorded link's path has */
};

/* ------------------------------------------------------------------ file systems of the kernel's */

enum { MQUEUE_MAGIC = 0x19800202 /* ipc/mqueue.c */ };

/*
 * File systems that tell of other processes or of the kernel, or where reading can have an effect. Rules refuse or
 * grant them by the names where they belong; mounted elsewhere, inside a tree that was granted for its other contents,
 * they are nothing that anybody meant to grant.
 */
static const struct {
	long type;
	const char *place;
} kernel_file_systems[] = {
	{ PROC_SUPER_MAGIC, "/proc" },	{ BINFMTFS_MAGIC, "/proc" },	{ NSFS_MAGIC, "/proc" },
	{ SYSFS_MAGIC, "/sys" },	{ DEBUGFS_MAGIC, "/sys" },	{ TRACEFS_MAGIC, "/sys" },
	{ SECURITYFS_MAGIC, "/sys" },	{ SELINUX_MAGIC, "/sys" },	{ SMACK_MAGIC, "/sys" },
	{ CGROUP_SUPER_MAGIC, "/sys" }, { CGROUP2_SUPER_MAGIC, "/sys" }, { BPF_FS_MAGIC, "/sys" },
	{ PSTOREFS_MAGIC, "/sys" },	{ EFIVARFS_MAGIC, "/sys" },	{ DEVPTS_SUPER_MAGIC, "/dev" },
	{ MQUEUE_MAGIC, "/dev" },
};

/* Is FD, found at PATH (LEN bytes, canonical), on one of them and not where that belongs? */
static bool is_out_of_place(int fd, const char *path, size_t len)
{
	struct statfs fs;
	size_t i, n;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (i = 0; i < ARRAY_SIZE(kernel_file_systems); i++) {
		if (fs.f_type != kernel_file_systems[i].type)
			continue;
		n = strlen(kernel_file_systems[i].place);
		return len < n || memcmp(path, kernel_file_systems[i].place, n) != 0 || (len > n && path[n] != '/');
	}
	return false;
}

/* ------------------------------------------------------------------ roots */

static int open_beneath(int dir, const char *path, int flags, uint64_t how_to)
{
	struct open_how how = { .flags = (unsigned)(flags | O_PATH | O_CLOEXEC), .resolve = how_to };
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

static int compare_roots(const void *a, const void *b)
{
	return strcmp((*(struct grant *const *)a)->root, (*(struct grant *const *)b)->root);
}

/* A root that is not what the policy took it for is left out; a failure of our own is not. */
static bool leaves_out(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ELOOP || err == -EACCES || err == -ENAMETOOLONG;
}

static int open_root(const char *root, const struct detached *detached)
{
	if (detached && detached->path && streq(root, detached->path))
		return open_beneath(detached->fd, ".", O_DIRECTORY, BENEATH);
	return open_beneath(AT_FDCWD, root, O_DIRECTORY, BENEATH & ~RESOLVE_BENEATH);
}

/* Opens the directory ROOT, if it is not open already; -errno or OUT_OF_PLACE. */
static int take_root(struct standing *standing, const char *root, const struct detached *detached, bool *ret_lent)
{
	bool is_scratch = detached && detached->path && streq(root, detached->path);
	int fd = standing && !is_scratch ? standing_root(standing, root) : -1;

	*ret_lent = fd >= 0;
	if (*ret_lent)
		return fd;
	fd = open_root(root, detached);
	if (fd >= 0 && is_out_of_place(fd, root, strlen(root))) {
		close(fd);
		return OUT_OF_PLACE;
	}
	if (fd >= 0 && standing && !is_scratch)
		standing_keep_root(standing, root, fd);
	return fd;
}

static int open_roots(struct standing *standing, struct resolver *resolver, const struct detached *detached)
{
	const struct policy *policy = resolver->policy;
	_cleanup_free_ struct grant **sorted = xcalloc(policy->n_grants, sizeof(*sorted));
	size_t i, n = 0;
	int root = -ENOENT;

	for (i = 0; i < policy->n_grants; i++) {
		resolver->root_of[policy->grants[i]->index] = -ENOENT;
		if (policy->grants[i]->rule.kind == RULE_READ)
			sorted[n++] = policy->grants[i];
	}
	qsort(sorted, n, sizeof(*sorted), compare_roots);
	for (i = 0; i < n; i++) {
		if (i == 0 || compare_roots(&sorted[i - 1], &sorted[i]) != 0) {
			bool *lent = &resolver->lent[resolver->n_roots];
			int fd = take_root(standing, sorted[i]->root, detached, lent);

			if (fd < 0 && fd != OUT_OF_PLACE && !leaves_out(fd))
				return fd;
			root = fd < 0 ? fd : (int)resolver->n_roots;
			if (fd >= 0)
				resolver->roots[resolver->n_roots++] = fd;
		}
		resolver->root_of[sorted[i]->index] = root;
	}
	return 0;
}

static bool has_read_patterns(const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++)
		if (policy->grants[i]->rule.kind == RULE_READ && policy->grants[i]->shape == GRANT_PATTERN)
			return true;
	return false;
}

static void note_rules(struct resolver *resolver)
{
	const struct policy *policy = resolver->policy;
	size_t i;

	resolver->read_patterns = has_read_patterns(policy);
	for (i = 0; i < policy->n_links; i++) {
		size_t len = strlen(policy->links[i].path);

		if (len < PATH_MAX)
			resolver->link_lengths[len / WORD_BITS] |= 1ull << len % WORD_BITS;
	}
}

int resolver_new_on(struct standing *standing, const struct policy *policy, const struct detached *detached,
		    struct resolver **ret_resolver)
{
	struct resolver *resolver = xcalloc(1, sizeof *resolver);
	int r;

	resolver->policy = resolver->asked = policy;
	resolver->roots = xcalloc(policy->n_grants, sizeof(*resolver->roots));
	resolver->lent = xcalloc(policy->n_grants + 1, sizeof(*resolver->lent));
	resolver->root_of = xcalloc(policy->n_grants, sizeof(*resolver->root_of));
	note_rules(resolver);
	resolver->slash = open_beneath(AT_FDCWD, "/", O_DIRECTORY, 0);
	r = resolver->slash < 0 ? resolver->slash : open_roots(standing, resolver, detached);
	if (r < 0) {
		resolver_free(resolver);
		return r;
	}
	*ret_resolver = resolver;
	return 0;
}

int resolver_new(const struct policy *policy, const struct detached *detached, struct resolver **ret_resolver)
{
	return resolver_new_on(NULL, policy, detached, ret_resolver);
}

struct resolver *resolver_within(const struct resolver *outer, const struct policy *policy)
{
	struct resolver *resolver = xcalloc(1, sizeof *resolver);

	*resolver = *outer;
	resolver->asked = policy;
	resolver->borrows = true;
	resolver->read_patterns |= has_read_patterns(policy);
	return resolver;
}

void resolver_free(struct resolver *resolver)
{
	size_t i;

	if (!resolver)
		return;
	if (resolver->borrows) {
		free(resolver);
		return;
	}
	for (i = 0; i < resolver->n_roots; i++)
		if (!resolver->lent[i])
			close(resolver->roots[i]);
	if (resolver->slash >= 0)
		close(resolver->slash);
	free(resolver->roots);
	free(resolver->lent);
	free(resolver->root_of);
	free(resolver);
}

size_t resolver_n_roots(const struct resolver *resolver)
{
	return resolver->n_roots;
}

int resolver_root_fd(const struct resolver *resolver, size_t root)
{
	return resolver->roots[root];
}

int resolver_root_of(const struct resolver *resolver, const struct grant *grant)
{
	int root = resolver->root_of[grant->index];

	return root < 0 ? -1 : root;
}

/* Bytes of canonical text that name the directory ROOT: none for "/". */
static size_t root_length(const char *root)
{
	return root[1] ? strlen(root) : 0;
}

const char *resolver_rest(const struct grant *grant, const char *path)
{
	const char *rest = path + root_length(grant->root);

	return rest[0] && rest[1] ? rest + 1 : ".";
}

/* ------------------------------------------------------------------ the trail */

struct trail {
	struct buf text;
	size_t n;
	struct {
		size_t name, path, link; /* 1 + where it begins in the text, or 0 */
	} steps[RESOLVE_MAX_STEPS];
};

static size_t trail_put(struct trail *trail, const char *text, size_t len)
{
	size_t at = trail->text.len;

	buf_put(&trail->text, text, len);
	buf_putc(&trail->text, '\0');
	return at + 1;
}

static void trail_add(struct trail *trail, const char *name, size_t name_len, const char *path, size_t path_len,
		      const char *link, size_t link_len)
{
	if (!trail || trail->n == RESOLVE_MAX_STEPS)
		return;
	trail->steps[trail->n].name = name ? trail_put(trail, name, name_len) : 0;
	trail->steps[trail->n].path = path_len ? trail_put(trail, path, path_len) : trail_put(trail, "/", 1);
	trail->steps[trail->n].link = link ? trail_put(trail, link, link_len) : 0;
	trail->n++;
}

static const char *trail_text(const struct object *object, size_t at)
{
	return at ? object->trail_text + at - 1 : NULL;
}

static void trail_finish(struct trail *trail, struct object *object)
{
	size_t i;

	object->trail_text = buf_steal(&trail->text);
	object->steps = xcalloc(trail->n, sizeof(*object->steps));
	object->n_steps = trail->n;
	for (i = 0; i < trail->n; i++)
		object->steps[i] = (struct resolve_step){
			trail_text(object, trail->steps[i].name),
			trail_text(object, trail->steps[i].path),
			trail_text(object, trail->steps[i].link),
		};
	free(trail);
}

/* ------------------------------------------------------------------ the walk */

/* What a look at the candidate led to. */
enum next {
	DONE,	   /* the object is filled */
	DIRECTORY, /* the candidate is a directory: on to the ".." behind it */
	ASSUMED,   /* it is taken for one by its text: likewise */
	AGAIN,	   /* a link was replaced by its text */
	RETRY,	   /* something changed while it was looked at */
};

struct walk {
	const struct resolver *resolver;
	pid_t tgid, tid;
	int reserved_fd;
	bool follow;	 /* a link in the last place */
	bool looks;	 /* what is there is to be looked at, not held */
	bool directory;	 /* the candidate has to be a directory, as it has before ".." */
	bool dotdot;	 /* ".." comes after the candidate */
	unsigned links;
	bool opened;	   /* a way has been opened */
	size_t components; /* components looked up since then, without: */
	size_t loops;	   /* ways that ended at a link, not yet known where */
	size_t base;	 /* bytes of the candidate that name a directory known to exist; 0 for "/" */
	bool assumed;	 /* or only assumed to */
	struct object *object; /* path and len are the candidate; "" for "/" */
	const char *todo, *end;
	char *text[2];	 /* PATH_MAX each: what is to do, and what replaces it */
	struct trail *trail;
};

static enum next finish(struct walk *w, enum object_state state, int err)
{
	w->object->state = state;
	w->object->err = err;
	if (state != OBJECT_FOUND && state != OBJECT_ABSENT)
		w->object->grant = NULL;
	return DONE;
}

/* The kernel's answer, or one like it, to a name that may be looked up. */
static enum next refused(struct walk *w, int err)
{
	bool absent = err == ENOENT || err == ENOTDIR;

	w->object->whole = !w->dotdot;
	return finish(w, absent ? OBJECT_ABSENT : OBJECT_ERROR, err);
}

/* May it be seen that the first LEN bytes of the candidate exist, and where they lead if they are a link? */
static bool may_look_up(const struct walk *w, size_t len)
{
	const char *path = len ? w->object->path : "/";

	return policy_decide_path(w->resolver->asked, WANT_LOOKUP, path, len ? len : 1).action == ACTION_ALLOW;
}

/*
 * The walk may not pass the first STOP bytes of the candidate. Normally the whole path is reported as the one that was
 * asked for. Where a rule allows the whole path, it is cut at STOP: the record would otherwise name a path that is
 * allowed, though a rule on the way to it refused.
 */
static enum next blocked(struct walk *w, size_t stop)
{
	if (stop < w->object->len && may_look_up(w, w->object->len)) {
		w->object->len = stop;
		w->object->path[stop] = '\0';
	}
	return finish(w, OBJECT_BLOCKED, 0);
}

static bool append(struct walk *w, const char *name, size_t n)
{
	struct object *object = w->object;

	if (object->len + 1 + n >= PATH_MAX)
		return false;
	object->path[object->len] = '/';
	memcpy(object->path + object->len + 1, name, n);
	object->len += n + 1;
	return true;
}

/* Takes from the text what comes before "..", or all. False when that is too long. */
static bool gather(struct walk *w)
{
	const char *p = w->todo, *end = w->end;

	w->dotdot = false;
	w->directory = true;
	while (p < end) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		const char *stop = slash ? slash : end;
		size_t n = (size_t)(stop - p);

		if (n == 2 && p[0] == '.' && p[1] == '.') {
			w->directory = w->dotdot = true;
			end = stop;
		} else if (n && !(n == 1 && p[0] == '.')) {
			if (!append(w, p, n))
				return false;
			w->directory = slash;
		} else {
			w->directory = true;
		}
		p = slash ? slash + 1 : end;
	}
	w->todo = w->dotdot ? end : w->end;
	w->object->path[w->object->len] = '\0';
	return true;
}

static bool follows(const struct walk *w)
{
	return w->follow || w->directory;
}

static size_t parent_length(const char *path, size_t len)
{
	while (len && path[len - 1] != '/')
		len--;
	return len ? len - 1 : 0;
}

/*
 * Puts TEXT in the place of the first END bytes of the candidate: TEXT and what follows is then to do. The caller says
 * where that starts.
 */
static bool replace(struct walk *w, size_t end, const char *text, size_t n)
{
	const struct object *object = w->object;
	size_t behind = object->len - end, left = w->dotdot ? (size_t)(w->end - w->todo) : 0;
	char *out = w->text[0];

	if (n + behind + left + 4 >= PATH_MAX)
		return false;
	w->text[0] = w->text[1];
	w->text[1] = out;
	w->end = out + n + behind;
	memcpy(out, text, n);
	memcpy(out + n, object->path + end, behind);
	if (w->dotdot) {
		memcpy(out + n + behind, "/..", 3);
		memcpy(out + n + behind + 3, w->todo, left);
		w->end += 3 + left;
	} else if (w->directory) {
		*(char *)w->end++ = '/';
	}
	w->todo = out;
	return true;
}

/*
 * Records that the walk came to the first END bytes of the candidate. They may end before what was
 * known to be a directory: it can have become a link since.
 */
static void note_step(const struct walk *w, size_t end, const char *link, size_t n)
{
	const char *path = w->object->path;
	size_t from = w->base < end ? w->base : parent_length(path, end);

	trail_add(w->trail, path + from + 1, end - from - 1, path, end, link, n);
}

/* The first END bytes of the candidate are a link with this TEXT. */
static enum next follow_link(struct walk *w, size_t end, const char *text, size_t n)
{
	struct object *object = w->object;
	size_t start = n && text[0] == '/' ? 0 : parent_length(object->path, end);

	note_step(w, end, text, n);
	if (++w->links > MAX_LINKS)
		return finish(w, OBJECT_ERROR, ELOOP);
	if (n == 0)
		return finish(w, OBJECT_ABSENT, ENOENT);
	if (!replace(w, end, text, n))
		return finish(w, OBJECT_ERROR, ENAMETOOLONG);
	object->len = w->base = start;
	w->assumed = false;
	return AGAIN;
}

/* ------------------------------------------------------------------ looking at the file system */

static size_t count_components(const char *path, size_t len)
{
	size_t n = 1, i;

	for (i = 0; i < len; i++)
		n += path[i] == '/';
	return n;
}

/*
 * open_beneath(), for which a walk has a bound. For each ".." and each link a way is opened from the root again:
 * without a bound a text of PATH_MAX costs a million components. The first way is free: it costs as much as the text
 * is long.
 */
static int open_way(struct walk *w, int dir, const char *path, int flags, uint64_t how_to)
{
	bool counts = w->opened;
	int fd;

	if (w->components > RESOLVE_MAX_COMPONENTS)
		return -ENAMETOOLONG;
	w->opened = true;
	fd = open_beneath(dir, path, flags, how_to);
	if (fd == -ELOOP)
		w->loops++;
	else if (counts)
		w->components += count_components(path, strlen(path));
	return fd;
}

/* The ways that ended at a link went no further than N bytes of PATH. */
static void count_loops(struct walk *w, const char *path, size_t n)
{
	w->components += w->loops * count_components(path, n);
	w->loops = 0;
}

/* Opens the first END bytes of the candidate, of which START are the name of DIR; a link is not followed. */
static int open_part(struct walk *w, int dir, size_t start, size_t end)
{
	char *path = w->object->path, saved = path[end];
	int fd;

	path[end] = '\0';
	fd = open_way(w, dir, path + start + 1, O_NOFOLLOW, BENEATH);
	path[end] = saved;
	return fd;
}

/* A place where a component ends, between LOW and HIGH (neither of them) and near the middle; 0 if there is
 * none. */
static size_t middle_component(const char *path, size_t low, size_t high)
{
	size_t middle = low + 1 + (high - low - 1) / 2;
	const char *slash = memchr(path + middle, '/', high - middle);

	if (!slash)
		slash = memrchr(path + low + 1, '/', middle - low - 1);
	return slash ? (size_t)(slash - path) : 0;
}

/*
 * Opens the first link on the way from DIR (START bytes of the candidate) to its first END bytes. The parts that go
 * beyond the link, and only those, answer ELOOP. Mostly the link is the last component; otherwise halving finds it
 * among thousands. A descriptor, perhaps of no link, or -errno.
 */
static int open_first_link(struct walk *w, int dir, size_t start, size_t end, size_t *ret_end)
{
	_cleanup_close_ int found = open_part(w, dir, start, end);
	size_t low = start, high = end, middle;

	if (found >= 0)
		low = end;
	else if (found != -ELOOP)
		return found;
	while (low < high && (middle = middle_component(w->object->path, low, high))) {
		int fd = open_part(w, dir, start, middle);

		if (fd == -ELOOP) {
			high = middle;
			continue;
		}
		if (fd < 0)
			return fd;
		if (found >= 0)
			close(found);
		found = fd;
		low = middle;
	}
	if (found < 0)
		return -EAGAIN;
	*ret_end = low;
	return steal_fd(&found);
}

/*
 * The text of a link. Links in /proc mean the process that reads them, so they are never read: -EACCES. -EAGAIN when
 * LINK is no link.
 */
static ssize_t read_link_text(int link, char *text, size_t size)
{
	struct statfs fs;
	ssize_t n;

	if (fstatfs(link, &fs) < 0)
		return -errno;
	if (fs.f_type == PROC_SUPER_MAGIC)
		return -EACCES;
	n = readlinkat(link, "", text, size);
	if (n < 0)
		return errno == ENOENT || errno == EINVAL ? -EAGAIN : -errno;
	return (size_t)n < size ? n : -ENAMETOOLONG;
}

/*
 * Follows the first link on the way from DIR to the first END bytes of the candidate. RETRY when
 * there is none.
 */
static enum next find_link(struct walk *w, int dir, size_t start, size_t end)
{
	size_t link_end = end;
	char text[PATH_MAX];
	_cleanup_close_ int link = open_first_link(w, dir, start, end, &link_end);
	ssize_t n;

	count_loops(w, w->object->path + start, link_end - start);
	if (link < 0)
		return link == -EAGAIN || link == -ENOENT || link == -ENOTDIR ? RETRY : refused(w, -link);
	if (link_end == w->object->len && !follows(w))
		return RETRY; /* the link that was in the way is gone */
	if (!may_look_up(w, link_end))
		return blocked(w, link_end);
	n = read_link_text(link, text, sizeof text);
	if (n < 0)
		return n == -EAGAIN ? RETRY : finish(w, OBJECT_ERROR, (int)-n);
	return follow_link(w, link_end, text, (size_t)n);
}

/* Does the way to the candidate beneath DIR lead through a file system that is out of place? FD: what is there, if anything. */
static bool leads_out_of_place(struct walk *w, int dir, size_t start, int fd)
{
	const struct object *object = w->object;
	size_t end = object->len;
	char path[PATH_MAX];
	bool out;

	if (fd >= 0)
		return is_out_of_place(fd, object->path, end);
	/* Nothing, or a link: where would it be? */
	memcpy(path, object->path, end + 1);
	do {
		end = parent_length(path, end);
		path[end] = '\0';
		fd = open_way(w, dir, end > start ? path + start + 1 : ".", O_DIRECTORY, BENEATH);
	} while (fd < 0 && end > start);
	if (fd < 0)
		return true;
	out = is_out_of_place(fd, path, end);
	close(fd);
	return out;
}

/*
 * Opens the candidate beneath DIR. Nearly always it is on DIR's own file system, which the kernel can prove on the
 * way; where something is mounted in between, a look tells what. OUT_OF_PLACE: not to be looked at.
 */
static int open_candidate(struct walk *w, int dir, size_t start)
{
	struct object *object = w->object;
	const char *rest = start < object->len ? object->path + start + 1 : ".";
	int flags = w->directory ? O_DIRECTORY : w->follow ? 0 : O_NOFOLLOW;
	int fd = open_way(w, dir, rest, flags, BENEATH | RESOLVE_NO_XDEV);

	object->one_mount = fd != -EXDEV;
	if (object->one_mount)
		return fd;
	fd = open_way(w, dir, rest, flags, BENEATH);
	if (fd == -EAGAIN || !leads_out_of_place(w, dir, start, fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return OUT_OF_PLACE;
}

static struct stat stat_of(const struct statx *stx)
{
	return (struct stat){
		.st_dev = makedev(stx->stx_dev_major, stx->stx_dev_minor),
		.st_ino = stx->stx_ino,
		.st_nlink = stx->stx_nlink,
		.st_mode = stx->stx_mode,
		.st_uid = stx->stx_uid,
		.st_gid = stx->stx_gid,
		.st_rdev = makedev(stx->stx_rdev_major, stx->stx_rdev_minor),
		.st_size = (off_t)stx->stx_size,
		.st_blksize = (blksize_t)stx->stx_blksize,
		.st_blocks = (blkcnt_t)stx->stx_blocks,
		.st_atim = { stx->stx_atime.tv_sec, stx->stx_atime.tv_nsec },
		.st_mtim = { stx->stx_mtime.tv_sec, stx->stx_mtime.tv_nsec },
		.st_ctim = { stx->stx_ctime.tv_sec, stx->stx_ctime.tv_nsec },
	};
}

/* Is something mounted on what STX describes, as far as the kernel says so (Linux 5.8)? */
static bool may_be_mounted(const struct statx *stx)
{
	return !(stx->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) || (stx->stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/*
 * Where the candidate is DIR itself, or one name in it, a look is as good as a way to it: the kernel takes DIR, which is
 * held, and that name in one step, so there is nothing in between that anybody could rename, replace or mount over. A
 * link that is to be followed is, as if its way had ended at it. What something is mounted on is left to
 * open_candidate() (false).
 */
static bool look_at_once(struct walk *w, int dir, size_t start, enum next *ret_next)
{
	struct object *object = w->object;
	const char *name = start < object->len ? object->path + start + 1 : "";
	struct statx stx;

	if (!w->looks || w->dotdot || w->directory || strchr(name, '/') || w->components > RESOLVE_MAX_COMPONENTS)
		return false;
	if (statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) < 0) {
		if (errno != ENOENT)
			return false;
		object->one_mount = true;
		*ret_next = refused(w, ENOENT);
		return true;
	}
	if (*name && may_be_mounted(&stx))
		return false;
	object->one_mount = true;
	if (S_ISLNK(stx.stx_mode) && w->follow) {
		w->opened = true;
		w->loops++;
		*ret_next = find_link(w, dir, start, object->len);
		return true;
	}
	object->looked = true;
	object->st = stat_of(&stx);
	*ret_next = finish(w, OBJECT_FOUND, 0);
	return true;
}

/* The candidate may be looked up beneath DIR, whose name its first START bytes are. */
static enum next look_beneath(struct walk *w, int dir, size_t start)
{
	struct object *object = w->object;
	enum next next;
	int fd;

	if (look_at_once(w, dir, start, &next))
		return next;
	fd = open_candidate(w, dir, start);
	if (fd == OUT_OF_PLACE)
		return blocked(w, object->len);
	if (fd == -ELOOP)
		return find_link(w, dir, start, object->len);
	if (fd == -EAGAIN)
		return RETRY;
	if (fd >= 0 && w->dotdot) {
		close(fd);
		return DIRECTORY;
	}
	if (fd < 0)
		return refused(w, -fd);
	object->fd = fd;
	return finish(w, OBJECT_FOUND, 0);
}

/* ------------------------------------------------------------------ where a walk starts */

static bool ends_in(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

/*
 * The name of a directory of thread TID: its descriptor FD, or its working directory for
 * AT_FDCWD. It is only a name: what is opened in the end is opened by it beneath a root, so that a
 * directory that is renamed meanwhile is at worst not found.
 */
static int read_directory(pid_t tid, int fd, char *text, size_t *ret_len)
{
	char link[48];
	_cleanup_close_ int handle = -1;
	struct stat st;
	ssize_t n;

	if (fd == AT_FDCWD) {
		snprintf(link, sizeof link, "/proc/%d/cwd", (int)tid);
		n = readlink(link, text, PATH_MAX);
		if (n > 0 && n < PATH_MAX && text[0] == '/' && !ends_in(text, (size_t)n, " (deleted)")) {
			*ret_len = n > 1 ? (size_t)n : 0;
			return 0;
		}
	} else {
		snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)tid, fd);
	}
	handle = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (handle < 0)
		return errno == ENOENT && fd != AT_FDCWD ? -EBADF : -errno;
	snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
	n = readlink(link, text, PATH_MAX);
	if (n < 0 || n == PATH_MAX)
		return n < 0 ? -errno : -ENAMETOOLONG;
	if (n == 0 || text[0] != '/')
		return -ENOENT; /* "(unreachable)…" */
	if (ends_in(text, (size_t)n, " (deleted)") && (fstat(handle, &st) < 0 || st.st_nlink == 0))
		return -ENOENT;
	*ret_len = n > 1 ? (size_t)n : 0;
	return 0;
}

static enum next start(struct walk *w, int dirfd)
{
	int r;

	if (w->todo < w->end && w->todo[0] == '/')
		return AGAIN;
	if (dirfd != AT_FDCWD && (dirfd < 0 || dirfd >= w->reserved_fd))
		return finish(w, OBJECT_ERROR, EBADF);
	r = read_directory(w->tid, dirfd, w->object->path, &w->object->len);
	if (r < 0) {
		w->object->path[0] = '\0';
		return finish(w, OBJECT_ERROR, -r);
	}
	w->base = w->object->len;
	return AGAIN;
}

/* ------------------------------------------------------------------ the tracee's own names */

/* The component that begins at the slash at P; its length in RET_N. NULL at the end. */
static const char *component(const char *p, size_t *ret_n)
{
	if (*p != '/')
		return NULL;
	*ret_n = strcspn(p + 1, "/");
	return p + 1;
}

static bool is(const char *name, size_t n, const char *what)
{
	return name && n == strlen(what) && memcmp(name, what, n) == 0;
}

/* A number as /proc takes it: digits without a leading zero. -1 if it is none. */
static int number(const char *name, size_t n)
{
	long value = 0;
	size_t i;

	if (n == 0 || n > 9 || (n > 1 && name[0] == '0'))
		return -1;
	for (i = 0; i < n; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		value = value * 10 + (name[i] - '0');
	}
	return (int)value;
}

/* Puts TEXT in the place of the first END bytes within the candidate. */
static bool rename_start(struct walk *w, size_t end, const char *text)
{
	struct object *object = w->object;
	size_t n = strlen(text), behind = object->len - end;

	if (n + behind >= PATH_MAX)
		return false;
	memmove(object->path + n, object->path + end, behind + 1);
	memcpy(object->path, text, n);
	object->len = n + behind;
	w->base = w->base >= end ? n : 0;
	return true;
}

/* /dev/fd, /dev/stdin …: by their names beneath /proc/self, whether the links are there or not. */
static bool rename_device(struct walk *w)
{
	static const char *const names[][2] = {
		{ "fd", "/proc/self/fd" },
		{ "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" },
	};
	const char *name;
	size_t i, n;

	name = component(w->object->path + strlen("/dev"), &n);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (is(name, n, names[i][0])) {
			w->links++;
			return rename_start(w, strlen("/dev/") + n, names[i][1]);
		}
	return true;
}

/* /proc/1234 of the tracee becomes /proc/self, so that a rule and a log mean the same in every run. */
static bool rename_process(struct walk *w)
{
	const char *path = w->object->path, *name, *task, *thread;
	size_t n, task_n, thread_n, end;
	int id;

	name = component(path + strlen("/proc"), &n);
	id = name ? number(name, n) : -1;
	w->links += is(name, n, "self") || is(name, n, "thread-self"); /* as the kernel counts */
	if (id >= 0 && (id == w->tgid || id == w->tid)) {
		if (!rename_start(w, strlen("/proc/") + n, id == w->tgid ? "/proc/self" : "/proc/thread-self"))
			return false;
		name = component(path + strlen("/proc"), &n);
	}
	if (!is(name, n, "self"))
		return true;
	task = component(name + n, &task_n);
	if (!is(task, task_n, "task"))
		return true;
	thread = component(task + task_n, &thread_n);
	if (!thread || number(thread, thread_n) != w->tid)
		return true;
	end = (size_t)(thread + thread_n - path);
	return rename_start(w, end, "/proc/thread-self");
}

/* The rest of the walk, if there is one, starts at a directory of the tracee, which the first END bytes name. */
static enum next start_again(struct walk *w, size_t end, int fd)
{
	struct object *object = w->object;
	char text[PATH_MAX];
	size_t n;
	int r = read_directory(w->tid, fd, text, &n);

	if (r < 0)
		return refused(w, r == -EBADF ? ENOENT : -r);
	note_step(w, end, n ? text : "/", n ? n : 1);
	if (++w->links > MAX_LINKS)
		return finish(w, OBJECT_ERROR, ELOOP);
	if (!replace(w, end, ".", 1))
		return finish(w, OBJECT_ERROR, ENAMETOOLONG);
	memcpy(object->path, text, n);
	object->len = w->base = n;
	w->assumed = false;
	return AGAIN;
}

/* /proc/self/fd/N is the first END bytes. */
static enum next own_descriptor(struct walk *w, size_t end, int fd)
{
	struct object *object = w->object;

	if (fd < 0 || fd >= w->reserved_fd)
		return finish(w, OBJECT_ABSENT, ENOENT);
	if (end < object->len || w->directory)
		return start_again(w, end, fd);
	object->self_fd = fd;
	return finish(w, OBJECT_DESCRIPTOR, 0);
}

/* /proc/self or /proc/thread-self is the first END bytes. Nothing in it is ever opened. */
static enum next look_at_self(struct walk *w, size_t end)
{
	const char *path = w->object->path, *name, *fd;
	size_t n = 0, fd_n, name_end, len = w->object->len;

	name = component(path + end, &n);
	name_end = name ? end + 1 + n : end;
	if (is(name, n, "fd") && (fd = component(path + name_end, &fd_n)))
		return own_descriptor(w, name_end + 1 + fd_n, number(fd, fd_n));
	if (is(name, n, "cwd") && (name_end < len || follows(w)))
		return start_again(w, name_end, AT_FDCWD);
	if (is(name, n, "root") && (name_end < len || follows(w)))
		return follow_link(w, name_end, "/", 1);
	if (w->dotdot && len == name_end && (!name || is(name, n, "fd") || is(name, n, "task")) &&
	    is(path + 1, end - 1, "proc/self"))
		return DIRECTORY;
	return blocked(w, len);
}

/* True, with RET_NEXT, if the candidate is in some process's directory in /proc, or a name that leads there. */
static bool is_own_name(struct walk *w, enum next *ret_next)
{
	const char *path = w->object->path, *name;
	bool fits = true;
	size_t n;

	if (strncmp(path, "/dev/", 5) == 0)
		fits = rename_device(w);
	if (strncmp(path, "/proc/", 6) != 0)
		return false;
	fits = fits && rename_process(w);
	name = component(path + strlen("/proc"), &n);
	if (!fits || w->links > MAX_LINKS)
		*ret_next = finish(w, OBJECT_ERROR, fits ? ELOOP : ENAMETOOLONG);
	else if (is(name, n, "self") || is(name, n, "thread-self"))
		*ret_next = look_at_self(w, strlen("/proc/") + n);
	else if (name[0] >= '0' && name[0] <= '9')
		*ret_next = blocked(w, w->object->len);
	else
		return false;
	return true;
}

/* ------------------------------------------------------------------ one round */

/* The shortest part of the candidate that is a recorded link and to be followed, or NULL. */
static const struct policy_link *find_recorded_link(const struct walk *w, size_t *ret_end)
{
	const struct resolver *resolver = w->resolver;
	const char *path = w->object->path;
	size_t at = w->base, len = w->object->len;

	if (!resolver->policy->n_links)
		return NULL;
	while (at < len) {
		const char *slash = memchr(path + at + 1, '/', len - at - 1);
		const struct policy_link *link;

		at = slash ? (size_t)(slash - path) : len;
		if (at == len && !follows(w))
			return NULL;
		if (!(resolver->link_lengths[at / WORD_BITS] >> at % WORD_BITS & 1))
			continue;
		link = policy_link_at(resolver->policy, path, at);
		if (link) {
			*ret_end = at;
			return link;
		}
	}
	return NULL;
}

/* Do the first LEN bytes of the candidate lie where a read rule's wildcards lead through? */
static bool is_beneath_pattern(const struct walk *w, size_t len)
{
	const struct policy *policy = w->resolver->asked;
	size_t i;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];
		size_t n = root_length(grant->root);

		if (grant->rule.kind == RULE_READ && grant->shape == GRANT_PATTERN && len > n &&
		    memcmp(w->object->path, grant->root, n) == 0 && w->object->path[n] == '/')
			return true;
	}
	return false;
}

/*
 * The walk may not pass the first STOP bytes of the candidate. A way that comes back from there by ".." is decided on
 * by where it leads; but no way leads through what a rule hides or forbids. GRANT is the rule that names the
 * candidate.
 */
static enum next pass_by(struct walk *w, const struct grant *grant, size_t stop)
{
	bool unnamed = !grant || (grant->builtin && grant->rule.kind == RULE_HIDE);

	return w->dotdot && unnamed && !may_look_up(w, w->object->len) ? ASSUMED : blocked(w, stop);
}

/*
 * No rule lets the walk go to the candidate by this name. Where wildcards are at work a part of it
 * that may be looked up can still be a link, and lead to another name.
 */
static enum next look_outside(struct walk *w, const struct grant *grant)
{
	const struct object *object = w->object;
	size_t end = parent_length(object->path, object->len);
	bool pattern = grant && grant->shape == GRANT_PATTERN;
	enum next next;

	if (pattern || w->resolver->read_patterns)
		while (end && !may_look_up(w, end))
			end = parent_length(object->path, end);
	else
		end = 0;
	if (end && (pattern || is_beneath_pattern(w, end))) {
		next = find_link(w, w->resolver->slash, 0, end);
		if (next == AGAIN || (next == DONE && object->state == OBJECT_BLOCKED && !w->dotdot) ||
		    w->links > MAX_LINKS)
			return next;
	}
	return pass_by(w, grant, object->len);
}

/* The rule of POLICY that names the candidate, or NULL. */
static const struct grant *rule_on(const struct walk *w, const struct policy *policy)
{
	const struct object *object = w->object;

	return policy_match(policy, object->len ? object->path : "/", object->len ? object->len : 1);
}

static enum next look(struct walk *w)
{
	const struct resolver *resolver = w->resolver;
	struct object *object = w->object;
	const struct policy_link *link;
	const struct grant *grant;
	enum next next;
	size_t end;
	int root;

	object->grant = NULL;
	if (w->dotdot && object->len == w->base && !w->assumed)
		return DIRECTORY; /* known, and known to the program: it starts there or came from beneath */
	if (is_own_name(w, &next))
		return next;
	grant = rule_on(w, resolver->policy);
	link = find_recorded_link(w, &end);
	if (link)
		return may_look_up(w, end) ? follow_link(w, end, link->target, strlen(link->target)) :
					     pass_by(w, grant, end);
	if (!grant || grant->rule.kind != RULE_READ)
		return may_look_up(w, object->len) ? look_beneath(w, resolver->slash, 0) : look_outside(w, grant);
	/* The run's policy grants it; the one that is asked need not. */
	if (resolver->asked != resolver->policy && !may_look_up(w, object->len))
		return look_outside(w, rule_on(w, resolver->asked));
	root = resolver->root_of[grant->index];
	object->grant = grant;
	if (root == OUT_OF_PLACE)
		return blocked(w, object->len);
	if (root < 0)
		return refused(w, root == -ELOOP ? ENOENT : -root);
	return look_beneath(w, resolver->roots[root], root_length(grant->root));
}

static void step_up(struct walk *w, bool assumed)
{
	struct object *object = w->object;

	if (object->len > w->base)
		note_step(w, object->len, NULL, 0);
	object->len = w->base = parent_length(object->path, object->len);
	w->assumed = assumed && object->len;
	trail_add(w->trail, "..", 2, object->path, object->len, NULL, 0);
}

static void walk(struct walk *w)
{
	unsigned retries = 0;
	enum next next;

	do {
		if (!gather(w)) {
			finish(w, OBJECT_ERROR, ENAMETOOLONG);
			return;
		}
		while ((next = look(w)) == RETRY)
			if (retries++ == MAX_RETRIES)
				next = finish(w, OBJECT_ERROR, EAGAIN);
		if (next == DIRECTORY || next == ASSUMED)
			step_up(w, next == ASSUMED);
	} while (next != DONE);
}

/* ------------------------------------------------------------------ the question */

static void finish_path(struct walk *w)
{
	struct object *object = w->object;

	object->path[object->len] = '\0';
	if (object->len > w->base)
		note_step(w, object->len, NULL, 0);
	if (object->len == 0)
		strcpy(object->path, "/");
	object->len = strlen(object->path);
	object->directory = w->directory;
}

/* Questions that are answered before the walk. */
static bool is_answered(struct object *object, int dirfd, int reserved_fd, const char *path, size_t len,
			unsigned flags)
{
	if (len == 0 && !(flags & RESOLVE_EMPTY_PATH)) {
		object->state = OBJECT_ERROR;
		object->err = ENOENT;
	} else if (len == 0 && dirfd != AT_FDCWD && (dirfd < 0 || dirfd >= reserved_fd)) {
		object->state = OBJECT_ERROR;
		object->err = EBADF;
	} else if (len == 0 && dirfd != AT_FDCWD) {
		object->state = OBJECT_DESCRIPTOR;
		object->self_fd = dirfd;
	} else if (len >= PATH_MAX || memchr(path, '\0', len)) {
		object->state = OBJECT_ERROR;
		object->err = len >= PATH_MAX ? ENAMETOOLONG : EINVAL;
	} else {
		return false;
	}
	return true;
}

void resolve(struct resolver *resolver, pid_t tgid, pid_t tid, int dirfd, int reserved_fd, const char *path,
	     size_t len, unsigned flags, struct object *object)
{
	char text[2][PATH_MAX];
	struct walk w;

	object_reset(object);
	if (is_answered(object, dirfd, reserved_fd, path, len, flags))
		return;
	w = (struct walk){
		.resolver = resolver,
		.tgid = tgid,
		.tid = tid,
		.reserved_fd = reserved_fd,
		.follow = flags & RESOLVE_FOLLOW,
		.looks = flags & RESOLVE_LOOK,
		.object = object,
		.todo = path,
		.end = path + len,
		.text = { text[0], text[1] },
		.trail = flags & RESOLVE_TRAIL ? xcalloc(1, sizeof(struct trail)) : NULL,
	};
	if (start(&w, dirfd) == AGAIN) {
		trail_add(w.trail, NULL, 0, object->path, object->len, NULL, 0);
		walk(&w);
		finish_path(&w);
	}
	if (w.trail)
		trail_finish(w.trail, object);
}

int resolver_hold(const struct resolver *resolver, struct object *object)
{
	const char *name = object->path + 1;
	int dir = resolver->slash, fd;
	struct stat st;

	if (!object->looked)
		return 0;
	if (object->grant) {
		dir = resolver->roots[resolver->root_of[object->grant->index]];
		name = resolver_rest(object->grant, object->path);
	}
	fd = open_beneath(dir, name, O_NOFOLLOW, BENEATH | RESOLVE_NO_XDEV);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || st.st_dev != object->st.st_dev || st.st_ino != object->st.st_ino) {
		close(fd);
		return -ESTALE;
	}
	object->fd = fd;
	object->looked = false;
	return 0;
}

int resolver_hold_parent(const struct resolver *resolver, struct object *object, const char **ret_name)
{
	int root = resolver->root_of[object->grant->index], fd;
	size_t start = root_length(object->grant->root), end = parent_length(object->path, object->len);
	uint64_t how_to = BENEATH | (object->one_mount ? RESOLVE_NO_XDEV : 0);
	char saved = object->path[end];

	if (root < 0)
		return -ENOENT;
	if (object->len <= start || object->parent_fd >= 0)
		return -EBUSY;
	object->path[end] = '\0';
	fd = open_beneath(resolver->roots[root], end > start ? object->path + start + 1 : ".", O_DIRECTORY, how_to);
	object->path[end] = saved;
	if (fd < 0)
		return fd;
	object->parent_fd = fd;
	*ret_name = object->path + end + 1;
	return 0;
}

void object_reset(struct object *object)
{
	if (object->fd >= 0)
		close(object->fd);
	if (object->parent_fd >= 0)
		close(object->parent_fd);
	free(object->steps);
	free(object->trail_text);
	object->state = OBJECT_ERROR;
	object->err = 0;
	object->fd = object->self_fd = object->parent_fd = -1;
	object->directory = object->whole = object->one_mount = object->looked = false;
	object->len = 0;
	object->path[0] = '\0';
	object->grant = NULL;
	object->n_steps = 0;
	object->steps = NULL;
	object->trail_text = NULL;
}

void object_fini(struct object *object)
{
	object_reset(object);
}
