/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/burden.h"

#include <time.h>

#include "base/util.h"

uint64_t burden_clock(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t burden_counted(uint64_t program_ns, uint64_t supervisor_ns, uint64_t wall_ns)
{
	uint64_t free_ns;

	/* What does not fit into 64 bits is more than any supervisor has worked. */
	if (__builtin_mul_overflow(program_ns, (uint64_t)BURDEN_RATIO, &free_ns) ||
	    __builtin_add_overflow(free_ns, (uint64_t)BURDEN_FREE_NS, &free_ns) ||
	    __builtin_add_overflow(free_ns, wall_ns / BURDEN_WALL_SHARE, &free_ns))
		return 0;
	return supervisor_ns > free_ns ? supervisor_ns - free_ns : 0;
}

uint64_t burden_of_stops(uint64_t program_ns, uint64_t counting_ns)
{
	return MIN(program_ns, counting_ns / BURDEN_STOPS_SHARE);
}
