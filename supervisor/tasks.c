/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/tasks.h"

#include <stdlib.h>

struct task *tasks_find(const struct tasks *tasks, pid_t tid)
{
	struct task *task;

	HASH_FIND_INT(tasks->first, &tid, task);
	return task;
}

struct task *tasks_add(struct tasks *tasks, pid_t tid, pid_t tgid, enum task_state state)
{
	struct task *task = xcalloc(1, sizeof *task);

	task->tid = tid;
	task->tgid = tgid;
	task->state = state;
	HASH_ADD_INT(tasks->first, tid, task);
	tasks->n++;
	tasks->peak = MAX(tasks->peak, tasks->n);
	tasks->n_waiting += state == TASK_WAITING;
	return task;
}

void tasks_remove(struct tasks *tasks, struct task *task)
{
	tasks->n_waiting -= task->state == TASK_WAITING;
	HASH_DEL(tasks->first, task);
	free(task);
	tasks->n--;
}

void task_set_state(struct tasks *tasks, struct task *task, enum task_state state)
{
	tasks->n_waiting -= task->state == TASK_WAITING;
	tasks->n_waiting += state == TASK_WAITING;
	task->state = state;
}

void tasks_fini(struct tasks *tasks)
{
	struct task *task, *next;

	HASH_ITER(hh, tasks->first, task, next)
		tasks_remove(tasks, task);
}

void task_resume(struct ending *ending, const struct task *task, enum trace_resume how, int signal,
		 const char *what)
{
	if (!ending->decided)
		ending_check(ending, trace_resume(task->tid, how, signal), what);
}
