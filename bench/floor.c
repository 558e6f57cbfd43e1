/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what a ptrace broker cannot go below. A bare tracer that sends the calls that name a
 * file to itself (one SECCOMP_RET_TRACE per call), reads the registers and the path as any broker
 * must, and lets the call through unchanged: no policy, no resolving, no log. It follows threads and
 * processes, so that whole programs can be run on it too, and its figures stand beside proctor's
 * as the denominator of a ratio.
 *
 * floor MODE CPU PROGRAM [ARG...]
 *   MODE  none   no filter, no tracer: the program alone, started in the same way
 *         stop   stops, is resumed at once: the stop itself
 *         one    one stop a call: registers, path, resumed
 *         two    the same and the exit stop of every call
 *         open   two stops for the opens, one for all else: what emulating and rewriting needs
 *         lock   the same, and one for each record lock (F_SETLK): whose file is locked only a broker knows
 *         notify no tracer, but a listener (SECCOMP_RET_USER_NOTIF, synchronous wake-ups): path, let go on
 *   CPU   free   the kernel places both
 *         N      both on CPU N
 *         split  the tracer on the first CPU allowed, the program on the second
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#endif

enum mode { MODE_NONE, MODE_STOP, MODE_ONE, MODE_TWO, MODE_OPEN, MODE_LOCK, MODE_NOTIFY };
enum { PAGE = 4096, PATH_BYTES = 256, FIRST_LEN = 4, LOCK_LEN = 4, NR_OPENAT2 = 437, NR_FACCESSAT2 = 439 };

static const char *const mode_names[] = { "none", "stop", "one", "two", "open", "lock", "notify" };

/* The calls of CPython that name a file and that proctor brokers; which argument is the path. */
static const struct file_call {
	unsigned nr, path;
	bool opens;
} file_calls[] = {
	{ SYS_newfstatat, 1, false }, { SYS_openat, 1, true },	    { SYS_stat, 0, false },
	{ SYS_lstat, 0, false },      { SYS_open, 0, true },	    { SYS_access, 0, false },
	{ SYS_readlink, 0, false },   { SYS_readlinkat, 1, false }, { SYS_statx, 1, false },
	{ SYS_faccessat, 1, false },  { NR_FACCESSAT2, 1, false },  { NR_OPENAT2, 1, true },
	{ SYS_creat, 0, true },	      { SYS_statfs, 0, false },	    { SYS_chdir, 0, false },
	{ SYS_mkdir, 0, false },      { SYS_unlink, 0, false },	    { SYS_unlinkat, 1, false },
	{ SYS_rename, 0, false },     { SYS_rmdir, 0, false },
};

/* The descriptor of the listener, in mode notify; otherwise 0. */
static int install_filter(enum mode mode)
{
	static const struct sock_filter locks[LOCK_LEN] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETLK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	};
	struct sock_filter code[FIRST_LEN + 2 * ARRAY_SIZE(file_calls) + LOCK_LEN + 1] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .filter = code };
	unsigned what = mode == MODE_NOTIFY ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE;
	size_t i, n = FIRST_LEN;
	long listener = -1;

	for (i = 0; i < ARRAY_SIZE(file_calls); i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, file_calls[i].nr, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what);
	}
	for (i = 0; mode == MODE_LOCK && i < LOCK_LEN; i++)
		code[n++] = locks[i];
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				   mode == MODE_NOTIFY ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0UL, &program);
	if (listener < 0) {
		perror("floor: seccomp");
		_exit(EXIT_HOST);
	}
	return (int)listener;
}

/* ------------------------------------------------------------------ which core */

static void run_on(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof set, &set) < 0) {
		perror("floor: sched_setaffinity");
		exit(EXIT_HOST);
	}
}

/* The Nth CPU that this process may use, or the last one. */
static unsigned nth_cpu(unsigned n)
{
	cpu_set_t set;
	unsigned cpu, last = 0;

	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 0;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		last = cpu;
		if (n-- == 0)
			break;
	}
	return last;
}

static void place(const char *where, bool tracer)
{
	if (streq(where, "split"))
		run_on(nth_cpu(tracer ? 0 : 1));
	else if (!streq(where, "free"))
		run_on((unsigned)atoi(where));
}

/* ------------------------------------------------------------------ the tracer */

static const struct file_call *find_call(unsigned long long nr)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(file_calls); i++)
		if (file_calls[i].nr == nr)
			return &file_calls[i];
	return NULL;
}

/* As much as a broker reads first: PATH_BYTES, not beyond the page. */
static void read_path(pid_t tid, unsigned long long addr)
{
	static char path[PATH_BYTES];
	size_t to_border = PAGE - (size_t)(addr & (PAGE - 1));
	struct iovec local = { path, MIN(sizeof path, to_border) };
	struct iovec remote = { (void *)(uintptr_t)addr, local.iov_len };

	/* A bad pointer is the program's business: the kernel will say EFAULT. */
	process_vm_readv(tid, &local, 1, &remote, 1, 0);
}

