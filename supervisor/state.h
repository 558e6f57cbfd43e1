/* SPDX-License-Identifier: Apache-2.0 */
/* What the supervisor knows while a program runs. Private to supervisor/. */
#ifndef PROCTOR_SUPERVISOR_STATE_H
#define PROCTOR_SUPERVISOR_STATE_H

#include <sched.h>
#include <sys/stat.h>

#include "base/util.h"
#include "supervisor/broker.h"
#include "supervisor/buffers.h"
#include "supervisor/call.h"
#include "supervisor/ending.h"
#include "supervisor/limits.h"
#include "supervisor/output.h"
#include "supervisor/signals.h"
#include "supervisor/stacks.h"
#include "supervisor/tally.h"
#include "supervisor/tasks.h"
#include "tracee/scratch.h"
#include "tracee/spawn.h"
#include "tracee/trace.h"

/* Which core the supervisor and the program run on: placement.c. */
struct placement {
	bool wanted, pinned;	      /* the supervisor is */
	uint64_t since_ns, waited_ns; /* at the last look */
	unsigned char mask[1024];     /* the core, while pinned */
};

/* A descriptor that came by handover.c and waits to be fetched; tag 0: none. */
struct handed_over {
	uint64_t tag;
	int fd;
};

struct broker {
	const struct run_options *options;
	struct run_result *result;
	struct resolver *resolver;
	struct scratch *scratch;
	/* Descriptors handed over by the program's own calls: handover.c. -1 where pidfd_getfd(2) does. */
	int handover_fd, handover_number;
	bool hand_over;
	uint64_t handovers;
	struct handed_over handed_over[SCRATCH_SLOTS];
	int maps_fd, maps_number; /* the copy of its memory map: here, and among the reserved descriptors */
	struct stacks stacks;
	struct tasks tasks;
	struct ending ending;
	bool exit_seen; /* by a look: what the loop still has to take */
	struct trace_stop seen_exit;
	struct call *free_calls;
	pid_t pid;	 /* the program's first process */
	int pidfd;	 /* of it */
	bool executed;	 /* its first exec has happened */
	int reserved_fd; /* first reserved descriptor in the tracee */
	size_t n_reserved;
	struct reg_values values;
	int landlock_abi; /* of the wall that stands; 0: none */
	struct stat stdio[3]; /* st_nlink 0 and st_ino 0 when closed */
	struct output output;
	struct watch watch;
	struct signals signals;
	uint64_t flushed_ns; /* when the log was last written out for its age */
	uint64_t asked_ns;   /* when the end was first asked for */
	bool ended;	 /* the program's first process: */
	int wait_status;
	struct rusage usage; /* of the last exit taken; once ended, of that process */
	struct tally tally;
	size_t affinity_size; /* what sched_getaffinity answered before any pinning */
	unsigned char affinity[1024];
	struct placement placement;
	struct buffers buffers;
};

/* ---- act.c: the only place that changes a call ---- */

/* Sets how the call ends; the handlers' verbs. act_allow() names no rule but the registers'; it is
 * followed by one of act_emulate(), act_kernel(), act_rewrite(). */
void act_allow(struct call *call);
/* The answer that the kernel itself gives to such arguments: -ERR. Nothing is decided. */
void act_error(struct call *call, int err);
/* Refused as not for sandboxed programs; ERR: the errno to prefer, 0: the policy's. */
void act_deny(const struct broker *b, struct call *call, int err);
void act_emulate(struct call *call, int64_t result);
void act_refuse(struct call *call, struct decision decision);
void act_kernel(struct call *call);
/* Starts a rewrite: `call->rewritten` is then the handler's to change. */
struct user_regs_struct *act_rewrite(struct call *call);
/* An answer that is no violation: the program sees ERR, by the rule of the decision given. */
void act_hide(struct call *call, struct rule rule, int err);

/*
 * Carries the decided call out at the entry stop and resumes the thread. Returns 0, -errno.
 * RET_DONE: there is no exit stop to wait for.
 */
int act_enter(struct broker *b, struct task *task, struct call *call, bool *ret_done);
/* At the exit stop: restores registers, takes the result, resumes. */
int act_leave(struct broker *b, struct task *task, struct call *call);

/* ---- handlers ---- */
typedef void handler_fn(struct broker *b, struct call *call);
handler_fn handle_open, handle_stat, handle_statx, handle_access, handle_readlink, handle_statfs, handle_chdir,
	handle_write_path, handle_read_xattr, handle_exec;
