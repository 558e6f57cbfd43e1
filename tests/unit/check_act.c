/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans carried out on a real child, which makes one call and tells what it got; and what stops do to the table
 * of threads. The child is traced as a program is, but without a filter: its entry stops are syscall stops.
 */
#include "supervisor/run.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracee/memory.h"
#include "tests/unit/policy_text.h"
#include "tests/unit/suite.h"

struct answer {
	long result, third; /* of the call, and what its third argument was afterwards */
	char text[16];	    /* where its first argument points */
};

static int to_child[2], from_child[2];
static pid_t child;
static struct actor actor;
static struct ending ending;
static struct tasks tasks;
static struct task *task;
static struct call *call;
static char shared_text[16];

/* getppid(text, 2, 3), which the kernel makes of it what it likes. */
static void child_main(void)
{
	struct answer answer = { .third = 3 };
	char go;

	if (read(to_child[0], &go, 1) != 1)
		_exit(1);
	memset(shared_text, 'x', sizeof shared_text);
	__asm__ volatile("syscall"
			 : "=a"(answer.result), "+d"(answer.third)
			 : "a"(__NR_getppid), "D"(shared_text), "S"(2)
			 : "rcx", "r11", "memory");
	memcpy(answer.text, shared_text, sizeof answer.text);
	_exit(write(from_child[1], &answer, sizeof answer) != sizeof answer);
}

static void next_stop(struct trace_stop *stop)
{
	struct rusage usage;

	ck_assert_int_eq(trace_wait_for_ms(child, 20000, stop, &usage), 0);
}

