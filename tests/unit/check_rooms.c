/* SPDX-License-Identifier: Apache-2.0 */
/* The rooms of the supervisor that know no process: how a run is to end, its threads, its counts. */
#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/ending.h"
#include "supervisor/limits.h"
#include "supervisor/memory.h"
#include "supervisor/output.h"
#include "supervisor/signals.h"
#include "supervisor/tally.h"
#include "supervisor/tasks.h"

/* ------------------------------------------------------------------ ending */

START_TEST(test_the_first_word_stands)
{
	struct ending ending = { 0 };

	ending_say(&ending, STATUS_PV);
	ending_say(&ending, STATUS_SG);
	ck_assert(ending.decided);
	ck_assert_int_eq(ending.status, STATUS_PV);
	ck_assert(!ending.wants_look);
	ending_fini(&ending);
}
END_TEST

START_TEST(test_a_failure_replaces_it)
{
	struct ending ending = { 0 };

	ending_say(&ending, STATUS_PV);
	ending_fail(&ending, "first: %d", 1);
	ending_fail(&ending, "second");
	ck_assert_int_eq(ending.status, STATUS_XX);
	ck_assert_str_eq(ending.error, "first: 1");
	ending_say(&ending, STATUS_OK);
	ck_assert_int_eq(ending.status, STATUS_XX);
	ending_fini(&ending);
}
END_TEST

START_TEST(test_a_killed_thread_is_no_failure)
{
	struct ending ending = { 0 };

	ending_check(&ending, 0, "resume");
	ending_check(&ending, -ESRCH, "resume");
	ck_assert(!ending.decided);
	ending_check(&ending, -EIO, "resume");
	ck_assert_int_eq(ending.status, STATUS_XX);
	ck_assert_str_eq(ending.error, "cannot resume: Input/output error");
	ending_fini(&ending);
	/* A run that is ending anyway is not failed by what its dying threads answer. */
	ending = (struct ending){ 0 };
	ending_say(&ending, STATUS_TO);
	ending_check(&ending, -EIO, "resume");
	ck_assert_int_eq(ending.status, STATUS_TO);
	ck_assert_ptr_null(ending.error);
}
END_TEST

START_TEST(test_a_limit_wants_a_look)
{
	static const enum status statuses[] = { STATUS_TO, STATUS_TO, STATUS_ML,
						STATUS_OL, STATUS_PV, STATUS_PV };
	const struct limits limits = { .cpu_ns = 1, .wall_ns = 2, .memory_bytes = 3,
				       .output_bytes = 4, .tasks = 5, .files = 6 };
	unsigned i;

	for (i = LIMIT_CPU; i <= LIMIT_FILES; i++) {
		struct ending ending = { 0 };

		ending_crossed(&ending, &limits, &(struct crossing){ .limit = (enum limit)i, .used = 100 + i });
		ending_crossed(&ending, &limits, &(struct crossing){ .limit = LIMIT_CPU, .used = 7 });
		ck_assert(ending.decided && ending.limited && ending.wants_look);
		ck_assert_int_eq(ending.status, statuses[i]);
		ck_assert_int_eq(ending.limit, (enum limit)i);
		ck_assert_uint_eq(ending.limit_value, i + 1);
		ck_assert_uint_eq(ending.limit_used, 100 + i);
	}
}
END_TEST

START_TEST(test_a_limit_that_was_not_crossed_is_withdrawn)
{
	const struct limits limits = { .wall_ns = 100 };
	struct ending ending = { 0 };

	ck_assert(!ending_withdraw(&ending, LIMIT_WALL));
	ending_crossed(&ending, &limits, &(struct crossing){ .limit = LIMIT_WALL, .used = 101 });
	ck_assert(!ending_withdraw(&ending, LIMIT_CPU));
	ck_assert(ending.decided && ending.limited);
	ck_assert(ending_withdraw(&ending, LIMIT_WALL));
	ck_assert(!ending.decided && !ending.limited && !ending.wants_look);
	ending_say(&ending, STATUS_OK);
	ck_assert_int_eq(ending.status, STATUS_OK);
	ending_fini(&ending);
}
END_TEST

