/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/progress.h"

#include <time.h>
#include <unistd.h>

#define EVERY_NS 200000000u

void progress_init(struct progress *p, bool quiet, size_t total, size_t before)
{
	*p = (struct progress){ .shown = !quiet && isatty(STDERR_FILENO), .total = total, .before = before,
				.began = clock_ns(CLOCK_MONOTONIC) };
}

void put_tally(struct buf *out, const struct results *results)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < N_FINALS; i++) {
		size_t n = results_tally(results, (enum final)i);

		if (n == 0)
			continue;
		buf_printf(out, "%s%zu %s", between, n, final_name((enum final)i));
		between = ", ";
	}
}

static void put_left(struct buf *out, const struct progress *p, size_t done, uint64_t elapsed)
{
	uint64_t left;

	if (p->total <= done || done == p->before || elapsed == 0)
		return;
	left = (uint64_t)((double)elapsed / (double)(done - p->before) * (double)(p->total - done) / 1e9);
	buf_printf(out, ", %u:%02u:%02u left", (unsigned)(left / 3600), (unsigned)(left / 60 % 60), (unsigned)(left % 60));
}

void progress_tell(struct progress *p, const struct results *results)
{
	_cleanup_buf_ struct buf line = { 0 };
	uint64_t now = clock_ns(CLOCK_MONOTONIC), elapsed = now - p->began;
	size_t done = results_count(results);

	if (!p->shown || now - p->told < EVERY_NS)
		return;
	p->told = now;
	buf_printf(&line, "\r\033[K%zu", done);
	if (p->total)
		buf_printf(&line, " of %zu", p->total);
	buf_printf(&line, " done, %.1f/s", elapsed ? (double)(done - p->before) * 1e9 / (double)elapsed : 0.0);
	put_left(&line, p, done, elapsed);
	buf_lit(&line, "; ");
	put_tally(&line, results);
	fwrite(line.data, 1, line.len, stderr);
	fflush(stderr);
}

void progress_clear(const struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
}
