/* SPDX-License-Identifier: Apache-2.0 */
/* proctor learn -- PROGRAM: run it to learn, run it under what was learned, and compare. */
#include "cli/learn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grade/directory.h"
#include "report/diff.h"

/* The most input and output of the program, because the runs are compared in memory. */
#define MAX_STREAM (UINT64_C(1) << 30)
/* Each round sees what the one before did not reach, such as a path through a link or "..". */
enum { MAX_ROUNDS = 5, MAX_WORDS = 1 << 16 };

struct trial {
	int out, err;
	int status; /* of waitpid(2) */
};

static void trial_fini(struct trial *trial)
{
	cleanup_close_p(&trial->out);
	cleanup_close_p(&trial->err);
}

static int new_memory(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		complain("learn: memfd_create: %s", strerror(errno));
	return fd;
}

/* Copies all of standard input, so that each run reads the same. A terminal is not read: the input is then empty. */
static int copy_input(void)
{
	_cleanup_close_ int fd = new_memory("stdin");
	uint64_t total = 0;
	char chunk[65536];
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (!isatty(STDIN_FILENO) && (n = read_full(STDIN_FILENO, chunk, sizeof chunk)) > 0) {
		total += (uint64_t)n;
		if (total > MAX_STREAM || write_full(fd, chunk, (size_t)n) < 0) {
			complain("learn: standard input is too long");
			return -1;
		}
	}
	if (n < 0 && n != -EBADF) {
		complain("learn: standard input: %s", strerror((int)-n));
		return -1;
	}
	return steal_fd(&fd);
}

static void become(char **argv, int in, const struct trial *trial)
{
	if (lseek(in, 0, SEEK_SET) < 0 || dup2(in, 0) < 0 || dup2(trial->out, 1) < 0 || dup2(trial->err, 2) < 0)
		_exit(EXIT_INTERNAL);
	execv("/proc/self/exe", argv);
	_exit(EXIT_INTERNAL);
}

/* Runs ARGV, a command line of proctor. 0 or the exit status. */
static int try(char **argv, int in, struct trial *ret_trial)
{
	struct trial trial = { new_memory("stdout"), -1, 0 };
	pid_t pid = -1;

	trial.err = trial.out < 0 ? -1 : new_memory("stderr");
	if (trial.err >= 0) {
		pid = fork();
		if (pid == 0)
			become(argv, in, &trial);
		if (pid < 0)
			complain("learn: fork: %s", strerror(errno));
	}
	if (pid > 0)
		while (waitpid(pid, &trial.status, 0) < 0 && errno == EINTR)
			;
	*ret_trial = trial;
	return pid > 0 ? 0 : EXIT_INTERNAL;
}

static bool same_bytes(int a, int b)
{
	char x[65536], y[65536];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(a, x, sizeof x, at), m = pread(b, y, sizeof y, at);

		if (n < 0 || n != m || memcmp(x, y, (size_t)n) != 0)
			return false;
		if (n == 0)
			return true;
		at += n;
	}
}

/* Shows what the program, or proctor, wrote to standard error, to explain why nothing was learned. */
static void show_stream(int fd)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof text, 0);

	if (n > 0)
		fwrite(text, 1, (size_t)n, stderr);
}

struct work {
	char *directory;
	int in;
	const struct learn_options *options;
	char **words;
	unsigned round;
	char *log;
};

static void work_fini(struct work *work)
{
	if (work->directory)
		directory_remove(AT_FDCWD, work->directory);
	cleanup_close_p(&work->in);
	free(work->directory);
	free(work->log);
}

/* Calls proctor run with POLICY, in audit mode unless AGAIN. */
static int run_once(struct work *work, const char *policy, bool again, struct trial *ret_trial)
{
	size_t n = 0, i;
	const char *argv[24];
	_cleanup_free_ char **all = NULL;

	free(work->log);
	work->log = again ? xasprintf("%s/again.jsonl", work->directory)
			  : xasprintf("%s/%u.jsonl", work->directory, work->round);
	argv[n++] = "proctor";
	argv[n++] = "run";
	argv[n++] = "-q";
	argv[n++] = "-o";
	argv[n++] = work->log;
	argv[n++] = "-p";
	argv[n++] = policy;
	if (!again) {
		argv[n++] = "--mode";
		argv[n++] = "audit";
		if (work->options->scratch)
			argv[n++] = "--scratch";
	}
	if (work->options->python) {
		argv[n++] = "--python";
		argv[n++] = work->options->python;
	}
	argv[n++] = "--";
	for (i = 0; work->words[i]; i++)
		;
	all = xcalloc(n + i + 1, sizeof(*all));
	memcpy(all, argv, n * sizeof(*all));
	memcpy(all + n, work->words, i * sizeof(*all));
	return try(all, work->in, ret_trial);
}

static int save_policy(const struct work *work, const struct buf *policy, char **ret_path)
{
	_cleanup_free_ char *path = xasprintf("%s/policy.yaml", work->directory);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write_full(fd, policy->data, policy->len) < 0) {
		complain("learn: %s: %s", path, strerror(errno));
		return EXIT_INTERNAL;
	}
	*ret_path = steal_ptr(&path);
	return 0;
}

