/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about processes, threads, clocks and limits. */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracee/memory.h"

static bool is_own_task(const struct view *view, pid_t tid)
{
	return tasks_find(view->tasks, tid) != NULL;
}

/* tkill(tid, sig) does not say whose thread it means: tgkill(own pid, tid, sig) does. */
struct plan handle_tkill(const struct view *view, struct call *call)
{
	struct plan plan = plan_call(call);

	(void)view;
	plan.nr = SYS_tgkill;
	plan.args[0] = (uint64_t)call->request.tgid;
	plan.args[1] = call->request.args[0];
	plan.args[2] = call->request.args[1];
	return plan;
}

/* asyncio of CPython 3.14 asks for a descriptor of its own process to find out whether there are such; it
 * does without. */
struct plan handle_pidfd_open(const struct view *view, struct call *call)
{
	if ((pid_t)call->request.args[0] == call->request.tgid)
		return plan_hide(rule_syscall, ENOSYS);
	return plan_deny(view->ground->policy, 0);
}

/* ncurses 6.5 reads its files with the ids that it has anyway; -1 asks for them (setfsuid(2), NOTES). */
struct plan handle_setfsid(const struct view *view, struct call *call)
{
	uint32_t own = call->request.nr == SYS_setfsuid ? geteuid() : getegid(), id = (uint32_t)call->request.args[0];

	if (id != own && id != UINT32_MAX)
		return plan_deny(view->ground->policy, EPERM);
	return plan_answer(own);
}

/*
 * A clock id from 16 on holds a process or thread id: ~id << 3 | kind (clock_getres(2),
 * include/linux/posix-timers.h). Its own are its own business.
 */
struct plan handle_clock(const struct view *view, struct call *call)
{
	int32_t id = (int32_t)call->request.args[0];
	pid_t pid = (pid_t)(~(uint32_t)id >> 3);

	if (id >= 0 || (id & 7) == 3) /* CLOCKFD: a device's clock */
		return plan_hide(rule_syscall, EINVAL);
	if (pid == 0 || is_own_task(view, pid))
		return plan_pass();
	return plan_deny(view->ground->policy, 0);
}

/* The mask that the program would have without the supervisor's pinning. */
struct plan handle_affinity(const struct view *view, struct call *call)
{
	const struct ground *ground = view->ground;
	pid_t pid = (pid_t)call->request.args[0];
	uint64_t size = (uint32_t)call->request.args[1];

	if (pid != 0 && !is_own_task(view, pid))
		return plan_deny(ground->policy, 0);
	/* sched_getaffinity(2): the size must be a multiple of 8 and hold every CPU the kernel has. */
	if (size % 8 != 0 || size < ground->affinity_size)
		return plan_error(EINVAL);
	plan_write(call, call->request.args[2], ground->affinity, ground->affinity_size);
	return plan_answer((int64_t)ground->affinity_size);
}

/* Its own limits, by setrlimit or prlimit64: the kernel changes them from the copy that was looked at, with the
 * program's own rights. */
struct plan handle_limit(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	bool prlimit_form = request->nr == SYS_prlimit64;
	pid_t pid = prlimit_form ? (pid_t)request->args[0] : 0;
	uint64_t new_addr = request->args[prlimit_form ? 2 : 1];
	struct plan plan = plan_call(call);
	struct rlimit want;

	if (pid != 0 && !is_own_task(view, pid))
		return plan_deny(view->ground->policy, 0);
	plan.nr = SYS_prlimit64;
	plan.args[0] = 0;
	plan.args[1] = request->args[prlimit_form ? 1 : 0];
	plan.args[2] = 0;
	plan.args[3] = prlimit_form ? request->args[3] : 0;
	if (!new_addr)
		return prlimit_form ? plan : plan_error(EFAULT);
	if (memory_read(request->tid, new_addr, &want, sizeof want) < 0)
		return plan_error(EFAULT);
	buf_put(&call->out, &want, sizeof want);
	plan.data = call->out.data;
	plan.data_len = sizeof want;
	plan.data_arg = 2;
	return plan;
}
