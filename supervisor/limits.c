/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/burden.h"
#include "supervisor/memory.h"
#include "tracee/abi/abi.h"

enum {
	MEMORY_TICK_US = 10000,
	NEAR_TICK_US = 5000,
	FEW_SHARED = 4 << 20, /* libraries in a tmpfs, say */
	EXACT_LOOK_SHARE = 5,  /* telling who shares what may take one part in so many of the time where it decides, */
	USUAL_LOOK_SHARE = 40, /* and otherwise */
	SHARED_LOOK_SHARE = 5, /* likewise into telling files from shared memory */
};

void watch_init(struct watch *watch, const struct limits *limits)
{
	*watch = (struct watch){ .limits = limits, .statm_fd = -1 };
	watch_begin(watch);
}

void watch_begin(struct watch *watch)
{
	watch->burden_start_ns = burden_clock();
	watch->start_ns = clock_ns(CLOCK_MONOTONIC);
}

void watch_stood_still(struct watch *watch, uint64_t begin_ns, uint64_t burden_ns)
{
	watch->start_ns += clock_ns(CLOCK_MONOTONIC) - begin_ns;
	watch->burden_start_ns += burden_clock() - burden_ns;
}

void watch_fini(struct watch *watch)
{
	if (watch->statm_fd >= 0)
		close(watch->statm_fd);
	watch->statm_fd = -1;
}

