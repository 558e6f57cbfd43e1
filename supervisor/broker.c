/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/names.h"
#include "supervisor/futex.h"

enum { GRACE_NS = 2000000000, FLUSH_NS = 1000000000, LOOK_MS = 20, MAX_QUEUED = 64 };

/* ------------------------------------------------------------------ carrying out the ending */

/* Has PID been waited for? Then its id may be another process's. */
static bool is_reaped(const struct broker *b, pid_t pid)
{
	return (pid == b->pid && b->ended) || (b->exit_seen && b->seen_exit.tid == pid);
}

static void kill_all(const struct broker *b)
{
	const struct task *task;

	if (b->pid > 0 && !is_reaped(b, b->pid))
		kill(b->pid, SIGKILL);
	for (task = b->tasks.first; task; task = task->hh.next) {
		/* Of a placeholder only the thread is known: kill(0) would be proctor's own process group. */
		pid_t pid = task->tgid > 0 ? task->tgid : task->tid;

		if (pid != b->pid && !is_reaped(b, pid))
			kill(pid, SIGKILL);
	}
}

/*
 * A limit ends the run: where was the program? Its first thread is stopped for a look, if it is not
 * stopped anyway; if it does not stop in time, no stack is recorded. An exit that comes instead is kept
 * for the loop: a record may be in the middle of being written (on_log_wait()).
 */
static void look(struct broker *b)
{
	const struct task *task = tasks_find(&b->tasks, b->pid) ?: b->tasks.first;
	struct user_regs_struct regs;
	struct trace_stop stop;

	if (!task || b->exit_seen || b->stacks.kinds == STACK_NONE)
		return;
	if (trace_get_registers(task->tid, &regs) < 0) {
		if (trace_interrupt(task->tid) < 0 ||
		    trace_wait_for_ms(task->tid, LOOK_MS, &stop, &b->usage) < 0)
			return;
		if (stop.event == TRACE_EXITED) {
			b->seen_exit = stop;
			b->exit_seen = true;
			return;
		}
		if (trace_get_registers(task->tid, &regs) < 0)
			return;
	}
	record_format_stack(b->options->recorder, stacks_look(&b->stacks, task->tgid, task->tid, &regs),
			    &b->result->stack);
}

static void carry_out_ending(struct broker *b)
{
	if (!b->ending.decided)
		return;
	if (b->ending.wants_look) {
		b->ending.wants_look = false;
		look(b);
	}
	/* Again after each later stop: a thread may have come that nobody knew of. */
	kill_all(b);
}

void broker_check_log(struct broker *b)
{
	const struct recorder *recorder = b->options->recorder;

	ending_check_log(&b->ending, recorder_error(recorder),
			 recorder_full(recorder) && b->options->policy->log_on_full == LOG_FULL_KILL);
}

/* ------------------------------------------------------------------ ticks and signals to proctor */

static void say_crossed(struct broker *b, const struct crossing *crossing)
{
	if (b->ending.decided)
		return;
	ending_crossed(&b->ending, b->watch.limits, crossing->limit, crossing->used);
	b->ending.limit_supervisor_ns = crossing->supervisor_ns;
}

static void check_limits(struct broker *b)
{
	struct crossing crossing;
	long tick_us;

	if (b->ending.decided || !b->executed)
		return;
	if (watch_check(&b->watch, &b->tasks, &crossing, &tick_us))
		say_crossed(b, &crossing);
	signals_set_tick(&b->signals, tick_us);
}

static void heed_end_signal(struct broker *b)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	bool by_kernel;
	int signal = signals_asked(&by_kernel);

	if (!signal || b->ending.decided)
		return;
	if (!b->result->interrupted) {
		b->result->interrupted = signal;
		b->asked_ns = now;
		if (!by_kernel && !is_reaped(b, b->pid))
			kill(b->pid, signal);
	} else if (signal != b->result->interrupted || now - b->asked_ns > GRACE_NS) {
		ending_say(&b->ending, STATUS_SG);
	}
}

static void on_tick(struct broker *b)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	check_limits(b);
	futex_look(b);
	placement_tick(b);
	heed_end_signal(b);
	if (now - b->flushed_ns > FLUSH_NS) {
		b->flushed_ns = now;
		recorder_flush(b->options->recorder);
		broker_check_log(b);
	}
}

