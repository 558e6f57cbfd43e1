/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is decided, without a traced process: requests of this very process become plans. Its memory stands for
 * a program's, its descriptors for a program's descriptors.
 */
#include "supervisor/decide.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/policy_target.h"
#include "supervisor/lend.h"
#include "tests/unit/policy_text.h"
#include "tests/unit/suite.h"

enum { RESERVED = 1000 };

static char box[] = "/tmp/proctor-decide-XXXXXX";
static struct policy *policy;
static struct ground ground;
static struct resolver *resolver;
static struct tasks tasks;
static struct own_names own_names;
static struct output output;
static struct watch watch;
static struct buffers buffers;
static struct shared_memory shared;
static struct call *call;
static struct view view;

static char *in_box(const char *name)
{
	return xasprintf("%s/%s", box, name);
}

static void setup(void)
{
	_cleanup_free_ char *text = NULL, *path = NULL;
	_cleanup_close_ int fd = -1;
	int i;

	strcpy(box + strlen(box) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(box));
	path = in_box("data.txt");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ck_assert_int_ge(fd, 0);
	text = xasprintf("version: 1\nread: [\"%s\"]\nhide: [\"%s/hidden\"]\nnever: [getppid]\n", box, box);
	policy = accepted(text, NULL);
	ground = (struct ground){ .policy = policy, .executable = "/usr/bin/python3", .pid = getpid(), .pidfd = -1, .longest_file = UINT64_MAX,
				  .reserved_fd = RESERVED, .maps_fd = -1, .cores.size = 8 };
	ground.values.symbol[REG_SELF] = (uint64_t)getpid();
	ground.values.symbol[REG_RESERVED_FD] = RESERVED;
	ground.values.facts = FACT_MSEAL | FACT_FILES_UNCOUNTED | FACT_BUFFERS_UNCOUNTED;
	syscall_forbid(&ground.values, __NR_getppid);
	ground.pidfd = (int)syscall(__NR_pidfd_open, getpid(), 0);
	for (i = 0; i < 3; i++)
		fstat(i, &ground.stdio[i]);
	ck_assert_int_eq(resolver_new(policy, NULL, &resolver), 0);
	tasks = (struct tasks){ 0 };
	tasks_add(&tasks, getpid(), getpid(), TASK_RUNNING);
	output_init(&output, UINT64_MAX);
	watch_init(&watch, &policy->limits);
	buffers = (struct buffers){ 0 };
	shared_init(&shared);
	call = xcalloc(1, sizeof *call);
	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		call->objects[i] = (struct object)OBJECT_INIT;
	call->slot = call->lent = call->second = -1;
	view = (struct view){ &ground, resolver, &tasks, &output, &watch, &buffers, &shared, &own_names, NULL, NULL };
}

static void teardown(void)
{
	_cleanup_free_ char *path = in_box("data.txt");
	int i;

	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		object_fini(&call->objects[i]);
	buf_fini(&call->out);
	request_fini(&call->request);
	free(call);
	watch_fini(&watch);
	tasks_fini(&tasks);
	resolver_free(resolver);
	policy_free(policy);
	close(ground.pidfd);
	unlink(path);
	rmdir(box);
}

static struct plan ask6(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	const struct user_regs_struct regs = { .orig_rax = nr, .rdi = a, .rsi = b, .rdx = c, .r10 = d, .r8 = e, .r9 = f };

	buf_clear(&call->out);
	call->n_outs = 0;
	decode(getpid(), getpid(), &regs, &call->request);
	return decide(&view, call);
}

