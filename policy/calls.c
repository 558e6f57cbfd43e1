/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls that a policy refuses. What refusing one does to a program is known here, not in the table of calls: the
 * policy's author has to be told before a run, not by a run that fails.
 */
#include "policy/rules.h"

#include <stdlib.h>

struct remark {
	const char *names; /* a blank before and after each */
	const char *text;  /* %s: the name */
};

/* A program that is refused one of these does not end: it goes wrong or tries again for ever. */
static const struct remark impossible[] = {
	{ " exit exit_group ", "%s cannot be forbidden: no program ends without it" },
	{ " rt_sigreturn ", "%s cannot be forbidden: no signal handler returns without it" },
	{ " restart_syscall ",
	  "%s cannot be forbidden: by it the kernel goes on with a call that was interrupted" },
};

static const struct remark doubtful[] = {
	/* As today's C libraries make calls; found out by forbidding each row in turn. */
	{ " read close mmap mprotect pread64 fcntl arch_prctl futex getdents64 openat newfstatat getrandom ",
	  "CPython as it is usually built does not start without %s" },
	{ " clock_gettime clock_getres gettimeofday time getcpu ",
	  "the C library may do without the call %s: what it answers from memory (vdso(7)) is not refused" },
	{ " uretprobe uprobe ",
	  "%s cannot be stopped: from Linux 6.14 on the kernel lets it pass every filter" },
	{ " clone3 ",
	  "libraries start a thread without %s only where it answers ENOSYS, as it does unless it is forbidden" },
};

static const struct remark *find_remark(const struct remark *remarks, size_t n, const char *name)
{
	_cleanup_free_ char *word = xasprintf(" %s ", name);
	size_t i;

	for (i = 0; i < n; i++)
		if (strstr(remarks[i].names, word))
			return &remarks[i];
	return NULL;
}

/* REMARK's text with NAME in place of its %s. */
static char *say(const struct remark *remark, const char *name)
{
	const char *at = strstr(remark->text, "%s");

	return xasprintf("%.*s%s%s", (int)(at - remark->text), remark->text, name, at + 2);
}

bool policy_is_indispensable(const char *syscall)
{
	return find_remark(impossible, ARRAY_SIZE(impossible), syscall);
}

bool policy_is_needed(const char *syscall)
{
	return find_remark(doubtful, 1, syscall);
}

char *policy_call_remark(const char *syscall, bool *ret_impossible)
{
	const struct remark *remark = find_remark(impossible, ARRAY_SIZE(impossible), syscall);

	*ret_impossible = remark;
	if (!remark)
		remark = find_remark(doubtful, ARRAY_SIZE(doubtful), syscall);
	return remark ? say(remark, syscall) : NULL;
}

/* By name, then `never` first. */
static int compare_calls(const void *a, const void *b)
{
	const struct call_rule *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (int)y->never - (int)x->never;
}

void policy_sort_calls(struct policy *policy)
{
	size_t i, n = 0;

	if (policy->n_calls)
		qsort(policy->calls, policy->n_calls, sizeof(*policy->calls), compare_calls);
	for (i = 0; i < policy->n_calls; i++) {
		if (n && streq(policy->calls[n - 1].name, policy->calls[i].name))
			free(policy->calls[i].name);
		else
			policy->calls[n++] = policy->calls[i];
	}
	policy->n_calls = n;
	policy->never_calls = xcalloc(n + 1, sizeof(*policy->never_calls));
	for (i = 0; i < n; i++)
		if (policy->calls[i].never)
			policy->never_calls[policy->n_never_calls++] = policy->calls[i].name;
}
