/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads and processes that a program had, for the member "tasks" of the log's summary: who made whom, what they
 * are called, how long they were there and what CPU time they used. A program with one thread has no such member, and
 * nothing is looked at for it.
 *
 * Names and arguments are the program's own claim. Bounded: CENSUS_TASKS threads, CENSUS_ARGS bytes of arguments of one
 * program and CENSUS_ALL_ARGS of all; later threads are counted.
 */
#ifndef PROCTOR_SUPERVISOR_CENSUS_H
#define PROCTOR_SUPERVISOR_CENSUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

enum { CENSUS_TASKS = 256, CENSUS_ARGS = 1024, CENSUS_ALL_ARGS = 16 * 1024 };

struct census_task;

/* Begins as all zeros; ends with census_fini(). */
struct census {
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	struct census_task *tasks;
	unsigned n;
	uint64_t left_out;
	size_t args; /* bytes, of all */
};

/* The program starts now, with thread PID. */
void census_begin(struct census *census, pid_t pid);
/* Thread TID of process PID is there. PARENT has made the process, if TID is its first thread. */
void census_add(struct census *census, pid_t tid, pid_t pid, pid_t parent);
/* Process PID has executed a program: its arguments are read. */
void census_executed(struct census *census, pid_t pid);
/* Thread TID is about to end and is still in /proc: its name and its CPU time are read. */
void census_exiting(struct census *census, pid_t tid);
/* Thread TID has ended. */
void census_ended(struct census *census, pid_t tid);

/* That member; nothing where there was only one thread. */
void census_format(const struct census *census, struct buf *out);
void census_fini(struct census *census);

#endif
