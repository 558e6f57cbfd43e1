/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ptrace(2), and nothing above it: waiting for the next stop, registers, resuming. The only
 * room that includes <sys/ptrace.h> is this one; the broker sees stops as `struct trace_stop`.
 *
 * Theory of operation. The program is seized (PTRACE_SEIZE), so group stops are told apart from
 * signals, and killed with the supervisor (PTRACE_O_EXITKILL). Each stop kind requires one action,
 * named beside it.
 */
#ifndef PROCTOR_TRACEE_TRACE_H
#define PROCTOR_TRACEE_TRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/user.h>

enum trace_event {
	TRACE_INTERRUPTED,  /* a signal to the supervisor: look at limits, wait again */
	TRACE_SECCOMP,	    /* a call the filter sent: decide, then resume */
	TRACE_SYSCALL_STOP, /* entry or exit of a call resumed with RESUME_TO_EXIT */
	TRACE_SIGNAL,	    /* about to be delivered: resume with it */
	TRACE_GROUP_STOP,   /* stopped by a signal: RESUME_LISTEN */
	TRACE_NEW_THREAD,   /* this thread made thread `message` */
	TRACE_NEW_PROCESS,  /* fork or vfork: process `message` */
	TRACE_EXEC,	    /* a new program; `message` is the former thread id */
	TRACE_STARTED,	    /* first stop of a new thread or process */
	TRACE_EXITING,	    /* about to end, with its memory and registers still there: resume. A thread
			     * that is killed may end without it */
	TRACE_EXITED,	    /* gone: `status` as wait(2) gave it */
	TRACE_NONE_LEFT,    /* no tracee is left */
};

struct trace_stop {
	enum trace_event event;
	pid_t tid;
	int signal;    /* TRACE_SIGNAL, TRACE_GROUP_STOP */
	int status;    /* TRACE_EXITED */
	uint64_t message;
	uint64_t time_ns; /* TRACE_EXITING: CLOCK_MONOTONIC when it was taken */
};

enum trace_resume { RESUME, RESUME_TO_EXIT, RESUME_LISTEN };

/* Attaches to TID: this process's child, or a process that permits it (PR_SET_PTRACER). 0 or -errno (EPERM: ptrace
 * is forbidden). */
int trace_seize(pid_t tid);

/*
 * The next stop of any tracee or child of the calling thread; those of other threads are left alone
 * (wait(2), __WNOTHREAD). With BLOCK false returns TRACE_INTERRUPTED when there is none yet. RET_USAGE: of
 * an exited process, what all of its threads used (wait4(2)). 0 or -errno.
 */
int trace_wait(bool block, struct trace_stop *ret_stop, struct rusage *ret_usage);

/*
 * Everything below returns 0 or -errno; -ESRCH means that the thread was killed meanwhile and its
 * exit will be reported: not a failure of the supervisor.
 */
int trace_get_registers(pid_t tid, struct user_regs_struct *ret_regs);
int trace_set_registers(pid_t tid, const struct user_regs_struct *regs);
/* At the entry stop of a call, each for fewer registers than all: the kernel does not make the call, and the thread gets
 * RESULT; or it makes the call whose number and arguments are those of REGS, which are otherwise as they were. */
int trace_skip_call(pid_t tid, int64_t result);
int trace_set_call(pid_t tid, const struct user_regs_struct *regs);
/* The same for the exit stop: what the kernel has answered, -errno where the call has failed; and the registers that a
 * call's number, arguments, result and place are in, as they are in REGS. */
int trace_get_result(pid_t tid, int64_t *ret_result);
int trace_end_call(pid_t tid, const struct user_regs_struct *regs);
int trace_resume(pid_t tid, enum trace_resume how, int signal);
int trace_signal_info(pid_t tid, siginfo_t *ret_info);

/* The 8 bytes at ADDRESS, read or written whatever their protection: code. */
int trace_peek_text(pid_t tid, uint64_t address, uint64_t *ret_word);
int trace_poke_text(pid_t tid, uint64_t address, uint64_t word);

/*
 * Runs system calls in thread TID, which must be at the exit stop of another call. The instruction
 * is written over the bytes at the program counter for the moment, so that no gadget has to be
 * searched for, and signals are blocked, so that none comes in between.
 *
 * Each returns 0; -ESRCH; -EIO when the thread did something else, in which case kill it. After
 * trace_inject_begin() has succeeded, trace_inject_end() puts everything back.
 */
struct trace_injection {
	pid_t tid;
	struct user_regs_struct saved;
	bool again; /* nothing was written; the instruction lies before the program counter */
	uint64_t text;
	uint64_t mask;
	uint64_t held; /* signals that came all the same: sent again at the end */
	bool stopped;  /* SIGSTOP came */
};
int trace_inject_begin(pid_t tid, struct trace_injection *ret_injection);
/* The same with the instruction by which the thread has just made its call. Nothing is written, because other threads
 * may be there too. -EIO if the program has put something else there meanwhile. */
int trace_inject_again(pid_t tid, struct trace_injection *ret_injection);
/* *RET_RESULT is the kernel's: -errno on failure. */
int trace_inject(struct trace_injection *injection, long nr, const uint64_t args[6], int64_t *ret_result);
int trace_inject_end(struct trace_injection *injection);

/* Sets the signals that thread TID, which is stopped, blocks: bit N - 1 for signal N. */
int trace_set_signal_mask(pid_t tid, uint64_t mask);

/* Detaches from thread TID, which is stopped and then goes on. */
int trace_detach(pid_t tid);

/* Asks thread TID to stop; it will, with TRACE_STARTED, unless another stop comes first. */
int trace_interrupt(pid_t tid);
/* The next stop of thread TID alone, as trace_wait() gives it; after MS milliseconds -ETIMEDOUT. */
int trace_wait_for_ms(pid_t tid, unsigned ms, struct trace_stop *ret_stop, struct rusage *ret_usage);

/* Waits for thread TID's next stop alone. Used while a program is being set up. 0 or -errno. */
int trace_wait_for(pid_t tid, struct trace_stop *ret_stop);

#endif
