/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syscall table and the filter compiled from it: a simulator of classic BPF runs the program on
 * chosen and on random calls and has to agree with the table's own evaluation in C.
 */
#include "tracee/filter.h"

#include <asm/unistd_64.h>
#include <check.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/util.h"
#include "tests/unit/suite.h"

enum { SELF = 4242, RESERVED = 4096, SCRATCH_END_AT = 0x200000 };

static struct reg_values values_with(unsigned facts)
{
	return (struct reg_values){
		.symbol = { [REG_SELF] = SELF, [REG_RESERVED_FD] = RESERVED, [REG_SCRATCH_END] = SCRATCH_END_AT },
		.facts = facts,
	};
}

/* Runs FILTER on DATA as net/core/filter.c would; aborts on what the compiler must not make. */
static uint32_t simulate(const struct filter *filter, const struct seccomp_data *data)
{
	uint32_t a = 0;
	unsigned pc = 0, steps;

	for (steps = 0; steps < 4096; steps++) {
		const struct sock_filter *i;

		ck_assert_uint_lt(pc, filter->len);
		i = &filter->code[pc++];
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			ck_assert_uint_le(i->k, sizeof *data - 4);
			ck_assert_uint_eq(i->k % 4, 0);
			memcpy(&a, (const char *)data + i->k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			ck_abort_msg("instruction %#x at %u", i->code, pc - 1);
		}
	}
	ck_abort_msg("the program does not end");
}

static uint32_t run_native(const struct filter *filter, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = (int)nr, .arch = AUDIT_ARCH_X86_64 };
	unsigned i;

	for (i = 0; i < 6; i++)
		data.args[i] = args[i];
	return simulate(filter, &data);
}

static struct filter filter_for(unsigned facts)
{
	static struct filter filter;
	const struct reg_values values = values_with(facts);

	ck_assert_int_eq(filter_compile(&values, false, &filter), 0);
	return filter;
}

static uint32_t decide_with(unsigned facts, const char *name, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
			    uint64_t a4)
{
	const struct filter filter = filter_for(facts);
	const uint64_t args[6] = { a0, a1, a2, a3, a4, 0 };
	int nr = syscall_number(name);

	ck_assert_int_ge(nr, 0);
	return run_native(&filter, (uint32_t)nr, args);
}

#define ALLOWED(...) ck_assert_uint_eq(decide_with(__VA_ARGS__), SECCOMP_RET_ALLOW)
#define STOPS(...)   ck_assert_uint_eq(decide_with(__VA_ARGS__), SECCOMP_RET_TRACE)
enum { USUAL = FACT_MSEAL | FACT_OUTPUT_UNCOUNTED | FACT_SEEK_FREE | FACT_FILES_UNCOUNTED |
		 FACT_BUFFERS_UNCOUNTED | FACT_LISTINGS_WHOLE | FACT_ONE_PROCESS };

/*
 * What a thread asks for itself of its processor passes whether or not the processor has it (AMX, a shadow stack): the
 * table does not look, so no machine decides otherwise. What reaches further stops on each.
 */
START_TEST(test_the_processors_features_are_not_looked_at)
{
	static const unsigned passes[] = { 0x1021 /* ARCH_GET_XCOMP_SUPP */, 0x1022 /* ..._GET_XCOMP_PERM */,
					   0x1023 /* ARCH_REQ_XCOMP_PERM */, 0x3001, 0x5001, 0x5002, 0x5003, 0x5005 };
	static const unsigned stops[] = { 0x1011 /* ARCH_GET_CPUID */, 0x1012 /* ARCH_SET_CPUID */,
					  0x1024 /* ARCH_GET_XCOMP_GUEST_PERM */, 0x1025 /* ARCH_REQ_XCOMP_GUEST_PERM */,
					  0x2001, 0x2002, 0x2003 /* ARCH_MAP_VDSO_64 */, 0x4002, 0x4004,
					  0x5004 /* ARCH_SHSTK_UNLOCK */ };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(passes); i++)
		ALLOWED(USUAL, "arch_prctl", passes[i], 18, 0, 0, 0);
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		STOPS(USUAL, "arch_prctl", stops[i], 18, 0, 0, 0);
}
END_TEST

