/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one stop may cost. All loops over the tracee's data draw on one budget: a wall-clock
 * deadline and a count of system calls. Once it is spent every reader fails, so nothing needs
 * to unwind in a hurry.
 */
#ifndef PROCTOR_TRACEE_NATIVE_BUDGET_H
#define PROCTOR_TRACEE_NATIVE_BUDGET_H

#include <time.h>

#include "base/util.h"

enum {
	BUDGET_READS = 4000, /* system calls that read the tracee or a file it mapped */
	BUDGET_READ_WORK = 16, /* units of budget_work() that one takes */
	BUDGET_WORK = 256,   /* units of budget_work() between two looks at the clock */
	BUDGET_TABLES = 2 << 20, /* bytes of line tables that are copied and searched */
};

struct budget {
	clockid_t clock;
	uint64_t deadline; /* of the clock, ns */
	unsigned int reads, work;
	size_t tables;
	bool spent;
};

/* NS by CLOCK: CLOCK_MONOTONIC is cheaper, CLOCK_THREAD_CPUTIME_ID does not run while others do. */
static inline void budget_start(struct budget *b, clockid_t clock, uint64_t ns)
{
	*b = (struct budget){.clock = clock, .deadline = clock_ns(clock) + ns};
}

/* False when the time has run out. */
static inline bool budget_time(struct budget *b)
{
	if (!b->spent && clock_ns(b->clock) >= b->deadline)
		b->spent = true;
	return !b->spent;
}


/* Has more than PERCENT of the system calls been made? */
static inline bool budget_reads_beyond(const struct budget *b, unsigned int percent)
{
	return b->reads > BUDGET_READS / 100 * percent;
}

/* Accounts for UNITS steps of around 100 ns that make no system call. */
static inline bool budget_work(struct budget *b, unsigned int units)
{
	b->work += units;
	if (b->work < BUDGET_WORK)
		return !b->spent;
	b->work = 0;
	return budget_time(b);
}

/* Accounts for one system call, before it is made. Where it waits no CPU time passes, and to ask for that is a system call
 * itself: then it is as much work as it mostly takes. */
static inline bool budget_read(struct budget *b)
{
	if (++b->reads > BUDGET_READS)
		b->spent = true;
	return b->clock == CLOCK_THREAD_CPUTIME_ID ? budget_work(b, BUDGET_READ_WORK) : budget_time(b);
}

/*
 * Accounts for a table of N bytes. False when there have been too many bytes: the stack goes on
 * without the lines from that table.
 */
static inline bool budget_table(struct budget *b, size_t n)
{
	if (n > BUDGET_TABLES - b->tables)
		return false;
	b->tables += n;
	return true;
}

#endif
