/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/names.h"
#include "supervisor/audit.h"
#include "supervisor/burden.h"
#include "supervisor/futex_wake.h"

enum { GRACE_NS = 2000000000, FLUSH_NS = 1000000000, LOOK_MS = 20, MAX_QUEUED = 64 };

/* ------------------------------------------------------------------ carrying out the ending */

/* Kills each process, found by its threads; not one whose first thread has been waited for: its id may be another's. */
static void kill_all(const struct run *run)
{
	const struct task *task;

	for (task = run->tasks.first; task; task = task->hh.next) {
		/* Of a placeholder only the thread is known: kill(0) would be proctor's own process group. */
		pid_t pid = task->tgid > 0 ? task->tgid : task->tid;
		const struct task *first = tasks_find(&run->tasks, pid);

		if (!task->gone && (!first || !first->gone))
			kill(pid, SIGKILL);
	}
}

/* A thread has been waited for; its stop is handled later. The kernel counts for a process as a whole. */
static void note_end(struct run *run, const struct trace_stop *stop, const struct rusage *usage)
{
	struct task *task = tasks_find(&run->tasks, stop->tid);
	const struct process *process = tasks_process(&run->tasks, stop->tid);

	if (task)
		task->gone = true;
	if (process)
		watch_process_end(&run->watch, process, usage);
	if (stop->tid == run->ground.pid && !run->ended)
		run->usage = *usage;
}

/*
 * A limit ends the run: where was the program? Its first thread is stopped for a look, if it is not stopped anyway; if
 * it does not stop in time, no stack is recorded. An exit that comes instead is kept for the loop: a record may be in
 * the middle of being written (on_log_wait()). Children that are left in audit mode do not tell where the program was,
 * and what they used does not count.
 */
static void look(struct run *run)
{
	const struct task *task = tasks_find(&run->tasks, run->ground.pid);
	struct user_regs_struct regs;
	struct trace_stop stop;
	const struct stack *stack;

	if (!task || run->exit_seen || run->stacks.kinds == STACK_NONE)
		return;
	if (trace_get_registers(task->tid, &regs) < 0) {
		if (trace_interrupt(task->tid) < 0 ||
		    trace_wait_for_ms(task->tid, LOOK_MS, &stop, &run->usage) < 0)
			return;
		run->exit_seen = stop.event == TRACE_EXITED || stop.event == TRACE_EXITING;
		if (run->exit_seen)
			run->seen_exit = stop;
		if (stop.event == TRACE_EXITED)
			note_end(run, &stop, &run->usage);
		if (stop.event == TRACE_EXITED)
			return;
		if (trace_get_registers(task->tid, &regs) < 0)
			return;
	}
	stack = stacks_look(&run->stacks, task->tgid, task->tid, &regs);
	note_stack(&run->notes, stack, &run->result->stack);
	where_take(&run->result->limit_where, stack, run->options->library);
	if (run->ending.limited && run->ending.limit == LIMIT_MEMORY)
		held_take(&run->result->held, stacks_held(&run->stacks, task->tgid, task->tid, &regs), run->options->library);
}

static void carry_out_ending(struct run *run)
{
	if (!run->ending.decided)
		return;
	if (run->ending.wants_look) {
		run->ending.wants_look = false;
		look(run);
	}
	/* Again after each later stop: a thread may have come that nobody knew of. */
	kill_all(run);
}

/* ------------------------------------------------------------------ ticks and signals to proctor */

/* A point of what is used over time, from a look that was taken for the limits. */
static void measure(struct run *run)
{
	struct meter_point point = { .output_bytes = output_so_far(&run->output), .threads = run->tasks.n };

	if (!meter_is_due(&run->meter, &point.at_ns) ||
	    !watch_measured(&run->watch, &run->tasks, &point.cpu_ns, &point.memory_bytes))
		return;
	meter_take(&run->meter, &point);
}

static void check_limits(struct run *run)
{
	struct crossing crossing;
	long tick_us;

	if (run->ending.decided || !run->executed)
		return;
	if (watch_check(&run->watch, &run->tasks, &crossing, &tick_us))
		ending_crossed(&run->ending, run->watch.limits, &crossing);
	measure(run);
	signals_set_tick(&run->signals, profile_tick(&run->profile, tick_us));
}

