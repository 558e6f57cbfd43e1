/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/syscalls.h"

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/util.h"

/*
 * Register rules. An `int` or `unsigned int` parameter is compared by its low half only, because
 * the kernel drops the high half too; a long or a pointer as a whole.
 */
#define LOW			  UINT64_C(0xffffffff)
#define ALL			  UINT64_MAX
#define EQ(n, width, v)		  { n, REG_EQ, REG_CONSTANT, width, v }
#define LT(n, width, v)		  { n, REG_LT, REG_CONSTANT, width, v }
#define IS(n, width, what)	  { n, REG_EQ, what, width, 0 }
#define BELOW(n, width, what)	  { n, REG_LT, what, width, 0 }
#define AT_OR_ABOVE(n, width, what) { n, REG_GE, what, width, 0 }
#define WHEN1(a)		  { 0, 1, { a } }
#define WHEN2(a, b)		  { 0, 2, { a, b } }
#define WHEN3(a, b, c)		  { 0, 3, { a, b, c } }
/* If output is counted, no thread may turn a descriptor into stdout while another one writes to it. */
#define WHEN_DUP1(a)	      { FACT_FILES_UNCOUNTED | FACT_OUTPUT_UNCOUNTED, 1, { a } }
#define WHEN_DUP2(a, b)	      { FACT_FILES_UNCOUNTED | FACT_OUTPUT_UNCOUNTED, 2, { a, b } }
#define FACT(f)			  { f, 0, { { 0 } } }
#define RULES(name)		  static const struct reg_rule name[]

RULES(rules_close) = { WHEN1(BELOW(0, LOW, REG_RESERVED_FD)) };
/* Not CLOSE_RANGE_UNSHARE: descriptors stay shared by all threads. */
RULES(rules_close_range) = {
	WHEN2(BELOW(1, LOW, REG_RESERVED_FD), EQ(2, LOW & ~(uint64_t)CLOSE_RANGE_CLOEXEC, 0)),
};
RULES(rules_dup_onto) = {
	{ FACT_OUTPUT_UNCOUNTED, 2, { BELOW(0, LOW, REG_RESERVED_FD), BELOW(1, LOW, REG_RESERVED_FD) } },
};
/* If stdout is a regular file, moving its offset back would overwrite what was written before. */
RULES(rules_lseek) = { FACT(FACT_SEEK_FREE), WHEN2(EQ(1, ALL, 0), EQ(2, LOW, SEEK_CUR)) };
RULES(rules_listing) = { FACT(FACT_LISTINGS_WHOLE) };
RULES(rules_getcwd) = { FACT(FACT_NAMES_REACHABLE) };
RULES(rules_own_file) = { FACT(FACT_WRITES_FREE) };
/* At offset -1 it is a writev(2), to stdout as well. */
RULES(rules_pwritev2) = { FACT(FACT_WRITES_FREE | FACT_OUTPUT_UNCOUNTED) };
RULES(rules_counted) = { FACT(FACT_OUTPUT_UNCOUNTED) };
/* Private memory only. On kernels without mseal(2) the scratch is guarded by its address: it is
 * the lowest mapping there is. */
#define PRIVATE_MAP EQ(3, MAP_TYPE | MAP_HUGETLB, MAP_PRIVATE)
RULES(rules_mmap) = {
	{ FACT_MSEAL, 1, { PRIVATE_MAP } },
	WHEN2(PRIVATE_MAP, EQ(3, MAP_FIXED, 0)),
	WHEN2(PRIVATE_MAP, AT_OR_ABOVE(0, ALL, REG_SCRATCH_END)),
};
RULES(rules_address) = { FACT(FACT_MSEAL), WHEN1(AT_OR_ABOVE(0, ALL, REG_SCRATCH_END)) };
RULES(rules_mremap) = {
	FACT(FACT_MSEAL),
	WHEN2(AT_OR_ABOVE(0, ALL, REG_SCRATCH_END), EQ(3, MREMAP_FIXED, 0)),
	WHEN2(AT_OR_ABOVE(0, ALL, REG_SCRATCH_END), AT_OR_ABOVE(4, ALL, REG_SCRATCH_END)),
};
RULES(rules_madvise) = {
	WHEN1(LT(2, LOW, MADV_DONTNEED + 1)),
	WHEN1(EQ(2, LOW, MADV_FREE)),
	WHEN1(EQ(2, LOW, MADV_HUGEPAGE)),
	WHEN1(EQ(2, LOW, MADV_NOHUGEPAGE)),
	WHEN1(EQ(2, LOW, MADV_DONTDUMP)),
	WHEN1(EQ(2, LOW, MADV_DODUMP)),
	WHEN1(EQ(2, LOW, 22 /* MADV_POPULATE_READ */)),
	WHEN1(EQ(2, LOW, 23 /* MADV_POPULATE_WRITE */)),
	/* glibc 2.42 guards the stack of each thread with it; on the scratch it would make calls fail. */
	WHEN2(EQ(2, LOW, 102 /* MADV_GUARD_INSTALL */), AT_OR_ABOVE(0, ALL, REG_SCRATCH_END)),
	WHEN2(EQ(2, LOW, 103 /* MADV_GUARD_REMOVE */), AT_OR_ABOVE(0, ALL, REG_SCRATCH_END)),
};
/* A program may ask for a terminal's state and size. If it may change its terminal's settings, it decides how input is
 * read and echoed; they are put back at the end (supervisor/terminal.h). TIOCSTI and the like would type into the
 * terminal as if the person there had; a break (TCSBRK with 0) would go to the line behind it. */
#define WHEN_TERMINAL(a) { FACT_TERMINAL, 1, { a } }
RULES(rules_ioctl) = {
	WHEN1(EQ(1, LOW, TCGETS)),     WHEN1(EQ(1, LOW, IOCTL_TCGETS2)), WHEN1(EQ(1, LOW, TIOCGWINSZ)),
	WHEN1(EQ(1, LOW, FIONREAD)),   WHEN1(EQ(1, LOW, TIOCGPGRP)),
	WHEN2(EQ(1, LOW, FIOCLEX), BELOW(0, LOW, REG_RESERVED_FD)),
	WHEN2(EQ(1, LOW, FIONCLEX), BELOW(0, LOW, REG_RESERVED_FD)),
	WHEN_TERMINAL(EQ(1, LOW, TCSETS)), WHEN_TERMINAL(EQ(1, LOW, TCSETSW)), WHEN_TERMINAL(EQ(1, LOW, TCSETSF)),
	WHEN_TERMINAL(EQ(1, LOW, IOCTL_TCSETS2)), WHEN_TERMINAL(EQ(1, LOW, IOCTL_TCSETS2 + 1)),
	WHEN_TERMINAL(EQ(1, LOW, IOCTL_TCSETS2 + 2)), WHEN_TERMINAL(EQ(1, LOW, TCXONC)),
	WHEN_TERMINAL(EQ(1, LOW, TCFLSH)), WHEN_TERMINAL(EQ(1, LOW, TIOCOUTQ)),
	{ FACT_TERMINAL, 2, { EQ(1, LOW, TCSBRK), EQ(2, ALL, 1) } },
};
RULES(rules_fcntl) = {
	WHEN1(EQ(1, LOW, F_GETFD)),
	WHEN2(EQ(1, LOW, F_SETFD), BELOW(0, LOW, REG_RESERVED_FD)),
	WHEN1(EQ(1, LOW, F_GETFL)),
	WHEN_DUP2(EQ(1, LOW, F_DUPFD_CLOEXEC), BELOW(0, LOW, REG_RESERVED_FD)),
	WHEN_DUP2(EQ(1, LOW, F_DUPFD), BELOW(0, LOW, REG_RESERVED_FD)),
	WHEN1(EQ(1, LOW, F_GETPIPE_SZ)),
	WHEN1(EQ(1, LOW, F_GET_SEALS)),
};
/*
 * A private operation waits for and wakes only this process's threads, whatever lies at the address. A
 * shared one on a page of a file reaches every process that maps the file. Not the PI operations: they take
 * the owner's thread id from memory, and that may be any process's.
 */
