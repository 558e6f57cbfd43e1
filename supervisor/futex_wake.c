/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/futex_wake.h"

#include "tracee/memory.h"

/* include/linux/errno.h: seen by a tracer only */
enum { ERR_RESTARTSYS = 512, ERR_RESTARTNOHAND = 514, ERR_RESTART_BLOCK = 516 };

/*
 * A wait with a timeout that something else interrupted would go on inside the kernel, by restart_syscall(2), where
 * nobody sees when it ends. A wait until a point in time may as well start again; a wait for a length of time has been
 * woken.
 */
static int64_t without_restart_block(const struct call *call)
{
	return call->futex.relative ? 0 : -ERR_RESTARTNOHAND;
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

static void look_at(const struct task *task, struct ending *ending)
{
	struct futex_wait *wait = &task->call->futex;
	uint32_t now;

	/* Memory that is gone: the kernel will say so when the thread looks again. */
	if (memory_read(task->tid, wait->addr, &now, sizeof now) == 0 && now == wait->value)
		return;
	wait->interrupted = true;
	ending_check(ending, trace_interrupt(task->tid), "wake a thread");
}

void futex_look(const struct tasks *tasks, struct ending *ending)
{
	const struct task *task;

	for (task = tasks->first; task && !ending->decided; task = task->hh.next)
		if (task->state == TASK_IN_CALL && task->call && task->call->futex.waits &&
		    !task->call->futex.interrupted)
			look_at(task, ending);
}