/* The CPU time of process PID; its clock's id as clock_getcpuclockid(3) makes it. */
static uint64_t process_cpu_ns(pid_t pid)
{
	clockid_t clock;
	struct timespec ts;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The CPU time of the whole program. */
static uint64_t cpu_ns(const struct watch *watch, struct tasks *tasks)
{
	uint64_t all = watch->ended_cpu_ns;
	struct process *process;

	if (!watch->all)
		return process_cpu_ns(watch->pid);
	for (process = tasks->processes; process; process = process->hh.next) {
		process->cpu_ns = MAX(process->cpu_ns, process_cpu_ns(process->pid));
		all += process->cpu_ns;
	}
	return all;
}

/* A lower bound of what belongs to no file: without page tables and shared memory, 0 when the first thread is gone.
 * Costs a tenth of memory_look(). RET_ALL: with files and shared memory. */
static uint64_t anonymous_bytes(struct watch *watch, uint64_t *ret_all)
{
	char text[64], *at;
	uint64_t resident, shared;
	ssize_t n;

	*ret_all = 0;
	if (watch->statm_fd < 0)
		watch->statm_fd = open_proc(watch->pid, "statm", O_RDONLY);
	n = watch->statm_fd < 0 ? -1 : pread(watch->statm_fd, text, sizeof text - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = text;
	strtoull(at, &at, 10);
	resident = strtoull(at, &at, 10) * ABI_PAGE;
	shared = strtoull(at, &at, 10) * ABI_PAGE;
	*ret_all = resident;
	return resident - MIN(resident, shared);
}

/* The part of MEMORY's `shared` that belongs to no file, as it was at the last look. SURE: as it is now. */
static uint64_t own_shared(struct watch *watch, pid_t tid, const struct memory *memory, bool sure)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (memory->shared < FEW_SHARED)
		return memory->shared;
	if (sure || now >= watch->next_shared_ns) {
		if (!memory_look_at_shared(tid, &watch->own_shared))
			watch->own_shared = UINT64_MAX;
		watch->next_shared_ns = now + (clock_ns(CLOCK_MONOTONIC) - now) * SHARED_LOOK_SHARE;
	}
	return MIN(watch->own_shared, memory->shared);
}

/* SHARED, or what named memory takes where that is more: pages that are mapped nowhere are not resident. */
static uint64_t with_named(const struct watch *watch, uint64_t shared)
{
	return watch->named ? MAX(shared, shared_bytes(watch->named)) : shared;
}

/* What the program has made the machine hold, seen from its thread TID; 0 when that shows nothing. */
static uint64_t memory_bytes(struct watch *watch, pid_t tid)
{
	uint64_t limit = watch->limits->memory_bytes, shared;
	struct memory memory;

	if (!memory_look(tid, &memory))
		return 0;
	shared = with_named(watch, own_shared(watch, tid, &memory, false));
	/* Nobody is accused by an old look. */
	if (memory.own <= limit && memory.own + shared > limit)
		shared = with_named(watch, own_shared(watch, tid, &memory, true));
	watch->peak_files = MAX(watch->peak_files, memory.files + memory.shared - MIN(memory.shared, shared));
	watch->peak_memory = MAX(watch->peak_memory, memory.own + shared);
	return memory.own + shared;
}

/* ------------------------------------------------------------------ the memory of several processes */

/* A look at process PID by one of its threads: the first may be gone, and then it has no memory. */
static bool look_at_process(const struct tasks *tasks, pid_t pid, uint64_t *ret_own, bool exact)
{
	const struct task *task;
	struct memory memory;

	for (task = tasks->first; task; task = task->hh.next) {
		if (task->tgid != pid || task->gone)
			continue;
		if (exact && memory_look_at_part(task->tid, ret_own))
			return true;
		if (!exact && memory_look(task->tid, &memory)) {
			*ret_own = memory.own;
			return true;
		}
	}
	return false;
}

static uint64_t own_of_all(const struct tasks *tasks, bool exact)
{
	const struct process *process;
	uint64_t all = 0, own;

	for (process = tasks->processes; process; process = process->hh.next)
		if (look_at_process(tasks, process->pid, &own, exact))
			all += own;
	return all;
}

/*
 * What all processes have made the machine hold: never more than that; less where shared pages cannot be told apart
 * again yet. They have no shared memory but what the run knows of (shared_memory.h).
 */
static uint64_t memory_of_all(struct watch *watch, const struct tasks *tasks)
{
	uint64_t limit = watch->limits->memory_bytes, shared = with_named(watch, 0);
	uint64_t most = own_of_all(tasks, false) + shared, now = clock_ns(CLOCK_MONOTONIC), begin, cost, exact;

	if (now < watch->next_exact_ns && (most <= limit || now < watch->next_decisive_ns))
		return MIN(most, watch->peak_memory);
	begin = burden_clock();
	exact = own_of_all(tasks, true) + shared;
	cost = burden_clock() - begin;
	watch->next_decisive_ns = now + cost * EXACT_LOOK_SHARE;
	watch->next_exact_ns = now + cost * USUAL_LOOK_SHARE;
	watch->peak_memory = MAX(watch->peak_memory, MIN(most, exact));
	return MIN(most, exact);
}

/* Memory now, and when it is to be looked at again. */
static uint64_t look_at_memory(struct watch *watch, const struct tasks *tasks, long *ret_tick_us)
{
	uint64_t limit = watch->limits->memory_bytes, used = 0, all = 0;
	const struct task *task;

	watch->last_memory = 0;
	/* Far from the limit, page tables are added every fifth time only. */
	if (limit != UINT64_MAX && ++watch->looks % (WATCH_TICK_US / MEMORY_TICK_US) != 0)
		used = anonymous_bytes(watch, &all);
	if (tasks->n_processes > 1 && watch->all) {
		watch->last_memory = used = memory_of_all(watch, tasks);
	} else if (used == 0 || with_named(watch, all) > limit / 4) {
		used = 0;
		/* Any thread will do; the first may be gone, and then it has no memory. */
		for (task = tasks->first; task && used == 0; task = task->hh.next)
			used = memory_bytes(watch, task->tid);
		watch->last_memory = used;
	}
	watch->peak_memory = MAX(watch->peak_memory, used);
	*ret_tick_us = limit == UINT64_MAX ? WATCH_TICK_US : used > limit / 4 ? NEAR_TICK_US : MEMORY_TICK_US;
	return used;
}

/* CPU time is the program's own, and what counts of the supervisor's work for it. */
static bool is_cpu_crossed(const struct watch *watch, uint64_t cpu, uint64_t wall, struct crossing *ret_crossing)
{
	uint64_t supervisor = burden_counted(cpu, burden_clock() - watch->burden_start_ns, wall);

	cpu -= burden_of_stops(cpu, watch->counting_ns);
	*ret_crossing = (struct crossing){ LIMIT_CPU, cpu + supervisor, supervisor };
	return cpu + supervisor > watch->limits->cpu_ns;
}

static bool is_memory_crossed(const struct watch *watch, uint64_t used, struct crossing *ret_crossing)
{
	*ret_crossing = (struct crossing){ LIMIT_MEMORY, used, 0 };
	return watch->limits->memory_bytes != UINT64_MAX && used > watch->limits->memory_bytes;
}

/* The next look is not later than the wall limit. */
static long tick_before(uint64_t limit, uint64_t wall, long tick_us)
{
	uint64_t left_us = limit == UINT64_MAX || wall > limit ? UINT64_MAX : (limit - wall) / 1000 + 1;

	return left_us < (uint64_t)tick_us ? (long)left_us : tick_us;
}

static bool is_wall_crossed(const struct watch *watch, uint64_t wall, struct crossing *ret_crossing)
{
	*ret_crossing = (struct crossing){ LIMIT_WALL, wall, 0 };
	return watch->limits->wall_ns != UINT64_MAX && wall > watch->limits->wall_ns;
}

bool watch_check(struct watch *watch, struct tasks *tasks, struct crossing *ret_crossing,
		 long *ret_tick_us)
{
	const struct limits *limits = watch->limits;
	/* Where the last thread is ending, that is the program's end; what the kernel still has to do is not its
	 * time. */
	bool ends = watch->end_ns && tasks->n == 1 && tasks->first->tid == watch->end_tid;
	uint64_t now = ends ? watch->end_ns : clock_ns(CLOCK_MONOTONIC);
	uint64_t wall = now - watch->start_ns;
	uint64_t memory = look_at_memory(watch, tasks, ret_tick_us);

	*ret_tick_us = tick_before(limits->wall_ns, wall, *ret_tick_us);
	if (is_wall_crossed(watch, wall, ret_crossing))
		return true;
	if (limits->cpu_ns != UINT64_MAX && is_cpu_crossed(watch, cpu_ns(watch, tasks), wall, ret_crossing))
		return true;
	return is_memory_crossed(watch, memory, ret_crossing);
}

bool watch_measured(const struct watch *watch, struct tasks *tasks, uint64_t *ret_cpu_ns, uint64_t *ret_memory_bytes)
{
	uint64_t cpu = cpu_ns(watch, tasks);

	*ret_cpu_ns = cpu - burden_of_stops(cpu, watch->counting_ns);
	*ret_memory_bytes = watch->last_memory;
	return watch->last_memory != 0;
}

void watch_exit(struct watch *watch, struct tasks *tasks, pid_t tid, uint64_t now_ns)
{
	const struct task *task = watch->all ? tasks_find(tasks, tid) : NULL;
	struct process *process = task ? tasks_process(tasks, task->tgid) : NULL;
	bool several = process && tasks->n_processes > 1;

	/* The kernel will not tell what the process used without what its children used. */
	if (process)
		process->cpu_ns = MAX(process->cpu_ns, process_cpu_ns(process->pid));
	if (several && process->pid == tid)
		memory_of_all(watch, tasks);
	if (process && process->pid != watch->pid)
		return;
	watch->exiting |= tid == watch->pid;
	/* A thread among others: the program goes on. */
	if (!watch->exiting)
		return;
	watch->end_tid = tid;
	watch->end_ns = now_ns;
	if (!several)
		memory_bytes(watch, tid);
}

static uint64_t timeval_ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_usec * 1000u;
}

