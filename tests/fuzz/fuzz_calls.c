/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls at random, from inside the sandbox; fuzz_calls.py runs it under proctor and watches from
 * outside.
 *
 *	fuzz_calls SEED COUNT GRANTED OUTSIDE VICTIM PORT [x32] [INODE...]
 *
 * Theory of operation. Some threads make COUNT calls together: mostly rows of proctor's own table with
 * arguments of the kinds that stand there, the rest any number with any arguments. The first thread
 * makes none: it starts short-lived threads beside the others, changes the memory that the calls point
 * to, wakes who is blocked, and tells how many calls were made. Nothing here uses errno or another
 * thread-local variable once the calls have begun, because a call may change the fs register. INODEs
 * are those of OUTSIDE: a descriptor or a stat of one of them is told as an ESCAPE.
 *
 * Not called: exit and exit_group, which would end the fuzzing; rt_sigreturn, which jumps wherever the
 * stack says; clone with the flags of a real thread, which would run here on a stack of no meaning;
 * numbers with the x32 bit, unless asked, because they are answered by killing. SIGKILL and the
 * signals that stop are rarely sent for the same reason.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/syscalls.h"

enum {
	PAGE = 4096,
	WORKERS = 4,
	WORDS_PAGES = 8, /* writable, then one page that may only be read, then nothing */
	SCRATCH_AT = 0x100000,
	TICK_NS = 2000000,
	PATIENCE = 150, /* ticks without any progress */
	LOST = 3,	/* exit status: a fault of the program's own that it cannot mend */
};

/* pthread_create(3)'s; the last bit is CLONE_DETACHED. */
static const uint64_t thread_flags = 0x3d0f00, thread_flags_detached = 0x7d0f00;

static const char *granted, *outside;
static uint64_t victim, port;
static uint64_t inodes[512];
static unsigned n_inodes;
static bool with_x32;
static long target;
static pid_t self;

static atomic_long made;
static atomic_uint finished;

struct worker {
	uint64_t random;
	pid_t tid;
	long budget; /* calls left for a short-lived thread; a worker looks at TARGET */
	atomic_long calls;
	long seen; /* by the first thread: CALLS at its last look */
	bool brief;
	char *words; /* WORDS_PAGES of memory, followed by a page that may only be read */
	bool armed; /* RECOVERY leads back */
	void *recovery[5];
};

/* Behind the workers the short-lived ones; the last one is the first thread. */
static struct worker workers[WORKERS + 8];

/* ------------------------------------------------------------------ no thread-local storage */

static long raw(uint64_t nr, const uint64_t a[6])
{
	register uint64_t r10 __asm__("r10") = a[3];
	register uint64_t r8 __asm__("r8") = a[4];
	register uint64_t r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define CALL(nr, ...) raw((uint64_t)(nr), (const uint64_t[6]){ __VA_ARGS__ })

static uint64_t any(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t below(struct worker *w, uint64_t n)
{
	return (any(w) >> 11) % n;
}

static bool one_in(struct worker *w, unsigned n)
{
	return below(w, n) == 0;
}

static void tell(const char *what, uint64_t value)
{
	char line[128];
	size_t n = 0, digits = 0;
	char reversed[24];

	for (; what[n] && n < 64; n++)
		line[n] = what[n];
	line[n++] = ' ';
	do
		reversed[digits++] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	while (digits > 0)
		line[n++] = reversed[--digits];
	line[n++] = '\n';
	CALL(SYS_write, 1, (uint64_t)(uintptr_t)line, n);
}

/* ------------------------------------------------------------------ signals */

struct kernel_sigaction {
	void (*handler)(int, siginfo_t *, void *);
	uint64_t flags;
	void (*restorer)(void);
	uint64_t mask;
};

__asm__(".text\nfuzz_restore:\n\tmov $15, %eax\n\tsyscall\n");
extern void fuzz_restore(void);

static struct worker *worker_of(long tid)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(workers); i++)
		if (workers[i].tid == tid)
			return &workers[i];
	return NULL;
}

