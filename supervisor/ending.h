/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a run is to end.
 *
 * Handlers, limits and a full log only say so here; the loop (broker.c) alone kills the program, looks where it was,
 * and takes exits. So no stop is handled beneath another one, and nothing is freed that a handler still holds. What
 * was said first stands, except that a failure of the supervisor itself replaces whatever was said before.
 */
#ifndef PROCTOR_SUPERVISOR_ENDING_H
#define PROCTOR_SUPERVISOR_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
#include "policy/policy.h"

enum status { STATUS_OK, STATUS_RE, STATUS_SG, STATUS_TO, STATUS_ML, STATUS_OL, STATUS_PV, STATUS_XX };

/* "OK", "RE" … Static. */
const char *status_name(enum status status);

/* A limit that was crossed, with what was used of it in its unit (ns, bytes, number). */
struct crossing {
	enum limit limit;
	uint64_t used;
	uint64_t supervisor_ns; /* of CPU time: the supervisor's own part (burden.h) */
};

/* Begins as all zeros: the run goes on. */
struct ending {
	bool decided;
	enum status status; /* once decided */
	char *error;	    /* STATUS_XX: what failed, for people. Owned; ending_fini() frees it */
	bool log_failed;
	bool log_full; /* the log's cap ended the run: STATUS_PV */
	bool limited;  /* a limit ended it: */
	enum limit limit;
	uint64_t limit_value, limit_used;
	uint64_t limit_supervisor_ns; /* the supervisor's own part of limit_used (burden.h) */
	bool stuck;	 /* a thread will never go on: do not wait for its end */
	bool wants_look; /* record where the program was before it is killed */
};

/* The run is to end with STATUS, unless it is ending already. */
void ending_say(struct ending *ending, enum status status);

/* The supervisor cannot go on: STATUS_XX, with a sentence. The first sentence is kept. */
void ending_fail(struct ending *ending, const char *format, ...) _printf_(2, 3);

/* A failed ptrace request (R < 0, WHAT was tried) fails the run, except that a thread that was killed
 * meanwhile (-ESRCH) is no failure: its exit is coming. */
void ending_check(struct ending *ending, int r, const char *what);

/* One of LIMITS was crossed: CROSSING says what was used, or asked for. */
void ending_crossed(struct ending *ending, const struct limits *limits, const struct crossing *crossing);

/* LIMIT was not crossed after all. True: the run was to end for that, and is undecided again. */
bool ending_withdraw(struct ending *ending, enum limit limit);

/* The state of the log: ERROR is 0 or -errno of the write that failed; FULL: its cap is reached and the policy ends
 * such a run. */
void ending_check_log(struct ending *ending, int error, bool full);

void ending_fini(struct ending *ending);

#endif
