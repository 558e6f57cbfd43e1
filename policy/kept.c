/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/kept.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "policy/exec.h"
#include "policy/interpreter.h"
#include "policy/path_table.h"
#include "policy/program.h"
#include "policy/rules.h"

#define FRESH_NS (UINT64_C(5) * 1000000000)

struct policy_kept {
	struct policy *policy; /* with nothing but what was derived; or NULL */
	struct buf key;	       /* what it was derived from, but for files */
	uint64_t made_ns;      /* CLOCK_MONOTONIC */
	struct interpreter found; /* argv0 NULL: none */
	char **library;	       /* interpreter_library() of it */
	struct stat file;      /* that argv0 led to */
	uint64_t found_ns;
};

struct policy_kept *policy_kept_new(void)
{
	return xcalloc(1, sizeof(struct policy_kept));
}

void policy_kept_free(struct policy_kept *kept)
{
	if (!kept)
		return;
	policy_free(kept->policy);
	buf_fini(&kept->key);
	interpreter_fini(&kept->found);
	strv_free(kept->library);
	free(kept);
}

/* ------------------------------------------------------------------ the interpreter */

static bool is_fresh(uint64_t made_ns)
{
	return clock_ns(CLOCK_MONOTONIC) - made_ns <= FRESH_NS;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mode == b->st_mode &&
	       a->st_uid == b->st_uid && a->st_gid == b->st_gid && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void copy_interpreter(const struct interpreter *from, struct interpreter *ret)
{
	size_t i;

	*ret = *from;
	ret->argv0 = copy_text(from->argv0);
	ret->exe = copy_text(from->exe);
	ret->loader = copy_text(from->loader);
	ret->elf.interpreter = copy_text(from->elf.interpreter);
	for (i = 0; i < from->elf.n_needed; i++)
		ret->elf.needed[i] = copy_text(from->elf.needed[i]);
	ret->elf.search = copy_text(from->elf.search);
	ret->prefix = copy_text(from->prefix);
	ret->base_prefix = copy_text(from->base_prefix);
	ret->script_args = NULL; /* what is kept has none */
}

static char **copy_list(char *const *list)
{
	char **copy = NULL;

	if (list)
		strv_extend(&copy, list);
	return copy;
}

/* Keeps IN, which was found as ARGV0, if that is the program itself, and neither a script nor a shim that leads to it. */
static void keep_found(struct policy_kept *kept, const char *argv0, const struct stat *file, const struct interpreter *in,
		       char *const *library)
{
	struct stat now;

	interpreter_fini(&kept->found);
	strv_free(steal_ptr(&kept->library));
	if (in->script_args || !streq(in->argv0, argv0) || stat(argv0, &now) < 0 || !same_file(&now, file))
		return;
	copy_interpreter(in, &kept->found);
	kept->library = copy_list(library);
	kept->file = *file;
	kept->found_ns = clock_ns(CLOCK_MONOTONIC);
}

static int find(const char *program, const char *path_env, const char *script, struct interpreter *ret_interpreter,
		char ***ret_library, struct buf *message)
{
	int r = interpreter_find(program, path_env, script, ret_interpreter, message);

	if (r == 0)
		*ret_library = interpreter_library(ret_interpreter);
	return r;
}

int policy_kept_find(struct policy_kept *kept, const char *program, const char *path_env, const char *script,
		     struct interpreter *ret_interpreter, char ***ret_library, struct buf *message)
{
	_cleanup_free_ char *argv0 = NULL;
	struct stat file;
	int r;

	if (!kept)
		return find(program, path_env, script, ret_interpreter, ret_library, message);
	r = program_resolve(program, path_env, &argv0, message);
	if (r < 0)
		return r;
	if (stat(argv0, &file) < 0)
		return find(program, path_env, script, ret_interpreter, ret_library, message);
	if (kept->found.argv0 && streq(argv0, kept->found.argv0) && same_file(&file, &kept->file) && is_fresh(kept->found_ns)) {
		copy_interpreter(&kept->found, ret_interpreter);
		*ret_library = copy_list(kept->library);
		return 0;
	}
	r = find(program, path_env, script, ret_interpreter, ret_library, message);
	if (r == 0)
		keep_found(kept, argv0, &file, ret_interpreter, *ret_library);
	return r;
}

/* ------------------------------------------------------------------ what is derived from it */

static void put_text(struct buf *out, const char *text)
{
	buf_putc(out, text ? '+' : '-');
	buf_put(out, text ? text : "", text ? strlen(text) + 1 : 1);
}

/* All that builtin_python_add() looks at. */
static void put_key(struct buf *out, const struct policy *policy, const struct interpreter *in)
{
	const char *const texts[] = { in->argv0, in->exe, in->loader, in->elf.search, in->prefix, in->base_prefix,
				      getenv("HOME") };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		put_text(out, texts[i]);
	buf_printf(out, "%d %d %d %d %d", in->is_python, in->is_pypy, in->major, in->minor,
		   policy_makes_processes(policy));
}

static void derive(struct policy_kept *kept, const struct policy *policy, const struct interpreter *interpreter)
{
	policy_free(kept->policy);
	kept->policy = policy_new("kept", "builtin:python");
	kept->policy->process = policy_makes_processes(policy) ? PROCESS_FORK : PROCESS_NO;
	kept->made_ns = clock_ns(CLOCK_MONOTONIC);
	builtin_python_add(kept->policy, interpreter);
}

static void copy_pattern(const struct policy *from, const struct grant *old, struct policy *policy,
			 const struct grant *grant)
{
	const struct path_node *known = path_table_get(from->table, old->root, strlen(old->root));
	struct path_node *node = path_table_add(policy->table, old->root, strlen(old->root), NULL, NULL);
	const struct pattern *pattern = known ? known->patterns : NULL;
	struct pattern *copy;
	size_t i;

	while (pattern && pattern->grant != old)
		pattern = pattern->next;
	if (!pattern)
		return;
	copy = xmalloc(sizeof *copy + pattern->n * sizeof *copy->components);
	*copy = *pattern;
	for (i = 0; i < pattern->n; i++)
		copy->components[i] = xstrdup(pattern->components[i]);
	copy->grant = grant;
	copy->next = node->patterns;
	node->patterns = copy;
}

static void copy_grant(const struct policy *from, const struct grant *old, struct policy *policy)
{
	struct grant *grant = policy_add(policy, old->rule.kind, old->shape, old->path, old->text, old->rule.ref);

	free(grant->root);
	grant->root = xstrdup(old->root);
	grant->extra = old->extra;
	grant->err = old->err;
	grant->write_err = old->write_err;
	grant->builtin = old->builtin;
	if (grant->shape == GRANT_PATTERN)
		copy_pattern(from, old, policy, grant);
}

/* A link that the policy's own rules crossed is known already, with their ref. */
static void copy_link(const struct policy_link *link, struct policy *policy)
{
	struct path_node *node = path_table_add(policy->table, link->path, strlen(link->path), NULL, NULL);

	if (node->link)
		return;
	grow_array(&policy->links, &policy->cap_links, policy->n_links + 1, sizeof(*policy->links));
	policy->links[policy->n_links] = (struct policy_link){ xstrdup(link->path), xstrdup(link->target), link->ref };
	node->type = PATH_LINK;
	node->link = (uint32_t)++policy->n_links;
}

void policy_kept_add(struct policy_kept *kept, struct policy *policy, const struct interpreter *interpreter)
{
	_cleanup_buf_ struct buf key = { 0 };
	size_t i;

	put_key(&key, policy, interpreter);
	if (!kept->policy || key.len != kept->key.len || memcmp(key.data, kept->key.data, key.len) != 0 ||
	    !is_fresh(kept->made_ns))
		derive(kept, policy, interpreter);
	buf_fini(&kept->key);
	kept->key = key;
	key = (struct buf){ 0 };
	for (i = 0; i < kept->policy->n_links; i++)
		copy_link(&kept->policy->links[i], policy);
	for (i = 0; i < kept->policy->n_grants; i++)
		copy_grant(kept->policy, kept->policy->grants[i], policy);
}