/* A fault is the outcome of some call before, such as munmap(2): the thread goes on with its next. */
static void on_signal(int signal, siginfo_t *info, void *context)
{
	struct worker *w;

	(void)context;
	if (signal != SIGSEGV && signal != SIGBUS && signal != SIGILL && signal != SIGFPE && signal != SIGTRAP)
		return;
	w = info->si_code > 0 || info->si_code == SI_KERNEL ? worker_of(CALL(SYS_gettid, 0)) : NULL;
	if (w && w->armed)
		__builtin_longjmp(w->recovery, 1);
	if (info->si_code > 0)
		CALL(SYS_exit_group, LOST);
}

static void catch_signals(void)
{
	const struct kernel_sigaction action = {
		.handler = on_signal, .flags = SA_SIGINFO | SA_NODEFER | 0x04000000, .restorer = fuzz_restore,
	};
	uint64_t n;

	for (n = 1; n <= 64; n++)
		if (n != 32 && n != 33)
			CALL(SYS_rt_sigaction, n, (uint64_t)(uintptr_t)&action, 0, 8);
}

static void unblock_signals(void)
{
	const uint64_t none = 0;

	CALL(SYS_rt_sigprocmask, SIG_SETMASK, (uint64_t)(uintptr_t)&none, 0, 8);
}

/* ------------------------------------------------------------------ memory */

static char *new_words(void)
{
	long at = CALL(SYS_mmap, 0, (WORDS_PAGES + 2) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       (uint64_t)-1, 0);

	if (at < 0 && at > -4096)
		return NULL;
	strcpy((char *)at + WORDS_PAGES * PAGE, "/etc/passwd");
	CALL(SYS_mprotect, (uint64_t)at + WORDS_PAGES * PAGE, PAGE, PROT_READ);
	CALL(SYS_munmap, (uint64_t)at + (WORDS_PAGES + 1) * PAGE, PAGE);
	return (char *)at;
}

static char *own_place(struct worker *w)
{
	return w->words + below(w, (WORDS_PAGES - 2) * PAGE / 64) * 64;
}

static uint64_t hostile_pointer(struct worker *w)
{
	static const uint64_t odd[] = {
		0, 1, 0xfff, 0x1000, UINT64_MAX, UINT64_MAX - 4095, 0xffff800000000000, 0xffffffffff600000,
		0x7ffffffff000, 0x7fffffffffff, 0x800000000000, 0x8000000000000000, SCRATCH_AT, SCRATCH_AT - 1,
		SCRATCH_AT - PAGE, SCRATCH_AT + 64,
	};
	uint64_t words = (uint64_t)(uintptr_t)w->words;

	switch (below(w, 8)) {
	case 0:
		return SCRATCH_AT + below(w, 8 * PAGE);
	case 1: /* the last bytes that may be written */
		return words + WORDS_PAGES * PAGE - below(w, 200);
	case 2: /* the last bytes that may be read */
		return words + (WORDS_PAGES + 1) * PAGE - below(w, 32);
	case 3:
		return words + WORDS_PAGES * PAGE + below(w, 256);
	case 4:
		return any(w);
	case 5:
		return (uint64_t)(uintptr_t)&tell;
	default:
		return odd[below(w, ARRAY_SIZE(odd))];
	}
}

static uint64_t pointer(struct worker *w)
{
	const struct worker *other = &workers[below(w, WORKERS)];

	if (one_in(w, 6))
		return hostile_pointer(w);
	if (one_in(w, 5) && other->words)
		return (uint64_t)(uintptr_t)other->words + below(w, WORDS_PAGES * PAGE);
	return (uint64_t)(uintptr_t)own_place(w) + (one_in(w, 4) ? below(w, 16) : 0);
}