static struct plan ask(uint64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	return ask6(nr, a, b, c, 0, 0, 0);
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

#define KIND(plan, k) ck_assert_int_eq((plan).kind, k)

/* ------------------------------------------------------------------ paths */

START_TEST(test_an_open_goes_beneath_its_root)
{
	_cleanup_free_ char *path = in_box("data.txt");
	struct plan plan = ask(__NR_open, address(path), O_RDONLY | O_CLOEXEC | 020000, 0);

	KIND(plan, PLAN_OPEN);
	ck_assert_int_eq(plan.decision.action, ACTION_ALLOW);
	ck_assert_int_ge(plan.dirfd, RESERVED);
	ck_assert_str_eq(plan.path, "data.txt");
	/* Neither signals to others nor any way out. */
	ck_assert_uint_eq(plan.how.flags, O_RDONLY | O_CLOEXEC);
	ck_assert_uint_eq(plan.how.resolve & 0xc, 0xc); /* NO_SYMLINKS, BENEATH */
}
END_TEST

START_TEST(test_what_is_not_granted_is_refused)
{
	_cleanup_free_ char *hidden = in_box("hidden"), *path = in_box("data.txt");
	struct plan plan = ask(__NR_open, address("/etc/shadow"), O_RDONLY, 0);

	KIND(plan, PLAN_REFUSE);
	ck_assert(plan.decision.violation);
	plan = ask(__NR_open, address(hidden), O_RDONLY, 0);
	KIND(plan, PLAN_REFUSE);
	ck_assert_int_eq(plan.decision.action, ACTION_HIDE);
	ck_assert(!plan.decision.violation);
	plan = ask(__NR_open, address(path), O_WRONLY, 0);
	KIND(plan, PLAN_REFUSE);
	plan = ask(__NR_unlink, address(path), 0, 0);
	KIND(plan, PLAN_REFUSE);
	ck_assert_int_eq(access(path, F_OK), 0);
	plan = ask(__NR_execve, address(path), 0, 0);
	KIND(plan, PLAN_REFUSE);
}
END_TEST

START_TEST(test_a_stat_is_an_answer_with_what_is_written)
{
	_cleanup_free_ char *path = in_box("data.txt");
	struct stat st, told;
	struct plan plan = ask(__NR_stat, address(path), 0x1000, 0);

	KIND(plan, PLAN_ANSWER);
	ck_assert_int_eq(plan.result, 0);
	ck_assert_uint_eq(call->n_outs, 1);
	ck_assert_uint_eq(call->outs[0].addr, 0x1000);
	ck_assert_uint_eq(call->outs[0].size, sizeof st);
	ck_assert_int_eq(stat(path, &st), 0);
	memcpy(&told, call->out.data, sizeof told);
	ck_assert_uint_eq(told.st_ino, st.st_ino);
}
END_TEST

START_TEST(test_a_call_that_fails_before_is_not_decided)
{
	static const uint64_t addresses[] = { 8, 0 };
	_cleanup_free_ char *path = in_box("data.txt");
	char long_path[PATH_MAX + 10];
	struct plan plan;
	size_t i;

	memset(long_path, 'q', sizeof long_path);
	long_path[sizeof long_path - 1] = '\0';
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		plan = ask(__NR_open, addresses[i], O_RDONLY, 0);
		KIND(plan, PLAN_ANSWER);
		ck_assert(plan.undecided && !plan.decision.rule.id);
		ck_assert_int_eq(plan.result, -EFAULT);
	}
	plan = ask(__NR_open, address(long_path), O_RDONLY, 0);
	ck_assert(plan.undecided);
	ck_assert_int_eq(plan.result, -ENAMETOOLONG);
	plan = ask(__NR_execve, address(""), 0, 0);
	ck_assert(plan.undecided);
	ck_assert_int_eq(plan.result, -ENOENT);
	plan = ask6(__NR_newfstatat, (uint64_t)AT_FDCWD, address(path), 0x1000, 0x80000000, 0, 0);
	ck_assert(plan.undecided);
	ck_assert_int_eq(plan.result, -EINVAL);
}
END_TEST

/* ------------------------------------------------------------------ descriptors */

START_TEST(test_a_descriptor_is_asked_for)
{
	int fds[2];
	struct plan plan = ask(__NR_lseek, 0, 0, SEEK_SET);

	KIND(plan, PLAN_DESCRIPTOR);
	ck_assert_int_eq(pipe(fds), 0);
	/* What is done with it is done on the duplicate that it gets. */
	plan = plan.then(&view, call, fds[0]);
	KIND(plan, PLAN_ANSWER);
	ck_assert_int_eq(plan.result, -ESPIPE);
	plan = ask(__NR_fcntl, (uint64_t)fds[0], F_SETFL, O_NONBLOCK);
	KIND(plan, PLAN_DESCRIPTOR);
	ck_assert(!(fcntl(fds[0], F_GETFL) & O_NONBLOCK));
	plan = plan.then(&view, call, fds[0]);
	KIND(plan, PLAN_ANSWER);
	ck_assert_int_eq(plan.result, 0);
	ck_assert(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	/* stdin's flags are its owner's. */
	plan = ask(__NR_fcntl, 0, F_SETFL, O_NONBLOCK);
	plan = plan.then(&view, call, 0);
	KIND(plan, PLAN_REFUSE);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(test_reserved_descriptors_are_none)
{
	struct plan plan = ask(__NR_close, RESERVED + 1, 0, 0);

	KIND(plan, PLAN_REFUSE);
	ck_assert_int_eq(plan.decision.err, EBADF);
	ck_assert(!plan.decision.violation);
	plan = ask(__NR_dup, RESERVED, 0, 0);
	ck_assert_int_eq(plan.decision.err, EBADF);
	plan = ask(__NR_dup2, 1, RESERVED, 0);
	ck_assert_int_eq(plan.decision.err, EBADF);
	plan = ask(__NR_close_range, 3, ~0u, 0);
	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.args[0], 3);
	ck_assert_uint_eq(plan.args[1], RESERVED - 1);
}
END_TEST

/* ------------------------------------------------------------------ output */

START_TEST(test_writes_and_aliases_wait_for_each_other)
{
	int fds[2];
	struct plan plan;

	ck_assert_int_eq(pipe(fds), 0);
	output_init(&output, 100);
	/* One thread alone has nobody to wait for. */
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 5);
	KIND(plan, PLAN_PASS);
	ck_assert_int_eq(plan.output, OUTPUT_NONE);
	tasks_add(&tasks, getpid() + 1, getpid(), TASK_RUNNING);
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 5);
	KIND(plan, PLAN_PASS);
	ck_assert(plan.watch);
	ck_assert_int_eq(plan.output, OUTPUT_ELSEWHERE);
	/* Deciding has promised nothing yet: the books are the conductor's. */
	ck_assert(output_may_alias(&output));
	output_begin(&output, plan.output, plan.promised);
	plan = ask(__NR_dup2, 1, 50, 0);
	KIND(plan, PLAN_WAIT);
	ck_assert_int_eq(plan.output, OUTPUT_ALIAS_WAITING);
	output_settle(&output, OUTPUT_ELSEWHERE, 0);
	plan = ask(__NR_dup2, 1, 50, 0);
	KIND(plan, PLAN_PASS);
	ck_assert_int_eq(plan.output, OUTPUT_ALIAS);
	output_begin(&output, plan.output, 0);
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 5);
	KIND(plan, PLAN_WAIT);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* ------------------------------------------------------------------ what is stored */

