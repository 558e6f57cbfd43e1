/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about processes, threads, clocks and limits. */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/exec.h"
#include "supervisor/lent_frame.h"
#include "tracee/memory.h"

/* A thread of any process of the run. */
static bool is_own_task(const struct view *view, pid_t tid)
{
	return tasks_find(view->tasks, tid) != NULL;
}

/* A thread of the calling process, whose id the kernel cannot give to another before the call has returned. In audit
 * mode a thread of any process of the run. */
static bool is_of_caller(const struct view *view, const struct call *call, pid_t tid)
{
	const struct task *task = tasks_find(view->tasks, tid);

	return task && (task->tgid == call->request.tgid || view->ground->audits);
}

/* ------------------------------------------------------------------ making processes */

static struct plan by_policy(const struct policy *policy, struct plan plan)
{
	plan.decision.rule = (struct rule){ RULE_SYSCALL, "process", policy_process_ref(policy) };
	return plan;
}

/*
 * A fork and nothing but a fork: a copy that shares no memory, no table of descriptors and no working directory with
 * its parent, and reports its end by SIGCHLD. So what holds for one process holds for each. vfork(2), and clone(2)
 * as posix_spawn(3) makes it, would lend the child its parent's memory until it executes something; they become forks,
 * which POSIX allows for vfork. After the clone its thread waits as it would otherwise, and hears of a failed exec by
 * lent_frame.h.
 */
struct plan handle_fork(const struct view *view, struct call *call)
{
	enum { ADDRESSES = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID };
	const struct policy *policy = view->ground->policy;
	uint64_t flags = call->request.args[0];
	struct plan plan;

	if (!policy_makes_processes(policy))
		return plan_deny(policy, call->request.row->err);
	if (call->request.nr == SYS_fork ||
	    (call->request.nr == SYS_clone && (flags & ~(uint64_t)ADDRESSES) == SIGCHLD))
		return by_policy(policy, plan_watch());
	plan = plan_call(call);
	if (call->request.nr == SYS_vfork && !syscall_is_forbidden(&view->ground->values, SYS_fork))
		plan.nr = SYS_fork;
	else if (lent_frame_is_asked(&call->request))
		plan.args[0] = CLONE_VFORK | SIGCHLD;
	else
		return plan_deny(policy, 0);
	return by_policy(policy, plan);
}

/*
 * A child may leave the run's group and session for ones of its own; none may join another process's. No signal of the
 * terminal reaches it there, but the run's end does.
 */
struct plan handle_group(const struct view *view, struct call *call)
{
	const struct policy *policy = policy_outermost(view->ground->policy);
	const struct request *request = &call->request;
	bool own = request->nr == SYS_setsid ||
		   (((pid_t)request->args[0] == 0 || (pid_t)request->args[0] == request->tgid) &&
		    ((pid_t)request->args[1] == 0 || (pid_t)request->args[1] == request->tgid));

	if (!policy_makes_processes(policy) || request->tgid == view->ground->pid || !own)
		return plan_deny(policy, request->row->err);
	return by_policy(policy, plan_watch());
}

/* ------------------------------------------------------------------ signals */

/* Has PID ended, and its parent, a process of the run, not waited for it yet? Then a signal to it is no error. */
static bool is_zombie(const struct view *view, pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[32], state;
	const char *at;
	int parent;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (read_file(AT_FDCWD, path, 4096, &text, NULL) < 0)
		return false;
	at = strrchr(text, ')');
	return at && sscanf(at, ") %c %d", &state, &parent) == 2 && state == 'Z' &&
	       tasks_has_process(view->tasks, parent);
}

/* A signal to a group that a child has made (handle_group()): only processes of the run are in it. */
static struct plan signal_group(const struct view *view, struct call *call, pid_t group)
{
	const struct policy *policy = policy_outermost(view->ground->policy);
	struct plan plan = by_policy(policy, plan_answer(0));
	const struct process *process;
	int64_t pid;

	if (group <= 1 || group == getpgid(view->ground->pid))
		return plan_deny(policy, call->request.row->err);
	buf_clear(&call->out);
	for (process = view->tasks->processes; process; process = process->hh.next) {
		pid = process->pid;
		if (tasks_has_process(view->tasks, process->pid) && getpgid(process->pid) == group)
			buf_put(&call->out, &pid, sizeof pid);
	}
	if (call->out.len == 0)
		return plan_deny(policy, call->request.row->err);
	plan.kind = PLAN_SIGNAL;
	plan.args[1] = call->request.args[1];
	plan.data = call->out.data;
	plan.data_len = call->out.len;
	return plan;
}

/* kill, tgkill: the kernel signals the caller's own process, the supervisor another one of the run. The run's own group
 * is never signalled: other processes are in it. */
struct plan handle_kill(const struct view *view, struct call *call)
{
	const struct policy *policy = policy_outermost(view->ground->policy);
	pid_t pid = (pid_t)call->request.args[0];
	struct plan plan;