static uint64_t length(struct worker *w)
{
	static const uint64_t lengths[] = {
		0, 1, 7, 8, 16, 24, 64, 144, 255, 256, 512, 4095, 4096, 4097, 32768, 65536, INT32_MAX, UINT32_MAX,
		UINT64_C(1) << 32, UINT64_C(1) << 40, INT64_MAX, UINT64_MAX, UINT64_MAX - 4095,
	};

	return one_in(w, 4) ? below(w, 5000) : lengths[below(w, ARRAY_SIZE(lengths))];
}

/* ------------------------------------------------------------------ paths */

struct text {
	char *at;
	size_t len, room;
};

static void put(struct text *t, const char *s)
{
	while (*s && t->len + 1 < t->room)
		t->at[t->len++] = *s++;
	t->at[t->len] = '\0';
}

static void put_number(struct text *t, uint64_t n)
{
	char digits[24];
	size_t i = sizeof digits - 1;

	digits[i] = '\0';
	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	put(t, digits + i);
}

static void put_beginning(struct worker *w, struct text *t)
{
	static const char *const proc[] = {
		"/proc/self/", "/proc/thread-self/", "/proc/self/fd/", "/dev/fd/", "/proc/self/root", "/proc/self/cwd",
		"/proc/self/task/", "/proc/self/exe", "/proc/self/mem", "/proc/self/environ", "/proc/self/maps",
		"/dev/stdin", "/dev/stdout", "/dev/null", "/dev/tty", "/dev/shm", "/proc/", "/sys/", "/tmp",
		"/etc/passwd", "/", "//", "/usr/lib", "/lib64", "/proc/sys/kernel", "/proc/self/map_files",
	};

	switch (below(w, 6)) {
	case 0:
		break;
	case 1:
	case 2:
		put(t, granted);
		put(t, one_in(w, 8) ? "//" : "/");
		break;
	case 3:
		put(t, outside);
		put(t, "/");
		break;
	case 4:
		put(t, "/proc/");
		put_number(t, one_in(w, 2) ? victim : one_in(w, 2) ? (uint64_t)self : below(w, 70000));
		put(t, "/");
		break;
	default:
		put(t, proc[below(w, ARRAY_SIZE(proc))]);
	}
}

static void put_component(struct worker *w, struct text *t)
{
	static const char *const names[] = {
		"..", "..", "..", ".", "", "file", "directory", "secret", "link-out", "link-in", "link-absolute",
		"link-loop", "link-dots", "link-proc", "deep", "outside", "granted", "fd", "cwd", "root", "task", "mem",
		"status", "exe", "ns", "0", "1", "3", "4096", "4100", "-1", "a b", "quo\"te", "per%cent", "st*r",
		"\xff\xfe\x80", "caf\xc3\xa9", "\xed\xa0\x80", "new\nline", "\033[31m", "made", "fifo", "socket",
		"mode-000", "new-file",
		"moving", "moving/link", "moving/swapped", "moving/swapped/secret", "moving/swapped/file",
	};

	if (one_in(w, 12)) {
		put_number(t, below(w, 5000));
	} else if (one_in(w, 40)) {
		unsigned n = (unsigned)below(w, 2) ? 255 : 300;

		while (n-- > 0)
			put(t, "n");
	} else {
		put(t, names[below(w, ARRAY_SIZE(names))]);
	}
}

/* The names of its own descriptors, and of what they are opened on. */
static void put_own(struct worker *w, struct text *t)
{
	static const char *const own[] = { "/proc/self/fd/", "/dev/fd/", "/proc/thread-self/fd/", "../../../proc/self/fd/",
					   "/proc/self/../self/fd/./", "/proc/self/task/" };
	static const char *const whole[] = { "/dev/stdin", "/dev/stdout", "/dev/stderr", "/proc/self/exe", "/proc/self",
					     "/proc/self/cwd", "/proc/self/fd", "/dev/fd", "/proc/thread-self", "" };
	uint64_t which = below(w, ARRAY_SIZE(own) + 2);

	if (which >= ARRAY_SIZE(own)) {
		put(t, whole[below(w, ARRAY_SIZE(whole))]);
		return;
	}
	put(t, own[which]);
	if (which == ARRAY_SIZE(own) - 1) {
		put_number(t, (uint64_t)workers[below(w, WORKERS)].tid);
		put(t, "/fd/");
	}
	put_number(t, one_in(w, 8) ? 4090 + below(w, 40) : below(w, 16));
	if (one_in(w, 8))
		put(t, one_in(w, 2) ? "/" : "/..");
}