#define FUTEX(command) WHEN1(EQ(1, LOW & ~(uint64_t)FUTEX_CLOCK_REALTIME, (command) | FUTEX_PRIVATE_FLAG))
RULES(rules_futex) = {
	FUTEX(FUTEX_WAKE),	  FUTEX(FUTEX_WAIT_BITSET), FUTEX(FUTEX_WAIT),	      FUTEX(FUTEX_CMP_REQUEUE),
	FUTEX(FUTEX_WAKE_BITSET), FUTEX(FUTEX_WAKE_OP),	    FUTEX(FUTEX_REQUEUE),
};
RULES(rules_futex2) = { WHEN1(EQ(3, FUTEX_PRIVATE_FLAG, FUTEX_PRIVATE_FLAG)) };
/* Exactly the flags of glibc's and musl's pthread_create(3): a thread of this process, traced like it. */
#define THREAD_FLAGS                                                                            \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |      \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
RULES(rules_clone) = {
	WHEN1(EQ(0, ALL, THREAD_FLAGS)),
	WHEN1(EQ(0, ALL, THREAD_FLAGS | CLONE_DETACHED)),
};
#define WHEN_SELF1(a)	 { FACT_ONE_PROCESS, 1, { a } }
#define WHEN_SELF2(a, b) { FACT_ONE_PROCESS, 2, { a, b } }
RULES(rules_self) = { WHEN_SELF1(IS(0, LOW, REG_SELF)) };
RULES(rules_self_or_0) = { WHEN1(EQ(0, LOW, 0)), WHEN_SELF1(IS(0, LOW, REG_SELF)) };
RULES(rules_priority) = {
	WHEN2(EQ(0, LOW, PRIO_PROCESS), EQ(1, LOW, 0)),
	WHEN_SELF2(EQ(0, LOW, PRIO_PROCESS), IS(1, LOW, REG_SELF)),
};
RULES(rules_prlimit) = {
	WHEN2(EQ(2, ALL, 0), EQ(0, LOW, 0)),
	WHEN_SELF2(EQ(2, ALL, 0), IS(0, LOW, REG_SELF)),
};
/* Below 16 a clock id names a clock of the system or of the caller; others may name any process. */
RULES(rules_clock) = { WHEN1(LT(0, LOW, 16)) };
RULES(rules_no_address) = { { FACT_OUTPUT_UNCOUNTED, 1, { EQ(4, ALL, 0) } } };
#define SOCKET_KIND (LOW & ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK))
RULES(rules_dup) = { WHEN_DUP1(BELOW(0, LOW, REG_RESERVED_FD)) };
RULES(rules_no_source) = { WHEN1(EQ(4, ALL, 0)) };
RULES(rules_new_descriptor) = { FACT(FACT_FILES_UNCOUNTED) };
#define ALL_UNCOUNTED (FACT_FILES_UNCOUNTED | FACT_BUFFERS_UNCOUNTED)
RULES(rules_new_buffer) = { FACT(ALL_UNCOUNTED) };
RULES(rules_socketpair) = {
	{ ALL_UNCOUNTED, 2, { EQ(0, LOW, AF_UNIX), EQ(1, SOCKET_KIND, SOCK_STREAM) } },
	{ ALL_UNCOUNTED, 2, { EQ(0, LOW, AF_UNIX), EQ(1, SOCKET_KIND, SOCK_DGRAM) } },
	{ ALL_UNCOUNTED, 2, { EQ(0, LOW, AF_UNIX), EQ(1, SOCKET_KIND, SOCK_SEQPACKET) } },
};
RULES(rules_epoll_ctl) = {
	FACT(FACT_BUFFERS_UNCOUNTED),
	WHEN1(EQ(1, LOW, EPOLL_CTL_MOD)),
	WHEN1(EQ(1, LOW, EPOLL_CTL_DEL)),
};
/* Not SO_PEERPIDFD: it makes a descriptor for another process. */
RULES(rules_getsockopt) = {
	WHEN2(EQ(1, LOW, SOL_SOCKET), LT(2, LOW, SO_PEERCRED)),
	WHEN2(EQ(1, LOW, SOL_SOCKET), EQ(2, LOW, SO_ACCEPTCONN)),
	WHEN2(EQ(1, LOW, SOL_SOCKET), EQ(2, LOW, SO_PROTOCOL)),
	WHEN2(EQ(1, LOW, SOL_SOCKET), EQ(2, LOW, SO_DOMAIN)),
};
/* Not the commands that apply to all processes: they interrupt every processor. */
RULES(rules_membarrier) = {
	WHEN1(EQ(0, LOW, MEMBARRIER_CMD_PRIVATE_EXPEDITED)),
	WHEN1(EQ(0, LOW, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)),
	WHEN1(EQ(0, LOW, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE)),
	WHEN1(EQ(0, LOW, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)),
	WHEN1(EQ(0, LOW, 1 << 7 /* MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ */)),
	WHEN1(EQ(0, LOW, 1 << 8 /* MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ */)),
	WHEN1(EQ(0, LOW, 1 << 9 /* MEMBARRIER_CMD_GET_REGISTRATIONS */)),
};
RULES(rules_preadv2) = { WHEN1(EQ(5, LOW & ~(uint64_t)RWF_HIPRI, 0)) };
RULES(rules_personality) = { WHEN1(EQ(0, LOW, 0xffffffff)) };
/* O_NOTIFICATION_PIPE (O_EXCL) would watch keyrings. */
RULES(rules_pipe2) = { { ALL_UNCOUNTED, 1, { EQ(1, O_EXCL, 0) } } };
RULES(rules_prctl) = {
	WHEN1(EQ(0, LOW, PR_SET_VMA)),	       WHEN1(EQ(0, LOW, PR_SET_NAME)),
	WHEN1(EQ(0, LOW, PR_GET_NAME)),	       WHEN1(EQ(0, LOW, PR_GET_PDEATHSIG)),
	WHEN1(EQ(0, LOW, PR_GET_DUMPABLE)),    WHEN1(EQ(0, LOW, PR_GET_KEEPCAPS)),
	WHEN1(EQ(0, LOW, PR_GET_SECCOMP)),     WHEN1(EQ(0, LOW, PR_CAPBSET_READ)),
	WHEN1(EQ(0, LOW, PR_GET_SECUREBITS)),  WHEN1(EQ(0, LOW, PR_GET_TIMERSLACK)),
	WHEN1(EQ(0, LOW, PR_SET_NO_NEW_PRIVS)), WHEN1(EQ(0, LOW, PR_GET_NO_NEW_PRIVS)),
	WHEN1(EQ(0, LOW, PR_SET_THP_DISABLE)), WHEN1(EQ(0, LOW, PR_GET_THP_DISABLE)),
	WHEN1(EQ(0, LOW, PR_GET_SPECULATION_CTRL)),
};
RULES(rules_arch_prctl) = {
	WHEN1(EQ(0, LOW, ARCH_SET_FS)),
	WHEN1(EQ(0, LOW, ARCH_GET_FS)),
	WHEN1(EQ(0, LOW, ARCH_SET_GS)),
	WHEN1(EQ(0, LOW, ARCH_GET_GS)),
	WHEN1(EQ(0, LOW, ARCH_GET_XCOMP_SUPP)),
	WHEN1(EQ(0, LOW, ARCH_GET_XCOMP_PERM)),
	WHEN1(EQ(0, LOW, ARCH_REQ_XCOMP_PERM)),
	WHEN1(EQ(0, LOW, 0x3001 /* ARCH_CET_STATUS, asked by glibc */)),
	WHEN1(EQ(0, LOW, 0x5001 /* ARCH_SHSTK_ENABLE */)),
	WHEN1(EQ(0, LOW, 0x5002 /* ARCH_SHSTK_DISABLE */)),
	WHEN1(EQ(0, LOW, 0x5003 /* ARCH_SHSTK_LOCK */)),
	WHEN1(EQ(0, LOW, 0x5005 /* ARCH_SHSTK_STATUS */)),
};

/* ------------------------------------------------------------------ rows */

