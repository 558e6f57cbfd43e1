/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placement: while stops are dense, the supervisor and the program's first thread share one core.
 * A stop between two cores costs four to eight times more than one on the same core, because each
 * side has to be woken from idle.
 *
 * Nothing is taken from the program: its other threads run wherever the kernel likes, and so does
 * the first one whenever it computes rather than calls. Runs side by side must not pile up on one
 * core: when the pair had to wait for its core, it is let go for a tick, the kernel's balancer moves
 * it, and it is pinned again where it then is.
 */
#include "supervisor/state.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	DENSE_PER_SECOND = 1000, /* stops; below it their cost does not matter */
	CROWDED_PERCENT = 25,	 /* of the time waiting for the core: somebody else is there */
};

static void set_mask(pid_t tid, const void *mask, size_t size)
{
	/* Best effort: where it is forbidden, calls are slower and nothing else. */
	syscall(SYS_sched_setaffinity, tid, size, mask);
}

static void let_go(struct broker *b)
{
	set_mask(0, b->affinity, b->affinity_size);
	if (b->pid > 0)
		set_mask(b->pid, b->affinity, b->affinity_size);
	b->placement.pinned = false;
}

static void pin(struct broker *b)
{
	unsigned char mask[sizeof b->affinity] = { 0 };
	int cpu = sched_getcpu();

	if (cpu < 0 || (size_t)cpu / 8 >= b->affinity_size)
		return;
	mask[cpu / 8] = (unsigned char)(1u << (cpu % 8));
	set_mask(0, mask, b->affinity_size);
	if (b->pid > 0)
		set_mask(b->pid, mask, b->affinity_size);
	b->placement.pinned = true;
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
	if (b->placement.wanted)
		pin(b);
}

void placement_new_thread(struct broker *b, pid_t tid)
{
	if (b->placement.wanted)
		set_mask(tid, b->affinity, b->affinity_size);
}

void placement_tick(struct broker *b)
{
	struct placement *p = &b->placement;
	uint64_t now = clock_ns(CLOCK_MONOTONIC), elapsed = now - p->since_ns;
	uint64_t stops = b->stops - p->stops, waited;
	bool dense;

	if (!p->wanted || elapsed < 20000000)
		return;
	dense = stops * 1000000000u >= elapsed * DENSE_PER_SECOND;
	waited = dense ? waited_ns() : p->waited_ns;
	if (p->pinned && (!dense || (waited - p->waited_ns) * 100 > elapsed * CROWDED_PERCENT))
		let_go(b);
	else if (!p->pinned && dense)
		pin(b);
	p->waited_ns = waited;
	p->stops = b->stops;
	p->since_ns = now;
}