static uint64_t path(struct worker *w)
{
	struct text t = { w->words + below(w, 8) * 512, 0, 512 };
	unsigned n = (unsigned)below(w, 6);

	if (one_in(w, 15))
		return hostile_pointer(w);
	if (one_in(w, 50)) {
		t = (struct text){ w->words, 0, PAGE + 100 };
		n = 3000;
	}
	t.at[0] = '\0';
	if (one_in(w, 8)) {
		put_own(w, &t);
		return (uint64_t)(uintptr_t)t.at;
	}
	put_beginning(w, &t);
	while (n-- > 0) {
		put_component(w, &t);
		if (n > 0 || one_in(w, 8))
			put(&t, "/");
	}
	return (uint64_t)(uintptr_t)t.at;
}

/* ------------------------------------------------------------------ what arguments point to */

static uint64_t socket_address(struct worker *w)
{
	char *at = own_place(w);
	uint16_t family = one_in(w, 3) ? AF_UNIX : one_in(w, 4) ? (uint16_t)below(w, 48) : AF_INET;
	uint16_t number = (uint16_t)port;

	memcpy(at, &family, 2);
	if (family == AF_UNIX) {
		struct text t = { at + 2, 0, 108 };

		put(&t, outside);
		put(&t, "/socket");
	} else {
		at[2] = (char)(number >> 8);
		at[3] = (char)number;
		memcpy(at + 4, "\x7f\0\0\1", 4);
	}
	return (uint64_t)(uintptr_t)at;
}

/* Pointers to more words, as iovec, argv, msghdr and the like are. */
static uint64_t pointers(struct worker *w)
{
	uint64_t *at = (uint64_t *)(uintptr_t)own_place(w);
	unsigned i;

	for (i = 0; i < 8; i++)
		at[i] = one_in(w, 2) ? path(w) : length(w);
	if (one_in(w, 2))
		at[below(w, 8)] = 0;
	return (uint64_t)(uintptr_t)at;
}

static uint64_t open_how(struct worker *w)
{
	uint64_t *at = (uint64_t *)(uintptr_t)own_place(w);

	at[0] = one_in(w, 2) ? below(w, 2) * O_DIRECTORY : any(w) & 0x7fffff;
	at[1] = one_in(w, 4) ? any(w) : 0;
	at[2] = one_in(w, 2) ? 0 : any(w) & 0x7f;
	at[3] = one_in(w, 4) ? any(w) : 0;
	return (uint64_t)(uintptr_t)at;
}

static uint64_t some_memory(struct worker *w)
{
	uint64_t *at = (uint64_t *)(uintptr_t)own_place(w);
	unsigned i;

	switch (below(w, 5)) {
	case 0:
		return pointers(w);
	case 1: /* a short time */
		at[0] = 0;
		at[1] = below(w, 2000000);
		return (uint64_t)(uintptr_t)at;
	case 2:
		for (i = 0; i < 8; i++)
			at[i] = any(w);
		return (uint64_t)(uintptr_t)at;
	default:
		return pointer(w);
	}
}

/* ------------------------------------------------------------------ arguments by their kind */

static uint64_t descriptor(struct worker *w)
{
	static const uint64_t odd[] = {
		UINT64_MAX, UINT32_MAX, (uint64_t)-100, INT32_MAX, UINT64_C(1) << 32, (UINT64_C(1) << 32) | 4096, 4095,
		4096, 1024, 0x80000000,
	};

	switch (below(w, 8)) {
	case 0:
		return odd[below(w, ARRAY_SIZE(odd))];
	case 1:
		return 4080 + below(w, 121);
	case 2:
		return below(w, 3);
	case 3:
		return (uint64_t)AT_FDCWD;
	default:
		return 3 + below(w, 24);
	}
}