START_TEST(test_the_log)
{
	struct ending ending = { 0 };

	ending_check_log(&ending, 0, false);
	ck_assert(!ending.decided);
	ending_check_log(&ending, 0, true);
	ck_assert(ending.log_full && !ending.log_failed);
	ck_assert_int_eq(ending.status, STATUS_PV);
	ending_check_log(&ending, -ENOSPC, true);
	ck_assert(ending.log_failed);
	ck_assert_int_eq(ending.status, STATUS_XX);
	ck_assert_str_eq(ending.error, "cannot write the log: No space left on device");
	ending_fini(&ending);
}
END_TEST

/* ------------------------------------------------------------------ tasks */

START_TEST(test_processes_come_and_go_with_their_threads)
{
	struct tasks tasks = { 0 };
	struct task *placeholder, *child;
	pid_t pid;

	tasks_add_process(&tasks, 10, 9);
	tasks_add(&tasks, 10, 10, TASK_RUNNING);
	ck_assert(tasks_is_alone(&tasks, 10));
	/* Its stop came before its parent's: nobody's yet. */
	placeholder = tasks_add(&tasks, 11, 0, TASK_PLACEHOLDER);
	ck_assert_uint_eq(tasks.n_processes, 1);
	ck_assert(tasks_is_alone(&tasks, 10));
	task_place(&tasks, placeholder, 10);
	ck_assert(!tasks_is_alone(&tasks, 10));
	ck_assert(!tasks_has_process(&tasks, 11));
	tasks_add_process(&tasks, 12, 10);
	child = tasks_add(&tasks, 12, 12, TASK_RUNNING);
	ck_assert_int_eq(tasks_process(&tasks, 12)->parent, 10);
	ck_assert(tasks_has_process(&tasks, 12) && !tasks_had_process(&tasks, 12));
	/* Waited for, and not yet heard of. */
	child->gone = true;
	ck_assert(!tasks_has_process(&tasks, 12) && tasks_had_process(&tasks, 12));
	tasks_remove(&tasks, child);
	ck_assert_ptr_null(tasks_process(&tasks, 12));
	ck_assert(tasks_had_process(&tasks, 12));
	for (pid = 100; pid < 100 + 2 * TASKS_REMEMBERED; pid++)
		tasks_remove(&tasks, tasks_add(&tasks, pid, pid, TASK_RUNNING));
	ck_assert(!tasks_had_process(&tasks, 12) && tasks_had_process(&tasks, pid - 1));
	ck_assert_uint_eq(tasks.peak_processes, 2);
	ck_assert_uint_eq(tasks.n_made, 2 + 2 * TASKS_REMEMBERED);
	tasks_fini(&tasks);
	ck_assert_uint_eq(tasks.n_processes, 0);
	ck_assert_ptr_null(tasks.processes);
}
END_TEST

START_TEST(test_tasks_are_found_and_counted)
{
	struct tasks tasks = { 0 };
	struct task *first = tasks_add(&tasks, 10, 10, TASK_RUNNING);
	struct task *second = tasks_add(&tasks, 11, 10, TASK_WAITING);

	ck_assert_ptr_eq(tasks_find(&tasks, 11), second);
	ck_assert_ptr_null(tasks_find(&tasks, 12));
	ck_assert_uint_eq(tasks.n, 2);
	ck_assert_uint_eq(tasks.n_waiting, 1);
	task_set_state(&tasks, first, TASK_WAITING);
	task_set_state(&tasks, first, TASK_WAITING);
	ck_assert_uint_eq(tasks.n_waiting, 2);
	task_set_state(&tasks, second, TASK_IN_CALL);
	ck_assert_uint_eq(tasks.n_waiting, 1);
	tasks_remove(&tasks, first);
	ck_assert_uint_eq(tasks.n_waiting, 0);
	ck_assert_ptr_null(tasks_find(&tasks, 10));
	tasks_add(&tasks, 12, 10, TASK_RUNNING);
	ck_assert_uint_eq(tasks.peak, 2);
	tasks_fini(&tasks);
	ck_assert_uint_eq(tasks.n, 0);
	ck_assert_ptr_null(tasks.first);
}
END_TEST

