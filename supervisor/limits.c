/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits, without root and without cgroups: looked at by a timer's tick, and counted where an event
 * tells (threads at clone, output at write). A tick is 50 ms; 10 ms where memory is limited, and 5 ms
 * from a quarter of that limit on: between two ticks a program can fill what the machine has time for.
 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { TICK_US = 50000, MEMORY_TICK_US = 10000, NEAR_TICK_US = 5000 };

static volatile sig_atomic_t tick_due;

static void on_alarm(int signal)
{
	(void)signal;
	tick_due = 1;
}

bool limits_tick_due(void)
{
	bool due = tick_due;

	tick_due = 0;
	return due;
}

static void set_tick(suseconds_t us)
{
	const struct itimerval tick = { { 0, us }, { 0, us } };

	setitimer(ITIMER_REAL, &tick, NULL);
}

void limits_start(struct broker *b)
{
	/* No SA_RESTART: the tick has to interrupt waitpid(2). */
	const struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	b->start_ns = clock_ns(CLOCK_MONOTONIC);
	set_tick(TICK_US);
}

/* The CPU time of the whole program; CLOCK id of a process, as clock_getcpuclockid(3) makes it. */
static uint64_t cpu_ns(const struct broker *b)
{
	clockid_t clock;
	struct timespec ts;

	if (clock_getcpuclockid(b->pid, &clock) != 0 || clock_gettime(clock, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t field_kib(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* Resident memory alone, 0 when the first thread is gone: a tenth of the cost of memory_bytes(). */
static uint64_t resident_bytes(struct broker *b)
{
	char text[64], *pages;
	ssize_t n;

	if (b->statm_fd < 0)
		b->statm_fd = open_proc(b->pid, "statm", O_RDONLY);
	n = b->statm_fd < 0 ? -1 : pread(b->statm_fd, text, sizeof text - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	pages = strchr(text, ' ');
	return pages ? strtoull(pages, NULL, 10) * 4096 : 0;
}

/* Resident memory and page tables: what the program costs the machine. */
static uint64_t memory_bytes(const struct broker *b)
{
	char path[64], text[4096];
	_cleanup_close_ int fd = -1;
	struct task *task;
	ssize_t n = 0;

	/* Any thread will do; the first may be gone, and then its status has no memory in it. */
	for (task = b->tasks; task && n <= 0; task = task->hh.next) {
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

static uint64_t limit_value(const struct limits *limits, enum limit limit)
{
	const uint64_t values[] = { limits->cpu_ns,	  limits->wall_ns, limits->memory_bytes,
				    limits->output_bytes, limits->tasks,   limits->files };

	return values[limit];
}

void limits_crossed(struct broker *b, enum limit limit, uint64_t used)
{
	static const enum status statuses[] = { STATUS_TO, STATUS_TO, STATUS_ML,
						STATUS_OL, STATUS_PV, STATUS_PV };

	if (b->result->limited || b->ending)
		return;
	b->result->limited = true;
	b->result->limit = limit;
	b->result->limit_value = limit_value(&b->options->policy->limits, limit);
	b->result->limit_used = used;
	broker_look(b);
	broker_end(b, statuses[limit]);
}

static void check_memory(struct broker *b)
{
	uint64_t limit = b->options->policy->limits.memory_bytes, used = 0;

	/* Far from the limit, page tables are added every fifth time only. */
	if (limit != UINT64_MAX && ++b->memory_looks % (TICK_US / MEMORY_TICK_US) != 0)
		used = resident_bytes(b);
	if (used == 0 || used > limit / 4)
		used = memory_bytes(b);
	b->peak_memory = MAX(b->peak_memory, used);
	if (limit == UINT64_MAX)
		return;
	if (used > limit)
		limits_crossed(b, LIMIT_MEMORY, used);
	set_tick(used > limit / 4 ? NEAR_TICK_US : MEMORY_TICK_US);
}

void limits_check(struct broker *b)
{
	const struct limits *limits = &b->options->policy->limits;
	uint64_t wall = clock_ns(CLOCK_MONOTONIC) - b->start_ns, cpu;

	if (b->ending || !b->executed)
		return;
	if (limits->wall_ns != UINT64_MAX && wall > limits->wall_ns)
		limits_crossed(b, LIMIT_WALL, wall);
	cpu = limits->cpu_ns != UINT64_MAX ? cpu_ns(b) : 0;
	if (cpu > limits->cpu_ns)
		limits_crossed(b, LIMIT_CPU, cpu);
	check_memory(b);
}

/*
 * A program can cross a limit and end between two ticks: what the kernel counted says so. Peak
 * memory is its, in KiB (getrusage(2)).
 */
void limits_finish(struct broker *b)
{
	const struct limits *limits = &b->options->policy->limits;
	struct run_result *result = b->result;
	struct rusage usage;

	set_tick(0);
	result->wall_ns = clock_ns(CLOCK_MONOTONIC) - b->start_ns;
	if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
		result->cpu_ns = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000u +
				 (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000u;
		result->memory_bytes = MAX(b->peak_memory, (uint64_t)usage.ru_maxrss * 1024);
	}
	if (!b->executed || b->ending)
		return;
	if (result->cpu_ns > limits->cpu_ns)
		limits_crossed(b, LIMIT_CPU, result->cpu_ns);
	else if (limits->memory_bytes != UINT64_MAX && result->memory_bytes > limits->memory_bytes)
		limits_crossed(b, LIMIT_MEMORY, result->memory_bytes);
}