static void at_call(pid_t tid, enum mode mode)
{
	struct user_regs_struct regs;
	const struct file_call *call = NULL;
	bool to_exit;

	if (mode != MODE_STOP) {
		ptrace(PTRACE_GETREGS, tid, 0, &regs);
		call = find_call(regs.orig_rax);
	}
	if (call)
		read_path(tid, call->path == 0 ? regs.rdi : regs.rsi);
	to_exit = mode == MODE_TWO || (mode >= MODE_OPEN && call && call->opens);
	ptrace(to_exit ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0, 0);
}

static void at_exit(pid_t tid)
{
	struct user_regs_struct regs;

	/* A broker reads the result here and puts the registers back. */
	ptrace(PTRACE_GETREGS, tid, 0, &regs);
	ptrace(PTRACE_CONT, tid, 0, 0);
}

static void at_stop(pid_t tid, int status, enum mode mode)
{
	int signal = WSTOPSIG(status);
	int event = status >> 16;

	if (event == PTRACE_EVENT_SECCOMP)
		at_call(tid, mode);
	else if (event == 0 && signal == (SIGTRAP | 0x80))
		at_exit(tid);
	else
		ptrace(PTRACE_CONT, tid, 0, event == 0 ? (long)signal : 0L);
}

/* Until the first process ends; its wait status. */
static int trace(pid_t pid, enum mode mode)
{
	int status;
	pid_t tid;

	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0)
			return 0;
		if (WIFSTOPPED(status))
			at_stop(tid, status, mode);
		else if (tid == pid)
			return status;
	}
}

/* ------------------------------------------------------------------ the listener */

/* Until the last process that has the filter is gone; the wait status of the first. PEER tells which descriptor of PID it is. */
static int listen_to(pid_t pid, int peer)
{
	struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd event = { .fd = -1, .events = POLLIN };
	const struct file_call *row;
	struct seccomp_notif call;
	int listener, status = 0;

	if (read(peer, &listener, sizeof listener) == sizeof listener)
		event.fd = (int)syscall(SYS_pidfd_getfd, pidfd, listener, 0);
	if (event.fd < 0 || write(peer, "g", 1) != 1) {
		perror("floor: listener");
		return EXIT_HOST << 8;
	}
	/* On an older kernel the wake-ups are as they are. */
	ioctl(event.fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	/* A broker has its tracees to wait for too, so the wait is one that can be for both. */
	while (poll(&event, 1, -1) < 0 || event.revents & POLLIN) {
		memset(&call, 0, sizeof call);
		if (ioctl(event.fd, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			continue;
		row = find_call((unsigned)call.data.nr);
		if (row)
			read_path((pid_t)call.pid, call.data.args[row->path]);
		answer.id = call.id;
		ioctl(event.fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* ------------------------------------------------------------------ the program */

static void run_child(enum mode mode, const char *where, int peer, char **argv)
{
	int listener;
	char c;

	place(where, false);
	if (read(peer, &c, 1) != 1)
		_exit(EXIT_NOT_FOUND);
	if (mode != MODE_NONE) {
		listener = install_filter(mode);
		if (mode == MODE_NOTIFY && (write(peer, &listener, sizeof listener) < 0 || read(peer, &c, 1) != 1))
			_exit(EXIT_HOST);
	}
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(EXIT_NOT_FOUND);
}

static int attach(pid_t pid)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	const struct sigaction quiet = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };

	sigaction(SIGCHLD, &quiet, NULL);
	return ptrace(PTRACE_SEIZE, pid, 0, options) < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
	enum mode mode;
	int pair[2], status = 0;
	bool traced;
	pid_t pid;

	for (mode = MODE_NONE; argc > 3 && mode <= MODE_NOTIFY; mode++)
		if (streq(argv[1], mode_names[mode]))
			break;
	if (argc < 4 || mode > MODE_NOTIFY) {
		fputs("usage: floor none|stop|one|two|open|lock|notify free|split|CPU PROGRAM [ARG...]\n", stderr);
		return EXIT_USAGE;
	}
	traced = mode != MODE_NONE && mode != MODE_NOTIFY;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return EXIT_HOST;
	pid = fork();
	if (pid == 0) {
		close(pair[1]);
		run_child(mode, argv[2], pair[0], argv + 3);
	}
	close(pair[0]);
	place(argv[2], true);
	if (pid < 0 || (traced && attach(pid) < 0) || write(pair[1], "g", 1) != 1) {
		perror("floor");
		return EXIT_HOST;
	}
	if (traced)
		status = trace(pid, mode);
	else if (mode == MODE_NOTIFY)
		status = listen_to(pid, pair[1]);
	else
		waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
