/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stack costs: stops a Python program inside a mkdir(2) twelve frames deep and reads its
 * stack over and over, with a reader that has read it before (warm) and with a new one each time
 * (cold: maps, ELF headers, version, symbols).
 *
 * bench_stack [PYTHON [ROUNDS]]
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/stack.h"

static const char program[] =
	"import os, json, argparse, threading\n"
	"class C:\n"
	"    def method(self, n):\n"
	"        return self.method(n - 1) if n else os.mkdir('/probe/bench')\n"
	"def f(n):\n"
	"    return f(n - 1) if n else sorted([1], key=lambda _: C().method(3))\n"
	"f(5)\n";

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void print_times(const char *what, uint64_t *ns, size_t n)
{
	qsort(ns, n, sizeof *ns, by_value);
	printf("%-14s min %8.1f  median %8.1f  p95 %8.1f us\n", what, (double)ns[0] / 1e3,
	       (double)ns[n / 2] / 1e3, (double)ns[n * 95 / 100] / 1e3);
}

static void measure(pid_t pid, const struct user_regs_struct *regs, enum stack_kinds what,
		    bool cold, size_t n, const char *title)
{
	_cleanup_free_ uint64_t *ns = xcalloc(n, sizeof *ns);
	struct stack_reader *reader = stack_reader_new(pid);

	for (size_t i = 0; i < n + 2; i++) {
		uint64_t start = clock_ns(CLOCK_MONOTONIC);

		if (cold) {
			stack_reader_free(reader);
			reader = stack_reader_new(pid);
		}
		stack_read(reader, pid, regs, what);
		if (i >= 2)
			ns[i - 2] = clock_ns(CLOCK_MONOTONIC) - start;
	}
	stack_reader_free(reader);
	print_times(title, ns, n);
}

/* Runs PYTHON to its mkdir(2); 0 or -errno. */
static int run_to_call(const char *python, pid_t *ret_pid, struct user_regs_struct *ret_regs)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execlp(python, python, "-c", program, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (ptrace(PTRACE_GETREGS, pid, 0, ret_regs) < 0)
			return -errno;
		if (ret_regs->orig_rax == SYS_mkdir) {
			*ret_pid = pid;
			return 0;
		}
		ptrace(PTRACE_SYSCALL, pid, 0, 0);
	}
	return -ENOEXEC;
}

int main(int argc, char **argv)
{
	const char *python = argc > 1 ? argv[1] : "python3";
	size_t rounds = argc > 2 ? (size_t)atol(argv[2]) : 2000;
	struct user_regs_struct regs;
	struct stack_reader *reader;
	const struct stack *s;
	struct rusage usage;
	pid_t pid = 0;

	if (rounds < 1 || run_to_call(python, &pid, &regs) < 0) {
		complain("%s does not reach its call", python);
		return EXIT_HOST;
	}
	reader = stack_reader_new(pid);
	s = stack_read(reader, pid, &regs, STACK_BOTH);
	printf("%s: python 3.%d, %zu python frames, %zu native frames\n", python, s->python_minor,
	       s->python_total, s->native_total);
	stack_reader_free(reader);
	measure(pid, &regs, STACK_PYTHON, false, rounds, "python, warm");
	measure(pid, &regs, STACK_BOTH, false, rounds, "both, warm");
	measure(pid, &regs, STACK_PYTHON, true, rounds / 10 + 1, "python, cold");
	measure(pid, &regs, STACK_BOTH, true, rounds / 10 + 1, "both, cold");
	getrusage(RUSAGE_SELF, &usage);
	printf("most resident  %ld KiB\n", usage.ru_maxrss);
	kill(pid, SIGKILL);
	return 0;
}