START_TEST(test_foreign_architecture_traps)
{
	const struct filter filter = filter_for(USUAL);
	const struct seccomp_data data = { .nr = 20, .arch = AUDIT_ARCH_I386 };

	ck_assert_uint_eq(simulate(&filter, &data), SECCOMP_RET_TRAP);
}
END_TEST

START_TEST(test_x32_and_unknown_numbers_stop)
{
	const struct filter filter = filter_for(USUAL);
	const uint64_t args[6] = { 0 };
	const uint32_t numbers[] = { 0x40000000u, 0x40000001u, 0xffffffffu, 0x80000000u, 1000, 400, 471, 337 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		ck_assert_uint_eq(run_native(&filter, numbers[i], args), SECCOMP_RET_TRACE);
}
END_TEST

START_TEST(test_high_halves_of_long_arguments_count)
{
	const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
				CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

	ALLOWED(USUAL, "clone", thread, 0, 0, 0, 0);
	STOPS(USUAL, "clone", thread | UINT64_C(1) << 32, 0, 0, 0, 0);
	STOPS(USUAL, "clone", thread | CLONE_UNTRACED, 0, 0, 0, 0);
	STOPS(USUAL, "clone", thread & ~(uint64_t)CLONE_THREAD, 0, 0, 0, 0);
	STOPS(USUAL, "clone", thread | CLONE_NEWUSER, 0, 0, 0, 0);
	STOPS(USUAL, "clone", 17, 0, 0, 0, 0);
	STOPS(FACT_OUTPUT_UNCOUNTED, "munmap", 0x1ff000, 4096, 0, 0, 0);
	STOPS(FACT_OUTPUT_UNCOUNTED, "munmap", 0, 4096, 0, 0, 0);
	ALLOWED(FACT_OUTPUT_UNCOUNTED, "munmap", 0x200000, 4096, 0, 0, 0);
	ALLOWED(FACT_OUTPUT_UNCOUNTED, "munmap", UINT64_C(0x100000000), 4096, 0, 0, 0);
	ALLOWED(FACT_OUTPUT_UNCOUNTED, "munmap", UINT64_C(0x7f0000100000), 4096, 0, 0, 0);
	ALLOWED(USUAL, "munmap", 0x100000, 4096, 0, 0, 0);
	/* A guard over the scratch is not held off by mseal: it does not discard shared memory. */
	STOPS(USUAL, "madvise", 0x100000, 4096, 102 /* MADV_GUARD_INSTALL */, 0, 0);
	STOPS(USUAL, "madvise", 0xff000, 0x200000, 102, 0, 0);
	ALLOWED(USUAL, "madvise", UINT64_C(0x7f0000000000), 4096, 102, 0, 0);
	ALLOWED(USUAL, "madvise", UINT64_C(0x7f0000000000), 4096, 103 /* MADV_GUARD_REMOVE */, 0, 0);
	STOPS(USUAL, "madvise", UINT64_C(0x7f0000000000), 4096, 12 /* MADV_MERGEABLE */, 0, 0);
}
END_TEST

/* Its children inherit the filter: what was its own id when that was compiled is their parent's, or anybody's. */
START_TEST(test_no_id_is_own_where_there_are_processes)
{
	static const char *const calls[] = { "kill", "tgkill", "getpgid", "getsid", "sched_getscheduler", "sched_getparam",
					     "sched_getattr", "sched_rr_get_interval", "get_robust_list" };
	const unsigned facts = USUAL & ~(unsigned)FACT_ONE_PROCESS;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		ALLOWED(USUAL, calls[i], SELF, 0, 0, 0, 0);
		STOPS(facts, calls[i], SELF, 0, 0, 0, 0);
	}
	STOPS(facts, "prlimit64", SELF, RLIMIT_NOFILE, 0, 0, 0);
	STOPS(facts, "getpriority", PRIO_PROCESS, SELF, 0, 0, 0);
	ALLOWED(facts, "getpgid", 0, 0, 0, 0, 0);
	ALLOWED(facts, "prlimit64", 0, RLIMIT_NOFILE, 0, 0, 0);
	/* Making one is seen. */
	STOPS(facts, "clone", SIGCHLD, 0, 0, 0, 0);
	STOPS(facts, "fork", 0, 0, 0, 0, 0);
}
END_TEST

