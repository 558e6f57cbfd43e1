/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on shared futexes are made private: futex_wake.h says why, and what that takes. */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>

#include "policy/exec.h"

enum { NR_futex_wait = 455 };

static uint32_t command_of(const struct request *request)
{
	return (uint32_t)request->args[1] & ~(uint32_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
}

/*
 * Is this a futex(2) whose command the filter lets pass in its private form? The commands for PI futexes, which it does
 * not, take a thread id from memory and act on that thread.
 */
static bool has_private_form(const struct view *view, const struct request *request)
{
	uint64_t args[SYSCALL_MAX_ARGS];

	memcpy(args, request->args, sizeof args);
	args[1] |= FUTEX_PRIVATE_FLAG;
	return syscall_allowed_in_kernel(request->nr, args, &view->ground->values);
}

static bool waits(const struct request *request)
{
	if (request->nr == NR_futex_wait)
		return true;
	return request->nr == SYS_futex &&
	       (command_of(request) == FUTEX_WAIT || command_of(request) == FUTEX_WAIT_BITSET);
}

/* May it wake a thread that waits? FUTEX_WAKE_OP and the like do, among other things. */
static bool wakes(const struct request *request)
{
	return !waits(request);
}

struct plan handle_futex(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	struct plan plan;

	/* As a kernel without PI futexes answers: libc then has no such mutexes (pthread_mutex_init(3)). */
	if (request->nr == SYS_futex && !has_private_form(view, request))
		return plan_hide(rule_syscall, ENOSYS);
	if (view->ground->audits) /* the program's other processes may share it */
		return plan_watch();
	plan = plan_call(call);
	plan.args[request->nr == SYS_futex ? 1 : 3] |= FUTEX_PRIVATE_FLAG;
	plan.wakes = policy_makes_processes(policy_outermost(view->ground->policy)) && wakes(request);
	if (waits(request))
		plan.futex = (struct futex_wait){
			.waits = true,
			.relative = request->nr == SYS_futex && command_of(request) == FUTEX_WAIT,
			.addr = request->args[0],
			.value = (uint32_t)request->args[request->nr == SYS_futex ? 2 : 1],
		};
	return plan;
}
