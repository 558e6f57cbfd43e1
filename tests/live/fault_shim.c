/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault injection for the supervisor, by LD_PRELOAD: the Nth call of one function of libc fails.
 *
 * FAULT_CALL names the function ("syscall:437" one number of syscall(2)), FAULT_AT says which call
 * of it (from 1), FAULT_ERRNO what it fails with, FAULT_STICKY that all later ones fail too.
 * FAULT_CLOCK is how many seconds CLOCK_REALTIME jumps by, at its FAULT_AT-th reading.
 * FAULT_COUNTS names a file that gets, at the end, how often each function was called. The counters
 * are shared with the forked child, so that each N is one call of the whole supervisor. Loaded by
 * the tests only; the program under proctor has a clean environment and never sees it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

#define FUNCTIONS(X)                                                                               \
	X(malloc)                                                                                  \
	X(calloc) X(realloc) X(open) X(openat) X(read) X(pread) X(write) X(close) X(ptrace) X(     \
		fork) X(mmap) X(munmap) X(pipe2) X(dup) X(dup2) X(dup3) X(fcntl) X(stat) X(lstat)  \
		X(fstat) X(statx) X(fstatfs) X(access) X(faccessat) X(readlink) X(readlinkat)      \
			X(realpath) X(getcwd) X(memfd_create) X(ftruncate) X(waitpid)              \
				X(process_vm_readv) X(process_vm_writev) X(setitimer) X(sigaction) \
					X(sigprocmask) X(kill) X(getrlimit) X(setrlimit) X(prctl)  \
						X(rename) X(unlink) X(getrandom) X(nanosleep)      \
							X(execve) X(opendir) X(fopen) X(getrusage) \
								X(poll) X(clock_gettime) X(clone) \
								X(waitid) X(mprotect)

/* The shim's own way into the kernel: libc's syscall(2) is one of the functions that fail. */
static long raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

enum which {
#define ENUM(name) CALL_##name,
	FUNCTIONS(ENUM)
#undef ENUM
	CALL_syscall_first,
	N_COUNTERS = CALL_syscall_first + 512,
};

static const char *const names[] = {
#define NAME(name) #name,
	FUNCTIONS(NAME)
#undef NAME
};

struct plan {
	_Atomic unsigned count[N_COUNTERS];
};

static struct plan early, *plan = &early;
static int chosen = -1, error = EIO;
static unsigned at;
static bool sticky;
static long jump;
static pid_t owner;

/* Has the moment come? Called once for each call of function N. */
static bool fails(int n)
{
	unsigned count = ++plan->count[n];

	if (n != chosen || (sticky ? count < at : count != at))
		return false;
	errno = error;
	return true;
}

