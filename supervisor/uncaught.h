/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception that ended the program: taken at the moment at which the interpreter finds out that nobody caught it
 * (tracee/probe.h), before any hook, __str__ or __del__ of the program runs. What the program does to sys.last_exc,
 * sys.excepthook or the like changes nothing.
 */
#ifndef PROCTOR_SUPERVISOR_UNCAUGHT_H
#define PROCTOR_SUPERVISOR_UNCAUGHT_H

#include "supervisor/stacks.h"
#include "tracee/probe.h"

/* The interpreter's file, or its libpython's, with the places at which it asks. All borrowed. */
struct interpreter_probe {
	const struct probe *probe;
	const char *path; /* canonical */
	ino_t inode;
	bool is_library;
};

/* Begins as all zeros: nothing is looked for. */
struct uncaught {
	struct interpreter_probe file; /* probe NULL: none */
	bool awaited; /* a library, not mapped yet in the program that runs now */
	unsigned opened; /* it has been: for how many more calls to look whether it is mapped */
	bool due;     /* to look at the next stop */
	struct probe_armed armed;
	struct python_exception *found; /* owned, or NULL */
	char *working_directory;	/* the program's at that moment; likewise */
};

/* FILE may be NULL. */
void uncaught_init(struct uncaught *uncaught, const struct interpreter_probe *file);
void uncaught_fini(struct uncaught *uncaught);

/*
 * The program, or another one in its stead, is in the first process; thread TID, its only one, is stopped. LOADED: its
 * libraries are mapped already. STACKS are told where the interpreter is, here and below.
 */
void uncaught_executed(struct uncaught *uncaught, struct stacks *stacks, pid_t tid, bool loaded);
/* A call on PATH (canonical) was allowed; by the first process. */
void uncaught_called(struct uncaught *uncaught, const char *path);
/* Is the library still looked for? Then uncaught_look() is due, with thread TID, the only one, stopped at a later call. */
static inline bool uncaught_is_due(const struct uncaught *uncaught)
{
	return uncaught->due;
}
void uncaught_look(struct uncaught *uncaught, struct stacks *stacks, pid_t tid);

/*
 * Thread TID stopped for a SIGTRAP with REGS: was it one of our breakpoints? Then REGS become what the thread's own
 * instruction would have made of them, for the caller to set, and *RET_SIGNAL is what to resume the thread with: 0, or
 * SIGSEGV. FIRST: it is the program's first thread, and its exception is taken, the first of all that come.
 */
bool uncaught_trap(struct uncaught *uncaught, struct stacks *stacks, pid_t tid, bool first,
		   struct user_regs_struct *regs, int *ret_signal);

/* Fills in whose code EXCEPTION, and those that it descends from, came from: the innermost frame that is not beneath
 * LIBRARY (record_is_library()), or else the innermost. */
void uncaught_place(struct python_exception *exception, const char *const *library);

#endif
