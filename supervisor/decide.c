/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/decide.h"

#include <errno.h>
#include <sys/syscall.h>

#include "supervisor/handlers/handlers.h"
#include "supervisor/policy_facts.h"

struct plan decide_foreign(void)
{
	static const struct rule rule_arch = { RULE_ARCH, "arch", "builtin:syscalls" };

	return plan_refuse((struct decision){ .action = ACTION_KILL, .rule = rule_arch, .violation = true });
}

/* Refused by the policy's `never` or `refuse`, whatever the arguments. */
static struct plan refuse_forbidden(const struct policy *policy, const struct syscall_row *row)
{
	struct decision decision;

	if (!policy_forbids_row(policy, row, &decision))
		decision = policy_decide_refused(policy, 0);
	return plan_refuse(decision);
}

bool decide_never_returns(const struct request *request)
{
	return request->nr == SYS_exit || request->nr == SYS_exit_group || request->nr == SYS_rt_sigreturn;
}

struct plan decide(const struct view *view, struct call *call)
{
	const struct ground *ground = view->ground;
	const struct request *request = &call->request;
	const struct syscall_row *row = request->row;
	handler_fn *handler;

	if (request->abi != ABI_NATIVE)
		return decide_foreign();
	if (!row)
		return plan_deny(ground->policy, ENOSYS);
	if (syscall_is_forbidden(&ground->values, request->nr))
		return refuse_forbidden(ground->policy, row);
	if (abi_is_vsyscall(&request->regs))
		return handle_vsyscall(view, call);
	if (ground->stops_more && syscall_allowed_in_kernel(request->nr, request->args, &ground->values))
		return decide_never_returns(request) ? plan_pass() : plan_watch();
	handler = handler_of((enum syscall_handler)row->handler);
	if (handler)
		return handle_terminal_name(view, call, handle_shared_name(view, call, handler(view, call)));
	return row->err == ENOSYS ? plan_hide(rule_syscall, ENOSYS) : plan_deny(ground->policy, row->err);
}

/*
 * Refused all the same are clone3, because its flags, which decide whether the new task is traced, are in memory; a
 * call at the vsyscall page, which has no exit stop; a call of a foreign architecture; and a call on a reserved
 * descriptor.
 */
struct plan decide_audited(const struct view *view, struct call *call, struct plan plan)
{
	const struct request *request = &call->request;
	struct plan pass;

	if (!view->ground->audits || plan.kind != PLAN_REFUSE || request->nr == SYS_clone3 ||
	    plan.always || request->abi != ABI_NATIVE || abi_is_vsyscall(&request->regs))
		return plan;
	pass = request->nr == SYS_vfork || request->nr == SYS_execve || request->nr == SYS_execveat ? plan_pass() :
												       plan_watch();
	pass.decision = plan.decision;
	call->audited = true;
	return pass;
}