static int find(const char *name)
{
	size_t i;

	if (strncmp(name, "syscall:", 8) == 0)
		return CALL_syscall_first + atoi(name + 8);
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static __attribute__((constructor)) void set_up(void)
{
	const char *call = getenv("FAULT_CALL"), *value;
	struct plan *shared;

	shared = (struct plan *)raw(SYS_mmap, 0, sizeof *shared, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if ((intptr_t)shared > 0)
		plan = shared;
	owner = getpid();
	value = getenv("FAULT_AT");
	at = value ? (unsigned)atoi(value) : 1;
	value = getenv("FAULT_CLOCK");
	jump = value ? atol(value) : 0;
	if (!call)
		return;
	value = getenv("FAULT_ERRNO");
	error = value ? atoi(value) : EIO;
	sticky = getenv("FAULT_STICKY") != NULL;
	memset(plan, 0, sizeof *plan);
	chosen = find(call);
}

static __attribute__((destructor)) void tear_down(void)
{
	const char *path = getenv("FAULT_COUNTS");
	char line[64];
	int fd, i, n;

	if (!path || getpid() != owner)
		return;
	fd = (int)raw(SYS_openat, AT_FDCWD, (long)path, O_WRONLY | O_CREAT | O_TRUNC, 0600, 0, 0);
	for (i = 0; i < N_COUNTERS && fd >= 0; i++) {
		if (!plan->count[i])
			continue;
		n = i < CALL_syscall_first
			    ? snprintf(line, sizeof line, "%s %u\n", names[i], plan->count[i])
			    : snprintf(line, sizeof line, "syscall:%d %u\n", i - CALL_syscall_first,
				       plan->count[i]);
		if (raw(SYS_write, fd, (long)line, n, 0, 0, 0) != n)
			break;
	}
}

static void *next(void **slot, const char *name)
{
	if (!*slot)
		*slot = dlsym(RTLD_NEXT, name);
	return *slot;
}

/* TYPE NAME(PARAMETERS), which answers FAILURE when it fails. */
#define SHIM(type, name, failure, parameters, arguments)                                           \
	type name parameters;                                                                      \
	type name parameters                                                                       \
	{                                                                                          \
		static void *slot;                                                                 \
		type(*real) parameters = (type(*) parameters)next(&slot, #name);                   \
                                                                                                   \
		return fails(CALL_##name) ? failure : real arguments;                              \
	}

void *malloc(size_t size)
{
	return fails(CALL_malloc) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails(CALL_calloc) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails(CALL_realloc) ? NULL : __libc_realloc(p, size);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

/* Their optional argument is passed on whether or not it was given: a register either way. */
static long extra(va_list ap)
{
	return va_arg(ap, long);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	long mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? extra(ap) : 0;
	va_end(ap);
	return fails(CALL_open) ? -1
				: (int)raw(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

int openat(int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	long mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? extra(ap) : 0;
	va_end(ap);
	return fails(CALL_openat) ? -1 : (int)raw(SYS_openat, dirfd, (long)path, flags, mode, 0, 0);
}

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
	return open(path, flags);
}

int fcntl(int fd, int command, ...)
{
	va_list ap;
	long value;

	va_start(ap, command);
	value = extra(ap);
	va_end(ap);
	return fails(CALL_fcntl) ? -1 : (int)raw(SYS_fcntl, fd, command, value, 0, 0, 0);
}

int prctl(int option, ...)
{
	va_list ap;
	long a, b, c, d;

	va_start(ap, option);
	a = extra(ap), b = extra(ap), c = extra(ap), d = extra(ap);
	va_end(ap);
	return fails(CALL_prctl) ? -1 : (int)raw(SYS_prctl, option, a, b, c, d, 0);
}

long ptrace(int request, ...);
long ptrace(int request, ...)
{
	static void *slot;
	long (*real)(int, ...) = (long (*)(int, ...))next(&slot, "ptrace");
	va_list ap;
	long pid, addr, data;

	va_start(ap, request);
	pid = extra(ap), addr = extra(ap), data = extra(ap);
	va_end(ap);
	return fails(CALL_ptrace) ? -1 : real(request, pid, addr, data);
}

/* The child shares this memory, and the counters with it. */
int clone(int (*function)(void *), void *stack, int flags, void *context, ...);
int clone(int (*function)(void *), void *stack, int flags, void *context, ...)
{
	static void *slot;
	int (*real)(int (*)(void *), void *, int, void *, ...) =
		(int (*)(int (*)(void *), void *, int, void *, ...))next(&slot, "clone");

	return fails(CALL_clone) ? -1 : real(function, stack, flags, context);
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	static void *slot;
	int (*real)(clockid_t, struct timespec *) =
		(int (*)(clockid_t, struct timespec *))next(&slot, "clock_gettime");
	int r = real(clock, ts);

	if (r == 0 && clock == CLOCK_REALTIME && jump && ++plan->count[CALL_clock_gettime] >= at)
		ts->tv_sec += jump;
	return r;
}

/* Calls that libc has no name for. */
long syscall(long nr, ...)
{
	va_list ap;
	long a, b, c, d, e, f;

	va_start(ap, nr);
	a = extra(ap), b = extra(ap), c = extra(ap), d = extra(ap), e = extra(ap), f = extra(ap);
	va_end(ap);
	if (nr >= 0 && nr < 512 && fails(CALL_syscall_first + (int)nr))
		return -1;
	return raw(nr, a, b, c, d, e, f);
}

SHIM(ssize_t, read, -1, (int fd, void *p, size_t n), (fd, p, n))
SHIM(ssize_t, pread, -1, (int fd, void *p, size_t n, off_t at_), (fd, p, n, at_))
SHIM(ssize_t, write, -1, (int fd, const void *p, size_t n), (fd, p, n))
SHIM(int, close, -1, (int fd), (fd))
SHIM(pid_t, fork, -1, (void), ())
SHIM(int, mprotect, -1, (void *p, size_t n, int prot), (p, n, prot))
SHIM(int, waitid, -1, (idtype_t type, id_t id, siginfo_t *info, int flags), (type, id, info, flags))
SHIM(void *, mmap, MAP_FAILED, (void *p, size_t n, int prot, int flags, int fd, off_t o),
     (p, n, prot, flags, fd, o))
SHIM(int, munmap, -1, (void *p, size_t n), (p, n))
SHIM(int, pipe2, -1, (int fds[2], int flags), (fds, flags))
SHIM(int, dup, -1, (int fd), (fd))
SHIM(int, dup2, -1, (int fd, int to), (fd, to))
SHIM(int, dup3, -1, (int fd, int to, int flags), (fd, to, flags))
SHIM(int, stat, -1, (const char *path, struct stat *st), (path, st))
SHIM(int, lstat, -1, (const char *path, struct stat *st), (path, st))
SHIM(int, fstat, -1, (int fd, struct stat *st), (fd, st))
SHIM(int, statx, -1, (int fd, const char *path, int flags, unsigned mask, struct statx *st),
     (fd, path, flags, mask, st))
SHIM(int, fstatfs, -1, (int fd, struct statfs *st), (fd, st))
SHIM(int, access, -1, (const char *path, int mode), (path, mode))
SHIM(int, faccessat, -1, (int fd, const char *path, int mode, int flags), (fd, path, mode, flags))
SHIM(ssize_t, readlink, -1, (const char *path, char *text, size_t n), (path, text, n))
SHIM(ssize_t, readlinkat, -1, (int fd, const char *path, char *text, size_t n), (fd, path, text, n))
SHIM(char *, realpath, NULL, (const char *path, char *text), (path, text))
SHIM(char *, getcwd, NULL, (char *text, size_t n), (text, n))
SHIM(int, memfd_create, -1, (const char *name, unsigned flags), (name, flags))
SHIM(int, ftruncate, -1, (int fd, off_t n), (fd, n))
SHIM(pid_t, waitpid, -1, (pid_t pid, int *status, int flags), (pid, status, flags))
SHIM(ssize_t, process_vm_readv, -1,
     (pid_t pid, const struct iovec *l, unsigned long nl, const struct iovec *r, unsigned long nr,
      unsigned long flags),
     (pid, l, nl, r, nr, flags))
SHIM(ssize_t, process_vm_writev, -1,
     (pid_t pid, const struct iovec *l, unsigned long nl, const struct iovec *r, unsigned long nr,
      unsigned long flags),
     (pid, l, nl, r, nr, flags))
SHIM(int, setitimer, -1, (__itimer_which_t w, const struct itimerval *v, struct itimerval *old),
     (w, v, old))
SHIM(int, sigaction, -1, (int n, const struct sigaction *a, struct sigaction *old), (n, a, old))
SHIM(int, sigprocmask, -1, (int how, const sigset_t *set, sigset_t *old), (how, set, old))
SHIM(int, kill, -1, (pid_t pid, int n), (pid, n))
SHIM(int, getrlimit, -1, (__rlimit_resource_t r, struct rlimit *l), (r, l))
SHIM(int, setrlimit, -1, (__rlimit_resource_t r, const struct rlimit *l), (r, l))
SHIM(int, rename, -1, (const char *from, const char *to), (from, to))
SHIM(int, unlink, -1, (const char *path), (path))
SHIM(ssize_t, getrandom, -1, (void *p, size_t n, unsigned flags), (p, n, flags))
SHIM(int, nanosleep, -1, (const struct timespec *want, struct timespec *left), (want, left))
SHIM(int, execve, -1, (const char *path, char *const argv[], char *const envp[]),
     (path, argv, envp))
SHIM(void *, opendir, NULL, (const char *path), (path))
SHIM(FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode))
SHIM(int, getrusage, -1, (__rusage_who_t who, struct rusage *usage), (who, usage))
SHIM(int, poll, -1, (void *fds, unsigned long n, int ms), (fds, n, ms))
