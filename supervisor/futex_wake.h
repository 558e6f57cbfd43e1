/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Futexes (futex(2)) that are not private. The kernel knows a shared one by the page that its word lies in, and a page
 * of a file is the same in every process that maps the file: a program that may read it could wake waiters of another
 * run, take wakes meant for them, and talk with that run. So every operation is made private on its way into the
 * kernel, where a futex is known by its process and its address. No mapping is looked at, and there is nothing to race
 * with.
 *
 * Between the threads of one process private and shared are the same, with one exception: when a thread ends, the
 * kernel clears a word and wakes one waiter on it, always shared (set_tid_address(2)); pthread_join(3) of glibc and
 * the lock on musl's list of threads wait for that. These waits are private now and would sleep on. So at the end of
 * each thread, and at each tick, the words that threads wait for are read, and a thread that waits for a value that is
 * no longer there is interrupted: its call returns 0, as after a spurious wake, and the thread looks again.
 *
 * Between processes of one run (process: fork) a private wake reaches nobody, though they share words in the run's own
 * shared memory. A process writes to the word before it wakes, so the words are read after each wake too. A wake that
 * comes with no change of its word wakes nobody in another process.
 */
#ifndef PROCTOR_SUPERVISOR_FUTEX_WAKE_H
#define PROCTOR_SUPERVISOR_FUTEX_WAKE_H

#include "supervisor/call.h"
#include "supervisor/ending.h"
#include "supervisor/tasks.h"

/* At the exit stop of CALL: if it was interrupted because its word changed, it was woken. Changes `result`. */
void futex_returned(struct call *call);
/* Reads the words that threads of TASKS wait for, and interrupts those whose word has changed. A failure is said to
 * ENDING. Cheap when none waits. */
void futex_look(const struct tasks *tasks, struct ending *ending);

#endif
