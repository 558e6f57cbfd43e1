/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One brokered call on its way: what was asked, what it named, what was decided, what was done.
 * Each room fills its part and reads the parts before it.
 */
#ifndef PROCTOR_SUPERVISOR_CALL_H
#define PROCTOR_SUPERVISOR_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"
#include "supervisor/decode.h"
#include "supervisor/output.h"
#include "supervisor/resolve.h"

/* How a decided call is carried out. */
enum how {
	HOW_KERNEL,  /* by the kernel as it stands: only where registers alone decided */
	HOW_EMULATE, /* by the supervisor; the tracee gets the result */
	HOW_REWRITE, /* by the kernel, with other registers; restored at the exit stop */
	HOW_SKIP,    /* not at all: refused */
	HOW_KILL,    /* not at all, and the run ends */
	HOW_WAIT,    /* not yet: decided again when another call has returned */
};

struct broker;
struct call;
/* What is done with a duplicate of the program's descriptor. */
typedef void with_descriptor_fn(struct broker *b, struct call *call, int fd);

/* A wait for a futex that was made private (futex.h): for which word, and what it holds meanwhile. */
struct futex_wait {
	bool waits;
	bool interrupted; /* the word has changed: the thread was told to look again */
	uint64_t addr;
	uint32_t value;
};

struct call {
	struct request request;
	struct object objects[REQUEST_MAX_PATHS];
	unsigned decided;	/* which object the decision is about */
	unsigned resolve_flags; /* that it was resolved with */
	bool undecided;		/* it failed before anything was decided; `decision` allows by no rule */
	struct decision decision;
	enum how how;
	bool audited; /* audit mode: would have been refused, was let through */
	bool returned;
	int64_t result; /* the kernel's convention: -errno on failure */
	int slot;	/* of the scratch, or -1 */
	struct user_regs_struct rewritten;
	with_descriptor_fn *then; /* at the exit stop of a handover (handover.c), or NULL */
	uint64_t handover;	  /* its tag */
	struct futex_wait futex;
	bool watch_exit;       /* HOW_KERNEL: stop at the exit too, for the result */
	enum output_part output; /* what it is to the output, */
	uint64_t output_bytes;	 /* and what of that is promised to it */
	uint64_t wall_ns;      /* CLOCK_REALTIME at the entry stop */
	uint64_t start_ns;     /* CLOCK_MONOTONIC at the entry stop */
	uint64_t duration_ns;  /* entry stop to result */
	uint64_t broker_ns;    /* of it, the supervisor's own time */
	struct call *next_free;
};

#endif