handler_fn handle_close, handle_close_range, handle_dup_onto, handle_ioctl, handle_fcntl, handle_lseek,
	handle_shutdown, handle_mmap, handle_write, handle_new_descriptor;
handler_fn handle_tkill, handle_vsyscall, handle_pidfd_open, handle_setfsid, handle_clock, handle_affinity,
	handle_limit, handle_futex;
handler_fn handle_sync, handle_advice, handle_membarrier, handle_read_flags, handle_socket_name, handle_receive;
handler_fn handle_watch;

/* The rule that a call decided on its registers is recorded under. */
extern const struct rule rule_registers;
extern const struct rule rule_syscall;

/* Is descriptor FD of thread TID the same file as one of the program's first stdin, stdout, stderr
 * (bits of MASK say which to compare)? What cannot be found out is; a number without a file is not. */
enum { STDOUT_OR_STDERR = 6, ANY_STDIO = 7 };
bool is_stdio(const struct broker *b, pid_t tid, int fd, unsigned mask);

/* Opens `/proc/TID/NAME` (FLAGS and O_CLOEXEC). A descriptor that the caller closes, or -1 and errno. */
int open_proc(pid_t tid, const char *name, int flags);

/*
 * The tracee's descriptor FD to look at, or -errno: a duplicate by pidfd_getfd(2), or, where there is none,
 * an O_PATH descriptor of the same file, which has no status flags and no offset. The caller closes it.
 */
int borrow_fd(const struct broker *b, pid_t tid, int fd);
/* Must this call, which may make another descriptor stdout, wait for writes that are under way? Then it is
 * decided (HOW_WAIT); otherwise it is counted as one from now on. */
bool alias_waits(struct broker *b, struct call *call);
/* Calls THEN with a duplicate of the descriptor that is the call's first argument: now, or at the exit stop
 * (handover.c). THEN decides and answers; the duplicate is not its own. */
void with_descriptor(struct broker *b, struct call *call, with_descriptor_fn *then);

/* ---- handover.c ---- */
enum { PIDFD_THREAD_FLAG = 0200 }; /* pidfd_open(2): of a thread; O_EXCL. Linux 6.9 */
/* Can this host's pidfd_getfd(2) not do all of it? 0, or -errno of pidfd_open(2), which a run needs. */
int handover_needed(bool *ret_needed);
/* Makes the socket; RET_THEIRS is for the program to inherit, and the caller's to close. 0 or -errno. */
int handover_new(struct broker *b, int *ret_theirs);
void handover_free(struct broker *b);
/* At the entry stop: the call becomes the handing over. At its exit stop: what was to be done is done. */
void handover_begin(struct broker *b, struct call *call, with_descriptor_fn *then);
void handover_finish(struct broker *b, struct call *call);

/* ---- placement.c ---- */
void placement_start(struct broker *b);
/* The supervisor's own thread may run anywhere again. */
void placement_stop(struct broker *b);
void placement_new_thread(struct broker *b, struct task *task);
void placement_tick(struct broker *b);

/* ---- audit.c ---- */
/* What would be refused goes to the kernel all the same: the only question that may say so. */
bool broker_audits(const struct broker *b);

/* ---- start.c ---- */
/* Fills facts and the values that register rules need, as far as they are known before the fork. */
void start_gather_facts(struct broker *b);
/* Calls that a run needs and that a container may forbid; notes if descriptors are to be handed over. 0,
 * -ENOSYS, or -errno. */
int start_check_host(struct broker *b);
/* Forks and lets the child run. 0 or -errno. */
int start_program(struct broker *b, struct spawned *ret_spawned);

/* ---- stops.c ---- */
/* Does what STOP asks for. */
void stop_handle(struct broker *b, const struct trace_stop *stop);
/* Threads whose calls had to wait for another call's result are looked at again. */
void stop_wake_waiting(struct broker *b);

/* ---- call.c ---- */
/* A call at its entry stop, from decoding to the record or to its way into the kernel. */
void call_broker(struct broker *b, struct task *task, const struct user_regs_struct *regs);
/* The same call at its exit stop. */
void call_finish(struct broker *b, struct task *task);
/* The thread ended in its call, if it was in one: that is recorded too. */
void call_abandon(struct broker *b, struct task *task);
/* The same without a record. */
void call_forget(struct broker *b, struct task *task);
/* A call of a foreign architecture, told by the signal that the filter makes of it: ends the run. */
void call_foreign(struct broker *b, struct task *task, const siginfo_t *info);

/* ---- broker.c ---- */
/* Says that the run ends when the log cannot be written, or is full and the policy ends such a run. */
void broker_check_log(struct broker *b);

#endif
