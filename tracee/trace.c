/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/trace.h"

#include <elf.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/abi/abi.h"

enum {
	OPTIONS = PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
		  PTRACE_O_TRACEEXIT,
	SET_SYSCALL_INFO = 0x4212, /* Linux 6.16 */
};

int trace_seize(pid_t tid)
{
	return ptrace(PTRACE_SEIZE, tid, 0, OPTIONS) < 0 ? -errno : 0;
}

/* PTRACE_EVENT_STOP is a group stop for the four stopping signals, else the first stop of a new
 * thread (SIGTRAP). ptrace(2), "Group-stop". */
static enum trace_event event_stop(int signal)
{
	switch (signal) {
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return TRACE_GROUP_STOP;
	default:
		return TRACE_STARTED;
	}
}

static enum trace_event event_of(int status)
{
	int signal = WSTOPSIG(status);

	switch (status >> 16) {
	case 0:
		return signal == (SIGTRAP | 0x80) ? TRACE_SYSCALL_STOP : TRACE_SIGNAL;
	case PTRACE_EVENT_SECCOMP:
		return TRACE_SECCOMP;
	case PTRACE_EVENT_CLONE:
		return TRACE_NEW_THREAD;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
		return TRACE_NEW_PROCESS;
	case PTRACE_EVENT_EXEC:
		return TRACE_EXEC;
	case PTRACE_EVENT_EXIT:
		return TRACE_EXITING;
	case PTRACE_EVENT_STOP:
		return event_stop(signal);
	default:
		return TRACE_STARTED;
	}
}

static void describe(pid_t tid, int status, struct trace_stop *stop)
{
	stop->tid = tid;
	stop->status = status;
	stop->signal = 0;
	stop->message = 0;
	stop->event = WIFSTOPPED(status) ? event_of(status) : TRACE_EXITED;
	stop->time_ns = stop->event == TRACE_EXITING ? clock_ns(CLOCK_MONOTONIC) : 0;
	if (stop->event == TRACE_EXITED)
		return;
	stop->signal = WSTOPSIG(status);
	if (stop->event == TRACE_NEW_THREAD || stop->event == TRACE_NEW_PROCESS ||
	    stop->event == TRACE_EXEC) {
		unsigned long message = 0;

		/* Fails only if the thread was killed; message 0 then names no thread that we know. */
		ptrace(PTRACE_GETEVENTMSG, tid, 0, &message);
		stop->message = message;
	}
}

int trace_wait(bool block, struct trace_stop *ret_stop, struct rusage *ret_usage)
{
	int status;
	pid_t tid = wait4(-1, &status, __WALL | __WNOTHREAD | (block ? 0 : WNOHANG), ret_usage);

	if (tid > 0) {
		describe(tid, status, ret_stop);
	} else if (tid == 0 || errno == EINTR) {
		*ret_stop = (struct trace_stop){ .event = TRACE_INTERRUPTED };
	} else if (errno == ECHILD) {
		*ret_stop = (struct trace_stop){ .event = TRACE_NONE_LEFT };
	} else {
		return -errno;
	}
	return 0;
}

