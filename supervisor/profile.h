/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the program computes, or where it is, by samples taken from outside (--profile of proctor-run(1)).
 *
 * At a fixed rate each thread that runs, or could run, is interrupted by ptrace and its Python stack read. A thread that
 * waits in the kernel is never interrupted: calls such as epoll_wait(2) would show it. By the clock of the processor it
 * has no sample, for it uses none. By the clock on the wall its stack is read where it waits, for which nothing has to
 * be stopped: its frames cannot change before it runs, and how often it has run (proc_pid_schedstat(5)) is looked at
 * before and after. Nor has the stack to be read again until that number changes.
 *
 * The program can neither see the samples, except by the time they take, nor change them; what stacks say of themselves
 * is its own claim, as always. Memory is bounded: beyond PROFILE_BYTES, samples of new stacks are only counted.
 */
#ifndef PROCTOR_SUPERVISOR_PROFILE_H
#define PROCTOR_SUPERVISOR_PROFILE_H

#include "base/buf.h"
#include "supervisor/stacks.h"
#include "supervisor/tasks.h"
#include "tracee/stack.h"

enum {
	PROFILE_HZ = 100,	    /* by default */
	PROFILE_MAX_HZ = 1000,
	PROFILE_FRAMES = 64,	    /* of a stack, the innermost */
	PROFILE_BYTES = 4 << 20,    /* of the texts that tell stacks and places apart */
	PROFILE_RECORD = 48 * 1024, /* of the record, about */
	PROFILE_PEAK = 8 * 1024,    /* of the stack at the peak */
};

struct profile_entry;

struct profile {
	unsigned hz; /* 0: none is made */
	bool wall;   /* threads that wait have samples too */
	const char *const *library; /* as for record_user_frame() */
	uint64_t next_ns;	    /* CLOCK_MONOTONIC: the next round */
	uint64_t samples, unread, left_out; /* all; those without a Python frame; those only counted */
	struct profile_entry *stacks, *places;
	size_t bytes;
	/* The most memory that was seen, when, and the stack that was read next: an entry's key. */
	uint64_t peak_bytes, peak_at_ns;
	struct buf peak;
};

/* The line of the program's own code that most samples were in. */
struct profile_hottest {
	char *file, *function; /* owned; NULL: no line stands out */
	uint64_t line, samples, of;
	bool wall; /* samples of where it was, not of where it computed */
};

void profile_init(struct profile *profile, unsigned hz, bool wall, const char *const *library);
void profile_fini(struct profile *profile);

/* How long until the next round, at most TICK_US. */
long profile_tick(const struct profile *profile, long tick_us);
/* Takes a round if one is due, of the threads of all processes that have stacks: those that compute are interrupted, and
 * `sampled` says so; those that wait are counted at once, if they are to be. */
void profile_round(struct profile *profile, const struct tasks *tasks, struct stacks *stacks);
/* A thread that was interrupted has stopped; STACK may be NULL. */
void profile_take(struct profile *profile, const struct stack *stack);
/* The program held MEMORY_BYTES at AT_NS since its start, and STACK was read next. */
void profile_remember(struct profile *profile, uint64_t memory_bytes, uint64_t at_ns, const struct stack *stack);

/* The members of a profile record. Nothing where none is made. */
void profile_format(const struct profile *profile, struct buf *out);
/* Free with profile_hottest_fini(). */
void profile_hottest(const struct profile *profile, struct profile_hottest *ret_hottest);
void profile_hottest_fini(struct profile_hottest *hottest);

#endif
