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
	task->state = state;
	HASH_ADD_INT(tasks->first, tid, task);
	tasks->n++;
	tasks->peak = MAX(tasks->peak, tasks->n);
	tasks->n_waiting += state == TASK_WAITING;
	task_place(tasks, task, tgid);
	return task;
}

struct process *tasks_add_process(struct tasks *tasks, pid_t pid, pid_t parent)
{
	struct process *process = xcalloc(1, sizeof *process);

	process->pid = pid;
	process->parent = parent;
	HASH_ADD_INT(tasks->processes, pid, process);
	tasks->n_processes++;
	tasks->peak_processes = MAX(tasks->peak_processes, tasks->n_processes);
	tasks->n_made++;
	return process;
}

void task_place(struct tasks *tasks, struct task *task, pid_t tgid)
{
	struct process *process = tasks_process(tasks, tgid);

	task->tgid = tgid;
	if (tgid == 0)
		return;
	if (!process)
		process = tasks_add_process(tasks, tgid, 0);
	process->n_threads++;
}

static void leave_process(struct tasks *tasks, pid_t tgid)
{
	struct process *process = tasks_process(tasks, tgid);

	if (!process || --process->n_threads)
		return;
	tasks->ended[tasks->n_ended++ % TASKS_REMEMBERED] = tgid;
	HASH_DEL(tasks->processes, process);
	tasks->n_processes--;
	free(process->lent);
	free(process);
}

void tasks_remove(struct tasks *tasks, struct task *task)
{
	tasks->n_waiting -= task->state == TASK_WAITING;
	HASH_DEL(tasks->first, task);
	leave_process(tasks, task->tgid);
	handed_drop(&task->handed);
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

struct process *tasks_process(const struct tasks *tasks, pid_t pid)
{
	struct process *process;

	HASH_FIND_INT(tasks->processes, &pid, process);
	return process;
}

bool tasks_has_process(const struct tasks *tasks, pid_t pid)
{
	/* The first thread is waited for last. */
	const struct task *first = tasks_find(tasks, pid);

	return first && first->tgid == pid && !first->gone;
}

bool tasks_had_process(const struct tasks *tasks, pid_t pid)
{
	const struct task *first = tasks_find(tasks, pid);
	unsigned i, n = MIN(tasks->n_ended, (unsigned)TASKS_REMEMBERED);

	if (first && first->tgid == pid)
		return first->gone;
	for (i = 0; i < n; i++)
		if (tasks->ended[i] == pid)
			return true;
	return false;
}

bool tasks_is_alone(const struct tasks *tasks, pid_t pid)
{
	const struct process *process = tasks_process(tasks, pid);

	return process && process->n_threads == 1;
}