static int next_stop(struct broker *b, bool block, struct trace_stop *stop)
{
	struct rusage usage;
	int r = trace_wait(block, stop, &usage);

	if (r == 0 && stop->event == TRACE_EXITED && stop->tid == b->pid)
		b->usage = usage;
	return r;
}

/*
 * waitpid(2) looks for a stopped thread in one fixed order: a thread that stops all the time would
 * keep those behind it waiting. With several threads all that are stopped are taken before any is
 * resumed.
 */
static int next_stops(struct broker *b, struct trace_stop *stops, size_t *ret_n)
{
	size_t n = 1, most = b->tasks.n > 1 ? MAX_QUEUED : 1;
	int r = next_stop(b, true, &stops[0]);

	if (r < 0)
		return r;
	while (n < most && stops[n - 1].event != TRACE_INTERRUPTED && stops[n - 1].event != TRACE_NONE_LEFT) {
		r = next_stop(b, false, &stops[n]);
		if (r < 0)
			return r;
		/* Nothing more, or nothing left: the blocking wait will say it again. */
		if (stops[n].event == TRACE_INTERRUPTED || stops[n].event == TRACE_NONE_LEFT)
			break;
		n++;
	}
	*ret_n = n;
	return 0;
}

/*
 * The log's reader is slow and the log blocks: limits hold all the same. Called in the middle of writing a
 * record, so beneath a handler: the program may be looked at and killed, and no stop is handled.
 */
static void on_log_wait(void *context)
{
	struct broker *b = context;

	if (signals_tick_due(&b->signals)) {
		check_limits(b);
		heed_end_signal(b);
		carry_out_ending(b);
	}
}

/* The loop's part of an ending, after whatever may have said one. */
static void end_if_said(struct broker *b)
{
	carry_out_ending(b);
	if (b->exit_seen) {
		b->exit_seen = false;
		stop_handle(b, &b->seen_exit);
	}
}

static void run_loop(struct broker *b)
{
	struct trace_stop stops[MAX_QUEUED];
	bool by_kernel;
	size_t n, i;
	int r;

	for (;;) {
		r = next_stops(b, stops, &n);
		if (r < 0) {
			ending_fail(&b->ending, "cannot wait for the program: %s", strerror(-r));
			carry_out_ending(b);
			return;
		}
		if (stops[0].event == TRACE_NONE_LEFT)
			return;
		for (i = 0; i < n; i++) {
			if (stops[i].event == TRACE_INTERRUPTED)
				continue;
			stop_handle(b, &stops[i]);
			end_if_said(b);
		}
		if (b->tasks.n_waiting && !b->ending.decided)
			stop_wake_waiting(b);
		if (signals_tick_due(&b->signals) || signals_asked(&by_kernel))
			on_tick(b);
		end_if_said(b);
	}
}

/* ------------------------------------------------------------------ before and after */

/* A program can cross a limit and end between two ticks: what the kernel counted says so. */
static void take_usage(struct broker *b)
{
	struct run_result *result = b->result;
	struct crossing crossing;
	struct usage usage;
	bool crossed;

	signals_set_tick(&b->signals, 0);
	crossed = watch_finish(&b->watch, &b->usage, &usage, &crossing);
	result->cpu_ns = usage.cpu_ns;
	result->wall_ns = usage.wall_ns;
	result->memory_bytes = usage.memory_bytes;
	result->supervisor_ns = usage.supervisor_ns;
	if (crossed && b->executed)
		say_crossed(b, &crossing);
}

/* The child ended before it was the program: why, as far as it could say. */
static void take_spawn_error(struct broker *b, const struct spawned *spawned)
{
	const char *step = NULL;
	bool in_exec = false;
	int err = spawn_error(spawned, &step, &in_exec);

	*(in_exec ? &b->result->spawn_errno : &b->result->setup_errno) = err;
	if (err)
		ending_fail(&b->ending, "cannot %s: %s", step, strerror(err));
	else
		ending_fail(&b->ending, "the program ended before it was executed");
}

