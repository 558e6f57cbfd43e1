/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that are traced, by their ids. Only stops.c adds and removes them. */
#ifndef PROCTOR_SUPERVISOR_TASKS_H
#define PROCTOR_SUPERVISOR_TASKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The default hash (Jenkins) falls through switch labels without saying so, which clang warns of. */
#define HASH_FUNCTION(key, len, value) HASH_SAX(key, len, value)
/* Out of memory must end as everywhere else (base/util.h), not in uthash's exit(-1). */
#define uthash_malloc(size) xmalloc(size)
#include <uthash.h>

#include "base/util.h"
#include "supervisor/ending.h"
#include "tracee/trace.h"

struct call;
struct stack;

enum task_state {
	TASK_PLACEHOLDER, /* stopped before its parent's event: held until that comes */
	TASK_RUNNING,
	TASK_IN_CALL,	  /* resumed to the exit stop of `call` */
	TASK_WAITING,	  /* stopped at the entry of `call`, which has to wait for another call's result */
	TASK_IN_EXEC,	  /* at the exit stop of execve the scratch goes in */
};

/* A thread of the program. */
struct task {
	pid_t tid, tgid; /* tgid 0: a placeholder, whose process is not known yet */
	enum task_state state;
	bool stopped_early; /* placeholder: its first stop has been seen */
	bool sampled;	    /* interrupted for the profile (profile.h): its next stop may be for that */
	bool pinned;	    /* to the supervisor's core: placement.c */
	uint64_t stops;	    /* since the last look at placement */
	struct call *call;  /* under way or waiting; owned, call.c gives and takes it */
	struct call *owed;  /* answered and not yet recorded (fallback.h), with its stack; owned, call.c's too */
	struct stack *owed_stack;
	UT_hash_handle hh;  /* hh.next: the next task in the order they came */
};

/* Begins as all zeros. */
struct tasks {
	struct task *first;
	unsigned n, peak;
	unsigned n_waiting; /* of them in TASK_WAITING */
};

struct task *tasks_find(const struct tasks *tasks, pid_t tid); /* NULL when there is none */
/* A new one, which the table owns. TID is not in it yet. */
struct task *tasks_add(struct tasks *tasks, pid_t tid, pid_t tgid, enum task_state state);
/* Forgets TASK and frees it. Its call has been taken from it before. */
void tasks_remove(struct tasks *tasks, struct task *task);
void task_set_state(struct tasks *tasks, struct task *task, enum task_state state);
void tasks_fini(struct tasks *tasks);

/*
 * Lets TASK go on from its stop (trace_resume()); WHAT says what for, if it fails. A run that is to end
 * resumes nobody: the thread stays where it is until it is killed.
 */
void task_resume(struct ending *ending, const struct task *task, enum trace_resume how, int signal,
		 const char *what);

#endif