void watch_goes_on(struct watch *watch)
{
	watch->exiting = false;
	watch->end_tid = 0;
	watch->end_ns = 0;
}

void watch_process_end(struct watch *watch, const struct process *process, const struct rusage *counted)
{
	/* Killed threads may end without a stop: then only what a tick saw is known. */
	watch->made_others |= process->made_others;
	if (watch->all)
		watch->ended_cpu_ns += process->made_others ? process->cpu_ns :
						timeval_ns(&counted->ru_utime) + timeval_ns(&counted->ru_stime);
}

/*
 * The most that the program has held. Between two looks there may have been more: the kernel knows how much was
 * resident at the most, but not how much of that was files. The kernel's number without the files that were seen is
 * told, unless it would be an accusation: at that moment there may have been more files.
 */
static uint64_t peak_memory(const struct watch *watch, const struct rusage *counted)
{
	uint64_t resident = (uint64_t)counted->ru_maxrss * 1024;
	uint64_t likely = resident - MIN(resident, watch->peak_files);

	return MAX(watch->peak_memory, likely > watch->limits->memory_bytes ? 0 : likely);
}

bool watch_finish(const struct watch *watch, const struct rusage *counted, struct usage *ret_usage,
		  struct crossing *ret_crossing)
{
	const struct usage usage = {
		.wall_ns = (watch->end_ns ? watch->end_ns : clock_ns(CLOCK_MONOTONIC)) - watch->start_ns,
		.cpu_ns = watch->all ? watch->ended_cpu_ns :
				       timeval_ns(&counted->ru_utime) + timeval_ns(&counted->ru_stime),
		.memory_bytes = peak_memory(watch, counted),
		.supervisor_ns = burden_clock() - watch->burden_start_ns,
	};

	*ret_usage = usage;
	/* Stops cost time in the kernel, not in user mode. */
	ret_usage->cpu_ns -= burden_of_stops(usage.cpu_ns, watch->counting_ns);
	ret_usage->user_ns = MIN(timeval_ns(&counted->ru_utime), ret_usage->cpu_ns);
	ret_usage->user_known = !watch->made_others;
	return is_cpu_crossed(watch, usage.cpu_ns, usage.wall_ns, ret_crossing) ||
	       is_wall_crossed(watch, usage.wall_ns, ret_crossing) ||
	       is_memory_crossed(watch, watch->peak_memory, ret_crossing);
}
