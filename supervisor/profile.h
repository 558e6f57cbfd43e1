/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the program computes, by samples taken from outside (--profile of proctor-run(1)).
 *
 * At a fixed rate each thread of the first process that runs, or could run, is interrupted by ptrace and its Python
 * stack read. A thread that waits in the kernel is left alone: it uses no CPU time, and calls such as epoll_wait(2)
 * would show that they were interrupted. The program can neither see the samples, except by the time they take, nor
 * change them; what stacks say of themselves is its own claim, as always. Memory is bounded: beyond PROFILE_BYTES,
 * samples of new stacks are only counted.
 */
#ifndef PROCTOR_SUPERVISOR_PROFILE_H
#define PROCTOR_SUPERVISOR_PROFILE_H

#include "base/buf.h"
#include "supervisor/tasks.h"
#include "tracee/stack.h"

enum {
	PROFILE_HZ = 100,	    /* by default */
	PROFILE_MAX_HZ = 1000,
	PROFILE_FRAMES = 64,	    /* of a stack, the innermost */
	PROFILE_BYTES = 4 << 20,    /* of the texts that tell stacks and places apart */
	PROFILE_RECORD = 48 * 1024, /* of the record, about */
};

struct profile_entry;

struct profile {
	unsigned hz; /* 0: none is made */
	const char *const *library; /* as for record_user_frame() */
	uint64_t next_ns;	    /* CLOCK_MONOTONIC: the next round */
	uint64_t samples, unread, left_out; /* all; those without a Python frame; those only counted */
	struct profile_entry *stacks, *places;
	size_t bytes;
};

/* The line of the program's own code that most samples were in. */
struct profile_hottest {
	char *file, *function; /* owned; NULL: no line stands out */
	uint64_t line, samples, of;
};

void profile_init(struct profile *profile, unsigned hz, const char *const *library);
void profile_fini(struct profile *profile);

/* How long until the next round, at most TICK_US. */
long profile_tick(const struct profile *profile, long tick_us);
/* Takes a round if one is due: the threads of process PID that compute are interrupted, and `sampled` says so. */
void profile_round(struct profile *profile, const struct tasks *tasks, pid_t pid);
/* One of these threads has stopped; STACK may be NULL. */
void profile_take(struct profile *profile, const struct stack *stack);

/* The members of a profile record. Nothing where none is made. */
void profile_format(const struct profile *profile, struct buf *out);
/* Free with profile_hottest_fini(). */
void profile_hottest(const struct profile *profile, struct profile_hottest *ret_hottest);
void profile_hottest_fini(struct profile_hottest *hottest);

#endif