int trace_wait_for(pid_t tid, struct trace_stop *ret_stop)
{
	int status;
	pid_t got;

	do
		got = waitpid(tid, &status, __WALL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	describe(tid, status, ret_stop);
	return 0;
}

int trace_interrupt(pid_t tid)
{
	return ptrace(PTRACE_INTERRUPT, tid, 0, 0) < 0 ? -errno : 0;
}

int trace_wait_for_ms(pid_t tid, unsigned ms, struct trace_stop *ret_stop, struct rusage *ret_usage)
{
	uint64_t deadline = clock_ns(CLOCK_MONOTONIC) + ms * UINT64_C(1000000);
	int status;

	for (;;) {
		const struct timespec pause = { 0, 200000 };
		pid_t got = wait4(tid, &status, __WALL | WNOHANG, ret_usage);

		if (got > 0) {
			describe(tid, status, ret_stop);
			return 0;
		}
		if (got < 0 && errno != EINTR)
			return -errno;
		if (clock_ns(CLOCK_MONOTONIC) > deadline)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
}

int trace_get_registers(pid_t tid, struct user_regs_struct *ret_regs)
{
	return ptrace(PTRACE_GETREGS, tid, 0, ret_regs) < 0 ? -errno : 0;
}

int trace_set_registers(pid_t tid, const struct user_regs_struct *regs)
{
	return ptrace(PTRACE_SETREGS, tid, 0, regs) < 0 ? -errno : 0;
}

int trace_skip_call(pid_t tid, int64_t result)
{
	if (ptrace(PTRACE_POKEUSER, tid, ABI_NR_AT, ~0ul) < 0 || ptrace(PTRACE_POKEUSER, tid, ABI_RESULT_AT, result) < 0)
		return -errno;
	return 0;
}

int trace_set_call(pid_t tid, const struct user_regs_struct *regs)
{
	static atomic_bool unknown;
	struct __ptrace_syscall_info info = { .op = PTRACE_SYSCALL_INFO_SECCOMP };
	uint64_t args[ABI_ARGS];

	abi_get_args(regs, args);
	info.seccomp.nr = abi_nr(regs);
	memcpy(info.seccomp.args, args, sizeof info.seccomp.args);
	if (!unknown && ptrace((enum __ptrace_request)SET_SYSCALL_INFO, tid, sizeof info, &info) == 0)
		return 0;
	/* An older kernel, or another kind of stop. */
	unknown |= errno == EIO;
	return trace_set_registers(tid, regs);
}

int trace_get_result(pid_t tid, int64_t *ret_result)
{
	long result;

	errno = 0;
	result = ptrace(PTRACE_PEEKUSER, tid, ABI_RESULT_AT, 0);
	if (result == -1 && errno)
		return -errno;
	*ret_result = result;
	return 0;
}

int trace_end_call(pid_t tid, const struct user_regs_struct *regs)
{
	struct iovec part = { (void *)(uintptr_t)regs, ABI_CALL_REGS };

	return ptrace(PTRACE_SETREGSET, tid, (void *)(uintptr_t)NT_PRSTATUS, &part) < 0 ? -errno : 0;
}

int trace_resume(pid_t tid, enum trace_resume how, int signal)
{
	static const int requests[] = {
		[RESUME] = PTRACE_CONT,
		[RESUME_TO_EXIT] = PTRACE_SYSCALL,
		[RESUME_LISTEN] = PTRACE_LISTEN,
	};

	return ptrace((enum __ptrace_request)requests[how], tid, 0, (long)signal) < 0 ? -errno : 0;
}

int trace_signal_info(pid_t tid, siginfo_t *ret_info)
{
	return ptrace(PTRACE_GETSIGINFO, tid, 0, ret_info) < 0 ? -errno : 0;
}

int trace_peek_text(pid_t tid, uint64_t address, uint64_t *ret_word)
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, tid, address, 0);
	if (errno)
		return -errno;
	*ret_word = (uint64_t)word;
	return 0;
}

int trace_poke_text(pid_t tid, uint64_t address, uint64_t word)
{
	return ptrace(PTRACE_POKETEXT, tid, address, word) < 0 ? -errno : 0;
}

int trace_set_signal_mask(pid_t tid, uint64_t mask)
{
	return ptrace(PTRACE_SETSIGMASK, tid, sizeof mask, &mask) < 0 ? -errno : 0;
}

int trace_detach(pid_t tid)
{
	return ptrace(PTRACE_DETACH, tid, 0, 0) < 0 ? -errno : 0;
}

int trace_inject_begin(pid_t tid, struct trace_injection *ret_injection)
{
	struct trace_injection injection = { .tid = tid };
	int r = trace_get_registers(tid, &injection.saved);

	if (r < 0)
		return r;
	if (ptrace(PTRACE_GETSIGMASK, tid, sizeof injection.mask, &injection.mask) < 0)
		return -errno;
	r = trace_peek_text(tid, abi_ip(&injection.saved), &injection.text);
	if (r == 0)
		r = trace_set_signal_mask(tid, UINT64_MAX);
	if (r == 0)
		r = trace_poke_text(tid, abi_ip(&injection.saved), abi_with_syscall(injection.text));
	if (r < 0)
		return r;
	*ret_injection = injection;
	return 0;
}

