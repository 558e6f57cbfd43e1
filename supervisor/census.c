/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/census.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/util.h"

enum { NAME_MAX_BYTES = 16 }; /* TASK_COMM_LEN, with its NUL */

struct census_task {
	pid_t tid, pid;
	pid_t parent; /* of a first thread: who made the process; else 0 */
	uint64_t from_ns, to_ns; /* since the start; TO_NS 0: it is still there */
	bool known;		 /* it was looked at before its end: */
	uint64_t cpu_ns;
	char name[NAME_MAX_BYTES];
	char *args; /* as in /proc/PID/cmdline, each with its NUL; NULL: it has executed nothing itself */
	size_t n_args;
	bool args_cut;
};

static uint64_t now_ns(const struct census *census)
{
	return clock_ns(CLOCK_MONOTONIC) - census->start_ns;
}

/* The thread TID that is there; an id that was given again is the last one's. */
static struct census_task *find(const struct census *census, pid_t tid)
{
	unsigned i;

	for (i = census->n; i-- > 0;)
		if (census->tasks[i].tid == tid && !census->tasks[i].to_ns)
			return &census->tasks[i];
	return NULL;
}

void census_begin(struct census *census, pid_t pid)
{
	census->start_ns = clock_ns(CLOCK_MONOTONIC);
	census_add(census, pid, pid, 0);
}

void census_add(struct census *census, pid_t tid, pid_t pid, pid_t parent)
{
	if (census->n == CENSUS_TASKS) {
		census->left_out++;
		return;
	}
	if (!census->tasks)
		census->tasks = xcalloc(CENSUS_TASKS, sizeof *census->tasks);
	census->tasks[census->n++] =
		(struct census_task){ .tid = tid, .pid = pid, .parent = parent, .from_ns = now_ns(census) };
}

void census_executed(struct census *census, pid_t pid)
{
	struct census_task *task = find(census, pid);
	char text[CENSUS_ARGS + 2]; /* a byte more than is kept, and a NUL */
	size_t n;

	if (!task || census->args >= CENSUS_ALL_ARGS)
		return;
	n = read_proc(pid, "cmdline", text, sizeof text);
	if (!n)
		return;
	free(task->args);
	task->args_cut = n > CENSUS_ARGS;
	task->n_args = MIN(n, (size_t)CENSUS_ARGS);
	task->args = xmalloc(task->n_args + 1);
	memcpy(task->args, text, task->n_args);
	task->args[task->n_args] = '\0';
	census->args += task->n_args;
}

void census_exiting(struct census *census, pid_t tid)
{
	struct census_task *task = census->n > 1 ? find(census, tid) : NULL;
	char name[NAME_MAX_BYTES + 1], times[96];
	size_t n;

	if (!task)
		return;
	/* proc_pid_schedstat(5): its first number is the time on a CPU. */
	task->known = read_proc(tid, "schedstat", times, sizeof times) > 0;
	task->cpu_ns = strtoull(times, NULL, 10);
	/* The kernel ends the name with a newline, and writes no other one. */
	n = read_proc(tid, "comm", name, sizeof name);
	n -= n && name[n - 1] == '\n';
	n = MIN(n, sizeof task->name - 1);
	memcpy(task->name, name, n);
	task->name[n] = '\0';
}

void census_ended(struct census *census, pid_t tid)
{
	struct census_task *task = find(census, tid);

	if (task)
		task->to_ns = MAX(now_ns(census), (uint64_t)1);
}

/* ------------------------------------------------------------------ telling */

static void put_args(const struct census_task *task, struct buf *out)
{
	const char *arg;

	if (!task->args)
		return;
	json_open_list(out, "args");
	for (arg = task->args; arg < task->args + task->n_args; arg += strlen(arg) + 1) {
		json_key(out, NULL);
		json_string(out, arg);
	}
	json_close_list(out);
	if (task->args_cut)
		json_put_bool(out, "args_cut", true);
}

static void put_task(const struct census_task *task, struct buf *out)
{
	json_open(out, NULL);
	json_put_i64(out, "pid", task->pid);
	json_put_i64(out, "thread", task->tid);
	if (task->parent)
		json_put_i64(out, "parent", task->parent);
	put_args(task, out);
	if (task->name[0])
		json_put_text(out, "name", task->name);
	json_put_u64(out, "from_ns", task->from_ns);
	if (task->to_ns)
		json_put_u64(out, "to_ns", task->to_ns);
	if (task->known)
		json_put_u64(out, "cpu_ns", task->cpu_ns);
	json_close(out);
}

void census_format(const struct census *census, struct buf *out)
{
	unsigned i;

	if (census->n < 2)
		return;
	json_open(out, "tasks");
	json_open_list(out, "list");
	for (i = 0; i < census->n; i++)
		put_task(&census->tasks[i], out);
	json_close_list(out);
	json_put_u64(out, "left_out", census->left_out);
	json_close(out);
}

void census_fini(struct census *census)
{
	unsigned i;

	for (i = 0; i < census->n; i++)
		free(census->tasks[i].args);
	free(census->tasks);
	*census = (struct census){ 0 };
}
