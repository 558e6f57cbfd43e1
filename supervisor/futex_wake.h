/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Futexes (futex(2)) that are not private. The kernel knows a shared one by the page that its word lies in,
 * and a page of a file is in every process that has the file: whoever may read it could wake those who wait
 * on it, take wakes that were meant for others, and talk with another run. So every operation is made
 * private on its way into the kernel, where a futex is known by its process and its address. No mapping is
 * looked at, and there is nothing to race with.
 *
 * Between the threads of one process private and shared are the same, with one exception: when a thread ends, the
 * kernel clears a word and wakes one who waits on it, always shared (set_tid_address(2)); pthread_join(3) of
 * glibc and the lock on musl's list of threads wait for that. These waits are private now and would sleep on.
 * So at the end of each thread, and at each tick, the words that threads wait for are read, and who waits
 * for a value that is no longer there is interrupted: its call returns 0, as a spurious wake does, and
 * it looks again.
 *
 * Between processes of one run (process: fork) a private wake reaches nobody, and the words that they share, in the
 * run's own shared memory, change by what one of them writes. Whoever wakes has written before: the words are read
 * then too. A wake that goes with no change of its word wakes nobody in another process.
 */
#ifndef PROCTOR_SUPERVISOR_FUTEX_WAKE_H
#define PROCTOR_SUPERVISOR_FUTEX_WAKE_H

#include "supervisor/call.h"
#include "supervisor/ending.h"
#include "supervisor/tasks.h"

/* The exit stop of CALL: one that was interrupted for its word's sake has been woken. Changes `result`. */
void futex_returned(struct call *call);
/* Looks at the words of all of TASKS that wait, and interrupts those whose word has changed. A failure is said
 * to ENDING. Cheap when none waits. */
void futex_look(const struct tasks *tasks, struct ending *ending);

#endif