int trace_inject_again(pid_t tid, struct trace_injection *ret_injection)
{
	struct trace_injection injection = { .tid = tid, .again = true };
	int r = trace_get_registers(tid, &injection.saved);

	if (r < 0)
		return r;
	if (ptrace(PTRACE_GETSIGMASK, tid, sizeof injection.mask, &injection.mask) < 0)
		return -errno;
	r = trace_peek_text(tid, abi_ip(&injection.saved) - ABI_SYSCALL_BYTES, &injection.text);
	if (r == 0 && !abi_is_syscall(injection.text))
		r = -EIO;
	if (r == 0)
		r = trace_set_signal_mask(tid, UINT64_MAX);
	if (r == 0)
		*ret_injection = injection;
	return r;
}

/* Is TID, at a stop of a call, at its exit? Or -errno. */
static int is_at_exit(pid_t tid)
{
	struct __ptrace_syscall_info info;

	if (ptrace((enum __ptrace_request)PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) < 0)
		return -errno;
	return info.op == PTRACE_SYSCALL_INFO_EXIT;
}

/*
 * Has the thread make the call to its exit, through the filter's own stop if it makes one. Not step by step: the
 * signal that tells of a step (SIGTRAP) would undo what the program has set for it.
 *
 * The only signal that cannot be blocked is SIGSTOP (and SIGKILL, after which there is no call to make). The process is
 * stopped by it and this thread goes on; whether the process is still stopped then, is asked at the end. One that was on
 * its way before the mask was set is kept.
 */
static int finish_call(struct trace_injection *injection)
{
	struct trace_stop stop;
	bool entered = false;
	int tries, r, signal = 0;

	for (tries = 0; tries < 256; tries++) {
		if (ptrace(PTRACE_SYSCALL, injection->tid, 0, (long)signal) < 0)
			return -errno;
		signal = 0;
		r = trace_wait_for(injection->tid, &stop);
		if (r < 0)
			return r;
		switch (stop.event) {
		case TRACE_EXITING:
			/* Killed; the main loop takes its exit. */
			trace_resume(injection->tid, RESUME, 0);
			return -ESRCH;
		case TRACE_EXITED:
			return -ESRCH;
		case TRACE_SYSCALL_STOP:
			r = is_at_exit(injection->tid);
			if (r < 0 || (r && entered))
				return MIN(r, 0);
			/* The first exit may be that of the call that was under way. */
			entered |= !r;
			break;
		case TRACE_SIGNAL:
			if (stop.signal == SIGSTOP)
				signal = SIGSTOP;
			else
				injection->held |= UINT64_C(1) << (stop.signal - 1);
			injection->stopped |= stop.signal == SIGSTOP;
			break;
		case TRACE_SECCOMP:
		case TRACE_GROUP_STOP:
		case TRACE_STARTED: /* what a seized thread reports after SIGCONT */
			break;
		default:
			return -EIO;
		}
	}
	return -EIO;
}

int trace_inject(struct trace_injection *injection, long nr, const uint64_t args[6], int64_t *ret_result)
{
	struct user_regs_struct regs = injection->saved;
	int r;

	if (injection->again)
		abi_set_ip(&regs, abi_ip(&regs) - ABI_SYSCALL_BYTES);
	abi_set_call(&regs, nr, args);
	r = trace_set_registers(injection->tid, &regs);
	if (r == 0)
		r = finish_call(injection);
	if (r == 0)
		r = trace_get_registers(injection->tid, &regs);
	if (r == 0)
		*ret_result = abi_result(&regs);
	return r;
}

int trace_inject_end(struct trace_injection *injection)
{
	pid_t tid = injection->tid;
	int r = injection->again ? 0 : trace_poke_text(tid, abi_ip(&injection->saved), injection->text), signal;

	if (r == 0)
		r = trace_set_registers(tid, &injection->saved);
	if (r == 0)
		r = trace_set_signal_mask(tid, injection->mask);
	for (signal = 1; r == 0 && signal <= 64; signal++)
		if ((injection->held & UINT64_C(1) << (signal - 1)) && syscall(SYS_tkill, tid, signal) < 0)
			r = -errno;
	/* Its next stop tells whether its process is stopped. */
	if (r == 0 && injection->stopped)
		r = trace_interrupt(tid);
	return r;
}
