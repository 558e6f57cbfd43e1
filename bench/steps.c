/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each step of a brokered call costs by itself: a program is held at a seccomp stop in a stat
 * of a file, and every request that a broker can make of it there is made over and over. Their sum
 * is what a broker adds to the bare stop (bench/floor); where there are two ways to do one thing,
 * both are measured.
 *
 * steps DIRECTORY PATH-BENEATH-IT [COUNT]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

enum {
	BATCHES = 15,
	PATH_BYTES = 256,
	NR_OPENAT2 = 437,
	NR_STATX = 332,
	SET_SYSCALL_INFO = 0x4212, /* Linux 6.16 */
};

struct world {
	pid_t pid;
	int dir, parent, mem, file;
	const char *rest, *name; /* beneath the directory, beneath its own directory */
	char *path;		 /* at the same address in the program */
	struct stat *out;
	char near[4096];
	struct stat st;
	struct user_regs_struct regs;
	struct ptrace_syscall_info info;
};

/* glibc's own <sys/ptrace.h> clashes with the kernel's header, whose structs are needed. */
static long trace(long request, pid_t pid, unsigned long addr, void *data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

static bool do_getregs(struct world *w)
{
	return trace(PTRACE_GETREGS, w->pid, 0, &w->regs) == 0;
}

static bool do_setregs(struct world *w)
{
	return trace(PTRACE_SETREGS, w->pid, 0, &w->regs) == 0;
}

static bool do_getregset(struct world *w)
{
	struct iovec iov = { &w->regs, sizeof w->regs };

	return trace(PTRACE_GETREGSET, w->pid, 1 /* NT_PRSTATUS */, &iov) == 0;
}

static bool do_get_info(struct world *w)
{
	return trace(PTRACE_GET_SYSCALL_INFO, w->pid, sizeof w->info, &w->info) > 0;
}

static bool do_set_info(struct world *w)
{
	return trace(SET_SYSCALL_INFO, w->pid, sizeof w->info, &w->info) == 0;
}

static bool do_peekuser(struct world *w)
{
	unsigned long value;

	return trace(PTRACE_PEEKUSR, w->pid, offsetof(struct user_regs_struct, rax), &value) == 0;
}

static bool do_pokeuser(struct world *w)
{
	return trace(PTRACE_POKEUSR, w->pid, offsetof(struct user_regs_struct, rax),
		     (void *)w->regs.rax) == 0;
}

static bool read_remote(struct world *w, size_t n)
{
	struct iovec local = { w->near, n }, remote = { w->path, n };

	return process_vm_readv(w->pid, &local, 1, &remote, 1, 0) == (ssize_t)n;
}

static bool do_readv(struct world *w)
{
	return read_remote(w, PATH_BYTES);
}

static bool do_readv_page(struct world *w)
{
	return read_remote(w, sizeof w->near);
}

static bool do_mem_read(struct world *w)
{
	return pread(w->mem, w->near, PATH_BYTES, (off_t)(uintptr_t)w->path) == PATH_BYTES;
}

static bool do_peektext(struct world *w)
{
	unsigned long value;

	return trace(PTRACE_PEEKTEXT, w->pid, (unsigned long)w->path, &value) == 0;
}

static bool do_writev(struct world *w)
{
	struct iovec local = { &w->st, sizeof w->st }, remote = { w->out, sizeof w->st };

	return process_vm_writev(w->pid, &local, 1, &remote, 1, 0) == (ssize_t)sizeof w->st;
}

static bool do_mem_write(struct world *w)
{
	return pwrite(w->mem, &w->st, sizeof w->st, (off_t)(uintptr_t)w->out) ==
	       (ssize_t)sizeof w->st;
}

static int open_beneath(struct world *w)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(NR_OPENAT2, w->dir, w->rest, &how, sizeof how);
}

static bool do_open_fstat_close(struct world *w)
{
	int fd = open_beneath(w);

	return fd >= 0 && fstat(fd, &w->st) == 0 && close(fd) == 0;
}

static bool do_open_close(struct world *w)
{
	int fd = open_beneath(w);

	return fd >= 0 && close(fd) == 0;
}

static bool do_fstat(struct world *w)
{
	return fstat(w->file, &w->st) == 0;
}

