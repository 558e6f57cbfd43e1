/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decode: registers and memory of a stopped call become a `struct request` that owns its copies.
 * What is read here is read once; nothing later looks at the tracee's memory for it again, so
 * no other thread can change what was decided on.
 */
#ifndef PROCTOR_SUPERVISOR_DECODE_H
#define PROCTOR_SUPERVISOR_DECODE_H

#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/buf.h"
#include "tracee/abi/abi.h"
#include "tracee/syscalls.h"

enum {
	REQUEST_MAX_PATHS = 2,
	REQUEST_TEXT_MAX = 512,
	/* Bounds of program arguments, pointers included: an exec takes them from the scratch. */
	REQUEST_MAX_ARGV = 8192,
	REQUEST_ARGV_MAX = 128 * 1024,
};

/* A path argument: its text, and the directory descriptor that it is relative to. */
struct request_path {
	int dirfd; /* AT_FDCWD when the call has none */
	int err;   /* EFAULT, ENAMETOOLONG when it could not be read; 0 */
	bool null; /* the pointer was NULL */
	size_t len;
	char text[PATH_MAX];
};

struct request {
	pid_t tid, tgid;
	enum abi abi;
	uint32_t nr;
	const struct syscall_row *row; /* NULL: the number has no row */
	uint64_t args[SYSCALL_MAX_ARGS];
	struct user_regs_struct regs; /* as they were at the stop */
	unsigned n_paths;
	struct request_path paths[REQUEST_MAX_PATHS];
	struct open_how how; /* of openat2; flags and mode of the other opens */
	int how_err;	     /* EFAULT, EINVAL, E2BIG */
	struct msghdr message; /* of sendmsg and its kin, the first of several. Its address is among the copies below */
	int message_err;       /* EFAULT */
	/* Program arguments: N_ARGV texts behind each other, each with its NUL. Owned; freed by request_fini(). */
	struct buf argv;
	size_t n_argv;
	int argv_err; /* EFAULT, E2BIG */
	/* Copies for the log (text arguments, program arguments) and to decide on (socket addresses), behind each
	 * other, by the argument's number. */
	size_t text_len;
	uint16_t text_at[SYSCALL_MAX_ARGS], text_size[SYSCALL_MAX_ARGS]; /* size 0: none was read */
	char text[REQUEST_TEXT_MAX];
};

/*
 * Fills REQUEST from thread TID (of process TGID) stopped with REGS. Never fails: what cannot be read is said in the
 * request (err, how_err) and refused by the handler.
 */
void decode(pid_t tgid, pid_t tid, const struct user_regs_struct *regs, struct request *ret_request);

/* Frees what REQUEST, which began as all zeros, has kept for the next call. */
void request_fini(struct request *request);

/* The name for the log: "openat", "syscall_999". BUF holds at least 32 bytes. */
const char *request_name(const struct request *request, char buf[32]);

/* How many arguments the log shows: the mode of an open that creates nothing is left out. */
unsigned request_n_args(const struct request *request);

/* Appends argument N as strace writes it: AT_FDCWD, "data/x", O_RDONLY|O_CLOEXEC, 0x7f… */
void request_format_arg(const struct request *request, unsigned n, struct buf *out);

#endif