static uint64_t process(struct worker *w)
{
	const uint64_t some[] = { 0, (uint64_t)self, (uint64_t)w->tid, victim, victim, UINT64_MAX, 1,
				  -victim,	  (uint64_t)-self, (uint64_t)workers[below(w, WORKERS)].tid,
				  victim | UINT64_C(1) << 32, 2 };

	return some[below(w, ARRAY_SIZE(some))];
}

static uint64_t signal_number(struct worker *w)
{
	static const uint64_t gentle[] = { 0, SIGUSR1, SIGUSR2, SIGURG, SIGWINCH, SIGCHLD, SIGCONT, SIGALRM, 34, 64, 65,
					   UINT64_MAX };
	uint64_t n = one_in(w, 20) ? below(w, 70) : gentle[below(w, ARRAY_SIZE(gentle))];

	if ((n == SIGKILL || (n >= SIGSTOP && n <= SIGTTOU && n != SIGCONT)) && !one_in(w, 500))
		n = SIGUSR1;
	return n;
}

static uint64_t number(struct worker *w)
{
	static const uint64_t numbers[] = { 0, 1, 2, 3, 4, 8, 16, 100, 255, 4096, INT32_MAX, 0x80000000, UINT32_MAX,
					    INT64_MAX, UINT64_MAX, UINT64_C(1) << 32, UINT64_C(1) << 63 };

	return one_in(w, 3) ? below(w, 64) : one_in(w, 8) ? any(w) : numbers[below(w, ARRAY_SIZE(numbers))];
}

static uint64_t bits(struct worker *w, unsigned width)
{
	uint64_t value = UINT64_C(1) << below(w, width);

	while (one_in(w, 2))
		value |= UINT64_C(1) << below(w, width);
	return one_in(w, 4) ? 0 : value;
}

static uint64_t open_flags(struct worker *w)
{
	static const uint64_t some[] = { 0, O_DIRECTORY, O_PATH, O_RDWR, O_WRONLY | O_CREAT | O_TRUNC, O_NOFOLLOW,
					 O_PATH | O_NOFOLLOW, O_CREAT | O_EXCL | O_RDWR, O_WRONLY | O_APPEND,
					 O_RDWR | O_TMPFILE, O_NONBLOCK | O_CLOEXEC };

	return one_in(w, 3) ? bits(w, 24) : some[below(w, ARRAY_SIZE(some))];
}

static uint64_t argument(struct worker *w, enum arg_kind kind)
{
	static const uint64_t ioctls[] = { 0x5401, 0x5402, 0x5412, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451, 0x5452,
					   0x5410, 0x540e, 0x40086602, 0x80086601, 0x4020940d, 0x40049409, 0x541c,
					   0xc0189436, 0xc020660b, 0x8901, 0x8902, 0x8914, 0x5422, 0x5423, 0x1 };

	switch (kind) {
	case ARG_FD:
	case ARG_DIRFD:
		return descriptor(w);
	case ARG_PATH:
	case ARG_TEXT:
		return path(w);
	case ARG_OPEN_FLAGS:
		return open_flags(w);
	case ARG_OPEN_HOW:
		return open_how(w);
	case ARG_POINTER:
		return some_memory(w);
	case ARG_ARGV:
		return pointers(w);
	case ARG_SOCKET_ADDRESS:
		return socket_address(w);
	case ARG_SIZE:
		return length(w);
	case ARG_PID:
		return process(w);
	case ARG_SIGNAL:
		return signal_number(w);
	case ARG_MODE:
		return any(w) & 07777;
	case ARG_AT_FLAGS:
		return one_in(w, 2) ? 0 : bits(w, 16);
	case ARG_IOCTL:
		return one_in(w, 4) ? any(w) : ioctls[below(w, ARRAY_SIZE(ioctls))];
	case ARG_FCNTL:
		return one_in(w, 2) ? below(w, 20) : 1024 + below(w, 20);
	case ARG_ACCESS_MODE:
	case ARG_PROT:
	case ARG_WHENCE:
		return one_in(w, 8) ? number(w) : below(w, 8);
	case ARG_MAP_FLAGS:
	case ARG_CLONE_FLAGS:
	case ARG_HEX:
		return bits(w, 32);
	case ARG_PRCTL:
		return one_in(w, 8) ? number(w) : below(w, 80);
	case ARG_SOCKET_DOMAIN:
	case ARG_SOCKET_TYPE:
	case ARG_RESOURCE:
	case ARG_CLOCK:
		return one_in(w, 4) ? number(w) : below(w, 18);
	default:
		return number(w);
	}
}