static bool do_statat_root(struct world *w)
{
	return fstatat(w->dir, w->rest, &w->st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool do_statat_parent(struct world *w)
{
	return fstatat(w->parent, w->name, &w->st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool do_clock(struct world *w)
{
	struct timespec t;

	(void)w;
	return clock_gettime(CLOCK_MONOTONIC, &t) == 0;
}

static bool do_clock_coarse(struct world *w)
{
	struct timespec t;

	(void)w;
	return clock_gettime(CLOCK_REALTIME_COARSE, &t) == 0;
}

static bool do_wait(struct world *w)
{
	int status;

	return waitpid(w->pid, &status, __WALL | WNOHANG) == 0;
}

static bool do_getppid(struct world *w)
{
	(void)w;
	return syscall(SYS_getppid) >= 0;
}

static const struct step {
	const char *what;
	bool (*run)(struct world *w);
} steps[] = {
	{ "nothing (getppid)", do_getppid },
	{ "clock_gettime(MONOTONIC), vDSO", do_clock },
	{ "clock_gettime(REALTIME_COARSE), vDSO", do_clock_coarse },
	{ "wait4(WNOHANG), nothing there", do_wait },
	{ "PTRACE_GETREGS", do_getregs },
	{ "PTRACE_GETREGSET", do_getregset },
	{ "PTRACE_GET_SYSCALL_INFO", do_get_info },
	{ "PTRACE_PEEKUSER, one register", do_peekuser },
	{ "PTRACE_SETREGS", do_setregs },
	{ "PTRACE_SET_SYSCALL_INFO", do_set_info },
	{ "PTRACE_POKEUSER, one register", do_pokeuser },
	{ "process_vm_readv, 256 bytes", do_readv },
	{ "process_vm_readv, a page", do_readv_page },
	{ "pread /proc/PID/mem, 256 bytes", do_mem_read },
	{ "PTRACE_PEEKTEXT, a word", do_peektext },
	{ "process_vm_writev, a struct stat", do_writev },
	{ "pwrite /proc/PID/mem, a struct stat", do_mem_write },
	{ "openat2 beneath + close", do_open_close },
	{ "openat2 beneath + fstat + close", do_open_fstat_close },
	{ "fstat of an O_PATH descriptor", do_fstat },
	{ "fstatat from the grant's root", do_statat_root },
	{ "fstatat from the file's own directory", do_statat_parent },
};

/* ------------------------------------------------------------------ the program that is held */

static void be_held(const struct world *w)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };

	/* Both pages are there before the supervisor asks for them. */
	*(volatile char *)w->out = 0;
	trace(PTRACE_TRACEME, 0, 0, NULL);
	raise(SIGSTOP);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		_exit(EXIT_HOST);
	syscall(SYS_newfstatat, AT_FDCWD, w->path, w->out, 0);
	_exit(0);
}

/* Runs the program to its stat and leaves it there. */
static bool hold(struct world *w)
{
	char mem[64];
	int status;

	w->pid = fork();
	if (w->pid == 0)
		be_held(w);
	if (w->pid < 0 || waitpid(w->pid, &status, 0) < 0 || !WIFSTOPPED(status))
		return false;
	trace(PTRACE_SETOPTIONS, w->pid, 0,
	      (void *)(uintptr_t)(PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL));
	trace(PTRACE_CONT, w->pid, 0, NULL);
	if (waitpid(w->pid, &status, 0) < 0 ||
	    status >> 8 != (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8)))
		return false;
	snprintf(mem, sizeof mem, "/proc/%d/mem", w->pid);
	w->mem = open(mem, O_RDWR | O_CLOEXEC);
	return w->mem >= 0 && do_getregs(w);
}

static bool prepare(struct world *w, const char *dir, const char *rest)
{
	const char *slash = strrchr(rest, '/');
	char *parent = strndup(rest, slash ? (size_t)(slash - rest) : 0);

	w->rest = rest;
	w->name = slash ? slash + 1 : rest;
	w->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	w->parent = openat(w->dir, parent && *parent ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	w->path = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	w->out = (struct stat *)(void *)(w->path + 4096);
	snprintf(w->path, PATH_BYTES, "%s/%s", dir, rest);
	w->file = open_beneath(w);
	return w->parent >= 0 && w->file >= 0 && hold(w);
}

/* ------------------------------------------------------------------ measuring */

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(struct world *w, const struct step *step, long count)
{
	double taken[BATCHES];
	int batch;
	long i;

	errno = 0;
	if (!step->run(w)) {
		printf("%-42s  not here: %s\n", step->what, strerror(errno));
		return;
	}
	for (batch = 0; batch < BATCHES; batch++) {
		double begin = now_ns();

		for (i = 0; i < count; i++)
			step->run(w);
		taken[batch] = (now_ns() - begin) / (double)count;
	}
	qsort(taken, BATCHES, sizeof *taken, by_value);
	printf("%-42s %8.0f %8.0f ns\n", step->what, taken[0], taken[BATCHES / 2]);
}

int main(int argc, char **argv)
{
	struct world w = { .pid = -1 };
	long count = argc > 3 ? atol(argv[3]) : 2000;
	size_t i;

	if (argc < 3 || count < 1) {
		fputs("usage: steps DIRECTORY PATH-BENEATH-IT [COUNT]\n", stderr);
		return EXIT_USAGE;
	}
	if (!prepare(&w, argv[1], argv[2])) {
		perror("steps");
		return EXIT_HOST;
	}
	printf("%-42s %8s %8s\n", "", "best", "median");
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		measure(&w, &steps[i], count);
	kill(w.pid, SIGKILL);
	return 0;
}
