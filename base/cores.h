/* SPDX-License-Identifier: Apache-2.0 */
/* The cores that a process may run on, as large as the kernel has them: sched_getaffinity(2). */
#ifndef PROCTOR_BASE_CORES_H
#define PROCTOR_BASE_CORES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

struct cores {
	size_t size; /* of MASK, in bytes; 0: they are not known */
	unsigned char mask[1024];
};

/* Those of thread PID (0: the caller). False: they cannot be learned, and *RET says so. */
static inline bool cores_get(pid_t pid, struct cores *ret)
{
	long size = syscall(SYS_sched_getaffinity, pid, sizeof ret->mask, ret->mask);

	ret->size = size > 0 ? (size_t)size : 0;
	return ret->size > 0;
}

/* False with errno: thread PID may run where it could before. */
static inline bool cores_set(pid_t pid, const struct cores *cores)
{
	return syscall(SYS_sched_setaffinity, pid, cores->size, cores->mask) == 0;
}

/* CORE alone, for the kernel that ALL is of. False: it has no such core. */
static inline bool cores_alone(const struct cores *all, int core, struct cores *ret)
{
	if (core < 0 || (size_t)core / 8 >= all->size)
		return false;
	*ret = (struct cores){ .size = all->size };
	ret->mask[core / 8] = (unsigned char)(1u << core % 8);
	return true;
}

static inline bool cores_has(const struct cores *cores, size_t core)
{
	return core / 8 < cores->size && cores->mask[core / 8] & 1u << core % 8;
}

static inline void cores_remove(struct cores *cores, size_t core)
{
	if (core / 8 < cores->size)
		cores->mask[core / 8] &= (unsigned char)~(1u << core % 8);
}

/* The only one of CORES; -1: there are several, or they are not known. */
static inline int cores_only(const struct cores *cores)
{
	int only = -1;

	for (size_t i = 0; i < cores->size * 8; i++)
		if (cores_has(cores, i)) {
			if (only >= 0)
				return -1;
			only = (int)i;
		}
	return only;
}

static inline bool cores_equal(const struct cores *a, const struct cores *b)
{
	return a->size == b->size && memcmp(a->mask, b->mask, a->size) == 0;
}

#endif