	if (policy_makes_processes(policy) && pid < -1 && call->request.nr == SYS_kill)
		return signal_group(view, call, (pid_t)-(int64_t)pid);
	if (!policy_makes_processes(policy) || pid <= 0)
		return plan_deny(policy, call->request.row->err);
	if (pid == call->request.tgid)
		return by_policy(policy, plan_watch());
	if (call->request.nr != SYS_kill)
		return plan_deny(policy, 0);
	if (!tasks_has_process(view->tasks, pid)) {
		if (!tasks_had_process(view->tasks, pid))
			return plan_deny(policy, 0);
		return by_policy(policy, plan_answer((uint32_t)call->request.args[1] > 64 ? -EINVAL :
						     is_zombie(view, pid) ? 0 : -ESRCH));
	}
	plan = by_policy(policy, plan_answer(0));
	buf_clear(&call->out);
	buf_put(&call->out, &(int64_t){ pid }, sizeof(int64_t));
	plan.kind = PLAN_SIGNAL;
	plan.args[1] = call->request.args[1];
	plan.data = call->out.data;
	plan.data_len = call->out.len;
	return plan;
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

/* asyncio of CPython 3.14 asks for a pidfd of its own process to find out whether there are any; it does
 * without. */
struct plan handle_pidfd_open(const struct view *view, struct call *call)
{
	if (is_own_task(view, (pid_t)call->request.args[0]))
		return plan_hide(rule_syscall, ENOSYS);
	return plan_deny(view->ground->policy, 0);
}

/* ncurses 6.5 sets the ids that it has anyway to read its files; -1 asks for them (setfsuid(2), NOTES). */
struct plan handle_setfsid(const struct view *view, struct call *call)
{
	uint32_t own = call->request.nr == SYS_setfsuid ? geteuid() : getegid(), id = (uint32_t)call->request.args[0];

	if (id != own && id != UINT32_MAX)
		return plan_deny(view->ground->policy, EPERM);
	return plan_answer(own);
}

/*
 * A clock id from 16 on holds a process or thread id: ~id << 3 | kind (clock_getres(2),
 * include/linux/posix-timers.h). The caller's own clocks are its own business.
 */
struct plan handle_clock(const struct view *view, struct call *call)
{
	int32_t id = (int32_t)call->request.args[0];
	pid_t pid = (pid_t)(~(uint32_t)id >> 3);

	if (id >= 0 || (id & 7) == 3) /* CLOCKFD: a device's clock */
		return plan_hide(rule_syscall, EINVAL);
	if (pid == 0 || is_of_caller(view, call, pid))
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
	if (size % 8 != 0 || size < ground->cores.size)
		return plan_error(EINVAL);
	plan_write(call, call->request.args[2], ground->cores.mask, ground->cores.size);
	return plan_answer((int64_t)ground->cores.size);
}

/* ZeroMQ sets for each of its threads the scheduling that this has anyway, and aborts if it may not. */
struct plan handle_scheduler(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	pid_t tid = (pid_t)request->args[0] ? (pid_t)request->args[0] : request->tid;
	struct sched_param now, wanted;

	if (is_of_caller(view, call, tid) && sched_getparam(tid, &now) == 0 &&
	    sched_getscheduler(tid) == (int)request->args[1] &&
	    memory_read(request->tid, request->args[2], &wanted, sizeof wanted) == 0 &&
	    wanted.sched_priority == now.sched_priority)
		return plan_answer(0);
	return plan_deny(view->ground->policy, request->row->err);
}

/*
 * Questions about a process or a thread named by its id, where the filter does not know the ids. The kernel answers
 * about the caller and its threads, the supervisor about the group and the session of another process of the run.
 */
struct plan handle_ask(const struct view *view, struct call *call)
{
	const struct policy *policy = policy_outermost(view->ground->policy);
	bool with_kind = call->request.nr == SYS_getpriority;
	pid_t pid = (pid_t)call->request.args[with_kind ? 1 : 0];
	pid_t found;

	if (with_kind && (uint32_t)call->request.args[0] != PRIO_PROCESS)
		return plan_deny(policy, call->request.row->err);
	if (is_of_caller(view, call, pid))
		return plan_pass();
	if (!policy_makes_processes(policy))
		return plan_deny(policy, call->request.row->err);
	if ((call->request.nr != SYS_getpgid && call->request.nr != SYS_getsid) || !tasks_has_process(view->tasks, pid))
		return plan_deny(policy, call->request.row->err);
	found = call->request.nr == SYS_getpgid ? getpgid(pid) : getsid(pid);
	return plan_answer(found < 0 ? -errno : found);
}

/* The caller's own limits, by setrlimit or prlimit64: the kernel changes them from a copy, with the program's own
 * rights. */
struct plan handle_limit(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	bool prlimit_form = request->nr == SYS_prlimit64;
	pid_t pid = prlimit_form ? (pid_t)request->args[0] : 0;
	uint64_t new_addr = request->args[prlimit_form ? 2 : 1];
	struct plan plan = plan_call(call);
	struct rlimit want;

	if (pid != 0 && !is_of_caller(view, call, pid))
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