START_TEST(test_a_run_that_ends_resumes_nobody)
{
	struct ending ending = { 0 };
	const struct task none = { .tid = (pid_t)INT32_MAX };

	/* There is no such thread: taken for killed. */
	task_resume(&ending, &none, RESUME, 0, "resume");
	ck_assert(!ending.decided);
	ending_say(&ending, STATUS_OL);
	task_resume(&ending, &none, RESUME, 0, "resume");
	ck_assert_int_eq(ending.status, STATUS_OL);
}
END_TEST

/* ------------------------------------------------------------------ output */

/* Asks and begins, as a handler and the conductor do. */
static uint64_t begin_write(struct output *output, uint64_t len)
{
	uint64_t promised = 0;

	ck_assert_int_eq(output_ask(output, len, &promised), OUTPUT_GO);
	output_begin(output, OUTPUT_STDOUT, promised);
	return promised;
}

START_TEST(test_output_ends_exactly)
{
	struct output output;
	uint64_t first, second, none;

	output_init(&output, 100);
	ck_assert(output.counted);
	first = begin_write(&output, 70);
	ck_assert_uint_eq(first, 70);
	/* What is promised is not given twice, and nothing is cut short for it: it may come to be there again. */
	ck_assert_int_eq(output_ask(&output, 70, &none), OUTPUT_WAIT);
	second = begin_write(&output, 30);
	ck_assert_uint_eq(second, 30);
	ck_assert_int_eq(output_ask(&output, 1, &none), OUTPUT_WAIT);
	ck_assert_uint_eq(begin_write(&output, 0), 0);
	output_settle(&output, OUTPUT_STDOUT, 0);
	/* The first one wrote less than it might have: that is there again for others. */
	ck_assert(!output_wrote(&output, 10, first, false));
	output_settle(&output, OUTPUT_STDOUT, first);
	ck_assert(!output_wrote(&output, 30, second, false));
	output_settle(&output, OUTPUT_STDOUT, second);
	first = begin_write(&output, 70);
	ck_assert_uint_eq(first, 60);
	ck_assert(output_wrote(&output, 60, first, true));
	output_settle(&output, OUTPUT_STDOUT, first);
	ck_assert_int_eq(output_ask(&output, 1, &none), OUTPUT_FULL);
	ck_assert_uint_eq(output.written, 100);
	ck_assert_uint_eq(output.promised, 0);
	output_init(&output, UINT64_MAX);
	ck_assert(!output.counted);
}
END_TEST

/* Lends LEN bytes to this process, which writes N. What it has written then; nothing else writes meanwhile, and an
 * assertion does. */
static uint64_t lend_and_write(struct output *output, uint64_t len, size_t n)
{
	_cleanup_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool lent = output_lend(output, getpid(), len);
	ssize_t written = write(null, "0123456789", n), failed = write(-1, "0123456789", n);
	uint64_t so_far = output_so_far(output), promised = output->promised;

	output_take_back(output);
	ck_assert(lent && written == (ssize_t)n && failed == -1);
	ck_assert_uint_eq(promised, len);
	ck_assert_uint_eq(output->promised, 0);
	ck_assert_uint_eq(output->written, so_far);
	return so_far;
}

