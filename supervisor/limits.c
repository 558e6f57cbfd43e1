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

enum { MEMORY_TICK_US = 10000, NEAR_TICK_US = 5000 };

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

void watch_fini(struct watch *watch)
{
	if (watch->statm_fd >= 0)
		close(watch->statm_fd);
	watch->statm_fd = -1;
}

static int open_statm(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/statm", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The CPU time of the whole program; CLOCK id of a process, as clock_getcpuclockid(3) makes it. */
static uint64_t cpu_ns(const struct watch *watch)
{
	clockid_t clock;
	struct timespec ts;

	if (clock_getcpuclockid(watch->pid, &clock) != 0 || clock_gettime(clock, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t field_kib(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* Resident memory alone, 0 when the first thread is gone: a tenth of the cost of memory_bytes(). */
static uint64_t resident_bytes(struct watch *watch)
{
	char text[64], *pages;
	ssize_t n;

	if (watch->statm_fd < 0)
		watch->statm_fd = open_statm(watch->pid);
	n = watch->statm_fd < 0 ? -1 : pread(watch->statm_fd, text, sizeof text - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	pages = strchr(text, ' ');
	return pages ? strtoull(pages, NULL, 10) * 4096 : 0;
}

/* Resident memory and page tables: what the program costs the machine. */
static uint64_t memory_bytes(const struct tasks *tasks)
{
	char path[64], text[4096];
	_cleanup_close_ int fd = -1;
	const struct task *task;
	ssize_t n = 0;

	/* Any thread will do; the first may be gone, and then its status has no memory in it. */
	for (task = tasks->first; task && n <= 0; task = task->hh.next) {
		snprintf(path, sizeof path, "/proc/%d/status", task->tid);
		if (fd >= 0)
			close(fd);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
		if (n > 0) {
			text[n] = '\0';
			if (!strstr(text, "\nVmRSS:"))
				n = 0;
		}
	}
	if (n <= 0)
		return 0;
	return (field_kib(text, "\nVmRSS:") + field_kib(text, "\nVmPTE:")) * 1024;
}

/* Memory now, and when it is to be looked at again. */
static uint64_t look_at_memory(struct watch *watch, const struct tasks *tasks, long *ret_tick_us)
{
	uint64_t limit = watch->limits->memory_bytes, used = 0;

	/* Far from the limit, page tables are added every fifth time only. */
	if (limit != UINT64_MAX && ++watch->looks % (WATCH_TICK_US / MEMORY_TICK_US) != 0)
		used = resident_bytes(watch);
	if (used == 0 || used > limit / 4)
		used = memory_bytes(tasks);
	watch->peak_memory = MAX(watch->peak_memory, used);
	*ret_tick_us = limit == UINT64_MAX ? WATCH_TICK_US : used > limit / 4 ? NEAR_TICK_US : MEMORY_TICK_US;
	return used;
}

/* CPU is the program's own; what it makes the supervisor work counts with it. */
static bool is_cpu_crossed(const struct watch *watch, uint64_t cpu, uint64_t wall, struct crossing *ret_crossing)
{
	uint64_t supervisor = burden_counted(cpu, burden_clock() - watch->burden_start_ns, wall);

	*ret_crossing = (struct crossing){ LIMIT_CPU, cpu + supervisor, supervisor };
	return cpu + supervisor > watch->limits->cpu_ns;
}

static bool is_memory_crossed(const struct watch *watch, uint64_t used, struct crossing *ret_crossing)
{
	*ret_crossing = (struct crossing){ LIMIT_MEMORY, used, 0 };
	return watch->limits->memory_bytes != UINT64_MAX && used > watch->limits->memory_bytes;
}

bool watch_check(struct watch *watch, const struct tasks *tasks, struct crossing *ret_crossing,
		 long *ret_tick_us)
{
	const struct limits *limits = watch->limits;
	uint64_t wall = clock_ns(CLOCK_MONOTONIC) - watch->start_ns;
	uint64_t memory = look_at_memory(watch, tasks, ret_tick_us);

	if (limits->wall_ns != UINT64_MAX && wall > limits->wall_ns) {
		*ret_crossing = (struct crossing){ LIMIT_WALL, wall, 0 };
		return true;
	}
	if (limits->cpu_ns != UINT64_MAX && is_cpu_crossed(watch, cpu_ns(watch), wall, ret_crossing))
		return true;
	return is_memory_crossed(watch, memory, ret_crossing);
}

static uint64_t timeval_ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_usec * 1000u;
}

bool watch_finish(const struct watch *watch, const struct rusage *counted, struct usage *ret_usage,
		  struct crossing *ret_crossing)
{
	const struct usage usage = {
		.wall_ns = clock_ns(CLOCK_MONOTONIC) - watch->start_ns,
		.cpu_ns = timeval_ns(&counted->ru_utime) + timeval_ns(&counted->ru_stime),
		.memory_bytes = MAX(watch->peak_memory, (uint64_t)counted->ru_maxrss * 1024),
		.supervisor_ns = burden_clock() - watch->burden_start_ns,
	};

	*ret_usage = usage;
	return is_cpu_crossed(watch, usage.cpu_ns, usage.wall_ns, ret_crossing) ||
	       is_memory_crossed(watch, usage.memory_bytes, ret_crossing);
}
