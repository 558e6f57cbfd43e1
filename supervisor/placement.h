/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placement: while stops are dense, the supervisor shares one core with the threads that make them.
 * A stop between two cores costs four to eight times more than one on the same core, because each
 * side has to be woken from idle; and the supervisor answers one call at a time in any case.
 *
 * Nothing is taken from a program that computes: each thread is looked at alone, one that makes few calls runs
 * wherever the kernel likes, and so do new threads at first. Runs side by side must not pile up on one core: when the
 * supervisor had to wait for its core, all are let go for a tick, the kernel's balancer moves them, and they are
 * pinned again where the supervisor then is.
 */
#ifndef PROCTOR_SUPERVISOR_PLACEMENT_H
#define PROCTOR_SUPERVISOR_PLACEMENT_H

#include "supervisor/ground.h"
#include "supervisor/tasks.h"

struct placement {
	bool wanted, pinned;	      /* pinned: the supervisor is */
	uint64_t since_ns, waited_ns; /* at the last look */
	struct cores core;	      /* the only one, while pinned */
};

/* WANTED: the run's options want it. Pins the calling thread where there is more than one core. */
void placement_start(struct placement *placement, const struct ground *ground, bool wanted);
/* The calling thread may run anywhere again. */
void placement_stop(struct placement *placement, const struct ground *ground, struct tasks *tasks);
void placement_new_thread(const struct placement *placement, const struct ground *ground, struct task *task);
void placement_tick(struct placement *placement, const struct ground *ground, struct tasks *tasks);

#endif
