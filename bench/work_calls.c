/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that makes one call over and over and measures it from inside, so that neither its
 * start nor an interpreter stands between the call and the figure.
 *
 * work_calls WHAT BATCHES COUNT PATH
 *   WHAT  stat, lstat, fstat (of a descriptor, as glibc before 2.39 asks: an empty path), access,
 *         readlink, absent (ENOENT), open (with close), refused (an open that fails with EACCES),
 *         ioctl (TCGETS on stdin), empty (getppid), any (an open, whatever the answer),
 *         fork (with the child's end), exec (the same, and the child executes PATH without arguments),
 *         connect (a unix socket to PATH, with close)
 *
 * Prints a line for each batch: nanoseconds per call.
 * work_calls start 0 0 /  prints the monotonic clock as its first deed, in nanoseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

/* Not base's: this program is linked statically, whatever the rest is built with. */
static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static char stat_buffer[256], link_buffer[4096];

/* Straight to the kernel: libc's wrappers may choose another call. */
static long do_stat(const char *path)
{
	return syscall(SYS_newfstatat, AT_FDCWD, path, stat_buffer, 0);
}

static long do_lstat(const char *path)
{
	return syscall(SYS_newfstatat, AT_FDCWD, path, stat_buffer, AT_SYMLINK_NOFOLLOW);
}

static long do_fstat(const char *path)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return syscall(SYS_newfstatat, fd, "", stat_buffer, AT_EMPTY_PATH);
}

static long do_access(const char *path)
{
	return syscall(SYS_access, path, R_OK);
}

static long do_readlink(const char *path)
{
	return syscall(SYS_readlink, path, link_buffer, sizeof link_buffer);
}

static long do_open(const char *path)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);

	if (fd >= 0)
		syscall(SYS_close, fd);
	return fd;
}

static long do_ioctl(const char *path)
{
	(void)path;
	return syscall(SYS_ioctl, STDIN_FILENO, TCGETS, stat_buffer);
}

static long do_empty(const char *path)
{
	(void)path;
	return syscall(SYS_getppid);
}

/* A child that does WHAT with PATH, and its end; 0 if that is a good one. */
static long with_child(void (*what)(const char *path), const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		what(path);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return -1;
	return 0;
}

static void nothing(const char *path)
{
	(void)path;
}

static void execute(const char *path)
{
	char *argv[] = { (char *)(uintptr_t)path, NULL }, *envp[] = { NULL };

	execve(path, argv, envp);
	_exit(EXIT_NOT_FOUND);
}

static long do_fork(const char *path)
{
	return with_child(nothing, path);
}

static long do_exec(const char *path)
{
	return with_child(execute, path);
}

static long do_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	r = connect(fd, (const struct sockaddr *)&address, sizeof address);
	close(fd);
	return r;
}

static const struct work {
	const char *name;
	long (*call)(const char *path);
	int expected; /* 0: succeeds; an errno; -1: whatever */
} works[] = {
	{ "stat", do_stat, 0 },		{ "lstat", do_lstat, 0 },
	{ "fstat", do_fstat, 0 },	{ "access", do_access, 0 },
	{ "readlink", do_readlink, 0 }, { "absent", do_stat, ENOENT },
	{ "open", do_open, 0 },
	{ "refused", do_open, EACCES }, { "ioctl", do_ioctl, -1 },
	{ "empty", do_empty, 0 },	{ "any", do_open, -1 },
	{ "fork", do_fork, 0 },		{ "exec", do_exec, 0 },
	{ "connect", do_connect, 0 },
};

/* A figure for something else than what was asked for is worse than none. */
static void check_answer(const struct work *work, long result, const char *path)
{
	int got = result < 0 ? errno : 0;

	if (work->expected < 0 || got == work->expected)
		return;
	fprintf(stderr, "work_calls: %s %s: %s, expected: %s\n", work->name, path, strerror(got),
		strerror(work->expected));
	exit(EXIT_FAILURE);
}

static void run_batches(const struct work *work, long batches, long count, const char *path)
{
	check_answer(work, work->call(path), path);
	for (long batch = 0; batch < batches; batch++) {
		uint64_t begin = monotonic_ns(), taken;

		for (long i = 0; i < count; i++)
			work->call(path);
		taken = monotonic_ns() - begin;
		printf("%.1f\n", (double)taken / (double)count);
	}
}

int main(int argc, char **argv)
{
	uint64_t now = monotonic_ns();
	size_t i;

	if (argc > 1 && streq(argv[1], "start")) {
		printf("%llu\n", (unsigned long long)now);
		return 0;
	}
	for (i = 0; argc == 5 && i < ARRAY_SIZE(works); i++)
		if (streq(argv[1], works[i].name))
			break;
	if (argc != 5 || i == ARRAY_SIZE(works) || atol(argv[3]) < 1) {
		fputs("usage: work_calls WHAT BATCHES COUNT PATH\n", stderr);
		return EXIT_USAGE;
	}
	run_batches(&works[i], atol(argv[2]), atol(argv[3]), argv[4]);
	return 0;
}
