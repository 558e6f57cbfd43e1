/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker's next job finds: jobs leave what they can behind, and each tells in its output what it began with. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "grade/worker.h"
#include "tests/unit/suite.h"

/* What a job tells. */
struct told {
	pid_t pid, tid;
	bool leader, odd_descriptor, blocked, keeps;
	char directory[64], word[16];
};

static int count_open(int from)
{
	int fd, n = 0;

	for (fd = from; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int kept = -1;

/* Called in the worker: does what its first word says. */
static int job(int argc, char **argv)
{
	static int expected;
	struct told told = { .pid = getpid(), .tid = (pid_t)syscall(SYS_gettid), .blocked = true };
	sigset_t mask;
	int open_now = count_open(3);

	expected = expected ? expected : open_now;
	told.odd_descriptor = open_now != expected;
	told.keeps = fcntl(kept, F_GETFD) >= 0;
	told.leader = told.pid == told.tid;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	told.blocked = sigismember(&mask, SIGTERM) == 1;
	if (argc != 2 || !getcwd(told.directory, sizeof told.directory))
		return 1;
	snprintf(told.word, sizeof told.word, "%s", argv[1]);
	if (write_full(STDOUT_FILENO, &told, sizeof told) < 0)
		return 2;
	if (streq(argv[1], "leave")) {
		if (open("/", O_RDONLY) < 0 || chdir("/usr") < 0)
			return 3;
		close(STDOUT_FILENO);
	} else if (streq(argv[1], "fail")) {
		return 7;
	} else if (streq(argv[1], "die")) {
		raise(SIGKILL);
	} else if (streq(argv[1], "child")) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				pause();
	} else if (streq(argv[1], "wait")) {
		for (;;)
			pause();
	}
	return 0;
}

static int out;

/* Before the first job: one descriptor is opened that stays. */
static void open_kept(void)
{
	kept = open("/", O_PATH | O_CLOEXEC);
}

static size_t keeps(int *fds)
{
	fds[0] = kept;
	return kept >= 0;
}

static const struct work work = { .begin = open_kept, .run = job, .keeps = keeps };

static void begin(struct worker *worker, const char *word, const char *directory)
{
	char *const argv[] = { (char[]){ "run" }, (char *)(uintptr_t)word, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const struct launch launch = { .argv = argv, .cwd = directory, .in = null, .out = out, .err = null, .core = -1,
				       .keep_fd = -1, .own_group = true };

	ck_assert_int_eq(ftruncate(out, 0), 0);
	ck_assert_int_eq((int)lseek(out, 0, SEEK_SET), 0);
	ck_assert_int_eq(worker_call(worker, &launch, &work), 0);
	close(null);
}

/* Has WORKER do WORD; the wait status. */
static int call(struct worker *worker, const char *word, const char *directory, struct told *ret_told)
{
	struct child_end end = { .status = -1 };

	begin(worker, word, directory);
	ck_assert_int_eq(poll(&(struct pollfd){ .fd = worker->fd, .events = POLLIN }, 1, -1), 1);
	ck_assert_int_eq(worker_take(worker, &end), 0);
	ck_assert_int_eq((int)pread(out, ret_told, sizeof *ret_told, 0), (int)sizeof *ret_told);
	ck_assert_str_eq(ret_told->word, word);
	return end.status;
}

static void open_out(void)
{
	char name[] = "/tmp/check-worker-XXXXXX";

	out = mkstemp(name);
	ck_assert_int_ge(out, 0);
	unlink(name);
	fcntl(out, F_SETFD, FD_CLOEXEC);
}

static void close_out(void)
{
	close(out);
}

START_TEST(test_jobs_find_nothing_of_each_other)
{
	struct worker worker = WORKER_NONE;
	struct told first, second, third;
	_cleanup_free_ char *here = getcwd(NULL, 0);

	ck_assert_int_eq(call(&worker, "leave", NULL, &first), 0);
	ck_assert_int_eq(call(&worker, "leave", "/tmp", &second), 0);
	ck_assert_int_eq(call(&worker, "leave", NULL, &third), 0);
	ck_assert_int_eq(second.pid, first.pid);
	ck_assert_int_eq(third.pid, first.pid);
	ck_assert(!first.leader && !first.blocked && !third.blocked);
	ck_assert(!second.odd_descriptor && !third.odd_descriptor);
	ck_assert(first.keeps && second.keeps && third.keeps);
	ck_assert_str_eq(first.directory, here);
	ck_assert_str_eq(second.directory, "/tmp");
	ck_assert_str_eq(third.directory, here);
	worker_end(&worker);
	ck_assert_int_eq(kill(first.pid, 0), -1);
}
END_TEST

/* Has a job do WORD, and the next one find a new process. */
static void ends_worker(const char *word, int status)
{
	struct worker worker = WORKER_NONE;
	struct told first, second, third;

	ck_assert_int_eq(call(&worker, "leave", NULL, &first), 0);
	ck_assert_int_eq(call(&worker, word, NULL, &second), status);
	ck_assert_int_eq(second.pid, first.pid);
	ck_assert_int_eq(call(&worker, "leave", NULL, &third), 0);
	ck_assert_int_ne(third.pid, first.pid);
	/* What it left is gone: its group was killed with it. */
	while (kill(-first.pid, 0) == 0)
		usleep(1000);
	worker_end(&worker);
}

START_TEST(test_what_is_odd_ends_the_worker)
{
	ends_worker("fail", W_EXITCODE(7, 0));
	ends_worker("die", SIGKILL);
	ends_worker("child", 0);
}
END_TEST

START_TEST(test_a_worker_that_died_between_jobs_is_replaced)
{
	struct worker worker = WORKER_NONE;
	struct told first, second;

	ck_assert_int_eq(call(&worker, "leave", NULL, &first), 0);
	ck_assert_int_eq(kill(first.pid, SIGKILL), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)first.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(call(&worker, "leave", NULL, &second), 0);
	ck_assert_int_ne(second.pid, first.pid);
	worker_end(&worker);
}
END_TEST

START_TEST(test_a_job_is_killed_with_its_worker)
{
	struct worker worker = WORKER_NONE;
	pid_t pid;

	begin(&worker, "wait", NULL);
	pid = worker.child.pid;
	worker_end(&worker);
	ck_assert_int_eq(kill(pid, 0), -1);
	ck_assert_int_eq(worker.child.pid, 0);
}
END_TEST

START_TEST(test_what_is_too_long_is_not_sent)
{
	_cleanup_free_ char *word = xcalloc(1, 100001);
	char *const argv[] = { memset(word, 'x', 100000), NULL };
	const struct launch launch = { .argv = argv, .in = 0, .out = 1, .err = 2, .core = -1, .keep_fd = -1 };
	struct worker worker = WORKER_NONE;
	struct told told;

	ck_assert_int_eq(worker_call(&worker, &launch, &work), -E2BIG);
	ck_assert_int_eq(call(&worker, "leave", NULL, &told), 0);
	worker_end(&worker);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("worker");
	TCase *tests = tcase_create("worker");

	tcase_add_checked_fixture(tests, open_out, close_out);
	tcase_add_test(tests, test_jobs_find_nothing_of_each_other);
	tcase_add_test(tests, test_what_is_odd_ends_the_worker);
	tcase_add_test(tests, test_a_worker_that_died_between_jobs_is_replaced);
	tcase_add_test(tests, test_a_job_is_killed_with_its_worker);
	tcase_add_test(tests, test_what_is_too_long_is_not_sent);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