enum { LONG_WRITE = 100000 };

static struct policy *stored_policy;
static struct counted *stored;
static int stored_fd;

/* A file of a page beneath a quota of 64 pages, and a second thread. */
static void setup_stored(void)
{
	_cleanup_free_ char *text = NULL, *path = in_box("data.txt");
	const struct grant *grant = NULL;
	size_t i;

	text = xasprintf("version: 1\nwrite: [{path: \"%s\", quota: 256KiB}]\n", box);
	stored_policy = accepted(text, NULL);
	for (i = 0; i < stored_policy->n_grants; i++)
		if (stored_policy->grants[i]->quota.counted)
			grant = stored_policy->grants[i];
	ground.policy = stored_policy;
	ck_assert_int_eq(resolver_new(stored_policy, NULL, &view.resolver), 0);
	view.ledger = ledger_new(stored_policy);
	stored_fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(ftruncate(stored_fd, 4096), 0);
	stored = ledger_enter(view.ledger, grant, stored_fd, true);
	ck_assert_ptr_nonnull(stored);
	output.counted = true;
	tasks_add(&tasks, getpid() + 1, getpid(), TASK_RUNNING);
}

static void teardown_stored(void)
{
	if (call->lent >= 0)
		close(call->lent);
	close(stored_fd);
	ledger_free(view.ledger);
	object_reset(&call->objects[0]);
	resolver_free(view.resolver);
	policy_free(stored_policy);
}

/* Nothing is allocated on such a file system (own_file.c). */
static bool stored_in_memory(void)
{
	struct statfs fs;

	return fstatfs(stored_fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static struct plan then(struct plan plan)
{
	KIND(plan, PLAN_DESCRIPTOR);
	call->second = plan.two && plan.second == stored_fd ? stored_fd : -1;
	return plan.then(&view, call, stored_fd);
}

START_TEST(test_a_long_write_beside_others_is_the_kernels)
{
	static char data[LONG_WRITE];
	uint64_t fd;
	struct plan plan;

	setup_stored();
	fd = (uint64_t)stored_fd;
	ck_assert_int_eq(lseek(stored_fd, 100, SEEK_SET), 100);
	plan = then(ask(__NR_write, fd, address(data), sizeof data));
	KIND(plan, PLAN_CALL);
	/* Where it was looked at, whoever seeks; and paid for as if it were appended. */
	ck_assert_uint_eq(plan.nr, __NR_pwrite64);
	ck_assert_uint_eq(plan.args[0], fd);
	ck_assert_uint_eq(plan.args[3], 100);
	ck_assert_int_eq(plan.finish, FINISH_WRITTEN);
	ck_assert_int_eq(plan.ledger, LEDGER_WRITE_BESIDE);
	ck_assert_ptr_eq(plan.stored, stored);
	ck_assert_uint_eq(plan.stored_end, 4096 + LONG_WRITE);
	ck_assert_int_eq(plan.output, OUTPUT_ELSEWHERE);
	/* What comes after all there is room for is not. */
	plan = then(ask6(__NR_pwrite64, fd, address(data), sizeof data, 200000, 0, 0));
	KIND(plan, PLAN_ANSWER);
	ck_assert_int_eq(plan.result, 262144 - 200000);
	ck_assert_int_eq(ftruncate(stored_fd, 4096), 0);
	ledger_settle(stored, stored_fd);
	/* Nor what is short, nor anything while a descriptor may change. */
	plan = then(ask(__NR_write, fd, address(data), 4096));
	KIND(plan, PLAN_ANSWER);
	output_begin(&output, OUTPUT_ALIAS, 0);
	KIND(then(ask(__NR_write, fd, address(data), sizeof data)), PLAN_WAIT);
	output_settle(&output, OUTPUT_ALIAS, 0);
	teardown_stored();
}
END_TEST

START_TEST(test_what_changes_a_length_waits_for_such_a_write)
{
	_cleanup_free_ char *path = in_box("data.txt");
	static char data[LONG_WRITE];
	struct iovec part = { data, sizeof data };
	uint64_t fd;

	setup_stored();
	fd = (uint64_t)stored_fd;
	ledger_begin_write(stored, 4096 + LONG_WRITE);
	KIND(then(ask(__NR_write, fd, address(data), sizeof data)), PLAN_WAIT);
	KIND(then(ask(__NR_write, fd, address(data), 1)), PLAN_WAIT);
	KIND(then(ask(__NR_writev, fd, address(&part), 1)), PLAN_WAIT);
	KIND(then(ask(__NR_pwrite64, fd, address(data), 1)), PLAN_WAIT);
	KIND(then(ask(__NR_ftruncate, fd, 1, 0)), PLAN_WAIT);
	KIND(then(ask6(__NR_fallocate, fd, 0, 0, 4096, 0, 0)), stored_in_memory() ? PLAN_ANSWER : PLAN_WAIT);
	KIND(then(ask6(__NR_sendfile, fd, fd, 0, 1, 0, 0)), PLAN_WAIT);
	KIND(ask(__NR_truncate, address(path), 1, 0), PLAN_WAIT);
	ledger_end_write(stored, stored_fd);
	KIND(then(ask(__NR_ftruncate, fd, 1, 0)), PLAN_ANSWER);
	teardown_stored();
}
END_TEST

START_TEST(test_output_is_promised_as_far_as_there_is)
{
	int fds[2];
	struct plan plan;

	ck_assert_int_eq(pipe(fds), 0);
	fstat(fds[1], &ground.stdio[1]);
	output_init(&output, 100);
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 70);
	KIND(plan, PLAN_PASS);
	ck_assert_uint_eq(plan.promised, 70);
	output_begin(&output, plan.output, plan.promised);
	/* Beside others it is not cut short: these may write less. */
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 70);
	KIND(plan, PLAN_WAIT);
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 10);
	KIND(plan, PLAN_PASS);
	ck_assert_uint_eq(plan.promised, 10);
	output_wrote(&output, 70, 0, false);
	output_settle(&output, OUTPUT_STDOUT, 70);
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 70);
	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.args[2], 30);
	output_begin(&output, plan.output, plan.promised);
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 1);
	KIND(plan, PLAN_WAIT);
	output_wrote(&output, 30, 0, false);
	output_settle(&output, OUTPUT_STDOUT, 30);
	plan = ask(__NR_write, (uint64_t)fds[1], 0x1000, 1);
	KIND(plan, PLAN_CROSSED);
	ck_assert_int_eq(plan.limit, LIMIT_OUTPUT);
	ck_assert_uint_eq(plan.used, 101);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* ------------------------------------------------------------------ the rest */

