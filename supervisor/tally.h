/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of a run, for the summary record (proctor-log(5)). */
#ifndef PROCTOR_SUPERVISOR_TALLY_H
#define PROCTOR_SUPERVISOR_TALLY_H

#include <stdint.h>

#include "base/buf.h"
#include "policy/policy.h"

enum { TALLY_SYSCALLS = 512, /* the last one counts every number without a row */
       TALLY_SIGNALS = 65 };

struct syscall_count {
	uint64_t calls, errors, time_ns, broker_ns;
	uint64_t decided[ACTION_KILL + 1];
};

/* Begins as all zeros. */
struct tally {
	uint64_t stops; /* of calls */
	uint64_t signals[TALLY_SIGNALS];
	struct syscall_count syscalls[TALLY_SYSCALLS];
};

/* The counts of call NR; of all calls without a row where KNOWN is false. Borrowed. */
struct syscall_count *tally_syscall(struct tally *tally, uint32_t nr, bool known);
/* One more SIGNAL; returns how many there were before. Others than 1 to 64 are not counted: UINT64_MAX. */
uint64_t tally_signal(struct tally *tally, int signal);
/* Appends the members of the summary record. */
void tally_format(const struct tally *tally, unsigned threads_peak, struct buf *out);

#endif
