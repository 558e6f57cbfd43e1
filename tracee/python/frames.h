/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Python stack of a stopped thread. The frames are walked once, noting for each where its
 * code and its instruction are; names and lines are read afterwards, for the frames that are
 * kept. Along the way the addresses are gathered that identify an eval loop on the C stack
 * (anchors): up to 3.11 its cframe, from 3.12 on the shim frame, both local variables of the
 * activation. 3.9 has neither.
 */
#ifndef PROCTOR_TRACEE_PYTHON_FRAMES_H
#define PROCTOR_TRACEE_PYTHON_FRAMES_H

#include "tracee/python/code.h"
#include "tracee/python/thread.h"

enum { FRAMES_KEPT = 256, FRAMES_WALK = 20000 };

enum frames_status {
	FRAMES_WHOLE,
	FRAMES_NO_PYTHON,
	FRAMES_UNSUPPORTED,
	FRAMES_NOT_INITIALISED,
	FRAMES_NO_THREAD,
	FRAMES_EMPTY,
	FRAMES_CORRUPT,
	FRAMES_TOO_DEEP,
	FRAMES_DAMAGED, /* some names or lines could not be read */
	FRAMES_TIME,
};

struct frame {
	uint64_t address, code, instr;
	int32_t tlbc;
	bool entry;
	/* filled in for the kept ones */
	const char *file, *name;
	int line;
};

struct frames {
	struct pages *pages;
	struct maps *maps;
	struct python_place place; /* where the interpreter is said to be; all zeros: nobody knows */
	struct python_runtime runtime;
	struct thread_cache threads;
	struct code_reader codes;
	int limit; /* frames that are walked: FRAMES_WALK unless the owner wants less */
	/* the result of the last frames_read(); both arrays keep both ends, see ends.h */
	enum frames_status status;
	size_t total, anchors;
	struct frame frame[FRAMES_KEPT];
	uint64_t anchor[FRAMES_KEPT];
};

/* F is all zeros. Borrows PAGES and MAPS. Must not be moved in memory afterwards. */
void frames_init(struct frames *f, struct pages *pages, struct maps *maps);
void frames_fini(struct frames *f);

/* Forgets the interpreter: exec. */
void frames_flush(struct frames *f);

/* Reads the Python stack of thread TID with THREAD_IDENT. Texts are valid until the next call. */
void frames_read(struct frames *f, pid_t tid, uint64_t thread_ident);

/* The same for the thread with STATE, after a frames_read(): it may run, and its frames change. */
void frames_read_state(struct frames *f, uint64_t state);

/* The states that may be those of the thread with THREAD_IDENT, after a frames_read(): one of each interpreter, and up
 * to 3.11 those of threads that it has made and that have not begun. Returns how many. */
size_t frames_states(struct frames *f, uint64_t thread_ident, uint64_t ret[THREAD_STATES]);

#endif
