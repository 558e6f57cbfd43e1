/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker: one program run under a policy, from exec to the last exit.
 *
 * Theory of operation. The whole of it is `while (dispatch(next stop))`. A call that the filter sent is decoded
 * (decode.c), its paths resolved (resolve.c), decided (decide.c, by handlers/ and policy/), carried out (act.c) and
 * recorded (note.c), in that order and in one direction. Limits are checked at each tick of a timer, and wherever
 * something is counted. Any failure of the supervisor itself kills the program: nothing falls through to allow.
 */
#ifndef PROCTOR_SUPERVISOR_BROKER_H
#define PROCTOR_SUPERVISOR_BROKER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"
#include "record/recorder.h"
#include "supervisor/standing.h"
#include "supervisor/ask.h"
#include "supervisor/ending.h"
#include "supervisor/fatal.h"
#include "supervisor/held.h"
#include "supervisor/live.h"
#include "supervisor/profile.h"
#include "supervisor/raised.h"
#include "supervisor/refusals.h"
#include "supervisor/resolve.h"
#include "supervisor/uncaught.h"
#include "tracee/adopt.h"
#include "tracee/stack.h"

struct run_options {
	const struct policy *policy;
	const struct policy *shadow; /* also asked, never followed (shadow.h); or NULL */
	const struct asking *ask;    /* who is asked about refusals (ask.h), or NULL */
	const char *program; /* absolute path to execute */
	char *const *argv, *const *envp;
	int directory_fd; /* where the program starts; 0: where the supervisor is */
	struct standing *standing; /* what former runs of this process have left open; or NULL */
	const char *executable; /* canonical; what /proc/PID/exe has to be */
	const char *loader;     /* through which the kernel executes it, or NULL */
	const char *submission; /* directory of the program, or NULL */
	const char *script; /* the program, if the interpreter is given it as a file: canonical; or NULL */
	const char *submission_named; /* the same as the command line names it, made absolute; NULL when equal */
	const char *program_text_name; /* what frames call a program that is no file ("<string>", "<stdin>"), or NULL */
	const struct buf *program_text; /* then its text, borrowed */
	struct detached scratch; /* in memory, with a grant; path NULL: there is none */
	bool audit;
	bool stack_for_all;
	unsigned profile_hz; /* 0: no profile */
	bool profile_wall;   /* of threads that wait too */
	enum stack_kinds stack;
	bool native_else; /* processes without an interpreter have native stacks (stacks.h) */
	enum log_calls calls;
	struct recorder *recorder;   /* borrowed */
	struct live *live;	     /* borrowed, or NULL */
	/* Directories whose frames are not user code (the standard library); NULL-terminated or NULL. */
	const char *const *library;
	unsigned closed_stdio;	     /* bit N: descriptor N was closed when proctor started */
	const sigset_t *signal_mask; /* of proctor's caller; the program starts with it */
	const sigset_t *ignored_signals; /* the caller ignored these, and so does the program */
	const struct interpreter_probe *probe; /* where CPython finds that nobody caught an exception; or NULL */
	bool maps_copy;		     /* the program reads its own memory map at its start: tracee/maps_copy.h */
	const struct adoption *warm; /* a fork of a template, adopted instead of executing the program; or NULL */
	bool pin;		     /* keep supervisor and program on one core while calls are dense */
	/* Called once when the program has been executed, before its first instruction: the start record. WALLS: the
	 * names of the walls that stand, NULL-terminated. */
	void (*started)(void *context, pid_t pid, const char *const *walls, int landlock_abi);
	void *context;
};

struct violation {
	uint64_t sequence;
	char *action, *path, *code; /* code: "solve.py:12"; each may be NULL */
};

/* How often the shadow would have answered otherwise, by what the enforced policy answered. */
struct shadow_result {
	uint64_t refused;   /* what was allowed */
	uint64_t allowed;   /* what was refused or hidden */
	uint64_t otherwise; /* refused or hidden by both, but not alike */
	uint64_t first;	    /* the number of the first such record; 0: none, or there is no log */
};

struct run_result {
	enum status status;
	bool exited;	/* exit_code is valid, otherwise exit_signal */
	int exit_code, exit_signal;
	uint64_t cpu_ns, wall_ns, memory_bytes;
	bool user_known;  /* false where a process has made others: the kernel adds their time to its own */
	uint64_t user_ns; /* if known: the part of cpu_ns in user mode */
	unsigned tasks_peak; /* most threads at one time */
	bool output_counted; /* there is a limit of output, or of what is stored */
	uint64_t output_bytes; /* if counted: to stdout and stderr */
	uint64_t violations;
	struct violation first; /* of the violations */
	struct refusals refusals;
	struct shadow_result shadow;
	struct python_exception *exception; /* that ended the program; owned, or NULL */
	/* Its line of source, and the program's working directory then; owned, or NULL. */
	char *exception_line, *exception_directory;
	struct fatal fatal; /* the last signal that was to end the program */
	pid_t pid;
	bool warm;	 /* it was adopted; if it was to be and was not, warm_errno says why */
	int warm_errno;
	bool left_early; /* it ended without finalisation, where nobody could tell (tracee/finish.h) */
	struct raised_table raised;
	struct raised_match raised_by; /* the refusal that the exception came from, in that table */
	bool limited;
	enum limit limit;
	uint64_t limit_value, limit_used;
	uint64_t limit_supervisor_ns; /* the supervisor's own part of limit_used (burden.h) */
	uint64_t supervisor_ns;	      /* CPU time of the supervisor for this run */
	int interrupted; /* the signal to proctor that ended the run; 0 */
	int spawn_errno; /* why the program could not be executed */
	int setup_errno; /* something before exec failed in its process */
	char *error;	 /* STATUS_XX: what failed, for people */
	bool log_failed;
	struct quota full;	     /* the last quota that a call was refused for; not `counted`: none */
	bool full_of_files;	     /* the quota of files, not of bytes */
	bool log_full; /* the log's cap (log.max) ended the run: STATUS_PV */
	struct where limit_where; /* the program was, where a limit ended it */
	struct buf stack;   /* "code" and "stack" members, where a limit ended it; may be empty */
	struct buf profile; /* the profile record's members; empty: there is none */
	struct profile_hottest hottest;
	struct held held; /* where the limit of memory ended it */
	uint64_t processes;	     /* in all; 0: the program may have only one */
	unsigned processes_peak;     /* at one time */
	struct buf left; /* ids of those left when the first ended, and then killed: the items of a JSON list */
	struct buf summary; /* the summary record's members: "syscalls", "stops", "signals", "usage" … */
};

/*
 * Runs the program. May be called again, and by several threads at once: a run belongs to its thread, which
 * must have no other children meanwhile, and leaves the process as it was.
 *
 * Fills RET_RESULT whatever happens (free with run_result_fini()). 0; -errno when the program never started:
 * -EPERM ptrace is forbidden, -ENOSYS the kernel lacks something, spawn_errno when exec failed.
 */
int broker_run(const struct run_options *options, struct run_result *ret_result);
void run_result_fini(struct run_result *result);

#endif