START_TEST(test_calls_become_others)
{
	struct rlimit want = { 10, 20 };
	struct plan plan = ask(__NR_tkill, (uint64_t)getpid(), 9, 0);

	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.nr, __NR_tgkill);
	ck_assert_uint_eq(plan.args[0], (uint64_t)getpid());
	plan = ask6(__NR_mmap, 0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, (uint64_t)-1, 0);
	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.args[3], MAP_PRIVATE | MAP_ANONYMOUS);
	plan = ask6(__NR_futex, 0x1000, FUTEX_WAIT, 7, 0, 0, 0);
	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.args[1], FUTEX_WAIT | FUTEX_PRIVATE_FLAG);
	ck_assert(plan.futex.waits && plan.futex.relative);
	ck_assert_uint_eq(plan.futex.value, 7);
	/* The limits are those that were looked at, whatever becomes of the memory. */
	plan = ask(__NR_setrlimit, RLIMIT_CORE, address(&want), 0);
	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.nr, __NR_prlimit64);
	want.rlim_cur = 99;
	ck_assert_uint_eq(((const struct rlimit *)plan.data)->rlim_cur, 10);
	plan = ask(__NR_prlimit64, 1, RLIMIT_CORE, address(&want));
	KIND(plan, PLAN_REFUSE);
}
END_TEST

/* A fork and nothing else makes a process, and only where the policy says so. */
START_TEST(test_only_forks_make_processes)
{
	static const uint64_t others[] = {
		0, CLONE_VM | SIGCHLD, CLONE_FILES | SIGCHLD, CLONE_FS | SIGCHLD, CLONE_PARENT | SIGCHLD, CLONE_UNTRACED | SIGCHLD,
		CLONE_NEWUSER | SIGCHLD, CLONE_NEWPID | SIGCHLD, CLONE_PIDFD | SIGCHLD, CLONE_IO | SIGCHLD,
		CLONE_SYSVSEM | SIGCHLD, CLONE_SIGHAND | CLONE_VM | SIGCHLD, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD,
		SIGKILL, SIGUSR1, SIGCHLD | UINT64_C(1) << 32, SIGCHLD | UINT64_C(1) << 33, CLONE_VFORK | SIGCHLD,
		CLONE_SETTLS | SIGCHLD, CLONE_PTRACE | SIGCHLD,
	};
	struct plan plan;
	size_t i;

	KIND(ask(__NR_fork, 0, 0, 0), PLAN_REFUSE);
	KIND(ask(__NR_vfork, 0, 0, 0), PLAN_REFUSE);
	KIND(ask(__NR_clone, SIGCHLD, 0, 0), PLAN_REFUSE);
	policy->process = PROCESS_FORK;
	policy->process_ref = "here";
	plan = ask(__NR_fork, 0, 0, 0);
	KIND(plan, PLAN_PASS);
	ck_assert_str_eq(plan.decision.rule.id, "process");
	ck_assert_str_eq(plan.decision.rule.ref, "here");
	KIND(ask(__NR_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0), PLAN_PASS);
	/* What would lend its memory becomes a fork; posix_spawn's thread waits for it all the same. */
	plan = ask(__NR_vfork, 0, 0, 0);
	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.nr, __NR_fork);
	plan = ask(__NR_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0x1000, 0);
	KIND(plan, PLAN_CALL);
	ck_assert_uint_eq(plan.nr, __NR_clone);
	ck_assert_uint_eq(plan.args[0], CLONE_VFORK | SIGCHLD);
	ck_assert_uint_eq(plan.args[1], 0x1000);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		KIND(ask(__NR_clone, others[i], 0, 0), PLAN_REFUSE);
	/* Nor by another name, where `never` names it. */
	syscall_forbid(&ground.values, __NR_fork);
	KIND(ask(__NR_vfork, 0, 0, 0), PLAN_REFUSE);
}
END_TEST

