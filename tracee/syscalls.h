/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of x86-64 system calls. The filter compiler, the decoder, the log's argument
 * text, the broker and the tests read these rows; nothing is listed twice. A number without a row
 * is refused.
 */
#ifndef PROCTOR_TRACEE_SYSCALLS_H
#define PROCTOR_TRACEE_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/subject.h"

enum syscall_class {
	CLASS_UNSERVED,	 /* refused, not permitted or not offered, as `err` or `handler` says; with a handler: unless
			  * the policy grants an address (policy/net.h), processes, or writing */
	CLASS_KERNEL,	 /* safe whatever the arguments: allowed in the kernel, costs nothing */
	CLASS_REGISTERS, /* allowed in the kernel when a register rule matches; else as `handler` says */
	CLASS_BROKERED,	 /* always stops for the supervisor */
};

/* How an argument is written in the log, and what it means to the decoder. */
enum arg_kind {
	ARG_NONE,
	ARG_INT,
	ARG_UINT,
	ARG_LONG,
	ARG_SIZE,
	ARG_HEX,
	ARG_POINTER, /* an address; NULL for 0 */
	ARG_FD,
	ARG_DIRFD, /* where the next path starts from */
	ARG_PATH,
	ARG_TEXT,  /* a string that is not the path of an object: a link's target, a name */
	ARG_OPEN_FLAGS,
	ARG_MODE,
	ARG_AT_FLAGS,
	ARG_ACCESS_MODE,
	ARG_OPEN_HOW,
	ARG_SIGNAL,
	ARG_PID,
	ARG_PROT,
	ARG_MAP_FLAGS,
	ARG_IOCTL,
	ARG_FCNTL,
	ARG_CLONE_FLAGS,
	ARG_WHENCE,
	ARG_RESOURCE,
	ARG_CLOCK,
	ARG_PRCTL,
	ARG_SOCKET_DOMAIN,
	ARG_SOCKET_TYPE,
	ARG_SOCKET_ADDRESS, /* its length is the next argument */
	ARG_MESSAGE,	    /* struct msghdr, or the first of struct mmsghdr */
	ARG_ARGV,
};

/* What the supervisor does with a call that stopped. */
enum syscall_handler {
	HANDLE_REFUSE,
	HANDLE_OPEN,	    /* open, creat, openat, openat2 */
	HANDLE_STAT,	    /* stat, lstat, newfstatat */
	HANDLE_STATX,
	HANDLE_ACCESS,	    /* access, faccessat, faccessat2 */
	HANDLE_READLINK,    /* readlink, readlinkat */
	HANDLE_STATFS,
	HANDLE_CHDIR,
	HANDLE_WRITE_PATH,  /* creates, changes or removes what a path names */
	HANDLE_READ_XATTR,  /* get and list */
	HANDLE_EXEC,
	HANDLE_CLOSE,	    /* close, fchdir of a reserved descriptor */
	HANDLE_CLOSE_RANGE,
	HANDLE_DUP_ONTO,    /* dup2, dup3 onto a reserved descriptor */
	HANDLE_IOCTL,
	HANDLE_FCNTL,
	HANDLE_LSEEK,
	HANDLE_SHUTDOWN,
	HANDLE_MMAP,
	HANDLE_WRITE,	    /* write, writev, sendto, when output is counted */
	HANDLE_TKILL,
	HANDLE_KILL,	    /* kill, tgkill of another process */
	HANDLE_GROUP,	    /* setpgid, setsid */
	HANDLE_FORK,	    /* fork, vfork, clone */
	HANDLE_ASK,	    /* questions about a process, named by its id */
	HANDLE_NEW_DESCRIPTOR, /* makes a descriptor, when these are counted */
	HANDLE_PIDFD_OPEN,
	HANDLE_SETFSID,	    /* setfsuid, setfsgid */
	HANDLE_CLOCK,	    /* a clock id that may name another process */
	HANDLE_AFFINITY,
	HANDLE_SCHEDULER,   /* sched_setscheduler */
	HANDLE_LIMIT,	    /* setrlimit, prlimit64 */
	HANDLE_FUTEX,	    /* operations that are not private: futex_wake.h */
	HANDLE_SYNC,	    /* fsync, fdatasync */
	HANDLE_FLOCK,	    /* flock */
	HANDLE_ADVICE,	    /* fadvise64, readahead */
	HANDLE_MEMBARRIER,
	HANDLE_READ_FLAGS,  /* preadv2 with flags */
	HANDLE_SOCKET,	    /* socket: for an address that is granted; else refused, or there is no such kind */
	HANDLE_SOCKET_NAME, /* getsockname, getpeername */
	HANDLE_RECEIVE,	    /* recvfrom that asks for the sender */
	HANDLE_WATCH,	    /* epoll_ctl that adds a descriptor, when memory is counted */
	HANDLE_LISTING,	    /* getdents, getdents64, when names may have to be left out */
	HANDLE_GETCWD,	    /* getcwd, if a directory may have no name that the kernel knows */
	HANDLE_OWN_FILE,    /* changes a file by its descriptor, if the policy grants writing */
	HANDLE_COPY,	    /* copies from one file to another, likewise */
	HANDLE_CONNECT,
	HANDLE_BIND,
	HANDLE_LISTEN,
	HANDLE_ACCEPT,	    /* accept, accept4 */
	HANDLE_SEND_MESSAGE, /* sendmsg, sendmmsg */
	HANDLE_RECEIVE_MESSAGE, /* recvmsg, recvmmsg */
	HANDLE_SET_OPTION,  /* setsockopt */
	HANDLE_GET_OPTION,  /* getsockopt, beyond what the filter lets through */
	HANDLE_COUNT
};