/* ------------------------------------------------------------------ calls */

static bool changes_memory_map(uint64_t nr)
{
	switch (nr) {
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mprotect:
	case SYS_mremap:
	case SYS_madvise:
	case SYS_pkey_mprotect:
	case SYS_brk:
	case 216: /* remap_file_pages */
	case 453: /* map_shadow_stack */
	case 462: /* mseal */
		return true;
	default:
		return false;
	}
}

/* Its own memory, or where the scratch is: not a length that takes the program itself away. */
static void tame_addresses(struct worker *w, uint64_t nr, uint64_t a[6])
{
	if (a[0] > SCRATCH_AT + 64 * PAGE && a[0] != (uint64_t)(uintptr_t)&tell)
		a[0] = (uint64_t)(uintptr_t)w->words + below(w, WORDS_PAGES) * PAGE;
	if (a[0] == (uint64_t)(uintptr_t)&tell)
		a[0] = SCRATCH_AT - PAGE;
	a[1] = one_in(w, 8) ? below(w, 3 * PAGE) : below(w, 4) * PAGE;
	if (a[0] < SCRATCH_AT + 64 * PAGE && one_in(w, 2))
		a[1] = below(w, 0x200000);
	if (nr == SYS_mremap) {
		a[2] = below(w, 8) * PAGE;
		a[4] = one_in(w, 2) ? SCRATCH_AT + below(w, 16) * PAGE : (uint64_t)(uintptr_t)w->words;
	}
}

static bool ends_the_fuzzing(uint64_t nr, const uint64_t a[6])
{
	uint32_t low = (uint32_t)nr;

	switch (low) {
	case SYS_exit:
	case SYS_exit_group:
	case SYS_rt_sigreturn:
		return true;
	case SYS_clone:
		return a[0] == thread_flags || a[0] == thread_flags_detached;
	case SYS_close:
	case SYS_close_range:
	case SYS_shutdown:
		return (uint32_t)a[0] <= 1;
	case SYS_dup2:
	case SYS_dup3:
		return (uint32_t)a[1] <= 1;
	case SYS_arch_prctl: /* with another fs the kernel's own thread exit still works */
		return (uint32_t)a[0] >= 0x5000;
	case SYS_prlimit64:
		return a[2] != 0 && (uint32_t)a[1] != 7 && (uint32_t)a[1] != 1;
	case SYS_setrlimit:
		return (uint32_t)a[0] != 7 && (uint32_t)a[0] != 1;
	case SYS_mlockall:
		return true;
	default:
		return (low & 0x40000000) && (int32_t)low >= 0 && !with_x32;
	}
}