START_TEST(test_high_halves_of_int_arguments_do_not_count)
{
	/* The kernel drops them: a filter that compared them could be evaded. */
	STOPS(USUAL, "ioctl", 1, TIOCSTI | UINT64_C(0x5401) << 32, 0, 0, 0);
	ALLOWED(USUAL, "ioctl", 1, TCGETS | UINT64_C(1) << 40, 0, 0, 0);
	ALLOWED(USUAL, "ioctl", 1, 0x802c542a /* TCGETS2 */, 0, 0, 0);
	STOPS(USUAL, "ioctl", 1, 0x402c542b /* TCSETS2 */, 0, 0, 0);
	STOPS(USUAL, "close", RESERVED | UINT64_C(1) << 32, 0, 0, 0, 0);
	ALLOWED(USUAL, "kill", SELF | UINT64_C(7) << 32, 9, 0, 0, 0);
	STOPS(USUAL, "kill", UINT64_C(0xffffffff), 9, 0, 0, 0);
	STOPS(USUAL, "kill", 0, 9, 0, 0, 0);
	STOPS(USUAL, "kill", SELF + 1, 9, 0, 0, 0);
}
END_TEST

START_TEST(test_reserved_descriptors_stop)
{
	ALLOWED(USUAL, "close", RESERVED - 1, 0, 0, 0, 0);
	STOPS(USUAL, "close", RESERVED, 0, 0, 0, 0);
	STOPS(USUAL, "close", UINT32_MAX, 0, 0, 0, 0);
	STOPS(USUAL, "dup2", 1, RESERVED, 0, 0, 0);
	STOPS(USUAL, "dup3", 1, RESERVED + 5, 0, 0, 0);
	ALLOWED(USUAL, "dup2", 1, 7, 0, 0, 0);
	STOPS(USUAL, "close_range", 3, RESERVED, 0, 0, 0);
	STOPS(USUAL, "close_range", 3, UINT32_MAX, 0, 0, 0);
	ALLOWED(USUAL, "close_range", 3, RESERVED - 1, 4, 0, 0);
	STOPS(USUAL, "close_range", 3, 10, 2, 0, 0);
	STOPS(USUAL, "fchdir", RESERVED, 0, 0, 0, 0);
	STOPS(USUAL, "fcntl", RESERVED, F_SETFD, 1, 0, 0);
}
END_TEST

START_TEST(test_shared_memory_stops)
{
	ALLOWED(USUAL, "mmap", 0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, 0);
	ALLOWED(USUAL, "mmap", 0, 4096, 5, MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE, 3);
	STOPS(USUAL, "mmap", 0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, 0);
	STOPS(USUAL, "mmap", 0, 4096, 3, MAP_SHARED_VALIDATE, 3);
	STOPS(USUAL, "mmap", 0, 4096, 3, MAP_PRIVATE | MAP_HUGETLB | MAP_ANONYMOUS, 0);
	STOPS(FACT_SEEK_FREE, "mmap", 0x100000, 4096, 3, MAP_PRIVATE | MAP_FIXED, 0);
	ALLOWED(FACT_SEEK_FREE, "mmap", 0x200000, 4096, 3, MAP_PRIVATE | MAP_FIXED, 0);
	ALLOWED(FACT_SEEK_FREE, "mmap", 0x100000, 4096, 3, MAP_PRIVATE, 0);
	STOPS(FACT_SEEK_FREE, "mremap", 0x300000, 4096, 4096, MREMAP_FIXED | MREMAP_MAYMOVE, 0x100000);
	ALLOWED(FACT_SEEK_FREE, "mremap", 0x300000, 4096, 4096, MREMAP_FIXED | MREMAP_MAYMOVE, 0x400000);
}
END_TEST

