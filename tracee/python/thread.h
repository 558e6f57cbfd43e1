/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which PyThreadState belongs to a stopped thread. Its thread_id is pthread_self(), which the
 * registers tell (abi_thread_ident()), in every pid namespace and after fork. Freed states
 * keep the number, and pthread_t values are used again, so a state counts only while it is
 * linked into its interpreter's list.
 */
#ifndef PROCTOR_TRACEE_PYTHON_THREAD_H
#define PROCTOR_TRACEE_PYTHON_THREAD_H

#include "tracee/native/pages.h"
#include "tracee/python/runtime.h"

enum {
	THREAD_CACHE = 64,
	THREAD_STATES = 8, /* of one thread: subinterpreters run inside each other, and up to 3.11 a thread that
			    * has not begun looks like the one that made it */
	THREAD_OTHERS = 64,
};

struct thread_cache {
	struct {
		uint64_t thread_ident, state, head;
	} entry[THREAD_CACHE];
	bool alone; /* the interpreter had one thread at the last look: nobody else changes its lists */
};

/*
 * The thread states of the thread with THREAD_IDENT, the one that runs now first, in RET. Returns how
 * many; -ENODATA when the interpreter is not initialised (or not any more), -ESRCH when there is
 * none, -EFAULT when the lists could not be read.
 */
ssize_t thread_find(struct thread_cache *cache, struct pages *pages,
		    const struct python_runtime *runtime, uint64_t thread_ident,
		    uint64_t ret[THREAD_STATES]);

/* The states of other threads, at most THREAD_OTHERS, in RET. Returns how many. They may run, and change. */
size_t thread_others(struct pages *pages, const struct python_runtime *runtime, uint64_t thread_ident,
		     uint64_t ret[THREAD_OTHERS]);

#endif
