/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/meter.h"

#include <stddef.h>
#include <time.h>

#include "base/json.h"
#include "base/util.h"

void meter_begin(struct meter *meter)
{
	*meter = (struct meter){ .start_ns = clock_ns(CLOCK_MONOTONIC), .every_ns = METER_EVERY_NS };
}

bool meter_is_due(const struct meter *meter, uint64_t *ret_at_ns)
{
	uint64_t last = meter->n ? meter->points[meter->n - 1].at_ns : 0;

	if (!meter->start_ns)
		return false;
	*ret_at_ns = clock_ns(CLOCK_MONOTONIC) - meter->start_ns;
	/* Ticks are never quite on time. */
	return *ret_at_ns - last >= meter->every_ns - meter->every_ns / 8;
}

static void thin_out(struct meter *meter)
{
	unsigned i;

	for (i = 0; i < METER_POINTS / 2; i++) {
		const struct meter_point *first = &meter->points[2 * i], *second = first + 1;
		struct meter_point both = *second;

		both.memory_bytes = MAX(first->memory_bytes, second->memory_bytes);
		both.threads = MAX(first->threads, second->threads);
		meter->points[i] = both;
	}
	meter->n = METER_POINTS / 2;
	meter->every_ns *= 2;
}

void meter_take(struct meter *meter, const struct meter_point *point)
{
	if (meter->n == METER_POINTS)
		thin_out(meter);
	meter->points[meter->n++] = *point;
}

static void put_column(const struct meter *meter, const char *name, size_t member, struct buf *out)
{
	unsigned i;

	json_open_list(out, name);
	for (i = 0; i < meter->n; i++)
		json_put_u64(out, NULL, *(const uint64_t *)((const char *)&meter->points[i] + member));
	json_close_list(out);
}

void meter_format(const struct meter *meter, bool output, struct buf *out)
{
	if (meter->n < METER_LEAST)
		return;
	json_open(out, "usage");
	json_put_u64(out, "every_ns", meter->every_ns);
	put_column(meter, "at_ns", offsetof(struct meter_point, at_ns), out);
	put_column(meter, "cpu_ns", offsetof(struct meter_point, cpu_ns), out);
	put_column(meter, "memory_bytes", offsetof(struct meter_point, memory_bytes), out);
	if (output)
		put_column(meter, "output_bytes", offsetof(struct meter_point, output_bytes), out);
	put_column(meter, "threads", offsetof(struct meter_point, threads), out);
	json_close(out);
}