START_TEST(test_only_private_futexes_are_free)
{
	static const unsigned commands[] = { 0, 1, 3, 4, 5, 9, 10 }, others[] = { 2, 6, 7, 8, 11, 12, 13, 14, 127 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ALLOWED(USUAL, "futex", 0x1000, commands[i] | 128, 1, 0, 0);
		ALLOWED(USUAL, "futex", 0x1000, commands[i] | 128 | 256, 1, 0, 0);
		ALLOWED(USUAL, "futex", 0x1000, commands[i] | 128 | UINT64_C(7) << 32, 1, 0, 0);
		STOPS(USUAL, "futex", 0x1000, commands[i], 1, 0, 0);
		STOPS(USUAL, "futex", 0x1000, commands[i] | 256, 1, 0, 0);
		STOPS(USUAL, "futex", 0x1000, commands[i] | UINT64_C(128) << 32, 1, 0, 0);
		STOPS(USUAL, "futex", 0x1000, commands[i] | 128 | 512, 1, 0, 0);
	}
	/* PI: they act on the thread whose id is in memory. */
	for (i = 0; i < ARRAY_SIZE(others); i++)
		STOPS(USUAL, "futex", 0x1000, others[i] | 128, 1, 0, 0);
	ALLOWED(USUAL, "futex_wake", 0x1000, 1, 1, 128 | 2, 0);
	STOPS(USUAL, "futex_wake", 0x1000, 1, 1, 2, 0);
	STOPS(USUAL, "futex_wake", 0x1000, 1, 1, 2 | UINT64_C(128) << 32, 0);
	ALLOWED(USUAL, "futex_wait", 0x1000, 1, 1, 128 | 2, 0);
	STOPS(USUAL, "futex_wait", 0x1000, 1, 1, 2, 0);
	STOPS(USUAL, "futex_waitv", 0x1000, 1, 0, 0, 0);
	STOPS(USUAL, "futex_requeue", 0x1000, 0, 1, 1, 0);
}
END_TEST

START_TEST(test_output_is_free_only_when_not_counted)
{
	ALLOWED(USUAL, "write", 1, 0, 10, 0, 0);
	STOPS(USUAL, "getcwd", 0x1000, 4096, 0, 0, 0);
	ALLOWED(USUAL | FACT_NAMES_REACHABLE, "getcwd", 0x1000, 4096, 0, 0, 0);
	STOPS(FACT_MSEAL, "write", 1, 0, 10, 0, 0);
	STOPS(FACT_MSEAL, "writev", 1, 0, 1, 0, 0);
	/* What the kernel counts as written, whatever to, stops too: output is counted by that (supervisor/output.h). */
	STOPS(FACT_MSEAL, "write", 5, 0, 10, 0, 0);
	STOPS(FACT_MSEAL, "writev", 5, 0, 1, 0, 0);
	STOPS(FACT_MSEAL, "pwrite64", 5, 0, 10, 0, 0);
	STOPS(FACT_MSEAL, "pwritev", 5, 0, 1, 0, 0);
	STOPS(FACT_MSEAL, "pwritev2", 5, 0, 1, 0, 0);
	STOPS(FACT_MSEAL, "sendfile", 5, 6, 0, 10, 0);
	STOPS(FACT_MSEAL, "copy_file_range", 5, 0, 6, 0, 10);
	ALLOWED(USUAL, "sendto", 5, 0, 10, 0, 0);
	STOPS(USUAL, "sendto", 5, 0, 10, 0, 0x7000);
	STOPS(FACT_MSEAL, "sendto", 5, 0, 10, 0, 0);
	ALLOWED(USUAL, "lseek", 1, 100, SEEK_SET, 0, 0);
	STOPS(FACT_MSEAL, "lseek", 1, 100, SEEK_SET, 0, 0);
	ALLOWED(FACT_MSEAL, "lseek", 1, 0, SEEK_CUR, 0, 0);
}
END_TEST

