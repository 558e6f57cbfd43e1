/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/tally.h"

#include <stdbool.h>

#include "base/json.h"
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

	json_open(out, NULL);
	json_put_i64(out, "nr", row ? (int)nr : -1);
	json_put_word(out, "name", row ? row->name : "unknown");
	json_put_u64(out, "calls", c->calls);
	json_put_u64(out, "errors", c->errors);
	json_put_u64(out, "time_ns", c->time_ns);
	json_put_u64(out, "broker_ns", c->broker_ns);
	json_put_u64(out, "allow", c->decided[ACTION_ALLOW]);
	json_put_u64(out, "hide", c->decided[ACTION_HIDE]);
	json_put_u64(out, "deny", c->decided[ACTION_DENY]);
	json_put_u64(out, "kill", c->decided[ACTION_KILL]);
	json_close(out);
}

void tally_format(const struct tally *tally, unsigned threads_peak, struct buf *out)
{
	unsigned i;

	json_open_list(out, "syscalls");
	for (i = 0; i < TALLY_SYSCALLS; i++)
		if (tally->syscalls[i].calls)
			put_count(&tally->syscalls[i], i, out);
	json_close_list(out);
	json_put_u64(out, "stops", tally->stops);
	json_put_u64(out, "threads_peak", threads_peak);
	json_open(out, "signals");
	for (i = 1; i < TALLY_SIGNALS; i++)
		if (tally->signals[i])
			json_put_u64(out, signal_name((int)i), tally->signals[i]);
	json_close(out);
}
