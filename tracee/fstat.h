/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glibc 2.33 to 2.38 makes fstat(3) as newfstatat(fd, "", buf, AT_EMPTY_PATH): a call with a pointer to a name, which
 * has to stop, because a filter cannot read the name. Before and since, it is fstat(2), which lets itself be decided
 * by its number. To the kernel both are the same (vfs_fstatat() in fs/stat.c), and a program may make either.
 *
 * So where a thread has stopped in just that function, of the C library or of its loader, the function is made to call
 * fstat(2) from then on: 10 bytes of the program's own, private copy of that page of code. Nothing is permitted by it
 * that was not, and a program that has laid out such bytes itself changes its own memory. Only bytes that are known
 * to the last are changed, so on other libraries and compilers nothing happens.
 */
#ifndef PROCTOR_TRACEE_FSTAT_H
#define PROCTOR_TRACEE_FSTAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Thread TID is at the entry of newfstatat(2), its program counter at IP, and the call is of the empty path at EMPTY.
 * Shortens the function that it is in; its own call is not changed. False: it is in no such function, or its code
 * cannot be written. No other thread may run in this memory meanwhile.
 */
bool fstat_shorten(pid_t tid, uint64_t ip, uint64_t empty);

#endif