START_TEST(test_new_descriptors_stop_when_counted)
{
	static const char *const names[] = { "dup", "pipe", "pipe2", "epoll_create1", "eventfd2", "timerfd_create" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ALLOWED(USUAL, names[i], 1, 0, 0, 0, 0);
		STOPS(USUAL & ~FACT_FILES_UNCOUNTED, names[i], 1, 0, 0, 0, 0);
	}
	STOPS(USUAL & ~FACT_FILES_UNCOUNTED, "fcntl", 1, F_DUPFD, 0, 0, 0);
	STOPS(USUAL & ~FACT_FILES_UNCOUNTED, "socketpair", AF_UNIX, SOCK_STREAM, 0, 0, 0);
}
END_TEST

START_TEST(test_what_may_hold_memory_stops_when_counted)
{
	const unsigned counted = USUAL & ~(unsigned)FACT_BUFFERS_UNCOUNTED;

	STOPS(counted, "pipe", 1, 0, 0, 0, 0);
	STOPS(counted, "pipe2", 1, 0, 0, 0, 0);
	STOPS(counted, "socketpair", AF_UNIX, SOCK_DGRAM, 0, 0, 0);
	STOPS(counted, "epoll_ctl", 3, 1 /* EPOLL_CTL_ADD */, 4, 0, 0);
	STOPS(counted, "epoll_ctl", 3, 1 | UINT64_C(2) << 32, 4, 0, 0);
	ALLOWED(counted, "epoll_ctl", 3, 2 /* EPOLL_CTL_DEL */, 4, 0, 0);
	ALLOWED(counted, "epoll_ctl", 3, 3 /* EPOLL_CTL_MOD */, 4, 0, 0);
	ALLOWED(counted, "dup", 1, 0, 0, 0, 0);
	ALLOWED(counted, "eventfd2", 0, 0, 0, 0, 0);
	ALLOWED(USUAL, "epoll_ctl", 3, 1, 4, 0, 0);
	ALLOWED(USUAL, "pipe2", 1, 0, 0, 0, 0);
	ALLOWED(USUAL, "socketpair", AF_UNIX, SOCK_DGRAM, 0, 0, 0);
}
END_TEST

START_TEST(test_effects_on_others_stop)
{
	STOPS(USUAL, "fsync", 3, 0, 0, 0, 0);
	STOPS(USUAL, "fdatasync", 3, 0, 0, 0, 0);
	STOPS(USUAL, "fadvise64", 3, 0, 0, 4, 0);
	STOPS(USUAL, "readahead", 3, 0, 4096, 0, 0);
	STOPS(USUAL, "getsockname", 0, 0x1000, 0x2000, 0, 0);
	STOPS(USUAL, "getpeername", 0, 0x1000, 0x2000, 0, 0);
	ALLOWED(USUAL, "recvfrom", 3, 0x1000, 100, 0, 0);
	STOPS(USUAL, "recvfrom", 3, 0x1000, 100, 0, 0x2000);
	ALLOWED(USUAL, "membarrier", 8, 0, 0, 0, 0);
	ALLOWED(USUAL, "membarrier", 16, 0, 0, 0, 0);
	STOPS(USUAL, "membarrier", 0, 0, 0, 0, 0);
	STOPS(USUAL, "membarrier", 1, 0, 0, 0, 0);
	STOPS(USUAL, "membarrier", 2, 0, 0, 0, 0);
	STOPS(USUAL, "membarrier", 4, 0, 0, 0, 0);
	STOPS(USUAL, "membarrier", 1 | UINT64_C(8) << 32, 0, 0, 0, 0);
}
END_TEST

