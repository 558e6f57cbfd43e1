/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits on time and memory, without root and without cgroups: checked at each tick of a timer. A tick is 50 ms; 10 ms
 * where memory is limited, and 5 ms from a quarter of that limit on: between two ticks a program can fill as much as
 * the machine has time for. Threads, output and descriptors are counted where an event tells of them.
 *
 * Where the program may make processes (process: fork), all of them count, also those that have ended. CPU time is
 * added up. Pages that several processes share, as after a fork, are to count once: the sum of what each holds is
 * looked at first, and only where that exceeds the limit, or now and then, are shared pages told apart (PSS), which
 * costs in proportion to all their pages.
 *
 * Nothing here ends a run: the functions say which limit was crossed, and by how much.
 */
#ifndef PROCTOR_SUPERVISOR_LIMITS_H
#define PROCTOR_SUPERVISOR_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "supervisor/shared_memory.h"
#include "supervisor/tasks.h"

struct watch {
	const struct limits *limits; /* borrowed */
	pid_t pid;		     /* the program's first process; 0 before there is one */
	bool all;		     /* other processes count too */
	uint64_t ended_cpu_ns;	     /* if so: of processes that have ended */
	bool made_others;	     /* one of the ended ones had made others */
	/* CLOCK_MONOTONIC when shared pages may be told apart again: where that decides, and otherwise. */
	uint64_t next_decisive_ns, next_exact_ns;
	uint64_t start_ns;	     /* CLOCK_MONOTONIC at the program's start */
	uint64_t burden_start_ns;    /* burden_clock() then */
	uint64_t counting_ns;	     /* the supervisor's CPU time for writes that are counted (burden.h) */
	bool exiting;		     /* the first thread is ending, and with it, as a rule, the program */
	pid_t end_tid;		     /* which thread ended last */
	uint64_t end_ns;	     /* CLOCK_MONOTONIC then; 0: not seen */
	uint64_t peak_memory;	     /* most bytes that count (memory.h) at any look */
	uint64_t peak_files;	     /* most bytes of files beside them, likewise */
	uint64_t own_shared;	     /* bytes of shared memory that belongs to no file, at the last look */
	uint64_t next_shared_ns;     /* CLOCK_MONOTONIC when the next such look may be taken */
	uint64_t looks;
	uint64_t last_memory; /* bytes at the last look; 0: it showed nothing, or only a part */
	int statm_fd; /* of the first process, or -1 */
	struct shared_memory *named; /* borrowed; NULL: none */
};

enum { WATCH_TICK_US = 50000 };

/* What a program used in the end. */
struct usage {
	uint64_t cpu_ns, wall_ns, memory_bytes;
	bool user_known;	/* false where a process has made others: the kernel adds their time to its own */
	uint64_t user_ns;	/* if known: the part of cpu_ns in user mode */
	uint64_t supervisor_ns; /* CPU time of the supervisor for it */
};

/* The wall clock begins now; begin again when the program has really started. */
void watch_init(struct watch *watch, const struct limits *limits);
void watch_begin(struct watch *watch);
void watch_fini(struct watch *watch);

/* The program has waited for a person since BEGIN_NS (CLOCK_MONOTONIC), and the supervisor has worked for that person
 * since BURDEN_NS (burden_clock()): neither time counts. */
void watch_stood_still(struct watch *watch, uint64_t begin_ns, uint64_t burden_ns);

/* Looks at wall, CPU and memory. RET_TICK_US: when to look again. True: one was crossed. */
bool watch_check(struct watch *watch, struct tasks *tasks, struct crossing *ret_crossing,
		 long *ret_tick_us);

/* What the last look has seen: the program's CPU time and its memory. False: it has not seen all of that. */
bool watch_measured(const struct watch *watch, struct tasks *tasks, uint64_t *ret_cpu_ns, uint64_t *ret_memory_bytes);

/*
 * Thread TID is about to end; it still has its memory. NOW_NS: CLOCK_MONOTONIC when it stopped for that. The time of
 * the last such stop is when the program ended: what the kernel takes to free its memory is not its time.
 */
void watch_exit(struct watch *watch, struct tasks *tasks, pid_t tid, uint64_t now_ns);

/* The program goes on after all: one of its threads has executed a program, and the other threads of that process have
 * ended. */
void watch_goes_on(struct watch *watch);

/* PROCESS has been waited for; COUNTED is what the kernel counted for it and for the children it had waited for
 * itself. */
void watch_process_end(struct watch *watch, const struct process *process, const struct rusage *counted);

/*
 * The program has ended, with the resources that the kernel counted for it (getrusage(2)). True: it crossed a limit
 * between two ticks, unseen.
 */
bool watch_finish(const struct watch *watch, const struct rusage *counted, struct usage *ret_usage,
		  struct crossing *ret_crossing);

#endif