START_TEST(test_signals_stay_within_the_run)
{
	/* Linux has no greater ids than 1 << 22: no other process of the machine has one of these, or a group of them. */
	const pid_t own = getpid(), child = (1 << 22) + 1, ended = child + 1, thread = child + 2;
	struct plan plan;

	tasks_add_process(&tasks, child, own);
	tasks_add(&tasks, child, child, TASK_RUNNING);
	tasks_add(&tasks, thread, own, TASK_RUNNING);
	tasks_remove(&tasks, tasks_add(&tasks, ended, ended, TASK_RUNNING));
	KIND(ask(__NR_kill, (uint64_t)child, SIGTERM, 0), PLAN_REFUSE);
	policy->process = PROCESS_FORK;
	KIND(ask(__NR_kill, (uint64_t)own, SIGTERM, 0), PLAN_PASS);
	plan = ask(__NR_kill, (uint64_t)child, SIGTERM, 0);
	KIND(plan, PLAN_SIGNAL);
	ck_assert_uint_eq(plan.data_len, sizeof(int64_t));
	ck_assert_int_eq(*(const int64_t *)plan.data, child);
	ck_assert_uint_eq(plan.args[1], SIGTERM);
	/* Everybody, a group, another's id, a thread's, the supervisor's, and who is no more. */
	KIND(ask(__NR_kill, (uint64_t)-1, SIGTERM, 0), PLAN_REFUSE);
	KIND(ask(__NR_kill, 0xffffffff, SIGTERM, 0), PLAN_REFUSE);
	KIND(ask(__NR_kill, 0, SIGTERM, 0), PLAN_REFUSE);
	KIND(ask(__NR_kill, (uint64_t)-child, SIGTERM, 0), PLAN_REFUSE);
	KIND(ask(__NR_kill, 1, SIGTERM, 0), PLAN_REFUSE);
	KIND(ask(__NR_kill, (uint64_t)getppid(), SIGTERM, 0), PLAN_REFUSE);
	KIND(ask(__NR_kill, (uint64_t)thread, SIGTERM, 0), PLAN_REFUSE);
	KIND(ask(__NR_tgkill, (uint64_t)child, (uint64_t)child, SIGTERM), PLAN_REFUSE);
	plan = ask(__NR_kill, (uint64_t)ended, SIGTERM, 0);
	KIND(plan, PLAN_ANSWER);
	ck_assert_int_eq(plan.result, -ESRCH);
	/* It has been waited for: its id may be another's. */
	tasks_find(&tasks, child)->gone = true;
	plan = ask(__NR_kill, (uint64_t)child, SIGTERM, 0);
	KIND(plan, PLAN_ANSWER);
	ck_assert_int_eq(plan.result, -ESRCH);
	plan = ask(__NR_kill, (uint64_t)child, 65, 0);
	ck_assert_int_eq(plan.result, -EINVAL);
}
END_TEST

START_TEST(test_what_is_asked_of_others_is_not_answered)
{
	const pid_t own = getpid(), child = own + 1;
	struct rlimit limit = { 10, 20 };

	policy->process = PROCESS_FORK;
	tasks_add(&tasks, child, child, TASK_RUNNING);
	KIND(ask(__NR_getpgid, (uint64_t)own, 0, 0), PLAN_PASS);
	KIND(ask(__NR_sched_getscheduler, (uint64_t)own, 0, 0), PLAN_PASS);
	KIND(ask(__NR_getpgid, (uint64_t)child, 0, 0), PLAN_ANSWER);
	KIND(ask(__NR_getpgid, 1, 0, 0), PLAN_REFUSE);
	KIND(ask(__NR_sched_getscheduler, (uint64_t)child, 0, 0), PLAN_REFUSE);
	KIND(ask(__NR_get_robust_list, (uint64_t)child, 0, 0), PLAN_REFUSE);
	/* Not its own instead, either. */
	KIND(ask(__NR_prlimit64, (uint64_t)child, RLIMIT_NOFILE, address(&limit)), PLAN_REFUSE);
	KIND(ask(__NR_clock_gettime, (uint64_t)(~(uint32_t)child << 3 | 2), 0, 0), PLAN_REFUSE);
	KIND(ask(__NR_pidfd_open, (uint64_t)child, 0, 0), PLAN_REFUSE);
}
END_TEST