#define COUNT_ARGS(...)		COUNT_ARGS_(0, ##__VA_ARGS__, 6, 5, 4, 3, 2, 1, 0)
#define COUNT_ARGS_(z, a, b, c, d, e, f, n, ...) n
#define ARGS(...)		.n_args = COUNT_ARGS(__VA_ARGS__), .args = { __VA_ARGS__ }
#define ROW(label, ...)		.name = label, ARGS(__VA_ARGS__)
#define KERNEL(about, to_others, label, ...)                                                    \
	{ .class = CLASS_KERNEL, .topic = TOPIC_##about, .others = to_others,                     \
	  ROW(label, ##__VA_ARGS__) }
#define REGISTERS(about, rule_set, handle, to_others, label, ...)                               \
	{ .class = CLASS_REGISTERS, .topic = TOPIC_##about, .handler = handle,                    \
	  .others = to_others, .rules = rule_set, .n_rules = ARRAY_SIZE(rule_set),                \
	  ROW(label, ##__VA_ARGS__) }
#define BROKERED(about, handle, label, ...)                                                     \
	{ .class = CLASS_BROKERED, .topic = TOPIC_##about, .handler = handle,                     \
	  ROW(label, ##__VA_ARGS__) }
#define REFUSED(about, label, ...)                                                              \
	{ .class = CLASS_UNSERVED, .topic = TOPIC_##about, ROW(label, ##__VA_ARGS__) }
#define REFUSED_BY(about, handle, label, ...)                                                    \
	{ .class = CLASS_UNSERVED, .topic = TOPIC_##about, .handler = handle, ROW(label, ##__VA_ARGS__) }
#define OPTIONAL(about, label, ...)                                                             \
	{ .class = CLASS_UNSERVED, .topic = TOPIC_##about, .err = ENOSYS, ROW(label, ##__VA_ARGS__) }
#define OPTIONAL_BY(about, handle, label, ...)                                                  \
	{ .class = CLASS_UNSERVED, .topic = TOPIC_##about, .err = ENOSYS, .handler = handle,      \
	  ROW(label, ##__VA_ARGS__) }
#define NOT_PERMITTED(about, label, ...)                                                        \
	{ .class = CLASS_UNSERVED, .topic = TOPIC_##about, .err = EPERM, ROW(label, ##__VA_ARGS__) }
/* The same where HANDLE lets some of them be. */
#define PERMITTED_BY(about, handle, label, ...)                                                  \
	{ .class = CLASS_BROKERED, .topic = TOPIC_##about, .err = EPERM, .handler = handle,        \
	  ROW(label, ##__VA_ARGS__) }
#define NOT_PERMITTED_BY(about, handle, label, ...)                                             \
	{ .class = CLASS_UNSERVED, .topic = TOPIC_##about, .err = EPERM, .handler = handle,       \
	  ROW(label, ##__VA_ARGS__) }

#define FD	  ARG_FD
#define DIRFD	  ARG_DIRFD
#define PATH	  ARG_PATH
#define PTR	  ARG_POINTER
#define SIZE	  ARG_SIZE
#define INT	  ARG_INT
#define UINT	  ARG_UINT
#define LONG	  ARG_LONG
#define HEX	  ARG_HEX
#define MODE	  ARG_MODE
#define AT_FLAGS  ARG_AT_FLAGS
#define SIG	  ARG_SIGNAL
#define PID	  ARG_PID
#define CLOCK	  ARG_CLOCK
#define TEXT	  ARG_TEXT

/* Numbers: arch/x86/entry/syscalls/syscall_64.tbl, as of Linux 6.18. Signatures: section 2 pages. */
static const struct syscall_row rows[] = {
	[0] = KERNEL(INPUT, "takes input from whoever shares stdin; else as reading the file", "read", FD, PTR, SIZE),
	[1] = REGISTERS(WRITE, rules_counted, HANDLE_WRITE,
		"writes to stdout or stderr, which it was given", "write", FD, PTR, SIZE),
	[2] = BROKERED(OPEN, HANDLE_OPEN, "open", PATH, ARG_OPEN_FLAGS, MODE),
	[3] = REGISTERS(DESCRIPTOR, rules_close, HANDLE_CLOSE,
		"nothing: its own descriptor, never a reserved one", "close", FD),
	[4] = BROKERED(LOOK, HANDLE_STAT, "stat", PATH, PTR),
	[5] = KERNEL(LOOK, "nothing: metadata of what it has open", "fstat", FD, PTR),
	[6] = BROKERED(LOOK, HANDLE_STAT, "lstat", PATH, PTR),
	[7] = KERNEL(DESCRIPTOR, "nothing: its own descriptors; waits where they are read", "poll", PTR, UINT, INT),
	[8] = REGISTERS(SEEK, rules_lseek, HANDLE_LSEEK,
		"moves the offset of stdin for whoever shares it; never of stdout or stderr",
		"lseek", FD, LONG, ARG_WHENCE),
	[9] = REGISTERS(MEMORY, rules_mmap, HANDLE_MMAP,
		"nothing: a private map", "mmap", PTR, SIZE, ARG_PROT, ARG_MAP_FLAGS, FD, HEX),
	[10] = REGISTERS(MEMORY, rules_address, HANDLE_REFUSE,
		"nothing: its own memory", "mprotect", PTR, SIZE, ARG_PROT),
	[11] = REGISTERS(MEMORY, rules_address, HANDLE_REFUSE, "nothing: its own memory", "munmap", PTR, SIZE),
	[12] = KERNEL(MEMORY, "nothing: its own memory", "brk", PTR),
	[13] = KERNEL(SIGNALS, "nothing: its own signals", "rt_sigaction", SIG, PTR, PTR, SIZE),
	[14] = KERNEL(SIGNALS, "nothing: its own signals", "rt_sigprocmask", INT, PTR, PTR, SIZE),
	[15] = KERNEL(SIGNALS, "nothing: its own signals", "rt_sigreturn"),
	[16] = REGISTERS(TERMINAL, rules_ioctl, HANDLE_IOCTL,
		"nothing: the terminal and the bytes that wait are asked for; close-on-exec of its own descriptor",
		"ioctl", FD, ARG_IOCTL, HEX),
	[17] = KERNEL(INPUT, "takes input from whoever shares stdin; else as reading the file",
		"pread64", FD, PTR, SIZE, LONG),
	[18] = REGISTERS(WRITE, rules_own_file, HANDLE_OWN_FILE, "writes to a file that a write rule grants",
		"pwrite64", FD, PTR, SIZE, LONG),
	[19] = KERNEL(INPUT, "takes input from whoever shares stdin; else as reading the file", "readv", FD, PTR, INT),
	[20] = REGISTERS(WRITE, rules_counted, HANDLE_WRITE,
		"writes to stdout or stderr, which it was given", "writev", FD, PTR, INT),
	[21] = BROKERED(LOOK, HANDLE_ACCESS, "access", PATH, ARG_ACCESS_MODE),
	[22] = REGISTERS(DESCRIPTOR, rules_new_buffer, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded", "pipe", PTR),
	[23] = KERNEL(DESCRIPTOR, "nothing: its own descriptors; waits where they are read", "select", INT, PTR, PTR, PTR, PTR),
	[24] = KERNEL(SCHEDULE, "nothing: gives its turn away", "sched_yield"),
	[25] = REGISTERS(MEMORY, rules_mremap, HANDLE_REFUSE,
		"nothing: its own memory", "mremap", PTR, SIZE, SIZE, HEX, PTR),
	[26] = KERNEL(MEMORY, "writes out what it wrote to a file that a write rule grants; else nothing", "msync", PTR, SIZE, HEX),
	[27] = OPTIONAL(MEMORY_LOOK, "mincore", PTR, SIZE, PTR),
	[28] = REGISTERS(MEMORY, rules_madvise, HANDLE_REFUSE,
		"nothing: its own memory; of a file, no more than reading it", "madvise", PTR, SIZE, INT),
	[29] = REFUSED(IPC, "shmget", HEX, SIZE, HEX),
	[30] = REFUSED(IPC, "shmat", INT, PTR, HEX),
	[31] = REFUSED(IPC, "shmctl", INT, INT, PTR),
	[32] = REGISTERS(DESCRIPTOR, rules_dup, HANDLE_NEW_DESCRIPTOR,
		"nothing: its own descriptor, never a reserved one", "dup", FD),
	[33] = REGISTERS(DESCRIPTOR, rules_dup_onto, HANDLE_DUP_ONTO,
		"nothing: its own descriptors, never reserved ones", "dup2", FD, FD),
	[34] = KERNEL(SIGNALS, "nothing: its own signals", "pause"),
	[35] = KERNEL(TIMER, "nothing: its own process", "nanosleep", PTR, PTR),
	[36] = KERNEL(TIMER, "nothing: its own process", "getitimer", INT, PTR),
	[37] = KERNEL(TIMER, "nothing: its own process", "alarm", UINT),
	[38] = KERNEL(TIMER, "nothing: its own process", "setitimer", INT, PTR, PTR),
	[39] = KERNEL(SELF, "nothing: its own ids", "getpid"),
	[40] = OPTIONAL_BY(COPY, HANDLE_COPY, "sendfile", FD, FD, PTR, SIZE),
	[41] = REFUSED_BY(NETWORK, HANDLE_SOCKET, "socket", ARG_SOCKET_DOMAIN, ARG_SOCKET_TYPE, INT),
	[42] = REFUSED_BY(NETWORK, HANDLE_CONNECT, "connect", FD, ARG_SOCKET_ADDRESS, UINT),
	[43] = REFUSED_BY(NETWORK, HANDLE_ACCEPT, "accept", FD, PTR, PTR),
	[44] = REGISTERS(SOCKET, rules_no_address, HANDLE_WRITE,
		"writes to a socket it was given, and to no other address",
		"sendto", FD, PTR, SIZE, HEX, ARG_SOCKET_ADDRESS, UINT),
	[45] = REGISTERS(SOCKET, rules_no_source, HANDLE_RECEIVE,
		"takes input from whoever shares stdin; else as reading the file; the sender is not told",
		"recvfrom", FD, PTR, SIZE, HEX, PTR, PTR),
	[46] = REFUSED_BY(SOCKET, HANDLE_SEND_MESSAGE, "sendmsg", FD, ARG_MESSAGE, HEX),
	[47] = REFUSED_BY(SOCKET, HANDLE_RECEIVE_MESSAGE, "recvmsg", FD, ARG_MESSAGE, HEX),
	[48] = BROKERED(SOCKET, HANDLE_SHUTDOWN, "shutdown", FD, INT),
	[49] = REFUSED_BY(NETWORK, HANDLE_BIND, "bind", FD, ARG_SOCKET_ADDRESS, UINT),
	[50] = REFUSED_BY(NETWORK, HANDLE_LISTEN, "listen", FD, INT),
	[51] = BROKERED(SOCKET, HANDLE_SOCKET_NAME, "getsockname", FD, PTR, PTR),
	[52] = BROKERED(SOCKET, HANDLE_SOCKET_NAME, "getpeername", FD, PTR, PTR),
	[53] = REGISTERS(SOCKET, rules_socketpair, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded",
		"socketpair", ARG_SOCKET_DOMAIN, ARG_SOCKET_TYPE, INT, PTR),
	[54] = REFUSED_BY(SOCKET, HANDLE_SET_OPTION, "setsockopt", FD, INT, INT, PTR, UINT),
	[55] = REGISTERS(SOCKET, rules_getsockopt, HANDLE_GET_OPTION,
		"takes the pending error of an inherited socket; else nothing",
		"getsockopt", FD, INT, INT, PTR, PTR),
	[56] = REGISTERS(START, rules_clone, HANDLE_FORK,
		"nothing: a thread of its own, counted", "clone", ARG_CLONE_FLAGS, PTR, PTR, PTR, HEX),
	[57] = BROKERED(START, HANDLE_FORK, "fork"),
	[58] = BROKERED(START, HANDLE_FORK, "vfork"),
	[59] = BROKERED(EXEC, HANDLE_EXEC, "execve", PATH, ARG_ARGV, PTR),
	[60] = KERNEL(END, "the kernel wakes who waits for the thread, by address", "exit", INT),
	[61] = KERNEL(END, "nothing: it waits for children of its own", "wait4", PID, PTR, HEX, PTR),
	[62] = REGISTERS(SIGNAL, rules_self, HANDLE_KILL, "nothing: signals itself", "kill", PID, SIG),
	[63] = KERNEL(SELF, "nothing: tells the kernel's version and the host's name", "uname", PTR),
	[64] = REFUSED(IPC, "semget", HEX, INT, HEX),
	[65] = REFUSED(IPC, "semop", INT, PTR, SIZE),
	[66] = REFUSED(IPC, "semctl", INT, INT, INT, HEX),
	[67] = REFUSED(IPC, "shmdt", PTR),
	[68] = REFUSED(IPC, "msgget", HEX, HEX),
	[69] = REFUSED(IPC, "msgsnd", INT, PTR, SIZE, HEX),
	[70] = REFUSED(IPC, "msgrcv", INT, PTR, SIZE, LONG, HEX),
	[71] = REFUSED(IPC, "msgctl", INT, INT, PTR),
	[72] = REGISTERS(CONTROL, rules_fcntl, HANDLE_FCNTL,
		"nothing: flags are read; close-on-exec and numbers of its own descriptors",
		"fcntl", FD, ARG_FCNTL, HEX),
	[73] = BROKERED(LOCK, HANDLE_FLOCK, "flock", FD, HEX),
	[74] = BROKERED(SYNC, HANDLE_SYNC, "fsync", FD),
	[75] = BROKERED(SYNC, HANDLE_SYNC, "fdatasync", FD),
	[76] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "truncate", PATH, LONG),
	[77] = REGISTERS(CHANGE, rules_own_file, HANDLE_OWN_FILE, "writes to a file that a write rule grants",
		"ftruncate", FD, LONG),
	[78] = REGISTERS(LIST, rules_listing, HANDLE_LISTING,
		"nothing: names in a directory that it has open, without those that are hidden", "getdents", FD, PTR, UINT),
	[79] = REGISTERS(LOOK, rules_getcwd, HANDLE_GETCWD, "nothing: tells the name of its working directory",
			 "getcwd", PTR, SIZE),
	[80] = BROKERED(CHDIR, HANDLE_CHDIR, "chdir", PATH),
	[81] = REGISTERS(CHDIR, rules_close, HANDLE_CLOSE, "nothing: its own working directory", "fchdir", FD),
	[82] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "rename", PATH, PATH),
	[83] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "mkdir", PATH, MODE),
	[84] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "rmdir", PATH),
	[85] = BROKERED(OPEN, HANDLE_OPEN, "creat", PATH, MODE),
	[86] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "link", PATH, PATH),
	[87] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "unlink", PATH),
	[88] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "symlink", TEXT, PATH),
	[89] = BROKERED(LOOK, HANDLE_READLINK, "readlink", PATH, PTR, SIZE),
	[90] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "chmod", PATH, MODE),
	[91] = BROKERED(CHANGE, HANDLE_OWN_FILE, "fchmod", FD, MODE),
	[92] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "chown", PATH, INT, INT),
	[93] = BROKERED(CHANGE, HANDLE_OWN_FILE, "fchown", FD, INT, INT),
	[94] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "lchown", PATH, INT, INT),
	[95] = KERNEL(SELF, "nothing: its own process", "umask", MODE),
	[96] = KERNEL(CLOCK, "nothing: a clock is read", "gettimeofday", PTR, PTR),
	[97] = KERNEL(SELF, "nothing: its own process", "getrlimit", ARG_RESOURCE, PTR),
	[98] = KERNEL(SELF, "nothing: its own process", "getrusage", INT, PTR),
	[99] = KERNEL(SELF, "nothing: tells the load and memory of the machine", "sysinfo", PTR),
	[100] = KERNEL(SELF, "nothing: its own process", "times", PTR),
	[101] = REFUSED(OTHERS, "ptrace", LONG, PID, PTR, HEX),
	[102] = KERNEL(SELF, "nothing: its own ids", "getuid"),
	[103] = NOT_PERMITTED(SYSTEM, "syslog", INT, PTR, INT),
	[104] = KERNEL(SELF, "nothing: its own ids", "getgid"),
	[105] = NOT_PERMITTED(IDENTITY, "setuid", INT),
	[106] = NOT_PERMITTED(IDENTITY, "setgid", INT),
	[107] = KERNEL(SELF, "nothing: its own ids", "geteuid"),
	[108] = KERNEL(SELF, "nothing: its own ids", "getegid"),
	[109] = NOT_PERMITTED_BY(GROUP, HANDLE_GROUP, "setpgid", PID, PID),
	[110] = KERNEL(SELF, "nothing: tells the supervisor's id", "getppid"),
	[111] = KERNEL(SELF, "nothing: tells its group's id", "getpgrp"),
	[112] = NOT_PERMITTED_BY(GROUP, HANDLE_GROUP, "setsid"),
	[113] = NOT_PERMITTED(IDENTITY, "setreuid", INT, INT),
	[114] = NOT_PERMITTED(IDENTITY, "setregid", INT, INT),
	[115] = KERNEL(SELF, "nothing: its own ids", "getgroups", INT, PTR),
	[116] = NOT_PERMITTED(IDENTITY, "setgroups", INT, PTR),
	[117] = NOT_PERMITTED(IDENTITY, "setresuid", INT, INT, INT),
	[118] = KERNEL(SELF, "nothing: its own ids", "getresuid", PTR, PTR, PTR),
	[119] = NOT_PERMITTED(IDENTITY, "setresgid", INT, INT, INT),
	[120] = KERNEL(SELF, "nothing: its own ids", "getresgid", PTR, PTR, PTR),
	[121] = REGISTERS(ASK, rules_self_or_0, HANDLE_ASK, "nothing: tells its group's id", "getpgid", PID),
	[122] = BROKERED(IDENTITY, HANDLE_SETFSID, "setfsuid", INT),
	[123] = BROKERED(IDENTITY, HANDLE_SETFSID, "setfsgid", INT),
	[124] = REGISTERS(ASK, rules_self_or_0, HANDLE_ASK, "nothing: tells its session's id", "getsid", PID),
	[125] = NOT_PERMITTED(RIGHTS, "capget", PTR, PTR),
	[126] = NOT_PERMITTED(RIGHTS, "capset", PTR, PTR),
	[127] = KERNEL(SIGNALS, "nothing: its own signals", "rt_sigpending", PTR, SIZE),
	[128] = KERNEL(SIGNALS, "nothing: its own signals", "rt_sigtimedwait", PTR, PTR, PTR, SIZE),
	/* A process may send itself any forged siginfo, and the record relies on siginfo. */
	[129] = NOT_PERMITTED(SIGNAL_DATA, "rt_sigqueueinfo", PID, SIG, PTR),
	[130] = KERNEL(SIGNALS, "nothing: its own signals", "rt_sigsuspend", PTR, SIZE),
	[131] = KERNEL(SIGNALS, "nothing: its own signals", "sigaltstack", PTR, PTR),
	[132] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "utime", PATH, PTR),
	[133] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "mknod", PATH, MODE, HEX),
	[134] = OPTIONAL(EXEC, "uselib", TEXT),
	[135] = REGISTERS(SETTINGS, rules_personality, HANDLE_REFUSE, "nothing: its own is read", "personality", HEX),
	[136] = OPTIONAL(LOOK, "ustat", HEX, PTR),
	[137] = BROKERED(LOOK, HANDLE_STATFS, "statfs", PATH, PTR),
	[138] = KERNEL(LOOK, "nothing: how full the file system of what it has open is", "fstatfs", FD, PTR),
	[139] = OPTIONAL(MOUNTS, "sysfs", INT, HEX, HEX),
	[140] = REGISTERS(ASK, rules_priority, HANDLE_ASK,
		"nothing: its own scheduling is read", "getpriority", INT, INT),
	[141] = REFUSED(PRIORITY, "setpriority", INT, INT, INT),
	[142] = NOT_PERMITTED(PRIORITY, "sched_setparam", PID, PTR),
	[143] = REGISTERS(ASK, rules_self_or_0, HANDLE_ASK,
		"nothing: its own scheduling is read", "sched_getparam", PID, PTR),
	[144] = PERMITTED_BY(PRIORITY, HANDLE_SCHEDULER, "sched_setscheduler", PID, INT, PTR),
	[145] = REGISTERS(ASK, rules_self_or_0, HANDLE_ASK,
		"nothing: its own scheduling is read", "sched_getscheduler", PID),
	[146] = KERNEL(ASK, "nothing: its own scheduling is read", "sched_get_priority_max", INT),
	[147] = KERNEL(ASK, "nothing: its own scheduling is read", "sched_get_priority_min", INT),
	[148] = REGISTERS(ASK, rules_self_or_0, HANDLE_ASK,
		"nothing: its own scheduling is read", "sched_rr_get_interval", PID, PTR),
	[149] = KERNEL(MEMORY, "nothing: its own memory, within RLIMIT_MEMLOCK", "mlock", PTR, SIZE),
	[150] = KERNEL(MEMORY, "nothing: its own memory", "munlock", PTR, SIZE),
	[151] = KERNEL(MEMORY, "nothing: its own memory, within RLIMIT_MEMLOCK", "mlockall", HEX),
	[152] = KERNEL(MEMORY, "nothing: its own memory", "munlockall"),
	[153] = NOT_PERMITTED(SYSTEM, "vhangup"),
	[154] = OPTIONAL(SETTINGS, "modify_ldt", INT, PTR, SIZE),
	[155] = REFUSED(FILESYSTEM, "pivot_root", TEXT, TEXT),
	[156] = OPTIONAL(OBSOLETE, "_sysctl", PTR),
	[157] = REGISTERS(SETTINGS, rules_prctl, HANDLE_REFUSE,
		"nothing: names and settings of its own thread", "prctl", ARG_PRCTL, HEX, HEX, HEX, HEX),
	[158] = REGISTERS(SETTINGS, rules_arch_prctl, HANDLE_REFUSE,
		"nothing: registers of its own thread", "arch_prctl", HEX, HEX),
	[159] = NOT_PERMITTED(CLOCK_SET, "adjtimex", PTR),
	[160] = BROKERED(LIMITS, HANDLE_LIMIT, "setrlimit", ARG_RESOURCE, PTR),
	[161] = REFUSED(FILESYSTEM, "chroot", TEXT),
	[162] = REFUSED(SYNC, "sync"),
	[163] = NOT_PERMITTED(SYSTEM, "acct", TEXT),
	[164] = NOT_PERMITTED(CLOCK_SET, "settimeofday", PTR, PTR),
	[165] = REFUSED(FILESYSTEM, "mount", TEXT, TEXT, TEXT, HEX, PTR),
	[166] = REFUSED(FILESYSTEM, "umount2", TEXT, HEX),
	[167] = NOT_PERMITTED(FILESYSTEM, "swapon", TEXT, HEX),
	[168] = NOT_PERMITTED(FILESYSTEM, "swapoff", TEXT),
	[169] = NOT_PERMITTED(SYSTEM, "reboot", HEX, HEX, HEX, PTR),
	[170] = NOT_PERMITTED(SYSTEM, "sethostname", TEXT, SIZE),
	[171] = NOT_PERMITTED(SYSTEM, "setdomainname", TEXT, SIZE),
	[172] = NOT_PERMITTED(SYSTEM, "iopl", INT),
	[173] = NOT_PERMITTED(SYSTEM, "ioperm", HEX, HEX, INT),
	[174] = OPTIONAL(OBSOLETE, "create_module", TEXT, SIZE),
	[175] = NOT_PERMITTED(SYSTEM, "init_module", PTR, SIZE, TEXT),
	[176] = NOT_PERMITTED(SYSTEM, "delete_module", TEXT, HEX),
	[177] = OPTIONAL(OBSOLETE, "get_kernel_syms", PTR),
	[178] = OPTIONAL(OBSOLETE, "query_module", TEXT, INT, PTR, SIZE, PTR),
	[179] = NOT_PERMITTED(FILESYSTEM, "quotactl", HEX, TEXT, INT, PTR),
	[180] = OPTIONAL(OBSOLETE, "nfsservctl", INT, PTR, PTR),
	[181] = OPTIONAL(OBSOLETE, "getpmsg"),
	[182] = OPTIONAL(OBSOLETE, "putpmsg"),
	[183] = OPTIONAL(OBSOLETE, "afs_syscall"),
	[184] = OPTIONAL(OBSOLETE, "tuxcall"),
	[185] = OPTIONAL(OBSOLETE, "security"),
	[186] = KERNEL(SELF, "nothing: its own ids", "gettid"),
	[187] = BROKERED(ADVICE, HANDLE_ADVICE, "readahead", FD, LONG, SIZE),
	[188] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "setxattr", PATH, TEXT, PTR, SIZE, HEX),
	[189] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "lsetxattr", PATH, TEXT, PTR, SIZE, HEX),
	[190] = REFUSED(CHANGE, "fsetxattr", FD, TEXT, PTR, SIZE, HEX),
	[191] = BROKERED(LOOK, HANDLE_READ_XATTR, "getxattr", PATH, TEXT, PTR, SIZE),
	[192] = BROKERED(LOOK, HANDLE_READ_XATTR, "lgetxattr", PATH, TEXT, PTR, SIZE),
	[193] = BROKERED(LOOK, HANDLE_READ_XATTR, "fgetxattr", FD, TEXT, PTR, SIZE),
	[194] = BROKERED(LOOK, HANDLE_READ_XATTR, "listxattr", PATH, PTR, SIZE),
	[195] = BROKERED(LOOK, HANDLE_READ_XATTR, "llistxattr", PATH, PTR, SIZE),
	[196] = BROKERED(LOOK, HANDLE_READ_XATTR, "flistxattr", FD, PTR, SIZE),
	[197] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "removexattr", PATH, TEXT),
	[198] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "lremovexattr", PATH, TEXT),
	[199] = REFUSED(CHANGE, "fremovexattr", FD, TEXT),
	[200] = BROKERED(SIGNAL, HANDLE_TKILL, "tkill", PID, SIG),
	[201] = KERNEL(CLOCK, "nothing: a clock is read", "time", PTR),
	[202] = REGISTERS(FUTEX, rules_futex, HANDLE_FUTEX,
		"nothing: only what is private, so its own threads", "futex", PTR, HEX, UINT, PTR, PTR, HEX),
	[203] = REFUSED(AFFINITY, "sched_setaffinity", PID, SIZE, PTR),
	[204] = BROKERED(ASK, HANDLE_AFFINITY, "sched_getaffinity", PID, SIZE, PTR),
	[205] = OPTIONAL(SETTINGS, "set_thread_area", PTR),
	[206] = OPTIONAL(ASYNC, "io_setup", UINT, PTR),
	[207] = OPTIONAL(ASYNC, "io_destroy", HEX),
	[208] = OPTIONAL(ASYNC, "io_getevents", HEX, LONG, LONG, PTR, PTR),
	[209] = OPTIONAL(ASYNC, "io_submit", HEX, LONG, PTR),
	[210] = OPTIONAL(ASYNC, "io_cancel", HEX, PTR, PTR),
	[211] = OPTIONAL(SETTINGS, "get_thread_area", PTR),
	[212] = OPTIONAL(MEASURE, "lookup_dcookie", HEX, PTR, SIZE),
	[213] = REGISTERS(DESCRIPTOR, rules_new_descriptor, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded", "epoll_create", INT),
	[214] = OPTIONAL(DESCRIPTOR, "epoll_ctl_old"),
	[215] = OPTIONAL(DESCRIPTOR, "epoll_wait_old"),
	[216] = REFUSED(MEMORY, "remap_file_pages", PTR, SIZE, ARG_PROT, SIZE, HEX),
	[217] = REGISTERS(LIST, rules_listing, HANDLE_LISTING,
		"nothing: names in a directory that it has open, without those that are hidden", "getdents64", FD, PTR, UINT),
	[218] = KERNEL(SELF, "where the kernel clears and wakes at the thread's end", "set_tid_address", PTR),
	[219] = KERNEL(SELF, "nothing: goes on with a wait of its own", "restart_syscall"),
	[220] = REFUSED(IPC, "semtimedop", INT, PTR, SIZE, PTR),
	[221] = BROKERED(ADVICE, HANDLE_ADVICE, "fadvise64", FD, LONG, SIZE, INT),
	[222] = REGISTERS(CLOCK, rules_clock, HANDLE_CLOCK,
		"nothing: its own timer, counted with the user's signals", "timer_create", CLOCK, PTR, PTR),
	[223] = KERNEL(TIMER, "nothing: its own timer, counted with the user's signals", "timer_settime", INT, HEX, PTR, PTR),
	[224] = KERNEL(TIMER, "nothing: its own timer, counted with the user's signals", "timer_gettime", INT, PTR),
	[225] = KERNEL(TIMER, "nothing: its own timer, counted with the user's signals", "timer_getoverrun", INT),
	[226] = KERNEL(TIMER, "nothing: its own timer, counted with the user's signals", "timer_delete", INT),
	[227] = NOT_PERMITTED(CLOCK_SET, "clock_settime", CLOCK, PTR),
	[228] = REGISTERS(CLOCK, rules_clock, HANDLE_CLOCK, "nothing: a clock is read", "clock_gettime", CLOCK, PTR),
	[229] = REGISTERS(CLOCK, rules_clock, HANDLE_CLOCK, "nothing: a clock is read", "clock_getres", CLOCK, PTR),
	[230] = REGISTERS(CLOCK, rules_clock, HANDLE_CLOCK,
		"nothing: its own process", "clock_nanosleep", CLOCK, HEX, PTR, PTR),
	[231] = KERNEL(END, "nothing: its own process", "exit_group", INT),
	[232] = KERNEL(DESCRIPTOR, "nothing: its own descriptors; waits where they are read", "epoll_wait", FD, PTR, INT, INT),
	[233] = REGISTERS(DESCRIPTOR, rules_epoll_ctl, HANDLE_WATCH,
		"nothing: its own descriptors; what it watches is bounded", "epoll_ctl", FD, INT, FD, PTR),
	[234] = REGISTERS(SIGNAL, rules_self, HANDLE_KILL, "nothing: signals itself", "tgkill", PID, PID, SIG),
	[235] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "utimes", PATH, PTR),
	[236] = OPTIONAL(OBSOLETE, "vserver"),
	[237] = OPTIONAL(NUMA, "mbind", PTR, SIZE, INT, PTR, SIZE, HEX),
	[238] = OPTIONAL(NUMA, "set_mempolicy", INT, PTR, SIZE),
	[239] = OPTIONAL(NUMA, "get_mempolicy", PTR, PTR, SIZE, PTR, HEX),
	[240] = REFUSED(IPC, "mq_open", TEXT, ARG_OPEN_FLAGS, MODE, PTR),
	[241] = REFUSED(IPC, "mq_unlink", TEXT),
	[242] = REFUSED(IPC, "mq_timedsend", INT, PTR, SIZE, UINT, PTR),
	[243] = REFUSED(IPC, "mq_timedreceive", INT, PTR, SIZE, PTR, PTR),
	[244] = REFUSED(IPC, "mq_notify", INT, PTR),
	[245] = REFUSED(IPC, "mq_getsetattr", INT, PTR, PTR),
	[246] = NOT_PERMITTED(SYSTEM, "kexec_load", HEX, HEX, PTR, HEX),
	[247] = KERNEL(END, "nothing: it waits for children of its own", "waitid", INT, PID, PTR, HEX, PTR),
	[248] = REFUSED(KEYS, "add_key", TEXT, TEXT, PTR, SIZE, INT),
	[249] = REFUSED(KEYS, "request_key", TEXT, TEXT, TEXT, INT),
	[250] = REFUSED(KEYS, "keyctl", INT, HEX, HEX, HEX, HEX),
	[251] = NOT_PERMITTED(IO_PRIORITY, "ioprio_set", INT, INT, INT),
	[252] = NOT_PERMITTED(IO_PRIORITY, "ioprio_get", INT, INT),
	[253] = REFUSED(WATCH, "inotify_init"),
	[254] = REFUSED(WATCH, "inotify_add_watch", FD, TEXT, HEX),
	[255] = REFUSED(WATCH, "inotify_rm_watch", FD, INT),
	[256] = NOT_PERMITTED(NUMA, "migrate_pages", PID, SIZE, PTR, PTR),
	[257] = BROKERED(OPEN, HANDLE_OPEN, "openat", DIRFD, PATH, ARG_OPEN_FLAGS, MODE),
	[258] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "mkdirat", DIRFD, PATH, MODE),
	[259] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "mknodat", DIRFD, PATH, MODE, HEX),
	[260] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "fchownat", DIRFD, PATH, INT, INT, AT_FLAGS),
	[261] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "futimesat", DIRFD, PATH, PTR),
	[262] = BROKERED(LOOK, HANDLE_STAT, "newfstatat", DIRFD, PATH, PTR, AT_FLAGS),
	[263] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "unlinkat", DIRFD, PATH, AT_FLAGS),
	[264] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "renameat", DIRFD, PATH, DIRFD, PATH),
	[265] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "linkat", DIRFD, PATH, DIRFD, PATH, AT_FLAGS),
	[266] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "symlinkat", TEXT, DIRFD, PATH),
	[267] = BROKERED(LOOK, HANDLE_READLINK, "readlinkat", DIRFD, PATH, PTR, SIZE),
	[268] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "fchmodat", DIRFD, PATH, MODE),
	[269] = BROKERED(LOOK, HANDLE_ACCESS, "faccessat", DIRFD, PATH, ARG_ACCESS_MODE),
	[270] = KERNEL(DESCRIPTOR, "nothing: its own descriptors; waits where they are read",
		"pselect6", INT, PTR, PTR, PTR, PTR, PTR),
	[271] = KERNEL(DESCRIPTOR, "nothing: its own descriptors; waits where they are read", "ppoll", PTR, UINT, PTR, PTR, SIZE),
	[272] = REFUSED(NAMESPACE, "unshare", ARG_CLONE_FLAGS),
	[273] = KERNEL(SELF, "what the kernel marks and wakes at the thread's end", "set_robust_list", PTR, SIZE),
	[274] = REGISTERS(ASK, rules_self_or_0, HANDLE_ASK,
		"nothing: its own process", "get_robust_list", PID, PTR, PTR),
	[275] = OPTIONAL(COPY, "splice", FD, PTR, FD, PTR, SIZE, HEX),
	[276] = OPTIONAL(COPY, "tee", FD, FD, SIZE, HEX),
	[277] = REFUSED(SYNC, "sync_file_range", FD, LONG, LONG, HEX),
	[278] = OPTIONAL(COPY, "vmsplice", FD, PTR, SIZE, HEX),
	[279] = NOT_PERMITTED(NUMA, "move_pages", PID, SIZE, PTR, PTR, PTR, HEX),
	[280] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "utimensat", DIRFD, PATH, PTR, AT_FLAGS),
	[281] = KERNEL(DESCRIPTOR, "nothing: its own descriptors; waits where they are read",
		"epoll_pwait", FD, PTR, INT, INT, PTR, SIZE),
	[282] = OPTIONAL(SIGNALS, "signalfd", FD, PTR, SIZE),
	[283] = REGISTERS(TIMER, rules_new_descriptor, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded", "timerfd_create", INT, HEX),
	[284] = REGISTERS(DESCRIPTOR, rules_new_descriptor, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded", "eventfd", UINT),
	[285] = BROKERED(CHANGE, HANDLE_OWN_FILE, "fallocate", FD, HEX, LONG, LONG),
	[286] = KERNEL(TIMER, "nothing: its own descriptor", "timerfd_settime", FD, HEX, PTR, PTR),
	[287] = KERNEL(TIMER, "nothing: its own descriptor", "timerfd_gettime", FD, PTR),
	[288] = REFUSED_BY(NETWORK, HANDLE_ACCEPT, "accept4", FD, PTR, PTR, HEX),
	[289] = OPTIONAL(SIGNALS, "signalfd4", FD, PTR, SIZE, HEX),
	[290] = REGISTERS(DESCRIPTOR, rules_new_descriptor, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded", "eventfd2", UINT, HEX),
	[291] = REGISTERS(DESCRIPTOR, rules_new_descriptor, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded", "epoll_create1", HEX),
	[292] = REGISTERS(DESCRIPTOR, rules_dup_onto, HANDLE_DUP_ONTO,
		"nothing: its own descriptors, never reserved ones", "dup3", FD, FD, ARG_OPEN_FLAGS),
	[293] = REGISTERS(DESCRIPTOR, rules_pipe2, HANDLE_NEW_DESCRIPTOR,
		"nothing: a descriptor of its own; its memory is bounded", "pipe2", PTR, ARG_OPEN_FLAGS),
	[294] = REFUSED(WATCH, "inotify_init1", HEX),
	[295] = KERNEL(INPUT, "takes input from whoever shares stdin; else as reading the file",
		"preadv", FD, PTR, INT, LONG, LONG),
	[296] = REGISTERS(WRITE, rules_own_file, HANDLE_OWN_FILE, "writes to a file that a write rule grants",
		"pwritev", FD, PTR, INT, LONG, LONG),
	[297] = NOT_PERMITTED(SIGNAL_DATA, "rt_tgsigqueueinfo", PID, PID, SIG, PTR),
	[298] = REFUSED(MEASURE, "perf_event_open", PTR, PID, INT, FD, HEX),
	[299] = REFUSED_BY(SOCKET, HANDLE_RECEIVE_MESSAGE, "recvmmsg", FD, ARG_MESSAGE, UINT, HEX, PTR),
	[300] = NOT_PERMITTED(WATCH, "fanotify_init", HEX, HEX),
	[301] = NOT_PERMITTED(WATCH, "fanotify_mark", FD, HEX, HEX, DIRFD, TEXT),
	[302] = REGISTERS(LIMITS, rules_prlimit, HANDLE_LIMIT,
		"nothing: its own limits are read", "prlimit64", PID, ARG_RESOURCE, PTR, PTR),
	[303] = REFUSED(HANDLE, "name_to_handle_at", DIRFD, TEXT, PTR, PTR, AT_FLAGS),
	[304] = REFUSED(HANDLE, "open_by_handle_at", FD, PTR, ARG_OPEN_FLAGS),
	[305] = NOT_PERMITTED(CLOCK_SET, "clock_adjtime", CLOCK, PTR),
	[306] = REFUSED(SYNC, "syncfs", FD),
	[307] = REFUSED_BY(SOCKET, HANDLE_SEND_MESSAGE, "sendmmsg", FD, ARG_MESSAGE, UINT, HEX),
	[308] = REFUSED(NAMESPACE, "setns", FD, ARG_CLONE_FLAGS),
	[309] = KERNEL(SELF, "nothing: its own process", "getcpu", PTR, PTR, PTR),
	[310] = REFUSED(OTHERS, "process_vm_readv", PID, PTR, SIZE, PTR, SIZE, HEX),
	[311] = REFUSED(OTHERS, "process_vm_writev", PID, PTR, SIZE, PTR, SIZE, HEX),
	[312] = REFUSED(OTHERS, "kcmp", PID, PID, INT, HEX, HEX),
	[313] = NOT_PERMITTED(SYSTEM, "finit_module", FD, TEXT, HEX),
	[314] = NOT_PERMITTED(PRIORITY, "sched_setattr", PID, PTR, HEX),
	[315] = REGISTERS(ASK, rules_self_or_0, HANDLE_ASK,
		"nothing: its own scheduling is read", "sched_getattr", PID, PTR, UINT, HEX),
	[316] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "renameat2", DIRFD, PATH, DIRFD, PATH, HEX),
	[317] = REFUSED(SANDBOX, "seccomp", HEX, HEX, PTR),
	[318] = KERNEL(RANDOM, "nothing: random bytes are made", "getrandom", PTR, SIZE, HEX),
	[319] = REFUSED(MEMORY_FILE, "memfd_create", TEXT, HEX),
	[320] = NOT_PERMITTED(SYSTEM, "kexec_file_load", FD, FD, SIZE, PTR, HEX),
	[321] = REFUSED(SYSTEM, "bpf", INT, PTR, UINT),
	[322] = BROKERED(EXEC, HANDLE_EXEC, "execveat", DIRFD, PATH, ARG_ARGV, PTR, AT_FLAGS),
	[323] = REFUSED(MEMORY, "userfaultfd", HEX),
	[324] = REGISTERS(BARRIER, rules_membarrier, HANDLE_MEMBARRIER,
		"nothing: its own threads; not the commands for all", "membarrier", INT, HEX, INT),
	[325] = KERNEL(MEMORY, "nothing: its own memory, within RLIMIT_MEMLOCK", "mlock2", PTR, SIZE, HEX),
	[326] = OPTIONAL_BY(COPY, HANDLE_COPY, "copy_file_range", FD, PTR, FD, PTR, SIZE, HEX),
	[327] = REGISTERS(INPUT, rules_preadv2, HANDLE_READ_FLAGS,
		"takes input from whoever shares stdin; else as reading the file; flags would tell what others have read",
		"preadv2", FD, PTR, INT, LONG, LONG, HEX),
	[328] = REGISTERS(WRITE, rules_pwritev2, HANDLE_OWN_FILE, "writes to a file that a write rule grants",
		"pwritev2", FD, PTR, INT, LONG, LONG, HEX),
	[329] = REGISTERS(MEMORY, rules_address, HANDLE_REFUSE,
		"nothing: its own memory", "pkey_mprotect", PTR, SIZE, ARG_PROT, INT),
	[330] = KERNEL(MEMORY, "nothing: its own memory", "pkey_alloc", HEX, HEX),
	[331] = KERNEL(MEMORY, "nothing: its own memory", "pkey_free", INT),
	[332] = BROKERED(LOOK, HANDLE_STATX, "statx", DIRFD, PATH, AT_FLAGS, HEX, PTR),
	[333] = OPTIONAL(ASYNC, "io_pgetevents", HEX, LONG, LONG, PTR, PTR, PTR),
	[334] = KERNEL(SELF, "nothing: its own process", "rseq", PTR, UINT, HEX, HEX),
	[335] = OPTIONAL(MEASURE, "uretprobe"),
	[336] = OPTIONAL(MEASURE, "uprobe"),
	[424] = REFUSED(OTHERS, "pidfd_send_signal", FD, SIG, PTR, HEX),
	[425] = REFUSED(ASYNC, "io_uring_setup", UINT, PTR),
	[426] = REFUSED(ASYNC, "io_uring_enter", FD, UINT, UINT, HEX, PTR, SIZE),
	[427] = REFUSED(ASYNC, "io_uring_register", FD, UINT, PTR, UINT),
	[428] = REFUSED(FILESYSTEM, "open_tree", DIRFD, TEXT, HEX),
	[429] = REFUSED(FILESYSTEM, "move_mount", DIRFD, TEXT, DIRFD, TEXT, HEX),
	[430] = REFUSED(FILESYSTEM, "fsopen", TEXT, HEX),
	[431] = REFUSED(FILESYSTEM, "fsconfig", FD, UINT, TEXT, PTR, INT),
	[432] = REFUSED(FILESYSTEM, "fsmount", FD, HEX, HEX),
	[433] = REFUSED(FILESYSTEM, "fspick", DIRFD, TEXT, HEX),
	[434] = BROKERED(PIDFD, HANDLE_PIDFD_OPEN, "pidfd_open", PID, HEX),
	/* Its flags are in memory: libc falls back to clone(2), whose flags are in registers. */
	[435] = OPTIONAL(THREAD, "clone3", PTR, SIZE),
	[436] = REGISTERS(DESCRIPTOR, rules_close_range, HANDLE_CLOSE_RANGE,
		"nothing: its own descriptors, never reserved ones", "close_range", FD, FD, HEX),
	[437] = BROKERED(OPEN, HANDLE_OPEN, "openat2", DIRFD, PATH, ARG_OPEN_HOW, SIZE),
	[438] = REFUSED(OTHERS, "pidfd_getfd", FD, FD, HEX),
	[439] = BROKERED(LOOK, HANDLE_ACCESS, "faccessat2", DIRFD, PATH, ARG_ACCESS_MODE, AT_FLAGS),
	[440] = REFUSED(OTHERS, "process_madvise", FD, PTR, SIZE, INT, HEX),
	[441] = KERNEL(DESCRIPTOR, "nothing: its own descriptors; waits where they are read",
		"epoll_pwait2", FD, PTR, INT, PTR, PTR, SIZE),
	[442] = REFUSED(FILESYSTEM, "mount_setattr", DIRFD, TEXT, HEX, PTR, SIZE),
	[443] = NOT_PERMITTED(FILESYSTEM, "quotactl_fd", FD, HEX, INT, PTR),
	[444] = OPTIONAL(SANDBOX, "landlock_create_ruleset", PTR, SIZE, HEX),
	[445] = OPTIONAL(SANDBOX, "landlock_add_rule", FD, INT, PTR, HEX),
	[446] = OPTIONAL(SANDBOX, "landlock_restrict_self", FD, HEX),
	[447] = REFUSED(MEMORY_FILE, "memfd_secret", HEX),
	[448] = REFUSED(OTHERS, "process_mrelease", FD, HEX),
	[449] = OPTIONAL(FUTEX, "futex_waitv", PTR, UINT, HEX, PTR, INT), /* memory says whether it is private */
	[450] = OPTIONAL(NUMA, "set_mempolicy_home_node", PTR, SIZE, SIZE, HEX),
	[451] = OPTIONAL(MEMORY_LOOK, "cachestat", FD, PTR, PTR, HEX),
	[452] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "fchmodat2", DIRFD, PATH, MODE, AT_FLAGS),
	[453] = KERNEL(MEMORY, "nothing: its own memory", "map_shadow_stack", PTR, SIZE, HEX),
	[454] = REGISTERS(FUTEX, rules_futex2, HANDLE_FUTEX,
		"nothing: only what is private, so its own threads", "futex_wake", PTR, HEX, INT, HEX),
	[455] = REGISTERS(FUTEX, rules_futex2, HANDLE_FUTEX,
		"nothing: only what is private, so its own threads",
		"futex_wait", PTR, HEX, HEX, HEX, PTR, INT),
	[456] = OPTIONAL(FUTEX, "futex_requeue", PTR, HEX, INT, INT), /* likewise */
	[457] = REFUSED(MOUNTS, "statmount", PTR, PTR, SIZE, HEX),
	[458] = REFUSED(MOUNTS, "listmount", PTR, PTR, SIZE, HEX),
	[459] = OPTIONAL(SANDBOX, "lsm_get_self_attr", UINT, PTR, PTR, HEX),
	[460] = NOT_PERMITTED(SANDBOX, "lsm_set_self_attr", UINT, PTR, UINT, HEX),
	[461] = OPTIONAL(SANDBOX, "lsm_list_modules", PTR, PTR, HEX),
	[462] = KERNEL(MEMORY, "nothing: its own memory", "mseal", PTR, SIZE, HEX),
	[463] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "setxattrat", DIRFD, PATH, AT_FLAGS, TEXT, PTR, SIZE),
	[464] = BROKERED(LOOK, HANDLE_READ_XATTR, "getxattrat", DIRFD, PATH, AT_FLAGS, TEXT, PTR, SIZE),
	[465] = BROKERED(LOOK, HANDLE_READ_XATTR, "listxattrat", DIRFD, PATH, AT_FLAGS, PTR, SIZE),
	[466] = BROKERED(CHANGE, HANDLE_WRITE_PATH, "removexattrat", DIRFD, PATH, AT_FLAGS, TEXT),
	[467] = REFUSED(FILESYSTEM, "open_tree_attr", DIRFD, TEXT, HEX, PTR, SIZE),
	[468] = OPTIONAL(LOOK, "file_getattr", DIRFD, TEXT, PTR, SIZE, AT_FLAGS),
	[469] = REFUSED(CHANGE, "file_setattr", DIRFD, TEXT, PTR, SIZE, AT_FLAGS),
	[470] = REFUSED(NAMESPACE, "listns", PTR, PTR, SIZE, HEX),
	[471] = OPTIONAL(SCHEDULE, "rseq_slice_yield"),
};

