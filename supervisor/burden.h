/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much work a program makes for the supervisor. A refused call costs the program a microsecond and the supervisor
 * fifty: without a rule, a program that is limited to a second of CPU time could make proctor burn as much as it
 * likes. So the supervisor's CPU time counts as the program's where it goes beyond
 *
 *   BURDEN_RATIO times the program's own    a program that does nothing but stat(2) makes it five times
 *   BURDEN_FREE_NS                          starting, and refusals now and then
 *   a BURDEN_WALL_SHARE-th of the time      looking at limits, for a program that sleeps
 *
 * So a program limited to N seconds of CPU time costs at most N + 10 N + 0.5 seconds, plus a twentieth of the time it
 * takes. Only the ratio of two CPU times decides, not how fast the machine is.
 */
#ifndef PROCTOR_SUPERVISOR_BURDEN_H
#define PROCTOR_SUPERVISOR_BURDEN_H

#include <stdint.h>

enum {
	BURDEN_RATIO = 10,
	BURDEN_FREE_NS = 500000000,
	BURDEN_WALL_SHARE = 20,
	BURDEN_STOPS_SHARE = 2,
	BURDEN_STOP_NS = 16000, /* anything longer is more than a stop */
};

/* CPU time of the calling thread in nanoseconds: the supervisor of one run is one thread. */
uint64_t burden_clock(void);

/*
 * How many nanoseconds of SUPERVISOR_NS, the supervisor's CPU time for a run, count as the program's; the program
 * itself has used PROGRAM_NS in WALL_NS of elapsed time. Pure; any numbers will do.
 */
uint64_t burden_counted(uint64_t program_ns, uint64_t supervisor_ns, uint64_t wall_ns);

/*
 * How many nanoseconds of PROGRAM_NS, a program's CPU time, it spent stopping for writes that are counted. Those stops
 * took COUNTING_NS of the supervisor's time, each at most BURDEN_STOP_NS. They are not the program's doing: without a
 * limit on output it would not stop. A stop costs the program half of what it costs the supervisor, or a little more;
 * like the ratio above, that does not depend on how fast the machine is.
 */
uint64_t burden_of_stops(uint64_t program_ns, uint64_t counting_ns);

#endif