/* Facts about a run that a register rule can depend on (bits). */
enum run_fact {
	FACT_MSEAL = 1,		   /* the scratch is sealed by mseal(2): addresses need no guard */
	FACT_OUTPUT_UNCOUNTED = 2, /* no output limit has to be enforced by counting writes */
	FACT_SEEK_FREE = 4,	   /* neither stdout nor stderr is a regular file, unless one that is appended to */
	FACT_FILES_UNCOUNTED = 8,  /* no limit on open descriptors is watched */
	FACT_BUFFERS_UNCOUNTED = 16, /* no limit on memory has to cover what pipes and sockets hold */
	FACT_WRITES_FREE = 64,	   /* the policy grants writing, and none of stdin, stdout, stderr is a regular
				    * file or a block device that can be written to: any other that can be
				    * written to comes from such a grant */
	FACT_TERMINAL = 128,	   /* the program may change its terminal's settings */
	FACT_NAMES_REACHABLE = 256, /* no grant is on a mount that no path leads to */
	FACT_ONE_PROCESS = 512,	   /* one process only: its id is known when the filter is compiled */
	FACT_LISTINGS_WHOLE = 32,  /* no directory that can be listed holds a name that is hidden */
};

enum reg_op { REG_EQ, REG_LT, REG_GE };

/* Values known only when the run starts; the operand of a test when `symbol` is set. */
enum reg_symbol {
	REG_CONSTANT,
	REG_SELF,	 /* the program's process id; only with FACT_ONE_PROCESS, because children inherit the filter */
	REG_RESERVED_FD, /* first reserved descriptor */
	REG_SCRATCH_END,
	REG_SYMBOLS
};

/* (args[arg] & mask) op operand. Unsigned; 32-bit where the mask has no high bits. */
struct reg_test {
	uint8_t arg;
	uint8_t op;
	uint8_t symbol;
	uint64_t mask;
	uint64_t value;
};

/* _IOR('T', 0x2a, struct termios2): what isatty(3) of glibc 2.42 uses. Its struct cannot be included together with
 * that of <termios.h>. */
#define IOCTL_TCGETS2 0x802c542au
#define IOCTL_TCSETS2 0x402c542bu /* and ...W2, ...F2: what tcsetattr(3) uses */

enum { REG_MAX_TESTS = 3, SYSCALL_MAX_ARGS = 6 };

/* Matches when all facts hold and all tests are true. Without tests: whatever the registers hold. */
struct reg_rule {
	uint16_t facts;
	uint8_t n_tests;
	struct reg_test tests[REG_MAX_TESTS];
};

struct syscall_row {
	const char *name; /* NULL: no such row */
	uint8_t class;
	uint8_t topic; /* enum topic: what people are told the call is about; never TOPIC_NONE */
	uint8_t handler;
	uint8_t n_args;
	uint8_t args[SYSCALL_MAX_ARGS];
	uint8_t n_rules;
	/* A refusal's errno when the policy does not kill; 0: the policy's on_deny. ENOSYS marks an
	 * optional call: programs fall back, so it is hidden and is no violation. */
	uint8_t err;
	const struct reg_rule *rules;
	/* For calls that pass in the kernel: what they do to anybody else, in a few words. */
	const char *others;
};

/* The row of NR, or NULL when there is none. Static. */
const struct syscall_row *syscall_row(uint64_t nr);

/* May some call of ROW be let through, depending on its arguments or on the policy? */
bool syscall_is_conditional(const struct syscall_row *row);

/* One more than the highest number that has a row. */
unsigned syscall_limit(void);

/* The number of NAME, or -1. */
int syscall_number(const char *name);

/* What call NAME is about; TOPIC_NONE for NULL, and if it has no row. */
enum topic syscall_topic(const char *name);

enum { SYSCALL_WORDS = 8 }; /* of 64 bits, one a row: numbers below 512 */

/* Values for the symbols of register rules, the facts that hold, and the calls that this run may not
 * make although their rows would let them: those never pass in the kernel. */
struct reg_values {
	uint64_t symbol[REG_SYMBOLS];
	unsigned facts;
	uint64_t forbidden[SYSCALL_WORDS];
};

/* NR must have a row. */
void syscall_forbid(struct reg_values *values, unsigned nr);
bool syscall_is_forbidden(const struct reg_values *values, uint64_t nr);

/*
 * What the filter does with call NR and its six ARGS, evaluated from the same rows in C: true when
 * the kernel runs it without a stop. Used where every call stops (--calls all) and by the tests
 * that compare it with the compiled program.
 */
bool syscall_allowed_in_kernel(uint64_t nr, const uint64_t args[SYSCALL_MAX_ARGS],
			       const struct reg_values *values);

#endif
