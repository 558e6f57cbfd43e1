/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Act: the only place that changes a call of the tracee.
 *
 * A call that returns no descriptor is emulated or refused at its entry stop: orig_rax = -1 makes the
 * kernel skip it, rax is the result, and no second stop is needed. A call that the kernel has to run
 * with what was checked is rewritten: its argument registers point into the sealed scratch, and at
 * the exit stop the registers that the program had are put back, orig_rax too, so that a call that
 * a signal interrupted is restarted as the original one and checked again.
 */
#include "supervisor/state.h"

#include <errno.h>
#include <time.h>

#include "supervisor/futex.h"

const struct rule rule_registers = { RULE_SYSCALL, "registers", "builtin:syscalls" };
const struct rule rule_syscall = { RULE_SYSCALL, "syscall", "builtin:syscalls" };

void act_emulate(struct call *call, int64_t result)
{
	call->how = HOW_EMULATE;
	call->result = result;
	call->returned = true;
}

void act_refuse(struct call *call, struct decision decision)
{
	call->decision = decision;
	call->how = decision.action == ACTION_KILL ? HOW_KILL : HOW_SKIP;
	call->result = -decision.err;
	call->returned = decision.action != ACTION_KILL;
}

void act_allow(struct call *call)
{
	call->decision = (struct decision){ .action = ACTION_ALLOW, .rule = rule_registers };
}

void act_error(struct call *call, int err)
{
	call->decision = (struct decision){ .action = ACTION_ALLOW };
	call->undecided = true;
	act_emulate(call, -err);
}

void act_deny(const struct broker *b, struct call *call, int err)
{
	act_refuse(call, policy_decide_refused(b->options->policy, err));
}

void act_hide(struct call *call, struct rule rule, int err)
{
	act_refuse(call, (struct decision){ .action = ACTION_HIDE, .err = err, .rule = rule });
}

void act_kernel(struct call *call)
{
	call->how = HOW_KERNEL;
}

struct user_regs_struct *act_rewrite(struct call *call)
{
	call->how = HOW_REWRITE;
	call->returned = false;
	call->rewritten = call->request.regs;
	return &call->rewritten;
}

static int skip_call(struct call *call)
{
	struct user_regs_struct regs = call->request.regs;

	regs.orig_rax = ~0ul;
	regs.rax = (unsigned long)call->result;
	return trace_set_registers(call->request.tid, &regs);
}

int act_enter(struct broker *b, struct task *task, struct call *call, bool *ret_done)
{
	bool to_exit = false;
	int r = 0;

	if (b->ending.decided) {
		/* Deciding it crossed a limit: it is not made. */
		call->how = HOW_KILL;
		call->returned = false;
	}
	switch (call->how) {
	case HOW_EMULATE:
	case HOW_SKIP:
		r = skip_call(call);
		break;
	case HOW_REWRITE:
		r = trace_set_registers(task->tid, &call->rewritten);
		to_exit = true;
		break;
	case HOW_KERNEL:
		to_exit = call->watch_exit;
		break;
	case HOW_KILL:
		ending_say(&b->ending, STATUS_PV);
		*ret_done = true;
		return 0;
	case HOW_WAIT:
		*ret_done = true;
		return 0;
	}
	if (r == 0)
		r = trace_resume(task->tid, to_exit ? RESUME_TO_EXIT : RESUME, 0);
	if (r == 0 && to_exit) {
		task->state = TASK_IN_CALL;
		task->call = call;
	}
	*ret_done = !to_exit || r < 0;
	return r;
}

/* The call's own registers again, with what the kernel changed: rax, rcx, r11. */
static void restore(const struct call *call, struct user_regs_struct *regs)
{
	const struct user_regs_struct *own = &call->request.regs;

	regs->orig_rax = own->orig_rax;
	regs->rdi = own->rdi;
	regs->rsi = own->rsi;
	regs->rdx = own->rdx;
	regs->r10 = own->r10;
	regs->r8 = own->r8;
	regs->r9 = own->r9;
}

int act_leave(struct broker *b, struct task *task, struct call *call)
{
	struct user_regs_struct regs;
	bool rewritten = call->how == HOW_REWRITE;
	int r = trace_get_registers(task->tid, &regs);

	if (r < 0)
		return r;
	call->result = (int64_t)regs.rax;
	call->returned = true;
	if (call->then)
		handover_finish(b, call);
	futex_returned(call);
	if (call->how == HOW_KILL)
		ending_say(&b->ending, STATUS_PV);
	if (rewritten) {
		restore(call, &regs);
		regs.rax = (unsigned long long)call->result;
		r = trace_set_registers(task->tid, &regs);
	}
	if (call->slot >= 0) {
		scratch_release(b->scratch, call->slot);
		call->slot = -1;
	}
	return r;
}