static void heed_end_signal(struct run *run)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	bool by_kernel;
	int signal = signals_asked(&by_kernel);

	if (!signal || run->ending.decided)
		return;
	if (!run->result->interrupted) {
		run->result->interrupted = signal;
		run->asked_ns = now;
		/* An adopted program is in no process group of ours. */
		if ((!by_kernel || run->result->warm) && tasks_has_process(&run->tasks, run->ground.pid))
			kill(run->ground.pid, signal);
	} else if (signal != run->result->interrupted || now - run->asked_ns > GRACE_NS) {
		ending_say(&run->ending, STATUS_SG);
	}
}

static void on_tick(struct run *run)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	check_limits(run);
	if (run->executed && !run->ending.decided)
		profile_round(&run->profile, &run->tasks, &run->stacks);
	futex_look(&run->tasks, &run->ending);
	placement_tick(&run->placement, &run->ground, &run->tasks);
	heed_end_signal(run);
	if (now - run->flushed_ns > FLUSH_NS) {
		run->flushed_ns = now;
		recorder_flush(run->options->recorder);
		run_check_log(run);
	}
}

static int next_stop(struct run *run, bool block, struct trace_stop *stop)
{
	struct rusage usage;
	int r = trace_wait(block, stop, &usage);

	if (r == 0 && stop->event == TRACE_EXITED)
		note_end(run, stop, &usage);
	return r;
}

/*
 * waitpid(2) looks for a stopped thread in one fixed order: a thread that stops all the time would
 * keep those behind it waiting. With several threads all that are stopped are taken before any is
 * resumed.
 */
