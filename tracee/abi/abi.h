/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is particular to an architecture: registers and the calling convention of system calls, the ABIs that a
 * kernel offers beside the native one, sizes, flag values that differ, code that is placed into a program.
 * Nothing outside tracee/abi/ names a register or such a number (tests/check-layers); other code asks here.
 *
 * Registers are `struct user_regs_struct`, which <sys/user.h> defines for each architecture: it is passed on
 * as a whole, and only the accessors of registers.h look inside. All of these are inline: none costs a call.
 *
 * Another architecture is a folder beside x86_64/ with the same names in files of the same names. The table of
 * calls, tracee/syscalls.c, still uses x86-64's numbers (doc/DECISIONS.md, "One architecture").
 *
 * instruction.h (the instructions of tracee/probe.h), call_loop.h (of tracee/call_list.h) and unwind.h (libunwind's
 * names) are included where they are needed.
 */
#ifndef PROCTOR_TRACEE_ABI_ABI_H
#define PROCTOR_TRACEE_ABI_ABI_H

#if defined(__x86_64__) && defined(__LP64__)
#include "tracee/abi/x86_64/calls.h"
#include "tracee/abi/x86_64/registers.h"
#include "tracee/abi/x86_64/values.h"
#else
#error "proctor knows x86-64 only: another architecture needs a folder in tracee/abi/"
#endif

#endif