START_TEST(test_reserved_descriptors_are_no_source)
{
	static const uint64_t numbers[] = { RESERVED, RESERVED + 7, UINT32_MAX, RESERVED | UINT64_C(1) << 32 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		STOPS(USUAL, "dup", numbers[i], 0, 0, 0, 0);
		STOPS(USUAL, "dup2", numbers[i], 7, 0, 0, 0);
		STOPS(USUAL, "dup3", numbers[i], 7, 0, 0, 0);
		STOPS(USUAL, "fcntl", numbers[i], F_DUPFD, 0, 0, 0);
		STOPS(USUAL, "fcntl", numbers[i], F_DUPFD_CLOEXEC, 0, 0, 0);
		STOPS(USUAL, "ioctl", numbers[i], FIOCLEX, 0, 0, 0);
		STOPS(USUAL, "ioctl", numbers[i], FIONCLEX, 0, 0, 0);
	}
	ALLOWED(USUAL, "dup", RESERVED - 1, 0, 0, 0, 0);
	ALLOWED(USUAL, "fcntl", RESERVED - 1, F_DUPFD_CLOEXEC, 0, 0, 0);
	ALLOWED(USUAL, "ioctl", 3, FIOCLEX, 0, 0, 0);
}
END_TEST

/* Whoever lets a call pass has said what it does to anybody else. */
START_TEST(test_rows_that_pass_say_what_they_do_to_others)
{
	unsigned nr;

	for (nr = 0; nr < syscall_limit(); nr++) {
		const struct syscall_row *row = syscall_row(nr);
		bool passes = row && (row->class == CLASS_KERNEL || row->class == CLASS_REGISTERS);

		if (row)
			ck_assert_msg(passes == (row->others && strlen(row->others) > 8), "%s: %s", row->name,
				      row->others ? row->others : "says nothing");
	}
}
END_TEST

START_TEST(test_listings_stop_only_where_a_name_may_be_hidden)
{
	static const char *const calls[] = { "getdents", "getdents64" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		ALLOWED(USUAL, calls[i], 3, 0x1000, 4096, 0, 0);
		STOPS(USUAL & ~FACT_LISTINGS_WHOLE, calls[i], 3, 0x1000, 4096, 0, 0);
	}
}
END_TEST

START_TEST(test_dangerous_calls_stop)
{
	static const char *const names[] = {
		"ptrace", "process_vm_readv", "process_vm_writev", "bpf", "perf_event_open", "io_uring_setup",
		"io_uring_enter", "userfaultfd", "seccomp", "kcmp", "pidfd_getfd", "pidfd_open", "open_by_handle_at",
		"mount", "umount2", "unshare", "setns", "socket", "connect", "bind", "sendmsg", "recvmsg", "fork",
		"vfork", "execve", "execveat", "clone3", "memfd_create", "ftruncate", "pwrite64", "chroot", "keyctl",
		"personality", "open", "openat", "openat2", "creat", "stat", "newfstatat", "unlink", "rename",
		"prlimit64", "setrlimit", "sendfile", "splice", "flock", "process_madvise", "remap_file_pages",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		STOPS(USUAL, names[i], 1, 2, 3, 4, 5);
}
END_TEST

START_TEST(test_names_and_numbers_are_the_kernels)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	unsigned found = 0;

	ck_assert_int_eq(read_file(AT_FDCWD, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 1 << 20, &text, NULL), 0);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[64];
		int nr;

		if (sscanf(line, "#define __NR_%63s %d", name, &nr) != 2)
			continue;
		ck_assert_msg(syscall_number(name) == nr, "%s is %d in the table, %d in the kernel's header", name,
			      syscall_number(name), nr);
		found++;
	}
	ck_assert_uint_gt(found, 300);
}
END_TEST

static uint64_t random_argument(void)
{
	static const uint64_t interesting[] = {
		0, 1, 2, 3, 4, SELF, SELF + 1, RESERVED, RESERVED - 1, 0x100000, 0x1fffff, 0x200000, 0x5401, 0x5421,
		0x3d0f00, 0x7d0f00, 0xffffffff, UINT64_MAX, 0x22, 0x21, 0x32, 0x100000000, 15, 16, 17,
	};
	uint64_t v = interesting[(size_t)random() % ARRAY_SIZE(interesting)];

	switch (random() % 4) {
	case 0:
		return v ^ UINT64_C(1) << (random() % 64);
	case 1:
		return v | (uint64_t)random() << 32;
	default:
		return v;
	}
}