static uint64_t choose_call(struct worker *w, uint64_t a[6])
{
	const struct syscall_row *row;
	uint64_t nr;
	unsigned i;

	for (i = 0; i < 6; i++)
		a[i] = argument(w, (enum arg_kind)below(w, ARG_ARGV + 1));
	if (one_in(w, 40))
		return one_in(w, 2) ? -below(w, 600) : any(w) & UINT32_MAX;
	nr = below(w, one_in(w, 8) ? 601 : syscall_limit());
	/* Those that the broker answers itself have most to go wrong. */
	for (i = 0; i < 12 && (!(row = syscall_row(nr)) || row->handler == HANDLE_REFUSE) && !one_in(w, 6); i++)
		nr = below(w, syscall_limit());
	row = syscall_row(nr);
	for (i = 0; row && i < row->n_args; i++)
		if (!one_in(w, 12))
			a[i] = argument(w, (enum arg_kind)row->args[i]);
	if (nr == SYS_ioctl && one_in(w, 2))
		a[2] = pointer(w);
	if (nr == SYS_fcntl && one_in(w, 3)) {
		a[1] = F_SETFL;
		a[2] = one_in(w, 4) ? any(w) : bits(w, 20) | (one_in(w, 2) ? O_RDWR : 0);
	}
	if (one_in(w, 100)) /* the kernel drops the high half */
		nr |= any(w) << 32;
	return nr;
}

static bool is_outside(uint64_t inode)
{
	unsigned i;

	for (i = 0; i < n_inodes; i++)
		if (inodes[i] == inode)
			return true;
	return false;
}

static void look_at_descriptor(uint64_t fd, const char *what)
{
	struct stat st;

	if (CALL(SYS_fstat, fd, (uint64_t)(uintptr_t)&st) == 0 && is_outside(st.st_ino) && st.st_size != 0)
		tell(what, st.st_ino);
}

/* What came back must not be of the world outside. */
static void look_at_result(uint64_t nr, const uint64_t a[6], long result)
{
	const struct syscall_row *row = syscall_row((uint32_t)nr);
	uint64_t buffer;

	if (!row || result < 0)
		return;
	if (row->handler == HANDLE_OPEN)
		look_at_descriptor((uint64_t)result, "ESCAPE open");
	if (row->handler == HANDLE_STAT) {
		/* Other threads write there too: a whole struct of the right shape has to be there. */
		const struct stat *st = (const struct stat *)(uintptr_t)a[row->n_args == 2 ? 1 : 2];

		buffer = st->st_ino;
		if (is_outside(buffer) && (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) && st->st_blksize == PAGE)
			tell("ESCAPE stat", buffer);
	}
}

static void one_call(struct worker *w)
{
	uint64_t a[6], nr = choose_call(w, a);
	long result;

	if (changes_memory_map((uint32_t)nr) && !one_in(w, 400))
		tame_addresses(w, (uint32_t)nr, a);
	if (ends_the_fuzzing(nr, a))
		return;
	result = raw(nr, a);
	atomic_fetch_add(&made, 1);
	atomic_fetch_add(&w->calls, 1);
	if (nr == SYS_rt_sigprocmask || nr == SYS_rt_sigaction)
		unblock_signals();
	look_at_result(nr, a, result);
	if (one_in(w, 300))
		CALL(SYS_close_range, 28, 4000, 0);
}

static void *work(void *argument_of_thread)
{
	struct worker *volatile w = argument_of_thread;

	w->tid = (pid_t)CALL(SYS_gettid, 0);
	w->words = new_words();
	if (__builtin_setjmp(w->recovery)) {
		unblock_signals();
		w->words = new_words();
	}
	w->armed = true;
	while (w->words && (w->brief ? w->budget-- > 0 : atomic_load(&made) < target))
		one_call(w);
	w->armed = false;
	if (!w->brief)
		atomic_fetch_add(&finished, 1);
	w->tid = 0;
	/* No return: the fs register may be anything by now. A brief thread's stack is lost. */
	CALL(SYS_exit, 0);
	return NULL;
}

/* ------------------------------------------------------------------ the first thread */

static void start_thread(struct worker *w, uint64_t seed, bool brief)
{
	pthread_attr_t attr;
	pthread_t thread;

	w->random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	w->brief = brief;
	w->budget = 10;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 1 << 16);
	if (pthread_create(&thread, &attr, work, w) != 0 && !brief)
		atomic_fetch_add(&finished, 1);
	pthread_attr_destroy(&attr);
}

