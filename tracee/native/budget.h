/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one stop may cost. All loops over the tracee's data draw on one budget: CPU time and a count of
 * system calls. Once it is spent every reader fails, so nothing needs to unwind in a hurry. How long it takes
 * by the clock on the wall depends on who else runs, and what is read must not; there is a bound on that too,
 * which only memory reaches that has to be fetched from a slow disk.
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
	BUDGET_ELAPSED = 50, /* times as much time may pass as CPU time */
};

struct budget {
	uint64_t deadline; /* of this thread's CPU time, ns */
	uint64_t latest;   /* of CLOCK_MONOTONIC */
	unsigned int reads, work;
	size_t tables;
	bool spent;
};

/* NS of CPU time. */
static inline void budget_start(struct budget *b, uint64_t ns)
{
	*b = (struct budget){.deadline = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns,
			     .latest = clock_ns(CLOCK_MONOTONIC) + BUDGET_ELAPSED * ns};
}

/* False when the time has run out. */
static inline bool budget_time(struct budget *b)
{
	if (!b->spent && (clock_ns(CLOCK_THREAD_CPUTIME_ID) >= b->deadline || clock_ns(CLOCK_MONOTONIC) >= b->latest))
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

/* Accounts for one system call, before it is made: as much work as it mostly takes, because to ask for CPU time is a system
 * call itself. */
static inline bool budget_read(struct budget *b)
{
	if (++b->reads > BUDGET_READS)
		b->spent = true;
	return budget_work(b, BUDGET_READ_WORK);
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
