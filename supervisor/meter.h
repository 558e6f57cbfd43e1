/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program used over time: CPU time, memory, output and threads, for the member "usage" of the log's summary.
 *
 * A point is taken when the limits are looked at anyway (limits.h), at most every METER_EVERY_NS. When there are
 * METER_POINTS of them, each two become one and the distance doubles: memory is bounded, and a peak is never thinned
 * out, for of two points the greater memory stays. A program that ends before there are two has no such member: its
 * totals say as much.
 */
#ifndef PROCTOR_SUPERVISOR_METER_H
#define PROCTOR_SUPERVISOR_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	METER_POINTS = 128, /* even */
	METER_LEAST = 2,    /* fewer are not told */
	METER_EVERY_NS = 50000000,
};

/* Totals from the program's start on, but for memory and threads, which are those of the moment. */
struct meter_point {
	uint64_t at_ns; /* since the program's start */
	uint64_t cpu_ns, memory_bytes, output_bytes, threads;
};

struct meter {
	uint64_t start_ns; /* CLOCK_MONOTONIC; 0: it does not run yet */
	uint64_t every_ns;
	struct meter_point points[METER_POINTS];
	unsigned n;
};

/* The program starts now. */
void meter_begin(struct meter *meter);
/* Nanoseconds since then, and whether a point is due. */
bool meter_is_due(const struct meter *meter, uint64_t *ret_at_ns);
/* POINT is later than those before it. */
void meter_take(struct meter *meter, const struct meter_point *point);
/* That member; nothing where there are too few points. OUTPUT: output was counted. */
void meter_format(const struct meter *meter, bool output, struct buf *out);

#endif
