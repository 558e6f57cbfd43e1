/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/kept.h"

#include <stdlib.h>

#include "report/html/html.h"

static int by_time(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Calls that take longer than this are among the slowest. */
static uint64_t slow_limit(const struct gathering *g)
{
	_cleanup_free_ uint64_t *times = xcalloc(g->n_calls, sizeof *times);

	for (size_t i = 0; i < g->n_calls; i++)
		times[i] = g->calls[i].ns;
	qsort(times, g->n_calls, sizeof *times, by_time);
	return times[MIN(g->n_calls - 1, (size_t)GATHER_SLOW)];
}

/* If there are too many refused calls, drops every second one, so that the whole run stays covered. */
static bool thin_refused(struct gathering *g)
{
	size_t n = 0;
	bool second = false;

	for (size_t i = 0; i < g->n_calls; i++)
		n += g->calls[i].refused;
	if (n <= GATHER_REFUSED)
		return false;
	for (size_t i = 0; i < g->n_calls; i++)
		if (g->calls[i].refused) {
			g->calls[i].refused = !second;
			second = !second;
		}
	return true;
}

static void drop(struct gathering *g, struct kept_call *call)
{
	g->text_bytes -= strlen(call->args);
	free(call->args);
}

/* Drops all calls that are not worth keeping; the others stay in the order of the log. */
static void thin(struct gathering *g)
{
	uint64_t limit = slow_limit(g);
	size_t n = 0, firsts = 0, total = g->n_calls;

	while (thin_refused(g))
		;
	for (size_t i = 0; i < total; i++) {
		struct kept_call *call = &g->calls[i];
		bool first = call->first && firsts < GATHER_FIRSTS;

		firsts += first;
		if (first || call->refused || call->ns > limit || i < GATHER_EDGE || i + GATHER_EDGE >= total)
			g->calls[n++] = *call;
		else
			drop(g, call);
	}
	g->n_calls = n;
	g->thinned = true;
}

void kept_add(struct gathering *g, const struct kept_call *call)
{
	if (g->n_calls >= GATHER_ALL)
		thin(g);
	grow_array(&g->calls, &g->cap_calls, g->n_calls + 1, sizeof *g->calls);
	g->calls[g->n_calls++] = *call;
}

void kept_finish(struct gathering *g)
{
	if (g->thinned)
		thin(g);
}

char *kept_text(struct gathering *g, const char *text, size_t n, size_t max, enum text_escape how)
{
	struct buf fit = { 0 };

	fit_text(&fit, text, n, max, how);
	if (g->text_bytes + fit.len > GATHER_TEXT) {
		g->text_left_out++;
		buf_clear(&fit);
		buf_lit(&fit, "…");
	}
	g->text_bytes += fit.len;
	return buf_steal(&fit);
}