static void decide_status(struct broker *b, const struct spawned *spawned)
{
	struct run_result *result = b->result;
	struct ending *ending = &b->ending;

	result->exited = b->ended && WIFEXITED(b->wait_status);
	if (result->exited)
		result->exit_code = WEXITSTATUS(b->wait_status);
	else if (b->ended)
		result->exit_signal = WTERMSIG(b->wait_status);
	if (!b->executed && !ending->error)
		take_spawn_error(b, spawned);
	else
		take_usage(b);
	if (!ending->decided)
		ending_say(ending, !result->exited ? STATUS_SG : result->exit_code ? STATUS_RE : STATUS_OK);
	result->status = ending->status;
	result->error = steal_ptr(&ending->error);
	result->log_failed = ending->log_failed;
	result->log_full = ending->log_full;
	result->limited = ending->limited;
	result->limit = ending->limit;
	result->limit_value = ending->limit_value;
	result->limit_used = ending->limit_used;
	result->limit_supervisor_ns = ending->limit_supervisor_ns;
}

static void free_broker(struct broker *b)
{
	struct task *task;
	struct call *call;

	placement_stop(b);
	/* Threads are left only where waiting itself failed. */
	for (task = b->tasks.first; task; task = task->hh.next)
		call_forget(b, task);
	while ((call = b->free_calls)) {
		unsigned i;

		b->free_calls = call->next_free;
		for (i = 0; i < REQUEST_MAX_PATHS; i++)
			object_fini(&call->objects[i]);
		free(call);
	}
	tasks_fini(&b->tasks);
	stacks_fini(&b->stacks);
	ending_fini(&b->ending);
	watch_fini(&b->watch);
	signals_stop(&b->signals);
	resolver_free(b->resolver);
	scratch_free(b->scratch);
	if (b->pidfd >= 0)
		close(b->pidfd);
	handover_free(b);
	if (b->maps_fd >= 0)
		close(b->maps_fd);
	free(b);
}

int broker_run(const struct run_options *options, struct run_result *ret_result)
{
	struct broker *b = xcalloc(1, sizeof *b);
	struct spawned spawned = { .error_fd = -1 };
	struct source *source;
	long size;
	int r;

	*ret_result = (struct run_result){ .status = STATUS_XX };
	b->options = options;
	b->result = ret_result;
	b->pidfd = b->maps_fd = b->handover_fd = -1;
	b->stacks.kinds = options->stack;
	watch_init(&b->watch, &options->policy->limits);
	start_gather_facts(b);
	size = syscall(SYS_sched_getaffinity, 0, sizeof b->affinity, b->affinity);
	b->affinity_size = size > 0 ? (size_t)size : 0;
	placement_start(b);
	r = start_check_host(b);
	if (r == 0)
		r = resolver_new(options->policy, &b->resolver);
	if (r == 0)
		r = scratch_new(&b->scratch);
	if (r == 0)
		r = signals_start(&b->signals, options->ignored_signals);
	if (r == 0)
		r = start_program(b, &spawned);
	if (r < 0) {
		ret_result->error = steal_ptr(&b->ending.error);
		free_broker(b);
		return r;
	}
	signals_set_tick(&b->signals, WATCH_TICK_US);
	scratch_close_fd(b->scratch);
	b->pid = b->stacks.pid = b->watch.pid = spawned.pid;
	b->values.symbol[REG_SELF] = (uint64_t)spawned.pid;
	b->pidfd = (int)syscall(SYS_pidfd_open, spawned.pid, 0);
	if (b->pidfd < 0)
		ending_fail(&b->ending, "cannot open a pidfd: %s", strerror(errno));
	tasks_add(&b->tasks, spawned.pid, spawned.pid, TASK_RUNNING)->pinned = b->placement.pinned;
	source = source_new(options->policy, b->resolver, options->submission, b->pid, b->reserved_fd);
	recorder_set_source(options->recorder, source);
	recorder_on_wait(options->recorder, on_log_wait, b);
	carry_out_ending(b);
	run_loop(b);
	recorder_on_wait(options->recorder, NULL, NULL);
	recorder_set_source(options->recorder, NULL);
	source_free(source);
	decide_status(b, &spawned);
	close(spawned.error_fd);
	tally_format(&b->tally, b->tasks.peak, &ret_result->summary);
	free_broker(b);
	return 0;
}

void run_result_fini(struct run_result *result)
{
	free(result->first.action);
	free(result->first.path);
	free(result->first.code);
	free(result->first.student);
	free(result->first.staff);
	free(result->error);
	buf_fini(&result->stack);
	buf_fini(&result->summary);
}
