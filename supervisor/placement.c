/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/placement.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Where it is forbidden to choose a core, calls are slower and nothing else: so no result of it is looked at. */

enum {
	DENSE_PER_SECOND = 1000, /* stops of one thread; below it their cost does not matter */
	CROWDED_PERCENT = 25,	 /* of the time waiting for the core, for each thread pinned: somebody else uses it */
	SHORTEST_LOOK_NS = 20000000,
};

static void let_go(const struct ground *ground, struct task *task)
{
	if (!task->pinned)
		return;
	cores_set(task->tid, &ground->cores);
	task->pinned = false;
}

static void let_all_go(struct placement *p, const struct ground *ground, struct tasks *tasks)
{
	struct task *task;

	if (!p->pinned)
		return;
	cores_set(0, &ground->cores);
	for (task = tasks->first; task; task = task->hh.next)
		let_go(ground, task);
	p->pinned = false;
}

/* Pins the supervisor to the core that it is on. */
static void pin_supervisor(struct placement *p, const struct ground *ground)
{
	if (p->pinned || !cores_alone(&ground->cores, sched_getcpu(), &p->core))
		return;
	cores_set(0, &p->core);
	p->pinned = true;
}

static void pin(const struct placement *p, struct task *task)
{
	if (task->pinned)
		return;
	cores_set(task->tid, &p->core);
	task->pinned = true;
}

/* How long this thread has waited for a core, in ns: the second field of its schedstat. */
static uint64_t waited_ns(void)
{
	_cleanup_close_ int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	char text[96], *at = text;
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	strtoull(at, &at, 10);
	return strtoull(at, NULL, 10);
}

void placement_start(struct placement *p, const struct ground *ground, bool wanted)
{
	p->wanted = wanted && ground->cores.size && cores_only(&ground->cores) < 0;
	p->since_ns = clock_ns(CLOCK_MONOTONIC);
	/* The program inherits it: its start is dense with calls. */
	if (p->wanted)
		pin_supervisor(p, ground);
}

void placement_stop(struct placement *p, const struct ground *ground, struct tasks *tasks)
{
	let_all_go(p, ground, tasks);
}

void placement_new_thread(const struct placement *p, const struct ground *ground, struct task *task)
{
	/* It has inherited its creator's mask. */
	task->pinned = p->pinned;
	if (p->wanted)
		let_go(ground, task);
}

static bool is_dense(const struct task *task, uint64_t elapsed)
{
	return task->stops * UINT64_C(1000000000) >= elapsed * DENSE_PER_SECOND;
}

void placement_tick(struct placement *p, const struct ground *ground, struct tasks *tasks)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), elapsed = now - p->since_ns, waited = p->waited_ns;
	struct task *task;
	unsigned n_dense = 0;

	if (!p->wanted || elapsed < SHORTEST_LOOK_NS)
		return;
	for (task = tasks->first; task; task = task->hh.next)
		n_dense += is_dense(task, elapsed);
	if (n_dense)
		waited = waited_ns();
	if (!n_dense ||
	    (p->pinned && (waited - p->waited_ns) * 100 > elapsed * CROWDED_PERCENT * MIN(n_dense, 3)))
		let_all_go(p, ground, tasks);
	else
		pin_supervisor(p, ground);
	for (task = tasks->first; task; task = task->hh.next) {
		if (p->pinned && is_dense(task, elapsed))
			pin(p, task);
		else
			let_go(ground, task);
		task->stops = 0;
	}
	p->waited_ns = waited;
	p->since_ns = now;
}