START_TEST(test_what_is_lent_is_counted_by_the_kernel)
{
	struct output output;
	uint64_t none;

	output_init(&output, 100);
	ck_assert(!output_lend(&output, getpid(), 101));
	if (access("/proc/self/io", R_OK) < 0) {
		puts("not tried: the kernel does not count (/proc/self/io)");
		return;
	}
	if (getenv("UNDER_VALGRIND")) {
		puts("not tried: valgrind's lock is a pipe, which it writes to at each call");
		return;
	}
	ck_assert_uint_eq(lend_and_write(&output, 60, 10), 10);
	ck_assert_uint_eq(lend_and_write(&output, 90, 0), 10);
	/* More than was lent cannot have come of it. */
	ck_assert_uint_eq(lend_and_write(&output, 3, 10), 13);
	/* It counts in full until it is taken back, and nobody else is lent anything then. */
	ck_assert(output_lend(&output, getpid(), 47));
	ck_assert(output_is_tight(&output, 41));
	ck_assert(!output_is_tight(&output, 40));
	ck_assert(!output_lend(&output, getppid(), 1));
	ck_assert_int_eq(output_ask(&output, 41, &none), OUTPUT_WAIT);
	/* Whoever is gone without a word is taken to have written all. */
	output.lender = INT_MAX;
	output_take_back(&output);
	ck_assert_uint_eq(output.written, 60);
	output_take_back(&output);
	ck_assert_uint_eq(output.written, 60);
}
END_TEST

START_TEST(test_aliases_and_other_writes_exclude_each_other)
{
	struct output output;

	output_init(&output, 100);
	ck_assert(output_may_write_elsewhere(&output));
	output_begin(&output, OUTPUT_ELSEWHERE, 0);
	ck_assert(output_may_write_elsewhere(&output));
	output_begin(&output, OUTPUT_ELSEWHERE, 0);
	ck_assert(!output_may_alias(&output));
	output_begin(&output, OUTPUT_ALIAS_WAITING, 0);
	/* A waiting alias lets nobody come before it. */
	ck_assert(!output_may_write_elsewhere(&output));
	output_settle(&output, OUTPUT_ELSEWHERE, 0);
	ck_assert(!output_may_alias(&output));
	output_settle(&output, OUTPUT_ELSEWHERE, 0);
	output_settle(&output, OUTPUT_ALIAS_WAITING, 0);
	ck_assert(output_may_alias(&output));
	output_begin(&output, OUTPUT_ALIAS, 0);
	ck_assert(output_may_alias(&output));
	output_begin(&output, OUTPUT_ALIAS, 0);
	ck_assert(!output_may_write_elsewhere(&output));
	output_settle(&output, OUTPUT_ALIAS, 0);
	ck_assert(!output_may_write_elsewhere(&output));
	output_settle(&output, OUTPUT_ALIAS, 0);
	ck_assert(output_may_write_elsewhere(&output));
}
END_TEST

/* ------------------------------------------------------------------ tally */

START_TEST(test_tally)
{
	struct tally tally = { .stops = 7 };
	_cleanup_buf_ struct buf text = { 0 };
	json_t *root;

	tally_syscall(&tally, 257, true)->calls++;
	tally_syscall(&tally, 257, false)->calls++;
	tally_syscall(&tally, 1u << 31, true)->calls++;
	tally_syscall(&tally, 257, true)->decided[ACTION_KILL]++;
	ck_assert_uint_eq(tally_signal(&tally, 11), 0);
	ck_assert_uint_eq(tally_signal(&tally, 11), 1);
	ck_assert_uint_eq(tally_signal(&tally, 0), UINT64_MAX);
	ck_assert_uint_eq(tally_signal(&tally, 65), UINT64_MAX);
	buf_putc(&text, '{');
	tally_format(&tally, 3, &text);
	buf_lit(&text, "}");
	root = json_loadb(text.data, text.len, 0, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "syscalls")), 2);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(root, "syscalls"), 0), "name")),
			 "openat");
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(json_object_get(root, "syscalls"), 0), "kill")),
			 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(json_object_get(root, "syscalls"), 1), "calls")),
			 2);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "threads_peak")), 3);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(root, "signals"), "SIGSEGV")), 2);
	json_decref(root);
}
END_TEST

/* ------------------------------------------------------------------ limits */

static struct watch watching(struct limits *limits)
{
	struct watch watch;

	limits_init(limits);
	watch_init(&watch, limits);
	watch.pid = getpid();
	return watch;
}

static bool crosses(struct watch *watch, struct crossing *ret_crossing)
{
	struct tasks tasks = { 0 };
	bool crossed;
	long tick;

	tasks_add(&tasks, getpid(), getpid(), TASK_RUNNING);
	crossed = watch_check(watch, &tasks, ret_crossing, &tick);
	ck_assert_int_gt(tick, 0);
	tasks_fini(&tasks);
	return crossed;
}