START_TEST(test_processes_share_memory_that_is_known)
{
	struct plan plan;

	policy->process = PROCESS_FORK;
	plan = ask6(__NR_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, (uint64_t)-1, 0);
	KIND(plan, PLAN_SHARED);
	ck_assert_int_eq(plan.shared, SHARED_MAP);
	/* One descriptor at a time is on its way. */
	shared.giving = true;
	KIND(ask6(__NR_mmap, 0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, (uint64_t)-1, 0), PLAN_WAIT);
	shared.giving = false;
	/* Another thread could put stdin in the descriptor's place. */
	ground.maps_stdio = true;
	tasks_add(&tasks, getpid() + 1, getpid(), TASK_RUNNING);
	KIND(ask6(__NR_mmap, 0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, (uint64_t)-1, 0), PLAN_REFUSE);
	/* Who wakes is heard in other processes too. */
	plan = ask6(__NR_futex, 0x1000, FUTEX_WAKE, 1, 0, 0, 0);
	ck_assert(plan.wakes);
	plan = ask6(__NR_futex, 0x1000, FUTEX_WAIT, 7, 0, 0, 0);
	ck_assert(!plan.wakes && plan.futex.waits);
}
END_TEST

START_TEST(test_never_comes_first)
{
	struct plan plan = ask(__NR_getppid, 0, 0, 0);

	KIND(plan, PLAN_REFUSE);
	ck_assert_int_eq(plan.decision.rule.kind, RULE_NEVER);
	ck_assert(plan.decision.violation);
}
END_TEST

START_TEST(test_foreign_and_unknown_calls)
{
	struct plan plan = ask(__NR_getpid | 0x40000000, 0, 0, 0);

	KIND(plan, PLAN_REFUSE);
	ck_assert_int_eq(plan.decision.action, ACTION_KILL);
	plan = ask(999, 0, 0, 0);
	KIND(plan, PLAN_REFUSE);
	ck_assert(plan.decision.violation);
	plan = ask(__NR_socket, AF_INET, SOCK_STREAM, 0);
	KIND(plan, PLAN_REFUSE);
	ck_assert(plan.decision.violation);
}
END_TEST

/* Is PLAN an answer as if nothing of the kind were there, with ERR and no violation? */
static void is_hidden(struct plan plan, int err)
{
	KIND(plan, PLAN_REFUSE);
	ck_assert_int_eq(plan.decision.action, ACTION_HIDE);
	ck_assert_int_eq(plan.decision.err, err);
	ck_assert(!plan.decision.violation);
}

static void is_attempt(struct plan plan)
{
	KIND(plan, PLAN_REFUSE);
	ck_assert_int_eq(plan.decision.action, ACTION_DENY);
	ck_assert(plan.decision.violation);
}

START_TEST(test_a_look_is_no_attempt_but_an_open_is)
{
	char buffer[256];

	is_hidden(ask(__NR_stat, address("/etc/shadow"), address(buffer), 0), ENOENT);
	is_hidden(ask(__NR_access, address("/etc/shadow/"), W_OK, 0), ENOENT);
	is_hidden(ask(__NR_readlink, address("/proc/1/exe"), address(buffer), 9), ENOENT);
	is_hidden(ask(__NR_statfs, address("/etc"), address(buffer), 0), ENOENT);
	is_attempt(ask(__NR_open, address("/etc/shadow"), O_RDONLY, 0));
	is_attempt(ask(__NR_open, address("/etc/shadow"), O_PATH, 0));
	is_attempt(ask(__NR_open, address("/etc"), O_DIRECTORY, 0));
	is_attempt(ask(__NR_chdir, address("/etc"), 0, 0));
	is_attempt(ask(__NR_mkdir, address("/etc/x"), 0700, 0));
}
END_TEST