START_TEST(test_program_agrees_with_table)
{
	unsigned facts, round;

	srandom(1);
	for (facts = 0; facts < 32; facts++) {
		const struct filter filter = filter_for(facts);
		const struct reg_values values = values_with(facts);

		for (round = 0; round < 10000; round++) {
			uint32_t nr = (uint32_t)random() % (syscall_limit() + 8);
			uint64_t args[6];
			bool allowed;
			unsigned i;

			for (i = 0; i < 6; i++)
				args[i] = random_argument();
			allowed = syscall_allowed_in_kernel(nr, args, &values);
			ck_assert_msg(run_native(&filter, nr, args) ==
					      (allowed ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRACE),
				      "facts %u nr %u args %#llx %#llx %#llx", facts, nr,
				      (unsigned long long)args[0], (unsigned long long)args[1],
				      (unsigned long long)args[2]);
		}
	}
}
END_TEST

/* Rows of every class, those that the filter looks for first, and the last one. */
START_TEST(test_what_a_run_forbids_never_passes_in_the_kernel)
{
	static const char *const names[] = { "getpid", "read", "close", "mmap", "ioctl", "lseek", "openat",
					     "write", "prctl", "socket", "clone3", "mseal" };
	static struct filter filter;
	const struct reg_values usual = values_with(USUAL);
	uint64_t args[6] = { 0 };
	size_t i;
	int round;

	srandom(2);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct reg_values values = usual;
		int nr = syscall_number(names[i]);
		uint32_t other;

		ck_assert_int_ge(nr, 0);
		syscall_forbid(&values, (unsigned)nr);
		ck_assert_int_eq(filter_compile(&values, false, &filter), 0);
		for (round = 0; round < 200; round++) {
			for (size_t k = 0; k < 6; k++)
				args[k] = random_argument();
			ck_assert_uint_eq(run_native(&filter, (uint32_t)nr, args), SECCOMP_RET_TRACE);
			ck_assert(!syscall_allowed_in_kernel((uint64_t)nr, args, &values));
		}
		/* And nothing else changes. */
		for (other = 0; other <= syscall_limit(); other++)
			if (other != (uint32_t)nr)
				ck_assert_uint_eq(run_native(&filter, other, args),
						  syscall_allowed_in_kernel(other, args, &usual) ?
							  SECCOMP_RET_ALLOW :
							  SECCOMP_RET_TRACE);
	}
}
END_TEST

START_TEST(test_stop_all_stops_all)
{
	static struct filter filter;
	const struct reg_values values = values_with(USUAL);
	const uint64_t args[6] = { 0 };
	uint32_t nr;

	ck_assert_int_eq(filter_compile(&values, true, &filter), 0);
	for (nr = 0; nr < 500; nr++)
		ck_assert_uint_eq(run_native(&filter, nr, args), SECCOMP_RET_TRACE);
}
END_TEST

/* Each instruction costs each start: none that nothing leads to, and few answers. */
static void expect_same(struct filter_kept *kept, const struct reg_values *values, bool stop_all)
{
	static struct filter fresh, got;

	ck_assert_int_eq(filter_compile(values, stop_all, &fresh), 0);
	ck_assert_int_eq(filter_compile_kept(kept, values, stop_all, &got), 0);
	ck_assert_uint_eq(got.len, fresh.len);
	ck_assert_mem_eq(got.code, fresh.code, fresh.len * sizeof *fresh.code);
}