static int next_stops(struct run *run, struct trace_stop *stops, size_t *ret_n)
{
	size_t n = 1, most = run->tasks.n > 1 ? MAX_QUEUED : 1;
	int r = next_stop(run, true, &stops[0]);

	if (r < 0)
		return r;
	while (n < most && stops[n - 1].event != TRACE_INTERRUPTED && stops[n - 1].event != TRACE_NONE_LEFT) {
		r = next_stop(run, false, &stops[n]);
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
	struct run *run = context;

	if (signals_tick_due(&run->signals)) {
		check_limits(run);
		heed_end_signal(run);
		carry_out_ending(run);
	}
}

/* The loop's part of an ending, after anything that may have said one. */
static void end_if_said(struct run *run)
{
	carry_out_ending(run);
	if (run->exit_seen) {
		run->exit_seen = false;
		stop_handle(run, &run->seen_exit);
	}
}

/* ------------------------------------------------------------------ questions */

/*
 * No thread of the program goes on while a question stands: what it wrote then could look like another question.
 * Threads are told to stop, and what they stop for is kept for later. A thread that does not stop in time sleeps in
 * the kernel.
 */
static struct trace_stop *hold_all(struct run *run, size_t *ret_n)
{
	enum { HOLD_NS = 200000000, LOOK_US = 500 };
	const uint64_t end = clock_ns(CLOCK_MONOTONIC) + HOLD_NS;
	struct trace_stop *held = NULL;
	struct user_regs_struct regs;
	const struct task *task;
	size_t n = 0, cap = 0, running = 0;

	for (task = run->tasks.first; task; task = task->hh.next)
		if (!task->gone && trace_get_registers(task->tid, &regs) < 0 && trace_interrupt(task->tid) == 0)
			running++;
	while (n < running && clock_ns(CLOCK_MONOTONIC) < end) {
		grow_array(&held, &cap, n + 1, sizeof *held);
		if (next_stop(run, false, &held[n]) < 0 || held[n].event == TRACE_NONE_LEFT)
			break;
		if (held[n].event == TRACE_INTERRUPTED)
			usleep(LOOK_US);
		else
			n++;
	}
	*ret_n = n;
	return held;
}

static struct task *who_asks(const struct run *run)
{
	struct task *task;

	for (task = run->tasks.first; task; task = task->hh.next)
		if (task->state == TASK_WAITING && task->call->asks && !task->asked && !task->gone)
			return task;
	return NULL;
}

/* Calls wait for a person: one question after the other. */
static void put_questions(struct run *run)
{
	const uint64_t begin = clock_ns(CLOCK_MONOTONIC), burden = burden_clock();
	struct task *task = who_asks(run);
	struct trace_stop *held;
	bool by_kernel;
	size_t n, i;

	held = hold_all(run, &n);
	recorder_flush(run->options->recorder);
	for (; task; task = who_asks(run)) {
		if (signals_asked(&by_kernel))
			task->asked = true;
		else
			call_ask(run, task);
	}
	watch_stood_still(&run->watch, begin, burden);
	/* Before any thread goes on. */
	heed_end_signal(run);
	for (i = 0; i < n; i++) {
		stop_handle(run, &held[i]);
		end_if_said(run);
	}
	free(held);
}

static void run_loop(struct run *run)
{
	struct trace_stop stops[MAX_QUEUED];
	bool by_kernel;
	size_t n, i;
	int r;

	for (;;) {
		r = next_stops(run, stops, &n);
		if (r < 0) {
			ending_fail(&run->ending, "cannot wait for the program: %s", strerror(-r));
			carry_out_ending(run);
			return;
		}
		if (stops[0].event == TRACE_NONE_LEFT)
			return;
		for (i = 0; i < n; i++) {
			if (stops[i].event == TRACE_INTERRUPTED)
				continue;
			stop_handle(run, &stops[i]);
			end_if_said(run);
		}
		/* Waiting for the stuck thread would never end; it dies with the supervisor (PTRACE_O_EXITKILL). */
		if (run->ending.stuck)
			return;
		while (run->tasks.n_waiting && !run->ending.decided && who_asks(run))
			put_questions(run);
		if (run->tasks.n_waiting && !run->ending.decided)
			stop_wake_waiting(run);
		if (signals_tick_due(&run->signals) || signals_asked(&by_kernel))
			on_tick(run);
		end_if_said(run);
	}
}

/* ------------------------------------------------------------------ before and after */

/* A program can cross a limit and end between two ticks: what the kernel counted says so. */
static void take_usage(struct run *run)
{
	struct run_result *result = run->result;
	struct crossing crossing;
	struct usage usage;
	bool crossed;

	signals_set_tick(&run->signals, 0);
	crossed = watch_finish(&run->watch, &run->usage, &usage, &crossing);
	result->cpu_ns = usage.cpu_ns;
	result->user_known = usage.user_known;
	result->user_ns = usage.user_ns;
	result->tasks_peak = run->tasks.peak;
	result->output_counted = run->output.counted;
	result->output_bytes = output_so_far(&run->output);
	result->wall_ns = usage.wall_ns;
	result->memory_bytes = usage.memory_bytes;
	result->supervisor_ns = usage.supervisor_ns;
	/* It ended in time, but its end was not handled yet when a tick found the time over. */
	if (result->exited && usage.wall_ns <= run->watch.limits->wall_ns && ending_withdraw(&run->ending, LIMIT_WALL)) {
		buf_clear(&result->stack);
		where_fini(&result->limit_where);
	}
	if (crossed && run->executed)
		ending_crossed(&run->ending, run->watch.limits, &crossing);
}

/* The child ended before it was the program: why, as far as it could say. */
static void take_spawn_error(struct run *run, const struct spawned *spawned)
{
	const char *step = NULL;
	bool in_exec = false;
	int err = spawn_error(spawned, &step, &in_exec);

	*(in_exec ? &run->result->spawn_errno : &run->result->setup_errno) = err;
	if (err)
		ending_fail(&run->ending, "cannot %s: %s", step, strerror(err));
	else
		ending_fail(&run->ending, "the program ended before it was executed");
}

/* The line that the exception came from, as the program may read it. */
static void take_line(struct run_result *result, struct source *source)
{
	struct exception_facts *x = &result->exception->facts;
	struct source_line line;

	if (!source_exception(source, x, &line))
		return;
	x->source = result->exception_line = xstrndup(line.text, line.len);
	x->source_cut = line.cut;
}

/* The exception that ended the program, and the refusal that it came from. */
static void take_exception(struct run *run, struct source *source)
{
	struct run_result *result = run->result;

	result->exception = steal_ptr(&run->uncaught.found);
	result->exception_directory = steal_ptr(&run->uncaught.working_directory);
	result->raised = run->raised;
	run->raised = (struct raised_table){ 0 };
	if (!result->exception)
		return;
	printed_take(&run->printed, result->exception);
	uncaught_place(result->exception, run->options->library);
	take_line(result, source);
	result->raised_by = raised_find(&result->raised, &result->exception->facts);
}

static void decide_status(struct run *run, const struct spawned *spawned, struct source *source)
{
	struct run_result *result = run->result;
	struct ending *ending = &run->ending;
	const struct quota *full;

	result->exited = run->ended && WIFEXITED(run->wait_status);
	if (result->exited)
		result->exit_code = WEXITSTATUS(run->wait_status);
	else if (run->ended)
		result->exit_signal = WTERMSIG(run->wait_status);
	if (!run->executed && !ending->error)
		take_spawn_error(run, spawned);
	else
		take_usage(run);
	if (!ending->decided)
		ending_say(ending, !result->exited ? STATUS_SG : result->exit_code ? STATUS_RE : STATUS_OK);
	result->status = ending->status;
	result->error = steal_ptr(&ending->error);
	result->log_failed = ending->log_failed;
	result->log_full = ending->log_full;
	take_exception(run, source);
	if (policy_makes_processes(run->options->policy)) {
		result->processes = run->tasks.n_made;
		result->processes_peak = run->tasks.peak_processes;
	}
	full = ledger_last_refused(run->ledger, &result->full_of_files);
	if (full)
		result->full = *full;
	result->limited = ending->limited;
	result->limit = ending->limit;
	result->limit_value = ending->limit_value;
	result->limit_used = ending->limit_used;
	result->limit_supervisor_ns = ending->limit_supervisor_ns;
}

static void free_run(struct run *run)
{
	struct task *task;
	size_t i;

	terminal_end(&run->terminal);
	placement_stop(&run->placement, &run->ground, &run->tasks);
	/* Threads are left only where waiting itself failed. */
	for (task = run->tasks.first; task; task = task->hh.next)
		call_forget_all(run, task);
	call_free_kept(run);
	tasks_fini(&run->tasks);
	notes_fini(&run->notes);
	stacks_fini(&run->stacks);
	ending_fini(&run->ending);
	profile_fini(&run->profile);
	census_fini(&run->census);
	modules_fini(&run->modules);
	uncaught_fini(&run->uncaught);
	printed_fini(&run->printed);
	raised_fini(&run->raised);
	watch_fini(&run->watch);
	own_names_fini(&run->own_names);
	signals_stop(&run->signals);
	for (i = 0; i < run->options->policy->n_narrower; i++)
		resolver_free(run->inner[i].resolver);
	resolver_free(run->resolver);
	ledger_free(run->ledger);
	shadow_fini(&run->shadow);
	ask_fini(&run->ask);
	actor_fini(&run->actor);
	if (run->ground.pidfd >= 0)
		close(run->ground.pidfd);
	if (run->ground.maps_fd >= 0)
		close(run->ground.maps_fd);
	free(run);
}

/* All that can fail before there is a program. 0 or -errno. */
static int prepare(struct run *run, struct spawned *ret_spawned)
{
	size_t i;
	int r = start_check_host(run);

	if (r == 0)
		r = resolver_new_on(run->options->standing, run->options->policy, &run->options->scratch, &run->resolver);
	for (i = 0; r == 0 && i < run->options->policy->n_narrower; i++)
		run->inner[i].resolver = resolver_within(run->resolver, run->options->policy->narrower[i]);
	if (r == 0)
		r = shadow_begin(&run->shadow, run->options->shadow, &run->options->scratch);
	if (r == 0)
		r = scratch_new(&run->actor.scratch);
	if (r == 0)
		r = signals_start(&run->signals, run->options->ignored_signals);
	return r < 0 ? r : start_program(run, ret_spawned);
}

/* The program's first process is there. */
static void take_program(struct run *run, pid_t pid)
{
	struct ground *ground = &run->ground;

	signals_set_tick(&run->signals, WATCH_TICK_US);
	scratch_close_fd(run->actor.scratch);
	ground->pid = run->stacks.pid = run->watch.pid = run->result->pid = pid;
	ground->values.symbol[REG_SELF] = (uint64_t)pid;
	ground->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (ground->pidfd < 0)
		ending_fail(&run->ending, "cannot open a pidfd: %s", strerror(errno));
	start_lay_inner(run);
	tasks_add_process(&run->tasks, pid, getpid());
	tasks_add(&run->tasks, pid, pid, TASK_RUNNING)->pinned = run->placement.pinned;
}

int broker_run(const struct run_options *options, struct run_result *ret_result)
{
	struct run *run = xcalloc(1, sizeof *run);
	struct spawned spawned = { .error_fd = -1 };
	struct source *source;
	int r;

	*ret_result = (struct run_result){ .status = STATUS_XX };
	run->options = options;
	run->result = ret_result;
	run->stacks.kinds = options->stack;
	run->stacks.native_else = options->native_else && policy_makes_processes(options->policy);
	run->stacks.all = policy_makes_processes(options->policy);
	uncaught_init(&run->uncaught, options->stack & STACK_PYTHON ? options->probe : NULL);
	profile_init(&run->profile, options->profile_hz, options->profile_wall, options->library);
	modules_init(&run->modules, options->submission);
	run->notes = (struct notes){
		.recorder = options->recorder,
		.calls = options->calls,
		.policy = options->policy,
		.library = options->library,
		.tasks = policy_makes_processes(options->policy) ? &run->tasks : NULL,
	};
	actor_init(&run->actor);
	ask_init(&run->ask, options->audit ? NULL : options->ask, &options->scratch);
	watch_init(&run->watch, &options->policy->limits);
	run->watch.named = &run->actor.shared;
	run->watch.all = policy_makes_processes(options->policy);
	start_lay_ground(run);
	placement_start(&run->placement, &run->ground, options->pin);
	r = prepare(run, &spawned);
	if (r < 0) {
		ret_result->error = steal_ptr(&run->ending.error);
		free_run(run);
		return r;
	}
	take_program(run, spawned.pid);
	source = source_new(options->policy, run->resolver, options->submission, run->ground.pid,
			    run->ground.reserved_fd);
	if (options->program_text_name)
		source_give(source, options->program_text_name, options->program_text);
	run->notes.source = source;
	recorder_on_wait(options->recorder, on_log_wait, run);
	if (ret_result->warm)
		stop_adopted(run);
	carry_out_ending(run);
	run_loop(run);
	recorder_on_wait(options->recorder, NULL, NULL);
	decide_status(run, &spawned, source);
	source_free(source);
	spawn_end(&spawned);
	profile_format(&run->profile, &ret_result->profile);
	profile_hottest(&run->profile, &ret_result->hottest);
	tally_format(&run->tally, run->tasks.peak, &ret_result->summary);
	meter_format(&run->meter, run->output.counted, &ret_result->summary);
	census_format(&run->census, &ret_result->summary);
	modules_format(&run->modules, &ret_result->summary);
	free_run(run);
	return 0;
}

void run_result_fini(struct run_result *result)
{
	free(result->first.action);
	free(result->first.path);
	free(result->first.code);
	refusals_fini(&result->refusals);
	stack_exception_free(result->exception);
	free(result->exception_line);
	free(result->exception_directory);
	raised_fini(&result->raised);
	fatal_fini(&result->fatal);
	free(result->error);
	where_fini(&result->limit_where);
	buf_fini(&result->stack);
	buf_fini(&result->left);
	buf_fini(&result->summary);
	buf_fini(&result->profile);
	profile_hottest_fini(&result->hottest);
	held_fini(&result->held);
}