START_TEST(test_some_sockets_are_questions)
{
	static const struct {
		int domain, type, protocol;
	} questions[] = {
		{ AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0 },
		{ AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0 },
		{ AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0 },
		{ AF_UNIX, SOCK_STREAM, 0 },
		{ AF_INET, SOCK_DGRAM, 0 },
	}, attempts[] = {
		{ AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP },
		{ AF_NETLINK, SOCK_RAW, 9 /* NETLINK_AUDIT */ },
		{ AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0 },
		{ AF_UNIX, SOCK_DGRAM, 0 },
		{ AF_INET, SOCK_STREAM, 0 },
		{ AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0 },
		{ AF_PACKET, SOCK_RAW, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(questions); i++)
		is_hidden(ask(__NR_socket, (uint64_t)questions[i].domain, (uint64_t)questions[i].type,
			      (uint64_t)questions[i].protocol),
			  EAFNOSUPPORT);
	for (i = 0; i < ARRAY_SIZE(attempts); i++)
		is_attempt(ask(__NR_socket, (uint64_t)attempts[i].domain, (uint64_t)attempts[i].type,
			       (uint64_t)attempts[i].protocol));
}
END_TEST

START_TEST(test_audit_lets_refusals_through)
{
	struct plan plan;

	ground.audits = true;
	plan = decide_audited(&view, call, ask(__NR_open, address("/etc/shadow"), O_RDONLY, 0));
	KIND(plan, PLAN_PASS);
	ck_assert(plan.watch && call->audited);
	/* The decision that was not enforced stays in the record. */
	ck_assert_int_eq(plan.decision.action, ACTION_DENY);
	call->audited = false;
	plan = decide_audited(&view, call, ask(__NR_clone3, 0x1000, 88, 0));
	KIND(plan, PLAN_REFUSE);
	ck_assert(!call->audited);
}
END_TEST

/* Every row leads to a plan, whatever its arguments, and none does anything: descriptors and limits are as before. */
START_TEST(test_every_row_has_a_plan)
{
	static const uint64_t values[] = { 0, 1, 8, UINT64_MAX, UINT64_C(1) << 31, 0x1000 };
	struct rlimit before, after;
	unsigned nr;
	size_t i;

	getrlimit(RLIMIT_NOFILE, &before);
	for (nr = 0; nr < syscall_limit(); nr++) {
		for (i = 0; syscall_row(nr) && i < ARRAY_SIZE(values); i++) {
			struct plan plan = ask6(nr, values[i], values[i], values[i], values[i], values[i], values[i]);

			ck_assert_int_le(plan.kind, PLAN_CROSSED);
			ck_assert(plan.kind != PLAN_REFUSE || plan.decision.action != ACTION_ALLOW);
			ck_assert(plan.kind == PLAN_REFUSE || plan.decision.action == ACTION_ALLOW);
			ck_assert(plan.undecided == !plan.decision.rule.id);
			ck_assert(plan.kind != PLAN_DESCRIPTOR || plan.then);
		}
	}
	getrlimit(RLIMIT_NOFILE, &after);
	ck_assert_uint_eq(before.rlim_cur, after.rlim_cur);
	ck_assert_uint_eq(output.under_way[OUTPUT_STDOUT], 0);
	ck_assert_uint_eq(buffers.bytes, 0);
}
END_TEST

/* ------------------------------------------------------------------ what is answered without a run */

/*
 * Random policies over a small tree, and every question: what `proctor why` and `proctor policy test` answer is what a
 * run decides. WHY_POLICIES and WHY_SEED: how many (10,000), and which. A live sample is in tests/live/why.py.
 */
static const char *const directories[] = { "t", "t/a", "t/a/b", "t/c", "t/c/d" };
static const char *const files[] = { "t/a/f", "t/a/g.txt", "t/a/b/f", "t/c/f", "t/c/d/f", "t/e.txt", "t/x*y" };
static const char *const links[][2] = { { "a/b", "t/link" }, { "../c/f", "t/a/away" }, { "absent", "t/dangling" },
					{ "loop", "t/loop" }, { "/dev/stdin", "t/own" } };
static const char *const asked_of[] = {
	"", "t", "t/a", "t/a/f", "t/a/g.txt", "t/a/b", "t/a/b/f", "t/c", "t/c/f", "t/c/d", "t/c/d/f", "t/e.txt", "t/x*y",
	"t/link", "t/link/f", "t/a/away", "t/dangling", "t/loop", "t/own", "t/absent", "t/a/absent/x", "t/a/b/../f",
	"t/c/./f", "t/link/../g.txt", "t/c/", "t/e.txt/", "t/e.txt/x", "../../etc/passwd", "t/link/",
};
static const char *const ruled[] = {
	"", "t", "t/a", "t/a/f", "t/a/b", "t/a/b/f", "t/c", "t/c/f", "t/c/d", "t/e.txt", "t/x%*y", "t/link", "t/a/away",
	"t/absent", "t/*/f", "t/*", "t/a/*.txt", "t/?", "t/*/b/**",
};

static void make_tree(bool make)
{
	size_t i;

	for (i = 0; make && i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *path = in_box(directories[i]);

		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	for (i = 0; i < ARRAY_SIZE(files) + ARRAY_SIZE(links); i++) {
		bool link = i >= ARRAY_SIZE(files);
		_cleanup_free_ char *path = in_box(link ? links[i - ARRAY_SIZE(files)][1] : files[i]);

		if (!make)
			unlink(path);
		else if (link)
			ck_assert_int_eq(symlink(links[i - ARRAY_SIZE(files)][0], path), 0);
		else
			close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	}
	for (i = ARRAY_SIZE(directories); !make && i-- > 0;) {
		_cleanup_free_ char *path = in_box(directories[i]);

		rmdir(path);
	}
}

static size_t chance(unsigned *seed, size_t n)
{
	return (size_t)rand_r(seed) % n;
}

static void put_rules(unsigned *seed, const char *key, size_t n, struct buf *text)
{
	static const char *const tails[] = { "", "", "/", "/**" };

	buf_printf(text, "%s: [", key);
	while (n--) {
		const char *name = ruled[chance(seed, ARRAY_SIZE(ruled))];
		bool pattern = strpbrk(name, "*?") && !strstr(name, "%*");

		/* A write rule names a directory. */
		if (*key == 'w')
			name = directories[chance(seed, ARRAY_SIZE(directories))];
		buf_printf(text, "\"%s%s%s%s\", ", box, *name ? "/" : "", name,
			   pattern || *key == 'w' ? "" : tails[chance(seed, ARRAY_SIZE(tails))]);
	}
	buf_lit(text, "]\n");
}

/* One that is accepted. */
static struct policy *random_policy(unsigned *seed, struct buf *text)
{
	static const char *const denials[] = { "errno:EACCES", "errno:EPERM", "errno:ENOENT", "kill" };
	struct policy *made = NULL;

	while (!made) {
		_cleanup_buf_ struct buf messages = { 0 };

		buf_clear(text);
		buf_printf(text, "version: 1\non_deny: %s\n", denials[chance(seed, ARRAY_SIZE(denials))]);
		put_rules(seed, "read", 1 + chance(seed, 4), text);
		put_rules(seed, "hide", chance(seed, 3), text);
		put_rules(seed, "never", chance(seed, 3), text);
		if (chance(seed, 3) == 0)
			put_rules(seed, "write", 1, text);
		if (policy_load_text(text->data, text->len, "t.yaml", &test_context, &made, &messages) < 0)
			made = NULL;
	}
	return made;
}

/* What is asked, by a call and by why. */
static const struct question {
	const char *name;
	uint64_t nr, flags;
	unsigned want, resolve;
} questions[] = {
	{ "read", __NR_open, O_RDONLY, WANT_READ, RESOLVE_FOLLOW },
	{ "list", __NR_open, O_RDONLY | O_DIRECTORY, WANT_READ, RESOLVE_FOLLOW },
	{ "write", __NR_open, O_WRONLY, WANT_WRITE, RESOLVE_FOLLOW },
	{ "stat", __NR_stat, 0x1000, WANT_LOOKUP, RESOLVE_FOLLOW },
	{ "lstat", __NR_lstat, 0x1000, WANT_LOOKUP, 0 },
	{ "exec", __NR_execve, 0, WANT_EXEC, RESOLVE_FOLLOW },
};

static void compare(const struct question *question, const char *path, const char *text)
{
	struct plan plan = ask(question->nr, address(path), question->flags, 0);
	const struct object *object = &call->objects[0];
	struct object own = OBJECT_INIT;
	struct decision decision = { .action = ACTION_ALLOW };
	const char *found = NULL;
	bool decided = policy_ask_path(policy, resolver, question->want, path, question->resolve, &own, &decision, &found);

	/* How it was opened is known of a run alone, and why says that it depends on it. */
	if (own.state == OBJECT_DESCRIPTOR && question->want & (WANT_READ | WANT_WRITE))
		ck_assert_msg(!decided, "%s %s\n%s", question->name, path, text);
	else if (plan.undecided)
		ck_assert_msg(!decided && own.state == OBJECT_ERROR, "%s %s: undecided\n%s", question->name, path, text);
	else
		ck_assert_msg(decision.action == plan.decision.action && decision.err == plan.decision.err &&
				      (!decided || decision.rule.ref == plan.decision.rule.ref) &&
				      (!decided || decision.violation == plan.decision.violation) &&
				      (!decided || streq(found, object->len ? object->path : "/")),
			      "%s %s: why %s %d, a run %s %d (%s, %s; %s)\n%s", question->name, path,
			      action_name(decision.action), decision.err, action_name(plan.decision.action),
			      plan.decision.err, decision.rule.ref ? decision.rule.ref : "-", plan.decision.rule.ref,
			      object->path, text);
	object_fini(&own);
}

START_TEST(test_what_why_answers_a_run_decides)
{
	const char *many = getenv("WHY_POLICIES"), *which = getenv("WHY_SEED");
	unsigned seed = which ? (unsigned)atoi(which) : 1;
	_cleanup_buf_ struct buf text = { 0 };
	int i, left = many ? atoi(many) : 10000;
	size_t k;

	make_tree(true);
	while (left-- > 0) {
		resolver_free(resolver);
		policy_free(policy);
		policy = random_policy(&seed, &text);
		ground.policy = policy;
		ck_assert_int_eq(resolver_new(policy, NULL, &resolver), 0);
		view.resolver = resolver;
		for (k = 0; k < 4; k++) {
			_cleanup_free_ char *path = in_box(asked_of[chance(&seed, ARRAY_SIZE(asked_of))]);

			compare(&questions[chance(&seed, ARRAY_SIZE(questions))], path, text.data);
			for (i = 0; i < REQUEST_MAX_PATHS; i++)
				object_reset(&call->objects[i]);
		}
	}
	make_tree(false);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decide");
	TCase *c = tcase_create("plans");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_an_open_goes_beneath_its_root);
	tcase_add_test(c, test_what_is_not_granted_is_refused);
	tcase_add_test(c, test_a_stat_is_an_answer_with_what_is_written);
	tcase_add_test(c, test_a_call_that_fails_before_is_not_decided);
	tcase_add_test(c, test_a_descriptor_is_asked_for);
	tcase_add_test(c, test_reserved_descriptors_are_none);
	tcase_add_test(c, test_writes_and_aliases_wait_for_each_other);
	tcase_add_test(c, test_a_long_write_beside_others_is_the_kernels);
	tcase_add_test(c, test_what_changes_a_length_waits_for_such_a_write);
	tcase_add_test(c, test_output_is_promised_as_far_as_there_is);
	tcase_add_test(c, test_calls_become_others);
	tcase_add_test(c, test_only_forks_make_processes);
	tcase_add_test(c, test_signals_stay_within_the_run);
	tcase_add_test(c, test_what_is_asked_of_others_is_not_answered);
	tcase_add_test(c, test_processes_share_memory_that_is_known);
	tcase_add_test(c, test_never_comes_first);
	tcase_add_test(c, test_foreign_and_unknown_calls);
	tcase_add_test(c, test_a_look_is_no_attempt_but_an_open_is);
	tcase_add_test(c, test_some_sockets_are_questions);
	tcase_add_test(c, test_audit_lets_refusals_through);
	tcase_add_test(c, test_every_row_has_a_plan);
	suite_add_tcase(suite, c);
	c = tcase_create("answers");
	tcase_set_timeout(c, 120);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_what_why_answers_a_run_decides);
	suite_add_tcase(suite, c);
	return run_suite(suite);
}
