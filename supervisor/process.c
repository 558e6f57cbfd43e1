/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about processes, threads, clocks and limits. */
#include "supervisor/state.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "tracee/memory.h"

static bool is_own_task(const struct broker *b, pid_t tid)
{
	return tasks_find(&b->tasks, tid) != NULL;
}

/* tkill(tid, sig) does not say whose thread it means: tgkill(own pid, tid, sig) does. */
void handle_tkill(struct broker *b, struct call *call)
{
	struct user_regs_struct *regs;

	(void)b;
	act_allow(call);
	regs = act_rewrite(call);
	regs->orig_rax = SYS_tgkill;
	regs->rdi = (unsigned long long)call->request.tgid;
	regs->rsi = call->request.args[0];
	regs->rdx = call->request.args[1];
}

/* What the kernel answers to a call at the vsyscall page (arch/x86/entry/vsyscall). Skipped, it returns to the
 * caller as the page would. */
void handle_vsyscall(struct broker *b, struct call *call)
{
	const struct request *request = &call->request;
	struct timeval now;
	struct timezone zone;
	time_t seconds;
	bool written = true;

	(void)b;
	if (request->nr != SYS_gettimeofday && request->nr != SYS_time) {
		act_hide(call, rule_syscall, ENOSYS); /* getcpu(2): on which core is the thread's business */
		return;
	}
	act_allow(call);
	if (syscall(SYS_gettimeofday, &now, &zone) < 0) {
		act_emulate(call, -errno);
		return;
	}
	seconds = now.tv_sec;
	if (request->nr == SYS_time && request->args[0])
		written = memory_write(request->tid, request->args[0], &seconds, sizeof seconds) == 0;
	if (request->nr == SYS_gettimeofday && request->args[0])
		written = memory_write(request->tid, request->args[0], &now, sizeof now) == 0;
	if (written && request->nr == SYS_gettimeofday && request->args[1])
		written = memory_write(request->tid, request->args[1], &zone, sizeof zone) == 0;
	act_emulate(call, !written ? -EFAULT : request->nr == SYS_time ? (int64_t)seconds : 0);
}

/* Of itself: how asyncio of CPython 3.14 finds out whether there are such descriptors. It does without. */
void handle_pidfd_open(struct broker *b, struct call *call)
{
	if ((pid_t)call->request.args[0] == call->request.tgid)
		act_hide(call, rule_syscall, ENOSYS);
	else
		act_deny(b, call, 0);
}

/* ncurses 6.5 reads its files with the ids that it has anyway; -1 asks for them (setfsuid(2), NOTES). */
void handle_setfsid(struct broker *b, struct call *call)
{
	uint32_t own = call->request.nr == SYS_setfsuid ? geteuid() : getegid(), id = (uint32_t)call->request.args[0];

	if (id != own && id != UINT32_MAX) {
		act_deny(b, call, EPERM);
		return;
	}
	act_allow(call);
	act_emulate(call, own);
}

/*
 * A clock id from 16 on holds a process or thread id: ~id << 3 | kind (clock_getres(2),
 * include/linux/posix-timers.h). Its own are its own business.
 */
void handle_clock(struct broker *b, struct call *call)
{
	int32_t id = (int32_t)call->request.args[0];
	pid_t pid = ~(id >> 3);

	if (id >= 0 || (id & 7) == 3) { /* CLOCKFD: a device's clock */
		act_hide(call, rule_syscall, EINVAL);
	} else if (pid == 0 || is_own_task(b, pid)) {
		act_allow(call);
		act_kernel(call);
	} else {
		act_deny(b, call, 0);
	}
}

/* The mask that the program would have without the supervisor's pinning. */
void handle_affinity(struct broker *b, struct call *call)
{
	pid_t pid = (pid_t)call->request.args[0];
	uint64_t size = (uint32_t)call->request.args[1];

	if (pid != 0 && !is_own_task(b, pid)) {
		act_deny(b, call, 0);
		return;
	}
	act_allow(call);
	/* sched_getaffinity(2): the size must be a multiple of 8 and hold every CPU the kernel has. */
	if (size % 8 != 0 || size < b->affinity_size)
		act_emulate(call, -EINVAL);
	else if (memory_write(call->request.tid, call->request.args[2], b->affinity, b->affinity_size) < 0)
		act_emulate(call, -EFAULT);
	else
		act_emulate(call, (int64_t)b->affinity_size);
}

/* Its own limits, by setrlimit or prlimit64: done by the supervisor, from one copy. */
void handle_limit(struct broker *b, struct call *call)
{
	const struct request *request = &call->request;
	bool prlimit_form = request->row->n_args == 4;
	pid_t pid = prlimit_form ? (pid_t)request->args[0] : 0;
	unsigned resource = (unsigned)request->args[prlimit_form ? 1 : 0];
	uint64_t new_addr = request->args[prlimit_form ? 2 : 1];
	uint64_t old_addr = prlimit_form ? request->args[3] : 0;
	struct rlimit now, want;

	if (pid != 0 && !is_own_task(b, pid)) {
		act_deny(b, call, 0);
		return;
	}
	act_allow(call);
	if (resource >= RLIM_NLIMITS) {
		act_error(call, EINVAL);
		return;
	}
	if (new_addr && memory_read(request->tid, new_addr, &want, sizeof want) < 0) {
		act_error(call, EFAULT);
		return;
	}
	if (syscall(SYS_prlimit64, request->tid, resource, NULL, &now) < 0) {
		act_emulate(call, -errno);
		return;
	}
	/* The supervisor may have rights that the program has not: hard limits only go down. */
	if (new_addr && want.rlim_max > now.rlim_max) {
		act_emulate(call, -EPERM);
		return;
	}
	if (new_addr && syscall(SYS_prlimit64, request->tid, resource, &want, NULL) < 0) {
		act_emulate(call, -errno);
		return;
	}
	act_emulate(call, old_addr ? memory_write(request->tid, old_addr, &now, sizeof now) : 0);
}
