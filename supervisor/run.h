/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run: the state of every room that takes part, embedded. Only the files that conduct have it: the loop
 * (broker.c), what stops ask for (stops.c), a call's way (call.c), and the start (start.c). All others get just the
 * few things that they need.
 */
#ifndef PROCTOR_SUPERVISOR_RUN_H
#define PROCTOR_SUPERVISOR_RUN_H

#include "policy/exec.h"
#include "supervisor/act.h"
#include "supervisor/ask.h"
#include "supervisor/broker.h"
#include "supervisor/call.h"
#include "supervisor/census.h"
#include "supervisor/meter.h"
#include "supervisor/modules.h"
#include "supervisor/own_names.h"
#include "supervisor/note.h"
#include "supervisor/placement.h"
#include "supervisor/profile.h"
#include "supervisor/raised.h"
#include "supervisor/shadow.h"
#include "supervisor/shorten.h"
#include "supervisor/signals.h"
#include "supervisor/stacks.h"
#include "supervisor/tally.h"
#include "supervisor/terminal.h"
#include "supervisor/printed.h"
#include "supervisor/uncaught.h"
#include "tracee/finish.h"
#include "supervisor/view.h"
#include "tracee/spawn.h"

/* What there is besides for a policy within the run's. */
struct inner {
	struct ground ground; /* the run's, with that policy */
	struct resolver *resolver;
	int wall; /* the reserved descriptor of its Landlock ruleset, where there is Landlock */
};

struct run {
	const struct run_options *options;
	struct run_result *result;
	struct ground ground; /* changed by start.c and broker.c alone, and not once the program runs */
	struct resolver *resolver;
	struct inner inner[POLICY_MAX_NARROWER]; /* of each of the policy's */
	struct shadow shadow;
	struct ask ask;
	struct actor actor;
	struct tasks tasks;
	struct call *free_calls; /* kept for reuse: a stop allocates nothing in the steady state */
	struct output output;
	struct ledger *ledger; /* or NULL */
	struct buffers buffers;
	struct watch watch;
	struct stacks stacks;
	struct tally tally;
	struct notes notes;
	struct profile profile;
	struct meter meter;
	struct census census;
	struct modules modules;
	struct placement placement;
	struct signals signals;
	struct terminal terminal;
	struct uncaught uncaught;
	struct printed printed;
	struct finishing finishing;
	struct raised_table raised; /* refusals that an exception may have come from */
	struct ending ending;
	bool exit_seen; /* by a look: an exit that the loop still has to take */
	struct trace_stop seen_exit;
	bool executed;	     /* the first exec has happened */
	bool shortens;	     /* shorten.h */
	struct own_names own_names;
	uint64_t executions[EXEC_MAX_NUMBERS]; /* of the program of each rule, by its number, those under way too */
	uint64_t flushed_ns; /* when the log was last written out for its age */
	uint64_t asked_ns;   /* when the end was first asked for */
	bool ended;	     /* the program's first process: */
	int wait_status;
	struct rusage usage; /* of that process at the last look; once it has ended, its total */
};

/* The policy that process TGID is under. */
const struct policy *run_policy_of(const struct run *run, pid_t tgid);
/* What handlers may look at for a call of process TGID. */
struct view run_view(struct run *run, pid_t tgid);

/* Tells the run's ending if the log cannot be written, or is full and the policy ends such a run. */
void run_check_log(struct run *run);

/* ---- start.c ---- */
/* Fills the ground as far as it is known before the fork. */
void start_lay_ground(struct run *run);
/* Calls that a run needs and that a container may block: found out now, not halfway through start-up. Notes whether
 * descriptors have to be handed over. 0, -ENOSYS, or -errno. */
int start_check_host(struct run *run);
/* Lays the grounds of the policies within the run's, when its own is laid. */
void start_lay_inner(struct run *run);
/* Forks and lets the child run. 0 or -errno. */
int start_program(struct run *run, struct spawned *ret_spawned);

/* ---- stops.c ---- */
/* Does what STOP asks for. */
void stop_handle(struct run *run, const struct trace_stop *stop);
/* The program was adopted: it stands at its first instruction, as after an exec. */
void stop_adopted(struct run *run);
/* Threads whose calls had to wait for another call's result are looked at again. */
void stop_wake_waiting(struct run *run);

/* ---- call.c ---- */
/* A call at its entry stop, from decoding to the record or to its way into the kernel. */
void call_broker(struct run *run, struct task *task, const struct user_regs_struct *regs);
/* The same call at its exit stop. */
void call_finish(struct run *run, struct task *task);
/* The same for a call that has executed a program; its rule is returned, the policy's, and the policy that the program
 * is under. NULL: TASK is in no such call. */
const struct exec_rule *call_executed(struct run *run, struct task *task, const struct policy **ret_policy);
/* The thread has stopped at its end: what the call that it was in, if any, has written is counted. */
void call_exiting(struct run *run, const struct task *task);
/* The thread ended; the call that it was in, if any, is recorded too. */
void call_abandon(struct run *run, struct task *task);
/* The same without a record; a refusal that waits to be recorded stays. */
void call_forget(struct run *run, struct task *task);
/* Forgets that refusal too. */
void call_forget_all(struct run *run, struct task *task);
/* A call of a foreign architecture, reported by the signal that the filter makes of it: ends the run. */
void call_foreign(struct run *run, struct task *task, const siginfo_t *info);
/* Puts the question that TASK's call waits for. */
void call_ask(struct run *run, struct task *task);
/* Frees what is kept for reuse. */
void call_free_kept(struct run *run);

#endif