/* A microsecond before the wall limit the next look was asked for in that time, and again each microsecond:
 * the handler was all that ran from then on. */
START_TEST(test_ticks_leave_time)
{
	struct signals signals = { 0 };
	struct itimerspec set;
	sigset_t none;

	sigemptyset(&none);
	ck_assert_int_eq(signals_start(&signals, &none), 0);
	signals_set_tick(&signals, 1);
	ck_assert_int_eq(timer_gettime(signals.timer, &set), 0);
	ck_assert_int_eq(set.it_interval.tv_nsec, SIGNALS_LEAST_TICK_US * 1000);
	signals_set_tick(&signals, 1500000);
	ck_assert_int_eq(timer_gettime(signals.timer, &set), 0);
	ck_assert_int_eq(set.it_interval.tv_sec, 1);
	ck_assert_int_eq(set.it_interval.tv_nsec, 500000000);
	signals_set_tick(&signals, 0);
	ck_assert_int_eq(timer_gettime(signals.timer, &set), 0);
	ck_assert(set.it_interval.tv_sec == 0 && set.it_interval.tv_nsec == 0 && set.it_value.tv_nsec == 0);
	signals_stop(&signals);
}
END_TEST

/* The limits of this very process stand for a program's. */
START_TEST(test_limits_are_looked_at)
{
	struct crossing crossing;
	struct limits limits;
	struct watch watch = watching(&limits);

	ck_assert(!crosses(&watch, &crossing));
	ck_assert_uint_gt(watch.peak_memory, 0);
	limits.memory_bytes = watch.peak_memory / 2;
	ck_assert(crosses(&watch, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_MEMORY);
	ck_assert_uint_gt(crossing.used, limits.memory_bytes);
	limits.cpu_ns = 0;
	ck_assert(crosses(&watch, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_CPU);
	ck_assert_uint_gt(crossing.used, 0);
	limits.wall_ns = 5;
	watch.start_ns -= 1000;
	ck_assert(crosses(&watch, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_WALL);
	ck_assert_uint_ge(crossing.used, 1000);
	watch_fini(&watch);
}
END_TEST

START_TEST(test_what_the_kernel_counted)
{
	const struct rusage counted = { .ru_utime = { 1, 500000 }, .ru_stime = { 0, 250000 }, .ru_maxrss = 2048 };
	struct crossing crossing;
	struct limits limits;
	struct usage usage;
	struct watch watch = watching(&limits);

	ck_assert(!watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_uint_eq(usage.cpu_ns, 1750000000);
	ck_assert_uint_eq(usage.memory_bytes, 2048 * 1024);
	watch.peak_memory = 4096 * 1024;
	limits.memory_bytes = 3000 * 1024;
	ck_assert(watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_MEMORY);
	ck_assert_uint_eq(crossing.used, 4096 * 1024);
	limits.cpu_ns = 1750000000;
	watch.peak_memory = 0;
	ck_assert(!watch_finish(&watch, &counted, &usage, &crossing));
	limits.cpu_ns--;
	ck_assert(watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_CPU);
	watch_fini(&watch);
}
END_TEST

/* What the kernel counts for one that made others is theirs too, as far as it waited for them. */
START_TEST(test_the_time_of_all_processes_is_added_once)
{
	const struct rusage counted = { .ru_utime = { 3, 0 }, .ru_stime = { 1, 0 } };
	const struct process leaf = { .cpu_ns = 1 }, tree = { .cpu_ns = 500000000, .made_others = true };
	struct crossing crossing;
	struct limits limits;
	struct usage usage;
	struct watch watch = watching(&limits);

	watch_process_end(&watch, &leaf, &counted);
	ck_assert_uint_eq(watch.ended_cpu_ns, 0);
	watch.all = true;
	watch_process_end(&watch, &leaf, &counted);
	watch_process_end(&watch, &tree, &counted);
	limits.cpu_ns = 4500000000;
	ck_assert(!watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_uint_eq(usage.cpu_ns, 4500000000);
	limits.cpu_ns--;
	ck_assert(watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_CPU);
	watch_fini(&watch);
}
END_TEST

START_TEST(test_shared_pages_count_in_parts)
{
	uint64_t bytes;

	ck_assert(!memory_parse_rollup("", &bytes));
	ck_assert(memory_parse_rollup("55d0-7ffe ---p 0 00:00 0 [rollup]\nRss: 900 kB\nPss: 500 kB\nPss_Anon:  10 kB\n"
				      "Pss_File: 400 kB\nPss_Shmem: 90 kB\nShared_Hugetlb: 0 kB\nSwap: 4 kB\nSwapPss:  2 kB\n", &bytes));
	ck_assert_uint_eq(bytes, 12 * 1024);
}
END_TEST

/* The time between the last thread's exit and proctor's looking is nobody's. */
START_TEST(test_the_end_is_when_it_ends)
{
	const struct rusage counted = { 0 };
	struct crossing crossing;
	struct limits limits;
	struct usage usage;
	struct watch watch = watching(&limits);
	struct tasks none = { 0 };

	limits.wall_ns = 1000000000;
	watch.start_ns -= 60 * UINT64_C(1000000000);
	ck_assert(watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_WALL);
	watch_exit(&watch, &none, getpid() + 1, watch.start_ns + 5);
	ck_assert_uint_eq(watch.end_ns, 0);
	watch_exit(&watch, &none, getpid(), watch.start_ns + limits.wall_ns);
	ck_assert(!watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_uint_eq(usage.wall_ns, limits.wall_ns);
	ck_assert_uint_gt(watch.peak_memory, 0);
	/* A thread that goes on when the first has ended. */
	watch_exit(&watch, &none, getpid() + 1, watch.start_ns + limits.wall_ns + 1);
	ck_assert(watch_finish(&watch, &counted, &usage, &crossing));
	ck_assert_int_eq(crossing.limit, LIMIT_WALL);
	ck_assert_uint_eq(crossing.used, limits.wall_ns + 1);
	watch_fini(&watch);
}
END_TEST

START_TEST(test_the_wall_limit_is_met)
{
	struct crossing crossing;
	struct tasks tasks = { 0 };
	struct limits limits;
	struct watch watch = watching(&limits);
	long tick;

	ck_assert(!watch_check(&watch, &tasks, &crossing, &tick));
	ck_assert_int_eq(tick, WATCH_TICK_US);
	/* However long this takes: the next look is at the limit, and not behind it. */
	limits.wall_ns = clock_ns(CLOCK_MONOTONIC) - watch.start_ns + 20000000;
	if (!watch_check(&watch, &tasks, &crossing, &tick))
		ck_assert_int_le(tick, 20000 + 1);
	limits.wall_ns = UINT64_MAX - 1;
	ck_assert(!watch_check(&watch, &tasks, &crossing, &tick));
	ck_assert_int_eq(tick, WATCH_TICK_US);
	watch_fini(&watch);
}
END_TEST

/* ------------------------------------------------------------------ memory */

START_TEST(test_memory_of_a_process)
{
	static const char text[] = "Name:\tVmPTE:\nVmRSS:\t  900 kB\nRssAnon:\t     100 kB\nRssFile:\t     700 kB\n"
				   "RssShmem:\t      64 kB\nVmPTE:\t      40 kB\nVmSwap:\t       7 kB\n"
				   "HugetlbPages:\t    2048 kB\n";
	struct memory memory = { 1, 2, 3 };

	ck_assert(!memory_parse_status("", &memory));
	ck_assert(!memory_parse_status("Name:\tRssAnon: 5 kB\nState:\tZ (zombie)\n", &memory));
	ck_assert_uint_eq(memory.own, 1);
	ck_assert(memory_parse_status(text, &memory));
	ck_assert_uint_eq(memory.own, (100 + 40 + 7 + 2048) * 1024);
	ck_assert_uint_eq(memory.shared, 64 * 1024);
	ck_assert_uint_eq(memory.files, 700 * 1024);
	ck_assert(memory_look(getpid(), &memory));
	ck_assert_uint_gt(memory.own, 0);
}
END_TEST

static bool shared_in(const char *text, uint64_t *ret_bytes)
{
	_cleanup_fclose_ FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	return memory_parse_smaps(file, ret_bytes);
}

static uint64_t shared_kib(const char *name)
{
	char text[1024];
	uint64_t bytes = 99;

	snprintf(text, sizeof text,
		 "7f01-7f02 r--s 00000000 00:19 5 %s\nSize: 90 kB\nRss:   80 kB\nAnonymous:  16 kB\nVmFlags: rd\n"
		 "7f03-7f04 r--p 00000000 fd:00 5   /usr/lib/x\nRss:  5 kB\nAnonymous: 1 kB\n"
		 "7f05-7f06 rw-p 00000000 00:00 0 \nRss:  30 kB\nAnonymous: 30 kB\n",
		 name);
	ck_assert(shared_in(text, &bytes));
	return bytes / 1024;
}

START_TEST(test_shared_memory_is_told_from_files)
{
	static const char *const own[] = { "  /memfd:x (deleted)", "  /memfd:/data (not gone)", "  /dev/zero (deleted)",
					   "  /SYSV00000000 (deleted)", "  /tmp/x (deleted)", "", "  [anon_shmem:x]",
					   "  /anon_hugepage (deleted)" };
	static const char *const files[] = { "  /dev/shm/data", "  /tmp/a b (deleted) c", "  /x", "  /a\\012Rss: 9" };
	uint64_t bytes = 7;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(own); i++)
		ck_assert_msg(shared_kib(own[i]) == 64, "%s", own[i]);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		ck_assert_msg(shared_kib(files[i]) == 0, "%s", files[i]);
	ck_assert(!shared_in("\n", &bytes));
	ck_assert(!shared_in("Rss: 5 kB\nAnonymous: 0 kB\n", &bytes));
	ck_assert_uint_eq(bytes, 7);
	ck_assert(memory_look_at_shared(getpid(), &bytes));
	ck_assert(!memory_look_at_shared(0x7fffffff, &bytes));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rooms");
	TCase *c = tcase_create("ending");

	tcase_add_test(c, test_the_first_word_stands);
	tcase_add_test(c, test_a_failure_replaces_it);
	tcase_add_test(c, test_a_killed_thread_is_no_failure);
	tcase_add_test(c, test_a_limit_wants_a_look);
	tcase_add_test(c, test_a_limit_that_was_not_crossed_is_withdrawn);
	tcase_add_test(c, test_the_log);
	suite_add_tcase(suite, c);
	c = tcase_create("tasks");
	tcase_add_test(c, test_processes_come_and_go_with_their_threads);
	tcase_add_test(c, test_tasks_are_found_and_counted);
	tcase_add_test(c, test_a_run_that_ends_resumes_nobody);
	suite_add_tcase(suite, c);
	c = tcase_create("output");
	tcase_add_test(c, test_output_ends_exactly);
	tcase_add_test(c, test_what_is_lent_is_counted_by_the_kernel);
	tcase_add_test(c, test_aliases_and_other_writes_exclude_each_other);
	suite_add_tcase(suite, c);
	c = tcase_create("tally");
	tcase_add_test(c, test_tally);
	suite_add_tcase(suite, c);
	c = tcase_create("limits");
	tcase_add_test(c, test_limits_are_looked_at);
	tcase_add_test(c, test_ticks_leave_time);
	tcase_add_test(c, test_what_the_kernel_counted);
	tcase_add_test(c, test_the_time_of_all_processes_is_added_once);
	tcase_add_test(c, test_shared_pages_count_in_parts);
	tcase_add_test(c, test_the_end_is_when_it_ends);
	tcase_add_test(c, test_the_wall_limit_is_met);
	tcase_add_test(c, test_memory_of_a_process);
	tcase_add_test(c, test_shared_memory_is_told_from_files);
	suite_add_tcase(suite, c);
	return run_suite(suite);
}
