/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp filter, compiled from the syscall table: constant-allow rows return at once (and
 * the kernel's allow bitmap, 5.11, skips the program for them), register rules compare arguments,
 * and everything else, including calls that this run forbids, returns SECCOMP_RET_TRACE. A foreign architecture
 * (int 0x80) returns SECCOMP_RET_TRAP; the supervisor sees the SIGSYS before the program can.
 */
#ifndef PROCTOR_TRACEE_FILTER_H
#define PROCTOR_TRACEE_FILTER_H

#include <linux/filter.h>

#include "base/buf.h"
#include "tracee/syscalls.h"

enum { FILTER_MAX = 2048 };

struct filter {
	unsigned short len;
	struct sock_filter code[FILTER_MAX];
};

/*
 * Compiles the filter for VALUES. With STOP_ALL every native call stops. Pure; allocates nothing,
 * so the forked child may call it. 0, or -E2BIG when it does not fit.
 */
int filter_compile(const struct reg_values *values, bool stop_all, struct filter *ret_filter);

/* A compiled filter, kept for the next run. Starts as all zeros. */
struct filter_kept {
	bool there, stop_all;
	struct reg_values values; /* but for the program's id */
	struct filter filter;
	size_t n_self;
	unsigned short self[16]; /* instructions that have the program's id */
};

/* Does what filter_compile() does, or changes the program's id in what was KEPT, if all else is the same. */
int filter_compile_kept(struct filter_kept *kept, const struct reg_values *values, bool stop_all, struct filter *ret_filter);

/* Installs FILTER for this thread (needs no_new_privs). 0 or -errno. */
int filter_install(const struct filter *filter);

/* The program as text, one instruction a line, for `proctor policy show --filter`. */
void filter_print(const struct filter *filter, struct buf *out);

#endif