_Static_assert(ARRAY_SIZE(rows) <= SYSCALL_WORDS * 64, "a row has no bit in reg_values.forbidden");

const struct syscall_row *syscall_row(uint64_t nr)
{
	return nr < ARRAY_SIZE(rows) && rows[nr].name ? &rows[nr] : NULL;
}

bool syscall_is_conditional(const struct syscall_row *row)
{
	return row->class != CLASS_UNSERVED;
}

unsigned syscall_limit(void)
{
	return ARRAY_SIZE(rows);
}

int syscall_number(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].name && streq(rows[i].name, name))
			return (int)i;
	return -1;
}

enum topic syscall_topic(const char *name)
{
	int nr = name ? syscall_number(name) : -1;

	return nr < 0 ? TOPIC_NONE : (enum topic)rows[nr].topic;
}

void syscall_forbid(struct reg_values *values, unsigned nr)
{
	if (nr < SYSCALL_WORDS * 64)
		values->forbidden[nr / 64] |= UINT64_C(1) << (nr % 64);
}

bool syscall_is_forbidden(const struct reg_values *values, uint64_t nr)
{
	return nr < SYSCALL_WORDS * 64 && (values->forbidden[nr / 64] & UINT64_C(1) << (nr % 64));
}

static bool test_holds(const struct reg_test *test, const uint64_t *args, const struct reg_values *values)
{
	uint64_t have = args[test->arg] & test->mask;
	uint64_t want = test->symbol ? values->symbol[test->symbol] : test->value;

	switch (test->op) {
	case REG_EQ:
		return have == want;
	case REG_LT:
		return have < want;
	case REG_GE:
		return have >= want;
	default:
		return false;
	}
}

static bool rule_matches(const struct reg_rule *rule, const uint64_t *args, const struct reg_values *values)
{
	unsigned i;

	if ((rule->facts & values->facts) != rule->facts)
		return false;
	for (i = 0; i < rule->n_tests; i++)
		if (!test_holds(&rule->tests[i], args, values))
			return false;
	return true;
}

bool syscall_allowed_in_kernel(uint64_t nr, const uint64_t args[SYSCALL_MAX_ARGS],
			       const struct reg_values *values)
{
	const struct syscall_row *row = syscall_row(nr);
	unsigned i;

	if (!row || syscall_is_forbidden(values, nr))
		return false;
	if (row->class == CLASS_KERNEL)
		return true;
	if (row->class != CLASS_REGISTERS)
		return false;
	for (i = 0; i < row->n_rules; i++)
		if (rule_matches(&row->rules[i], args, values))
			return true;
	return false;
}
