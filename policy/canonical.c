/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a path as written to the path that the resolver will arrive at. Every symlink on the way is
 * remembered: the program may look it up and cross it, although no rule holds it.
 *
 * Each prefix is examined once and what was found is kept in the policy's table, because most rules
 * lie in the same few directories and a run should not wait for its policy.
 */
#include "policy/rules.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#define MAX_LINKS 40 /* as the kernel's MAXSYMLINKS, path_resolution(7) */

static void record_link(struct policy *policy, struct path_node *node, const char *ref)
{
	char *target;

	if (node->link || read_link(-1, node->path, &target) < 0)
		return;
	grow_array(&policy->links, &policy->cap_links, policy->n_links + 1, sizeof(*policy->links));
	policy->links[policy->n_links] = (struct policy_link){
		.path = xstrdup(node->path),
		.target = target,
		.ref = ref,
	};
	node->link = (uint32_t)++policy->n_links;
}

static enum path_type examine(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return PATH_MISSING;
	return S_ISLNK(st.st_mode) ? PATH_LINK : S_ISDIR(st.st_mode) ? PATH_DIR : PATH_FILE;
}

static struct path_node *examined_node(struct policy *policy, const struct buf *at)
{
	struct path_node *node = path_table_add(policy->table, at->data, at->len, NULL, NULL);

	if (node->type == PATH_UNKNOWN)
		node->type = (unsigned char)(at->len ? examine(at->data) : PATH_DIR);
	return node;
}

/* Puts the TARGET of a crossed link before what is left to walk. */
static int follow(const char *target, struct buf *at, struct buf *left, size_t done)
{
	struct buf next = { 0 };

	buf_puts(&next, target);
	buf_putc(&next, '/');
	buf_puts(&next, left->data + done);
	buf_fini(left);
	*left = next;
	at->len = target[0] == '/' ? 0 : (size_t)(strrchr(at->data, '/') - at->data);
	at->data[at->len] = '\0';
	return next.len > 2 * PATH_MAX ? -ENAMETOOLONG : 0;
}

static void drop_last(struct buf *at)
{
	while (at->len && at->data[--at->len] != '/')
		;
	at->data[at->len] = '\0';
}

/* The length of the next name in LEFT, at *AT once this returns; "." is none. 0: none is left. */
static size_t next_name(const struct buf *left, size_t *at)
{
	const char *s;
	size_t n;

	for (;;) {
		*at += strspn(left->data + *at, "/");
		s = left->data + *at;
		n = strcspn(s, "/");
		if (n != 1 || s[0] != '.')
			return n;
		*at += n;
	}
}

static bool is_up(const char *name, size_t n)
{
	return n == 2 && name[0] == '.' && name[1] == '.';
}

/* Walks LEFT from "/" to AT. */
static int walk(struct policy *policy, struct buf *at, struct buf *left, const char *ref,
		struct canonical *ret)
{
	size_t i = 0, n, links = 0;
	enum path_type type = PATH_DIR;
	int r;

	for (;; i += n) {
		struct path_node *node;
		const char *s;

		n = next_name(left, &i);
		s = left->data + i;
		if (n == 0)
			break;
		if (is_up(s, n)) {
			if (type != PATH_DIR)
				return -EINVAL;
			drop_last(at);
			continue;
		}
		if (n > NAME_MAX || at->len + n + 1 >= PATH_MAX)
			return -ENAMETOOLONG;
		buf_putc(at, '/');
		buf_put(at, s, n);
		if (type != PATH_DIR) {
			type = PATH_MISSING;
			continue;
		}
		node = examined_node(policy, at);
		type = node->type;
		if (type != PATH_LINK)
			continue;
		/* /proc/self, /proc/mounts …: they mean the process that asks, here proctor. */
		if (node->len > 6 && memcmp(node->path, "/proc/", 6) == 0) {
			ret->proc_link = true;
			type = PATH_MISSING;
			continue;
		}
		if (++links > MAX_LINKS)
			return -ELOOP;
		record_link(policy, node, ref);
		type = PATH_DIR;
		if (!node->link)
			continue; /* gone meanwhile */
		r = follow(policy->links[node->link - 1].target, at, left, i + n);
		if (r < 0)
			return r;
		i = n = 0;
	}
	ret->type = type;
	return 0;
}

int canonicalise(struct policy *policy, const char *path, const char *ref, struct canonical *ret)
{
	_cleanup_buf_ struct buf left = { 0 };
	_cleanup_buf_ struct buf at = { 0 };
	struct canonical found = { 0 };
	int r;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	buf_puts(&left, path);
	buf_puts(&at, "");
	r = walk(policy, &at, &left, ref, &found);
	if (r < 0)
		return r;
	found.path = at.len ? buf_steal(&at) : xstrdup("/");
	*ret = found;
	return 0;
}

char *policy_cross_links(const struct policy *policy, const char *path)
{
	_cleanup_buf_ struct buf left = { 0 };
	_cleanup_buf_ struct buf at = { 0 };
	const struct policy_link *link;
	size_t i = 0, n, links = 0;
	const char *s;

	buf_puts(&left, path);
	buf_puts(&at, "");
	for (;; i += n) {
		n = next_name(&left, &i);
		s = left.data + i;
		if (n == 0)
			return links ? buf_steal(&at) : NULL;
		if (is_up(s, n)) {
			drop_last(&at);
			continue;
		}
		buf_putc(&at, '/');
		buf_put(&at, s, n);
		link = policy_link_at(policy, at.data, at.len);
		if (!link)
			continue;
		if (++links > MAX_LINKS || follow(link->target, &at, &left, i + n) < 0)
			return NULL;
		i = n = 0;
	}
}