START_TEST(test_a_kept_filter_is_the_one_that_would_be_compiled)
{
	static struct filter_kept kept;
	static const uint64_t pids[] = { SELF, 1, 2, 3, 7, 4095, RESERVED, 30000, 1 << 22, INT32_MAX };
	struct reg_values values = values_with(USUAL | FACT_ONE_PROCESS);
	size_t i;

	for (i = 0; i < 3 * ARRAY_SIZE(pids); i++) {
		values.symbol[REG_SELF] = pids[i % ARRAY_SIZE(pids)];
		expect_same(&kept, &values, false);
	}
	ck_assert(kept.there);
	ck_assert_uint_gt(kept.n_self, 0);
	/* Nothing of it is used where anything else differs. */
	values.symbol[REG_RESERVED_FD] = 1024;
	expect_same(&kept, &values, false);
	values.symbol[REG_SCRATCH_END] += 4096;
	expect_same(&kept, &values, false);
	values.facts &= ~(unsigned)FACT_ONE_PROCESS;
	expect_same(&kept, &values, false);
	syscall_forbid(&values, (unsigned)syscall_number("read"));
	expect_same(&kept, &values, false);
	expect_same(&kept, &values, true);
	expect_same(&kept, &values, false);
	values.symbol[REG_SELF] = 77;
	expect_same(&kept, &values, false);
	expect_same(NULL, &values, false);
}
END_TEST

START_TEST(test_nothing_is_in_it_that_is_not_needed)
{
	static struct filter filter;
	bool reached[FILTER_MAX + 1] = { true };
	const struct reg_values values = values_with(USUAL);
	unsigned returns = 0;

	ck_assert_int_eq(filter_compile(&values, false, &filter), 0);
	for (unsigned at = 0; at < filter.len; at++) {
		const struct sock_filter *i = &filter.code[at];

		ck_assert_msg(reached[at], "%u is not reached", at);
		returns += BPF_CLASS(i->code) == BPF_RET;
		if (i->code == (BPF_JMP | BPF_JA)) {
			reached[at + 1 + i->k] = true;
		} else if (BPF_CLASS(i->code) == BPF_JMP) {
			reached[at + 1 + i->jt] = reached[at + 1 + i->jf] = true;
		} else if (BPF_CLASS(i->code) != BPF_RET) {
			reached[at + 1] = true;
		}
	}
	ck_assert(!reached[filter.len]);
	ck_assert_uint_lt(returns, filter.len / 10);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tc = tcase_create("filter");

	tcase_set_timeout(tc, 600); /* it computes, perhaps on cores that have much else to do */
	tcase_add_test(tc, test_foreign_architecture_traps);
	tcase_add_test(tc, test_the_processors_features_are_not_looked_at);
	tcase_add_test(tc, test_x32_and_unknown_numbers_stop);
	tcase_add_test(tc, test_high_halves_of_long_arguments_count);
	tcase_add_test(tc, test_high_halves_of_int_arguments_do_not_count);
	tcase_add_test(tc, test_no_id_is_own_where_there_are_processes);
	tcase_add_test(tc, test_reserved_descriptors_stop);
	tcase_add_test(tc, test_shared_memory_stops);
	tcase_add_test(tc, test_only_private_futexes_are_free);
	tcase_add_test(tc, test_output_is_free_only_when_not_counted);
	tcase_add_test(tc, test_new_descriptors_stop_when_counted);
	tcase_add_test(tc, test_what_may_hold_memory_stops_when_counted);
	tcase_add_test(tc, test_effects_on_others_stop);
	tcase_add_test(tc, test_reserved_descriptors_are_no_source);
	tcase_add_test(tc, test_rows_that_pass_say_what_they_do_to_others);
	tcase_add_test(tc, test_listings_stop_only_where_a_name_may_be_hidden);
	tcase_add_test(tc, test_dangerous_calls_stop);
	tcase_add_test(tc, test_names_and_numbers_are_the_kernels);
	tcase_add_test(tc, test_program_agrees_with_table);
	tcase_add_test(tc, test_what_a_run_forbids_never_passes_in_the_kernel);
	tcase_add_test(tc, test_stop_all_stops_all);
	tcase_add_test(tc, test_nothing_is_in_it_that_is_not_needed);
	tcase_add_test(tc, test_a_kept_filter_is_the_one_that_would_be_compiled);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
