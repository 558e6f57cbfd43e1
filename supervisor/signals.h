/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals to the supervisor's own process: the timer's ticks, and requests that a run end.
 *
 * Handlers belong to the whole process. The first of the runs that are under way installs them and the last
 * one puts back what stood before; the timer and its ticks belong to one run and its thread.
 */
#ifndef PROCTOR_SUPERVISOR_SIGNALS_H
#define PROCTOR_SUPERVISOR_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

/* Must stay where it is between start and stop: the handler writes to it. */
struct signals {
	timer_t timer;
	bool has_timer;
	volatile sig_atomic_t tick_due;
};

/*
 * For the calling thread, which alone gets the ticks; each tick also interrupts its waiting. The signals that ask for
 * the end (SIGINT, SIGTERM, SIGHUP, SIGQUIT) are watched unless they are in IGNORED. Returns 0 or -errno;
 * signals_stop() is due only after 0. Source: timer_create(2), SIGEV_THREAD_ID.
 */
int signals_start(struct signals *signals, const sigset_t *ignored);
void signals_stop(struct signals *signals);

/* A tick each US microseconds, but not more often than this; 0: none. */
enum { SIGNALS_LEAST_TICK_US = 1000 };
void signals_set_tick(struct signals *signals, long us);
/* Has there been a tick since this was last asked? */
bool signals_tick_due(struct signals *signals);

/* The signal that asks for the end of what is running, 0: none. RET_BY_KERNEL: a key on the terminal, so
 * that the program has got it too (SI_KERNEL, sigaction(2)). */
int signals_asked(bool *ret_by_kernel);

#endif
