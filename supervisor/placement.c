/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placement: while stops are dense, the supervisor shares one core with the threads that make them.
 * A stop between two cores costs four to eight times more than one on the same core, because each
 * side has to be woken from idle; and the supervisor answers one call at a time in any case.
 *
 * Nothing is taken from a program that computes: each thread is looked at alone, one that makes few
 * calls runs wherever the kernel likes, and new threads begin so. Runs side by side must not pile up
 * on one core: when the supervisor had to wait for its core, all are let go for a tick, the kernel's
 * balancer moves them, and they are pinned again where the supervisor then is.
 */
#include "supervisor/state.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	DENSE_PER_SECOND = 1000, /* stops of one thread; below it their cost does not matter */
	CROWDED_PERCENT = 25,	 /* of the time waiting for the core, for each thread pinned: somebody
				  * else is there */
	SHORTEST_LOOK_NS = 20000000,
};

static void set_mask(pid_t tid, const void *mask, size_t size)
{
	/* Best effort: where it is forbidden, calls are slower and nothing else. */
	syscall(SYS_sched_setaffinity, tid, size, mask);
}

static void let_go(const struct broker *b, struct task *task)
{
	if (!task->pinned)
		return;
	set_mask(task->tid, b->affinity, b->affinity_size);
	task->pinned = false;
}

static void let_all_go(struct broker *b)
{
	struct task *task;

	if (!b->placement.pinned)
		return;
	set_mask(0, b->affinity, b->affinity_size);
	for (task = b->tasks.first; task; task = task->hh.next)
		let_go(b, task);
	b->placement.pinned = false;
}

/* The supervisor stays where it is, and there alone. */
static void pin_supervisor(struct broker *b)
{
	struct placement *p = &b->placement;
	int cpu = sched_getcpu();

	if (p->pinned || cpu < 0 || (size_t)cpu / 8 >= b->affinity_size)
		return;
	memset(p->mask, 0, sizeof p->mask);
	p->mask[cpu / 8] = (unsigned char)(1u << (cpu % 8));
	set_mask(0, p->mask, b->affinity_size);
	p->pinned = true;
}

static void pin(const struct broker *b, struct task *task)
{
	if (task->pinned)
		return;
	set_mask(task->tid, b->placement.mask, b->affinity_size);
	task->pinned = true;
}

/* How long this process has waited for a core, in ns: the second field of its schedstat. */
static uint64_t waited_ns(void)
{
	_cleanup_close_ int fd = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	char text[96], *at = text;
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	strtoull(at, &at, 10);
	return strtoull(at, NULL, 10);
}

void placement_start(struct broker *b)
{
	size_t i;
	int cpus = 0;

	for (i = 0; i < b->affinity_size; i++)
		cpus += __builtin_popcount(b->affinity[i]);
	b->placement.wanted = b->options->pin && cpus > 1;
	b->placement.since_ns = clock_ns(CLOCK_MONOTONIC);
	/* The program inherits it: its start is dense with calls. */
	if (b->placement.wanted)
		pin_supervisor(b);
}

void placement_stop(struct broker *b)
{
	let_all_go(b);
}

void placement_new_thread(struct broker *b, struct task *task)
{
	/* It has inherited its creator's mask. */
	task->pinned = b->placement.pinned;
	if (b->placement.wanted)
		let_go(b, task);
}

static bool is_dense(const struct task *task, uint64_t elapsed)
{
	return task->stops * UINT64_C(1000000000) >= elapsed * DENSE_PER_SECOND;
}

void placement_tick(struct broker *b)
{
	struct placement *p = &b->placement;
	uint64_t now = clock_ns(CLOCK_MONOTONIC), elapsed = now - p->since_ns, waited = p->waited_ns;
	struct task *task;
	unsigned n_dense = 0;

	if (!p->wanted || elapsed < SHORTEST_LOOK_NS)
		return;
	for (task = b->tasks.first; task; task = task->hh.next)
		n_dense += is_dense(task, elapsed);
	if (n_dense)
		waited = waited_ns();
	if (!n_dense ||
	    (p->pinned && (waited - p->waited_ns) * 100 > elapsed * CROWDED_PERCENT * MIN(n_dense, 3)))
		let_all_go(b);
	else
		pin_supervisor(b);
	for (task = b->tasks.first; task; task = task->hh.next) {
		if (p->pinned && is_dense(task, elapsed))
			pin(b, task);
		else
			let_go(b, task);
		task->stops = 0;
	}
	p->waited_ns = waited;
	p->since_ns = now;
}
