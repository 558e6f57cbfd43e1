/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/tally.h"

#include <stdbool.h>

#include "base/names.h"
#include "tracee/syscalls.h"

struct syscall_count *tally_syscall(struct tally *tally, uint32_t nr, bool known)
{
	return &tally->syscalls[known && nr < TALLY_SYSCALLS - 1 ? nr : TALLY_SYSCALLS - 1];
}

uint64_t tally_signal(struct tally *tally, int signal)
{
	return signal > 0 && signal < TALLY_SIGNALS ? tally->signals[signal]++ : UINT64_MAX;
}

static void put_count(const struct syscall_count *c, unsigned nr, struct buf *out)
{
	const struct syscall_row *row = nr < TALLY_SYSCALLS - 1 ? syscall_row(nr) : NULL;

	buf_printf(out,
		   "{\"nr\":%d,\"name\":\"%s\",\"calls\":%llu,\"errors\":%llu,\"time_ns\":%llu,"
		   "\"broker_ns\":%llu,\"allow\":%llu,\"hide\":%llu,\"deny\":%llu,\"kill\":%llu}",
		   row ? (int)nr : -1, row ? row->name : "unknown", (unsigned long long)c->calls,
		   (unsigned long long)c->errors, (unsigned long long)c->time_ns,
		   (unsigned long long)c->broker_ns, (unsigned long long)c->decided[ACTION_ALLOW],
		   (unsigned long long)c->decided[ACTION_HIDE], (unsigned long long)c->decided[ACTION_DENY],
		   (unsigned long long)c->decided[ACTION_KILL]);
}

void tally_format(const struct tally *tally, unsigned threads_peak, struct buf *out)
{
	const char *comma = "";
	unsigned i;

	buf_lit(out, "\"syscalls\":[");
	for (i = 0; i < TALLY_SYSCALLS; i++) {
		if (!tally->syscalls[i].calls)
			continue;
		buf_puts(out, comma);
		put_count(&tally->syscalls[i], i, out);
		comma = ",";
	}
	buf_printf(out, "],\"stops\":%llu,\"threads_peak\":%u,\"signals\":{",
		   (unsigned long long)tally->stops, threads_peak);
	for (i = 1, comma = ""; i < TALLY_SIGNALS; i++) {
		if (!tally->signals[i])
			continue;
		buf_printf(out, "%s\"%s\":%llu", comma, signal_name((int)i),
			   (unsigned long long)tally->signals[i]);
		comma = ",";
	}
	buf_putc(out, '}');
}