/* A thread that is blocked gets a signal; true if any has moved since the last look. */
static bool push_the_blocked(void)
{
	bool moved = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(workers) - 1; i++) {
		struct worker *w = &workers[i];
		long calls = atomic_load(&w->calls);

		if (calls != w->seen)
			moved = true;
		else if (w->tid)
			CALL(SYS_tgkill, (uint64_t)self, (uint64_t)w->tid, SIGUSR2);
		w->seen = calls;
	}
	return moved;
}

/* What the calls of the others point to changes under them. */
static void disturb(struct worker *me)
{
	static const char *const texts[] = { "/etc/passwd", "../outside/secret", "link-out", "/proc/self/mem", "..", "" };
	struct worker *w = &workers[below(me, WORKERS)];
	struct text t = { w->words + below(me, 8) * 512, 0, 32 };

	if (w->words)
		put(&t, texts[below(me, ARRAY_SIZE(texts))]);
}

static void supervise(struct worker *me, uint64_t seed)
{
	const struct timespec tick = { 0, TICK_NS };
	/* Kept over the jump back out of a fault. */
	static unsigned idle, ticks, brief = WORKERS;

	while (atomic_load(&finished) < WORKERS && idle < PATIENCE) {
		CALL(SYS_nanosleep, (uint64_t)(uintptr_t)&tick, 0);
		idle = push_the_blocked() ? 0 : idle + 1;
		if (++ticks % 8 == 0) {
			catch_signals();
			tell("made", (uint64_t)atomic_load(&made));
			if (workers[brief].tid == 0)
				start_thread(&workers[brief], seed + ticks * 977, true);
			brief = brief + 2 < ARRAY_SIZE(workers) ? brief + 1 : WORKERS;
		}
		if (__builtin_setjmp(me->recovery) == 0) {
			me->armed = true;
			disturb(me);
		}
		me->armed = false;
	}
}

/* With no broker in between these calls would be made on the machine itself. */
static bool is_brokered(void)
{
	struct stat st;

	return prctl(PR_GET_SECCOMP) == 2 && stat("/etc/passwd", &st) < 0;
}

static void open_some(void)
{
	int pair[2];

	if (chdir(granted) < 0)
		perror("chdir");
	open(granted, O_RDONLY | O_DIRECTORY);
	open(granted, O_PATH);
	open("file", O_RDONLY);
	open("directory", O_PATH | O_NOFOLLOW);
	if (pipe2(pair, O_CLOEXEC) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		perror("pipe");
}

int main(int argc, char **argv)
{
	struct worker *me = &workers[ARRAY_SIZE(workers) - 1];
	uint64_t seed, fd;
	int i;

	if (argc < 7) {
		fprintf(stderr, "usage: fuzz_calls SEED COUNT GRANTED OUTSIDE VICTIM PORT [x32] [INODE...]\n");
		return 64;
	}
	if (!is_brokered()) {
		fprintf(stderr, "fuzz_calls: only under proctor, and not in audit mode: it would do harm\n");
		return 64;
	}
	seed = strtoull(argv[1], NULL, 10);
	target = strtol(argv[2], NULL, 10);
	granted = argv[3];
	outside = argv[4];
	victim = strtoull(argv[5], NULL, 10);
	port = strtoull(argv[6], NULL, 10);
	for (i = 7; i < argc; i++) {
		if (streq(argv[i], "x32"))
			with_x32 = true;
		else if (n_inodes < ARRAY_SIZE(inodes))
			inodes[n_inodes++] = strtoull(argv[i], NULL, 10);
	}
	self = getpid();
	me->random = seed | 1;
	me->tid = self;
	open_some();
	catch_signals();
	for (i = 0; i < WORKERS; i++)
		start_thread(&workers[i], seed * 16 + (uint64_t)i, false);
	supervise(me, seed);
	for (fd = 0; fd < 4096; fd++)
		look_at_descriptor(fd, "ESCAPE descriptor");
	tell("made", (uint64_t)atomic_load(&made));
	CALL(SYS_exit_group, 0);
}