/* Does the policy learned in this round differ from the last one, apart from comments? */
static bool is_other(const char *a, const char *b)
{
	for (;;) {
		size_t n, m;

		while (*a && a[strspn(a, " ")] == '#')
			a += strcspn(a, "\n") + (a[strcspn(a, "\n")] == '\n');
		while (*b && b[strspn(b, " ")] == '#')
			b += strcspn(b, "\n") + (b[strcspn(b, "\n")] == '\n');
		n = strcspn(a, "\n");
		m = strcspn(b, "\n");
		if (n != m || memcmp(a, b, n) != 0)
			return true;
		if (!a[n] || !b[m])
			return a[n] != b[m];
		a += n + 1;
		b += m + 1;
	}
}

/* Reports whether the program behaved AGAIN as it did FIRST, with nothing refused; true if so. */
static bool tell_again(const struct trial *first, const struct trial *again, uint64_t violations,
		       struct buf *report)
{
	bool status = first->status == again->status, out = same_bytes(first->out, again->out),
	     err = same_bytes(first->err, again->err);

	buf_printf(report, "run again under it: %s exit status, %s standard output, %s standard error, ",
		   status ? "the same" : "ANOTHER", out ? "the same" : "ANOTHER", err ? "the same" : "ANOTHER");
	if (violations == UINT64_MAX)
		buf_lit(report, "and its log does not say what was refused\n");
	else if (violations)
		buf_printf(report, "%llu refusals\n", (unsigned long long)violations);
	else
		buf_lit(report, "no refusal\n");
	return status && out && err && violations == 0;
}

/* Violations that the log at PATH counts; UINT64_MAX when it does not say. */
static uint64_t violations_of(const char *path)
{
	struct log_reader *reader;
	struct log_record record;
	struct run_info run;
	uint64_t n;

	if (log_open(path, &reader) < 0)
		return UINT64_MAX;
	run_info_init(&run);
	while (log_next(reader, &record) > 0)
		run_info_take(&run, &record);
	n = run.ended && log_is_whole(log_health(reader)) ? run.violations : UINT64_MAX;
	run_info_fini(&run);
	log_close(reader);
	return n;
}

/* Runs in audit mode until nothing new is learned. 0, EXIT_FAILURE or another status, all said. */
static int learn_rounds(struct work *work, struct trial *ret_first, struct buf *ret_policy, struct buf *ret_report)
{
	_cleanup_free_ char *file = NULL;
	char *logs[MAX_ROUNDS];
	size_t n = 0, i;
	int status = 0;
	bool more = true;

	for (work->round = 0; more && work->round < MAX_ROUNDS; work->round++) {
		struct trial trial = { -1, -1, 0 };
		_cleanup_buf_ struct buf policy = { 0 }, report = { 0 };

		status = run_once(work, file ? file : "python", false, &trial);
		logs[n++] = xstrdup(work->log);
		if (!status)
			status = learn_from_logs(work->options, logs, n, &policy, &report);
		if (!policy.len) {
			show_stream(trial.err);
			status = status ? status : EXIT_INTERNAL;
		}
		if (work->round == 0)
			*ret_first = trial;
		else
			trial_fini(&trial);
		if (!policy.len)
			break;
		more = !ret_policy->len || is_other(ret_policy->data, policy.data);
		buf_fini(ret_policy);
		buf_fini(ret_report);
		*ret_policy = policy;
		*ret_report = report;
		policy = report = (struct buf){ 0 };
		free(steal_ptr(&file));
		if (save_policy(work, ret_policy, &file)) {
			status = EXIT_INTERNAL;
			break;
		}
	}
	for (i = 0; i < n; i++)
		free(logs[i]);
	return status;
}

int learn_from_program(const struct learn_options *options, char **words, struct buf *ret_policy,
		       struct buf *report)
{
	_cleanup_(work_fini) struct work work = { .in = -1, .options = options, .words = words };
	_cleanup_(trial_fini) struct trial first = { -1, -1, 0 }, again = { -1, -1, 0 };
	const char *tmp = getenv("TMPDIR");
	_cleanup_free_ char *file = NULL;
	int status;

	work.directory = xasprintf("%s/proctor-learn-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (!mkdtemp(work.directory)) {
		complain("learn: %s: %s", work.directory, strerror(errno));
		free(steal_ptr(&work.directory));
		return EXIT_INTERNAL;
	}
	complain("learn: AUDIT MODE: the program is run with nothing refused, this is no sandbox");
	work.in = copy_input();
	if (work.in < 0)
		return EXIT_INTERNAL;
	status = learn_rounds(&work, &first, ret_policy, report);
	if (!ret_policy->len || (status && status != EXIT_FAILURE))
		return status;
	if (save_policy(&work, ret_policy, &file) || run_once(&work, file, true, &again))
		return EXIT_INTERNAL;
	return tell_again(&first, &again, violations_of(work.log), report) ? status : EXIT_FAILURE;
}
