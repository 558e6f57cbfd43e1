/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/kept.h"

#include <stdlib.h>
#include <time.h>

#include "policy/exec.h"
#include "policy/interpreter.h"
#include "policy/path_table.h"
#include "policy/rules.h"

#define FRESH_NS (UINT64_C(5) * 1000000000)

struct policy_kept {
	struct policy *policy; /* with nothing but what was derived; or NULL */
	struct buf key;	       /* what it was derived from, but for files */
	uint64_t made_ns;      /* CLOCK_MONOTONIC */
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
	free(kept);
}

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
	    clock_ns(CLOCK_MONOTONIC) - kept->made_ns > FRESH_NS)
		derive(kept, policy, interpreter);
	buf_fini(&kept->key);
	kept->key = key;
	key = (struct buf){ 0 };
	for (i = 0; i < kept->policy->n_links; i++)
		copy_link(&kept->policy->links[i], policy);
	for (i = 0; i < kept->policy->n_grants; i++)
		copy_grant(kept->policy, kept->policy->grants[i], policy);
}
