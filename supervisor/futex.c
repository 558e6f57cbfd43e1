/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>

#include "supervisor/state.h"
#include "tracee/memory.h"

enum {
	NR_futex_wake = 454,
	NR_futex_wait = 455,
	/* include/linux/errno.h: seen by a tracer only */
	ERR_RESTARTSYS = 512,
	ERR_RESTARTNOHAND = 514,
	ERR_RESTART_BLOCK = 516,
};

static uint32_t command_of(const struct request *request)
{
	return (uint32_t)request->args[1] & ~(uint32_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
}

/* futex(2) with a command that can be private. Those for PI futexes take a thread id from memory and act on that thread. */
static bool has_private_form(const struct request *request)
{
	switch (command_of(request)) {
	case FUTEX_WAIT:
	case FUTEX_WAKE:
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_WAKE_OP:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAKE_BITSET:
		return true;
	default:
		return false;
	}
}

static bool waits(const struct request *request)
{
	if (request->nr == NR_futex_wait)
		return true;
	return request->nr == SYS_futex &&
	       (command_of(request) == FUTEX_WAIT || command_of(request) == FUTEX_WAIT_BITSET);
}

void handle_futex(struct broker *b, struct call *call)
{
	const struct request *request = &call->request;
	struct user_regs_struct *regs;

	if (request->nr == SYS_futex && !has_private_form(request)) {
		/* As a kernel without them answers: libc then has no such mutexes (pthread_mutex_init(3)). */
		act_hide(call, rule_syscall, ENOSYS);
		return;
	}
	act_allow(call);
	if (broker_audits(b)) { /* its other processes may share it */
		act_kernel(call);
		call->watch_exit = true;
		return;
	}
	if (waits(request)) {
		call->futex.waits = true;
		call->futex.addr = request->args[0];
		call->futex.value = (uint32_t)request->args[request->nr == SYS_futex ? 2 : 1];
	}
	regs = act_rewrite(call);
	if (request->nr == SYS_futex)
		regs->rsi |= FUTEX_PRIVATE_FLAG;
	else
		regs->r10 |= FUTEX_PRIVATE_FLAG;
}

/*
 * A wait with a timeout that something else interrupted would go on inside the kernel, by
 * restart_syscall(2), where nobody sees when it ends. One until a point in time may as well start again;
 * one for a time has been woken.
 */
static int64_t without_restart_block(const struct call *call)
{
	bool relative = call->request.nr == SYS_futex && command_of(&call->request) == FUTEX_WAIT;

	return relative ? 0 : -ERR_RESTARTNOHAND;
}

void futex_returned(struct call *call)
{
	if (!call->futex.waits)
		return;
	if (call->futex.interrupted && (call->result == -ERR_RESTARTSYS || call->result == -ERR_RESTART_BLOCK))
		call->result = 0;
	else if (call->result == -ERR_RESTART_BLOCK)
		call->result = without_restart_block(call);
}

static void look_at(struct broker *b, const struct task *task, struct futex_wait *wait)
{
	uint32_t now;

	/* Memory that is gone: the kernel will say so when the thread looks again. */
	if (memory_read(task->tid, wait->addr, &now, sizeof now) == 0 && now == wait->value)
		return;
	wait->interrupted = true;
	ending_check(&b->ending, trace_interrupt(task->tid), "wake a thread");
}

void futex_look(struct broker *b)
{
	const struct task *task;

	if (b->ending.decided)
		return;
	for (task = b->tasks.first; task; task = task->hh.next)
		if (task->state == TASK_IN_CALL && task->call && task->call->futex.waits &&
		    !task->call->futex.interrupted)
			look_at(b, task, &task->call->futex);
}