/* The child at the entry of its call; CALL is decoded from it. */
static void setup(void)
{
	struct user_regs_struct regs;
	struct trace_stop stop;
	int i;

	ck_assert_int_eq(pipe(to_child), 0);
	ck_assert_int_eq(pipe(from_child), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		child_main();
	if (trace_seize(child) < 0)
		_exit(77);
	ck_assert_int_eq(trace_interrupt(child), 0);
	next_stop(&stop);
	ck_assert_int_eq(write(to_child[1], "g", 1), 1);
	do {
		ck_assert_int_eq(trace_resume(child, RESUME_TO_EXIT, 0), 0);
		next_stop(&stop);
		ck_assert_int_eq(trace_get_registers(child, &regs), 0);
	} while (regs.orig_rax != __NR_getppid);
	actor_init(&actor);
	ck_assert_int_eq(scratch_new(&actor.scratch), 0);
	ending = (struct ending){ 0 };
	tasks = (struct tasks){ 0 };
	task = tasks_add(&tasks, child, child, TASK_RUNNING);
	call = xcalloc(1, sizeof *call);
	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		call->objects[i] = (struct object)OBJECT_INIT;
	call->slot = call->lent = call->second = -1;
	decode(child, child, &regs, &call->request);
}

/* Killed, and let past the stop that its end makes. */
static void reap(void)
{
	int status;

	kill(child, SIGKILL);
	while (waitpid(child, &status, __WALL) == child && WIFSTOPPED(status))
		trace_resume(child, RESUME, 0);
}

static void teardown(void)
{
	reap();
	tasks_fini(&tasks);
	actor_fini(&actor);
	buf_fini(&call->out);
	request_fini(&call->request);
	free(call);
	ending_fini(&ending);
	close(to_child[0]);
	close(to_child[1]);
	close(from_child[0]);
	close(from_child[1]);
}

/* Carries PLAN out; with an exit stop, takes it. What the child got. */
static struct answer carry_out(struct plan plan)
{
	struct answer answer = { 0 };
	struct trace_stop stop;
	bool done;

	call->decision = plan.decision;
	ck_assert_int_eq(act_enter(&actor, task, call, &plan, &ending, &done), 0);
	if (!done) {
		ck_assert_int_eq(task->state, TASK_IN_CALL);
		next_stop(&stop);
		ck_assert_int_eq(stop.event, TRACE_SYSCALL_STOP);
		ck_assert_int_eq(act_leave(&actor, task, call, &ending), 0);
		ck_assert_int_eq(trace_resume(child, RESUME, 0), 0);
	}
	ck_assert_int_eq(read(from_child[0], &answer, sizeof answer), sizeof answer);
	return answer;
}

START_TEST(test_an_answer)
{
	const uint64_t where = call->request.args[0];
	struct answer got;

	plan_write(call, where, "hello", 6);
	got = carry_out(plan_answer(4711));
	ck_assert_int_eq(got.result, 4711);
	ck_assert_str_eq(got.text, "hello");
	ck_assert_int_eq(call->how, HOW_EMULATE);
	ck_assert(call->returned);
	ck_assert(!ending.decided);
}
END_TEST

START_TEST(test_an_answer_that_cannot_be_written)
{
	plan_write(call, 8, "hello", 6);
	ck_assert_int_eq(carry_out(plan_answer(0)).result, -EFAULT);
	ck_assert_int_eq(call->result, -EFAULT);
}
END_TEST

START_TEST(test_an_error_writes_nothing)
{
	struct answer got;

	plan_write(call, call->request.args[0], "hello", 6);
	got = carry_out(plan_answer(-ENOENT));
	ck_assert_int_eq(got.result, -ENOENT);
	ck_assert_int_eq(got.text[0], 'x');
}
END_TEST

START_TEST(test_a_refusal)
{
	const struct decision no = { .action = ACTION_DENY, .err = EACCES, .rule = rule_syscall, .violation = true };

	ck_assert_int_eq(carry_out(plan_refuse(no)).result, -EACCES);
	ck_assert_int_eq(call->how, HOW_SKIP);
	ck_assert(!ending.decided);
}
END_TEST

START_TEST(test_a_pass_with_its_result)
{
	ck_assert_int_eq(carry_out(plan_watch()).result, getpid());
	ck_assert_int_eq(call->how, HOW_KERNEL);
	ck_assert_int_eq(call->result, getpid());
}
END_TEST

START_TEST(test_another_call_and_the_own_registers_again)
{
	struct plan plan = plan_call(call);
	struct answer got;

	plan.nr = __NR_getpid;
	plan.args[2] = 99;
	got = carry_out(plan);
	ck_assert_int_eq(got.result, child);
	ck_assert_int_eq(got.third, 3);
	ck_assert_int_eq(call->slot, -1);
}
END_TEST

static void expect_nothing_is_made(struct plan plan, enum status status)
{
	struct trace_stop stop;
	struct rusage usage;
	bool done = false;

	call->decision = plan.decision;
	ck_assert_int_eq(act_enter(&actor, task, call, &plan, &ending, &done), 0);
	ck_assert(done);
	ck_assert(ending.decided);
	ck_assert_int_eq(ending.status, status);
	ck_assert_int_eq(call->how, HOW_KILL);
	ck_assert(!call->returned);
	/* It stays where it is, for the loop to kill. */
	ck_assert_int_eq(trace_wait_for_ms(child, 50, &stop, &usage), -ETIMEDOUT);
}

/* KiB of the mapping at ADDRESS in PID that it has in common with others. proc_pid_smaps(5) */
static long shared_kib(pid_t pid, const void *address)
{
	_cleanup_free_ char *name = xasprintf("/proc/%d/smaps", pid), *text = NULL;
	_cleanup_free_ char *start = xasprintf("%lx-", (unsigned long)(uintptr_t)address);
	const char *at;

	ck_assert_int_eq(read_file(AT_FDCWD, name, 1 << 20, &text, NULL), 0);
	at = strstr(text, start);
	at = at ? strstr(at, "\nShared_Dirty:") : NULL;
	ck_assert_ptr_nonnull(at);
	return strtol(at + strlen("\nShared_Dirty:"), NULL, 10);
}

START_TEST(test_pages_that_a_fork_has_in_common_stay_so_when_they_are_gathered)
{
	enum { PAGES = 8, SIZE = PAGES * 4096 };
	char *there = mmap(NULL, SIZE + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), got[3 * 4096];
	const struct iovec pieces[] = { { there + 4096 + 100, 8 }, { there + 3 * 4096 - 4, 4096 + 8 } },
			   beyond = { there + SIZE, 2 * 4096 };
	size_t size = pieces[0].iov_len + pieces[1].iov_len, i;
	pid_t fork_of_it;

	ck_assert_ptr_ne(there, MAP_FAILED);
	ck_assert_int_eq(mprotect(there + 4096, SIZE, PROT_READ | PROT_WRITE), 0);
	ck_assert_int_eq(madvise(there + 4096, SIZE, MADV_NOHUGEPAGE), 0);
	ck_assert_int_eq(munmap(there + 4096 + SIZE, 4096), 0);
	for (i = 0; i < SIZE; i++)
		there[4096 + i] = (char)(i * 7 + i / 4096);
	fork_of_it = fork();
	if (fork_of_it == 0)
		for (;;)
			pause();
	ck_assert_int_gt(fork_of_it, 0);
	ck_assert_int_eq(shared_kib(fork_of_it, there + 4096), SIZE / 1024);
	ck_assert_int_eq(memory_gather_shared(fork_of_it, pieces, 2, got, size), 0);
	ck_assert_mem_eq(got, pieces[0].iov_base, pieces[0].iov_len);
	ck_assert_mem_eq(got + pieces[0].iov_len, pieces[1].iov_base, pieces[1].iov_len);
	ck_assert_int_eq(shared_kib(fork_of_it, there + 4096), SIZE / 1024);
	ck_assert_int_eq(memory_gather_shared(fork_of_it, pieces, 2, got, size - 1), -EFAULT);
	ck_assert_int_eq(memory_gather_shared(fork_of_it, pieces, 2, got, size + 1), -EFAULT);
	ck_assert_int_eq(memory_gather_shared(fork_of_it, &beyond, 1, got, 2 * 4096), -EFAULT);
	kill(fork_of_it, SIGKILL);
	ck_assert_int_eq(waitpid(fork_of_it, NULL, 0), fork_of_it);
	ck_assert_int_eq(memory_gather_shared(fork_of_it, pieces, 2, got, size), -ESRCH);
	munmap(there, 4096 + SIZE);
}
END_TEST

START_TEST(test_pages_that_a_fork_has_written_to_are_told_from_those_in_common)
{
	enum { PAGES = 600 };
	char *there = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), byte;
	uint64_t at = (uintptr_t)there;
	struct memory_pages pages;
	pid_t fork_of_it;
	int ready[2], i;

	ck_assert_ptr_ne(there, MAP_FAILED);
	ck_assert_int_eq(madvise(there, PAGES * 4096, MADV_NOHUGEPAGE), 0);
	memset(there, 'x', (PAGES - 1) * 4096);
	ck_assert_int_eq(pipe(ready), 0);
	fork_of_it = fork();
	if (fork_of_it == 0) {
		there[3 * 4096 + 17] = 'y';
		there[590 * 4096] = 'x';
		munmap(there + 5 * 4096, 4096);
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_gt(fork_of_it, 0);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	memory_pages_open(fork_of_it, &pages);
	for (i = 0; i < PAGES; i++)
		ck_assert_int_eq(memory_page_is_common(&pages, at + (uint64_t)i * 4096 + 8), i != 3 && i != 5 && i != 590 && i != PAGES - 1);
	/* Backwards, each is asked for anew. */
	ck_assert(memory_page_is_common(&pages, at));
	ck_assert(!memory_page_is_common(&pages, at + 3 * 4096));
	/* Of the kernel's half of the addresses nothing is told. */
	ck_assert(!memory_page_is_common(&pages, UINT64_MAX - 4096));
	kill(fork_of_it, SIGKILL);
	ck_assert_int_eq(waitpid(fork_of_it, NULL, 0), fork_of_it);
	memory_pages_close(&pages);
	memory_pages_open(fork_of_it, &pages);
	ck_assert_int_eq(pages.fd, -1);
	ck_assert(!memory_page_is_common(&pages, at));
	close(ready[0]);
	close(ready[1]);
	munmap(there, PAGES * 4096);
}
END_TEST

START_TEST(test_a_kill_is_only_said)
{
	const struct decision kill_it = { .action = ACTION_KILL, .rule = rule_syscall, .violation = true };

	expect_nothing_is_made(plan_refuse(kill_it), STATUS_PV);
}
END_TEST

START_TEST(test_nothing_is_made_in_a_run_that_ends)
{
	ending_say(&ending, STATUS_TO);
	expect_nothing_is_made(plan_pass(), STATUS_TO);
}
END_TEST

/* A descriptor that was handed over is for the same call at the same place alone, and for one. */
START_TEST(test_a_descriptor_that_was_handed_over)
{
	struct handed handed = { 0 };
	struct user_regs_struct regs = { .orig_rax = 8, .rdi = 3, .rsi = 4, .rip = 0x1000, .rsp = 0x2000 }, other[5];
	int ends[2], second;
	size_t i;

	ck_assert(!handed_is_for(&handed, &regs));
	ck_assert_int_eq(pipe(ends), 0);
	handed_keep(&handed, ends[0], -1, &regs);
	for (i = 0; i < ARRAY_SIZE(other); i++)
		other[i] = regs;
	other[0].orig_rax = 9;
	other[1].rdi = 4;
	other[2].rsi = UINT64_C(1) << 32 | 4;
	other[3].rip += 2;
	other[4].rsp -= 8;
	for (i = 0; i < ARRAY_SIZE(other); i++)
		ck_assert(!handed_is_for(&handed, &other[i]));
	regs.rcx = regs.r11 = 77; /* what each call changes */
	ck_assert(handed_is_for(&handed, &regs));
	ck_assert_int_eq(handed_take(&handed, &second), ends[0]);
	ck_assert_int_eq(second, -1);
	ck_assert(!handed_is_for(&handed, &regs));
	handed_keep(&handed, ends[0], -1, &regs);
	handed_keep(&handed, -EBADF, -1, &regs);
	ck_assert_int_eq(close(ends[0]), -1);
	ck_assert_int_eq(handed_take(&handed, &second), -EBADF);
	handed_keep(&handed, ends[1], -1, &regs);
	handed_drop(&handed);
	handed_drop(&handed);
	ck_assert_int_eq(close(ends[1]), -1);
}
END_TEST

START_TEST(test_two_that_were_handed_over_go_together)
{
	struct handed handed = { 0 };
	struct user_regs_struct regs = { .orig_rax = 40 };
	int ends[2], second;

	ck_assert_int_eq(pipe(ends), 0);
	handed_keep(&handed, ends[0], ends[1], &regs);
	ck_assert_int_eq(handed_take(&handed, &second), ends[0]);
	ck_assert_int_eq(second, ends[1]);
	handed_keep(&handed, ends[0], ends[1], &regs);
	handed_drop(&handed);
	ck_assert_int_eq(close(ends[0]), -1);
	ck_assert_int_eq(close(ends[1]), -1);
}
END_TEST

START_TEST(test_a_thread_that_was_killed)
{
	struct plan plan = plan_answer(1);
	bool done;

	reap();
	ck_assert_int_eq(act_enter(&actor, task, call, &plan, &ending, &done), -ESRCH);
	ck_assert(done);
	child = fork(); /* for the teardown */
	if (child == 0)
		_exit(0);
}
END_TEST

/* ------------------------------------------------------------------ stops */

enum { NOBODY = INT32_MAX }; /* no thread has such an id */

static struct run *run;
static struct policy *policy;
static struct run_options options;

static void setup_run(void)
{
	const struct recorder_options recorder = { .fd = -1, .run_id = "R", .max_bytes = UINT64_MAX };

	policy = accepted("version: 1\nread: [\"/usr\"]\n", NULL);
	policy->limits.tasks = 3;
	run = xcalloc(1, sizeof *run);
	options = (struct run_options){ .policy = policy, .executable = "/usr/bin/python3", .recorder = recorder_new(&recorder) };
	run->options = &options;
	run->ground.policy = policy;
	run->ground.pid = NOBODY - 100;
	watch_init(&run->watch, &policy->limits);
	actor_init(&run->actor);
	run->executed = true;
	tasks_add(&run->tasks, NOBODY - 100, NOBODY - 100, TASK_RUNNING);
}

static void teardown_run(void)
{
	watch_fini(&run->watch);
	tasks_fini(&run->tasks);
	census_fini(&run->census);
	call_free_kept(run);
	ending_fini(&run->ending);
	recorder_free(options.recorder);
	policy_free(policy);
	free(run);
}

static void stop(enum trace_event event, pid_t tid, uint64_t message)
{
	const struct trace_stop stop = { .event = event, .tid = tid, .message = message, .status = 5 << 8 };

	stop_handle(run, &stop);
}

START_TEST(test_a_new_thread_may_stop_before_it_is_told_of)
{
	stop(TRACE_STARTED, NOBODY - 1, 0);
	ck_assert_int_eq(tasks_find(&run->tasks, NOBODY - 1)->state, TASK_PLACEHOLDER);
	ck_assert_int_eq(tasks_find(&run->tasks, NOBODY - 1)->tgid, 0);
	stop(TRACE_NEW_THREAD, NOBODY - 100, NOBODY - 1);
	ck_assert_int_eq(tasks_find(&run->tasks, NOBODY - 1)->state, TASK_RUNNING);
	ck_assert_int_eq(tasks_find(&run->tasks, NOBODY - 1)->tgid, NOBODY - 100);
	ck_assert_uint_eq(run->tasks.n, 2);
	stop(TRACE_EXITED, NOBODY - 1, 0);
	ck_assert_uint_eq(run->tasks.n, 1);
	ck_assert(!run->ended && !run->ending.decided);
}
END_TEST

START_TEST(test_one_thread_too_many_is_only_said)
{
	uint64_t n;

	for (n = 1; n <= 3; n++)
		stop(TRACE_NEW_THREAD, NOBODY - 100, NOBODY - n);
	ck_assert(run->ending.decided && run->ending.limited);
	ck_assert_int_eq(run->ending.limit, LIMIT_TASKS);
	ck_assert_uint_eq(run->ending.limit_used, 4);
	/* Everybody is still there: the loop takes them away. */
	ck_assert_uint_eq(run->tasks.n, 4);
}
END_TEST

START_TEST(test_the_first_process_ends)
{
	stop(TRACE_EXITED, NOBODY - 100, 0);
	ck_assert(run->ended);
	ck_assert_int_eq(WEXITSTATUS(run->wait_status), 5);
	ck_assert_uint_eq(run->tasks.n, 0);
	/* Whom nobody knows has ended: nothing to do. */
	stop(TRACE_EXITED, NOBODY - 7, 0);
	ck_assert(!run->ending.decided);
}
END_TEST

START_TEST(test_a_call_within_a_call_fails_the_run)
{
	struct user_regs_struct regs = { .orig_rax = __NR_getpid };
	struct task *first = run->tasks.first;
	struct call *under_way;

	first->call = xcalloc(1, sizeof *first->call);
	under_way = first->call;
	call_broker(run, first, &regs);
	ck_assert_int_eq(run->ending.status, STATUS_XX);
	ck_assert_ptr_eq(first->call, under_way);
	first->call = NULL;
	free(under_way);
}
END_TEST

/* Lets the child, at the exit of its call, get so far that it has answered or that it is stopped: is it? */
static bool goes_on_stopped(void)
{
	struct trace_stop stop;
	int signal = 0, tries;

	for (tries = 0; tries < 20; tries++) {
		ck_assert_int_eq(trace_resume(child, RESUME, signal), 0);
		next_stop(&stop);
		if (stop.event == TRACE_GROUP_STOP)
			return true;
		if (stop.event == TRACE_EXITING) {
			ck_assert_int_eq(trace_resume(child, RESUME, 0), 0);
			return false;
		}
		signal = stop.event == TRACE_SIGNAL ? stop.signal : 0;
	}
	ck_abort_msg("neither stopped nor ended");
}

static void call_and(struct trace_injection *injection, int signal)
{
	const uint64_t args[6] = { 0 };
	int64_t result = 0;

	ck_assert_int_eq(kill(child, signal), 0);
	ck_assert_int_eq(trace_inject(injection, __NR_getpid, args, &result), 0);
	ck_assert_int_eq((pid_t)result, child);
}

/* A process that was stopped and told to go on while calls were made in it goes on; one that was only stopped is
 * stopped. */
START_TEST(test_stopped_and_continued_in_the_middle_of_injected_calls)
{
	struct trace_injection injection;
	struct trace_stop stop;

	ck_assert_int_eq(trace_resume(child, RESUME_TO_EXIT, 0), 0);
	next_stop(&stop);
	ck_assert_int_eq(stop.event, TRACE_SYSCALL_STOP);
	ck_assert_int_eq(trace_inject_again(child, &injection), 0);
	call_and(&injection, SIGSTOP);
	if (_i == 0)
		call_and(&injection, SIGCONT);
	ck_assert_int_eq(trace_inject_end(&injection), 0);
	ck_assert(goes_on_stopped() == (_i == 1));
	if (_i == 1) {
		ck_assert_int_eq(kill(child, SIGCONT), 0);
		ck_assert_int_eq(trace_resume(child, RESUME_LISTEN, 0), 0);
		next_stop(&stop);
		ck_assert_int_eq(stop.event, TRACE_STARTED);
		ck_assert(!goes_on_stopped());
	}
}
END_TEST

START_TEST(test_another_program_is_none_of_ours)
{
	stop(TRACE_EXEC, NOBODY - 100, NOBODY - 100);
	ck_assert_int_eq(run->ending.status, STATUS_XX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("act");
	TCase *c = tcase_create("act");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_an_answer);
	tcase_add_test(c, test_an_answer_that_cannot_be_written);
	tcase_add_test(c, test_an_error_writes_nothing);
	tcase_add_test(c, test_a_refusal);
	tcase_add_test(c, test_a_pass_with_its_result);
	tcase_add_test(c, test_another_call_and_the_own_registers_again);
	tcase_add_test(c, test_a_kill_is_only_said);
	tcase_add_test(c, test_nothing_is_made_in_a_run_that_ends);
	tcase_add_test(c, test_a_descriptor_that_was_handed_over);
	tcase_add_test(c, test_two_that_were_handed_over_go_together);
	tcase_add_test(c, test_a_thread_that_was_killed);
	tcase_add_loop_test(c, test_stopped_and_continued_in_the_middle_of_injected_calls, 0, 2);
	suite_add_tcase(suite, c);
	c = tcase_create("stops");
	tcase_add_checked_fixture(c, setup_run, teardown_run);
	tcase_add_test(c, test_a_new_thread_may_stop_before_it_is_told_of);
	tcase_add_test(c, test_one_thread_too_many_is_only_said);
	tcase_add_test(c, test_the_first_process_ends);
	tcase_add_test(c, test_a_call_within_a_call_fails_the_run);
	tcase_add_test(c, test_pages_that_a_fork_has_in_common_stay_so_when_they_are_gathered);
	tcase_add_test(c, test_pages_that_a_fork_has_written_to_are_told_from_those_in_common);
	tcase_add_test(c, test_another_program_is_none_of_ours);
	suite_add_tcase(suite, c);
	return run_suite(suite);
}
