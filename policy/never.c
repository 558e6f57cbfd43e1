/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that a policy refuses by name. What the name does to a program is known here, not in the
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

bool policy_is_indispensable(const char *syscall)
{
	return find_remark(impossible, ARRAY_SIZE(impossible), syscall);
}

bool policy_is_needed(const char *syscall)
{
	return find_remark(doubtful, 1, syscall);
}

void policy_refuse_call(struct policy *policy, const char *name, bool never, const char *where,
			struct messages *messages)
{
	const struct remark *remark = find_remark(impossible, ARRAY_SIZE(impossible), name);
	const char *key = never ? "never" : "refuse";
	_cleanup_free_ char *text = NULL;

	if (policy->n_calls >= POLICY_MAX_RULES) {
		message_error(messages, where, "more than %d rules", POLICY_MAX_RULES);
		return;
	}
	if (*name == '@' && !group_is_known(name + 1)) {
		message_error(messages, where, "%s: there is no group %s; they are @admin, and subjects and topics of calls", key, name);
		return;
	}
	if (remark) {
		text = say(remark, name);
		message_error(messages, where, "%s: %s", key, text);
		return;
	}
	remark = find_remark(doubtful, ARRAY_SIZE(doubtful), name);
	if (remark) {
		text = say(remark, name);
		message_warning(messages, where, "%s: %s", key, text);
	}
	grow_array(&policy->calls, &policy->cap_calls, policy->n_calls + 1, sizeof(*policy->calls));
	policy->calls[policy->n_calls++] = (struct call_rule){ xstrdup(name), where, never };
}
