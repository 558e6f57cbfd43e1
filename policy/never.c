/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that a policy forbids by name. What the name does to a program is known here, not in the
 * table of calls: the policy's reader has to be told before a run, not by a run that fails.
 */
#include "policy/rules.h"

struct remark {
	const char *names; /* a blank before and after each */
	const char *text;  /* %s: the name */
};

/* A program that is refused one of these does not end; it goes wrong or asks again for ever. */
static const struct remark impossible[] = {
	{ " exit exit_group ", "%s cannot be forbidden: no program ends without it" },
	{ " rt_sigreturn ", "%s cannot be forbidden: no signal handler returns without it" },
	{ " restart_syscall ",
	  "%s cannot be forbidden: by it the kernel goes on with a call that was interrupted" },
};

static const struct remark doubtful[] = {
	/* As the C libraries of today call; found out by forbidding each row in turn. */
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

/* TEXT with NAME in place of its %s. */
static char *say(const struct remark *remark, const char *name)
{
	const char *at = strstr(remark->text, "%s");

	return xasprintf("%.*s%s%s", (int)(at - remark->text), remark->text, name, at + 2);
}

static void add(struct policy *policy, const char *name, const char *ref)
{
	size_t n = policy->n_never_syscalls, cap = policy->cap_never_syscalls;

	grow_array(&policy->never_syscalls, &cap, n + 1, sizeof(*policy->never_syscalls));
	grow_array(&policy->never_syscall_refs, &policy->cap_never_syscalls, n + 1,
		   sizeof(*policy->never_syscall_refs));
	policy->never_syscalls[n] = xstrdup(name);
	policy->never_syscall_refs[n] = ref;
	policy->n_never_syscalls++;
}

void policy_never_syscall(struct policy *policy, const char *name, const char *where,
			  struct messages *messages)
{
	const struct remark *remark = find_remark(impossible, ARRAY_SIZE(impossible), name);
	_cleanup_free_ char *text = NULL;

	if (policy->n_never_syscalls >= POLICY_MAX_RULES) {
		message_error(messages, where, "more than %d rules", POLICY_MAX_RULES);
		return;
	}
	if (remark) {
		text = say(remark, name);
		message_error(messages, where, "never: %s", text);
		return;
	}
	remark = find_remark(doubtful, ARRAY_SIZE(doubtful), name);
	if (remark) {
		text = say(remark, name);
		message_warning(messages, where, "never: %s", text);
	}
	add(policy, name, where);
}
