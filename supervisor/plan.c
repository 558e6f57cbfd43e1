/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/plan.h"

#include <errno.h>

#include "supervisor/call.h"
#include "supervisor/view.h"

const struct rule rule_registers = { RULE_SYSCALL, "registers", "builtin:syscalls" };
const struct rule rule_syscall = { RULE_SYSCALL, "syscall", "builtin:syscalls" };

/* Allowed, by the registers. */
static struct plan allow(enum plan_kind kind)
{
	return (struct plan){ .kind = kind, .decision = { .action = ACTION_ALLOW, .rule = rule_registers } };
}

struct plan plan_refuse(struct decision decision)
{
	return (struct plan){ .kind = PLAN_REFUSE, .decision = decision };
}

struct plan plan_deny(const struct policy *policy, int err)
{
	return plan_refuse(policy_decide_refused(policy, err));
}

struct plan plan_hide(struct rule rule, int err)
{
	return plan_refuse((struct decision){ .action = ACTION_HIDE, .err = err, .rule = rule });
}

struct plan plan_full(const struct view *view, const struct grant *grant, bool of_files)
{
	struct rule rule = grant->rule;

	ledger_refused(view->ledger, grant, of_files);
	rule.kind = RULE_WRITE;
	return plan_hide(rule, ENOSPC);
}

struct plan plan_reserved(void)
{
	struct plan plan = plan_hide(rule_syscall, EBADF);

	plan.always = true;
	return plan;
}

struct plan plan_error(int err)
{
	return (struct plan){
		.kind = PLAN_ANSWER, .undecided = true, .decision = { .action = ACTION_ALLOW }, .result = -err
	};
}

struct plan plan_answer(int64_t result)
{
	struct plan plan = allow(PLAN_ANSWER);

	plan.result = result;
	return plan;
}

struct plan plan_answer_by(struct decision decision, int64_t result)
{
	return (struct plan){ .kind = PLAN_ANSWER, .decision = decision, .result = result };
}

struct plan plan_pass(void)
{
	return allow(PLAN_PASS);
}

struct plan plan_watch(void)
{
	struct plan plan = allow(PLAN_PASS);

	plan.watch = true;
	return plan;
}

struct plan plan_call(const struct call *call)
{
	struct plan plan = allow(PLAN_CALL);
	size_t i;

	plan.nr = call->request.nr;
	for (i = 0; i < SYSCALL_MAX_ARGS; i++)
		plan.args[i] = call->request.args[i];
	return plan;
}

struct plan plan_wait(void)
{
	return allow(PLAN_WAIT);
}

struct plan plan_again(void)
{
	return allow(PLAN_AGAIN);
}

struct plan plan_descriptor(descriptor_fn *then)
{
	struct plan plan = allow(PLAN_DESCRIPTOR);

	plan.then = then;
	return plan;
}

struct plan plan_two_descriptors(descriptor_fn *then, int second)
{
	struct plan plan = plan_descriptor(then);

	plan.two = true;
	plan.second = second;
	return plan;
}

struct plan plan_crossed(enum limit limit, uint64_t used)
{
	struct plan plan = allow(PLAN_CROSSED);

	plan.limit = limit;
	plan.used = used;
	return plan;
}

void plan_write(struct call *call, uint64_t addr, const void *data, size_t size)
{
	if (call->n_outs == PLAN_MAX_OUTS)
		return;
	call->outs[call->n_outs++] = (struct copy_out){ addr, call->out.len, size };
	buf_put(&call->out, data, size);
}
