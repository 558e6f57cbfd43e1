/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that are traced, by their ids, and the processes that they belong to. broker.c adds the first; only
 * stops.c adds the others and removes them.
 *
 * A thread that has been waited for is gone, though its stop is still to be handled: from that moment its id may be
 * somebody else's. Code that acts on an id asks for that first.
 */
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
#include "supervisor/handed.h"
#include "tracee/trace.h"

struct call;
struct profile_entry;
struct exec_rule;
struct lent_frame;
struct policy;
struct stack;

enum task_state {
	TASK_PLACEHOLDER, /* stopped before its parent's event; held until that comes */
	TASK_RUNNING,
	TASK_IN_CALL,	  /* resumed to the exit stop of `call` */
	TASK_WAITING,	  /* stopped at the entry of `call`, which has to wait for another call's result */
	TASK_IN_EXEC,	  /* in execve; the scratch is mapped in at its exit stop */
};

/* A process of the program. It is there as long as one of its threads is. */
struct process {
	pid_t pid, parent;  /* PARENT has made it; the first one's is the supervisor */
	unsigned n_threads;
	unsigned looks; /* at the functions of what it executes: shorten.h */
	const struct exec_rule *program; /* executed by it or by its maker; the policy's. NULL: the run's own */
	const struct policy *policy; /* that it is under since it, or its maker, executed a program with one; NULL: the
				      * run's. Never changes to a wider one */
	bool walled;	    /* and in the Landlock domain that is made from that */
	struct lent_frame *lent; /* its maker's, whose thread waits until it has executed something or ended; or NULL; owned */
	bool made_others;   /* what the kernel counts for it at its end includes theirs (getrusage(2), wait4(2)) */
	uint64_t cpu_ns;    /* as it was last looked at; at its end, what it used itself */
	bool killed;	    /* by another one, with SIGKILL */
	UT_hash_handle hh;
};

/* A thread of the program. */
struct task {
	pid_t tid, tgid; /* tgid 0: a placeholder, whose process is not known yet */
	enum task_state state;
	bool gone;	    /* it has been waited for */
	bool stopped_early; /* placeholder: its first stop has been seen */
	bool sampled;	    /* interrupted for the profile (profile.h): its next stop may be for that */
	bool pinned;	    /* to the supervisor's core: placement.c */
	bool asked;	    /* a person was asked about the call it stands at: now it is decided */
	/* For a profile of waiting threads too (profile.h): abi_thread_ident(), 0 when it is not known, and of its last
	 * sample while it waited how often it had run by then, and what was counted. */
	uint64_t ident, slept_after;
	struct profile_entry *slept_in[2];
	uint64_t stops;	    /* since the last look at placement */
	struct call *call;  /* under way or waiting; owned, call.c gives and takes it */
	struct call *owed;  /* answered but not yet recorded (fallback.h), with its stack; likewise */
	struct stack *owed_stack;
	struct handed handed; /* the descriptor of the call that it makes next */
	UT_hash_handle hh;  /* hh.next: the next task in the order they came */
};

enum { TASKS_REMEMBERED = 64 };

/* Begins as all zeros. */
struct tasks {
	struct task *first;
	unsigned n, peak;
	unsigned n_waiting; /* of them in TASK_WAITING */
	struct process *processes;
	unsigned n_processes, peak_processes;
	uint64_t n_made; /* processes, in all */
	pid_t ended[TASKS_REMEMBERED]; /* the last processes that have ended, in a ring */
	unsigned n_ended;
};

struct task *tasks_find(const struct tasks *tasks, pid_t tid); /* NULL when there is none */
/* A new one, which the table owns. TID is not in it yet. TGID 0: its process is not known yet. */
struct task *tasks_add(struct tasks *tasks, pid_t tid, pid_t tgid, enum task_state state);
/* A placeholder's process is known now. */
void task_place(struct tasks *tasks, struct task *task, pid_t tgid);
/* Forgets TASK and frees it, and its process with its last thread. Its call has been taken from it before. */
void tasks_remove(struct tasks *tasks, struct task *task);
void task_set_state(struct tasks *tasks, struct task *task, enum task_state state);
void tasks_fini(struct tasks *tasks);

/* A process that PARENT has made, before its first thread is added. One that was not announced is added with its first
 * thread. The table owns it. */
struct process *tasks_add_process(struct tasks *tasks, pid_t pid, pid_t parent);
struct process *tasks_process(const struct tasks *tasks, pid_t pid); /* NULL when there is none */
/* Is there a process PID that has not been waited for? */
bool tasks_has_process(const struct tasks *tasks, pid_t pid);
/* Was there lately a process PID that has been waited for? */
bool tasks_had_process(const struct tasks *tasks, pid_t pid);
/* Has process PID only one thread? */
bool tasks_is_alone(const struct tasks *tasks, pid_t pid);

/*
 * Lets TASK go on from its stop (trace_resume()); WHAT says what for, if it fails. A run that is to end
 * resumes nobody: the thread stays where it is until it is killed.
 */
void task_resume(struct ending *ending, const struct task *task, enum trace_resume how, int signal,
		 const char *what);

#endif
