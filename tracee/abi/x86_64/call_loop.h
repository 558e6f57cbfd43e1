/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that works through a list of calls in another process (tracee/call_list.h), and how a thread enters it. */
#ifndef PROCTOR_TRACEE_ABI_X86_64_CALL_LOOP_H
#define PROCTOR_TRACEE_ABI_X86_64_CALL_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#include "tracee/abi/x86_64/registers.h"

enum call_kind { CALL_SYSCALL, CALL_FUNCTION };

/* Read and written by the loop. */
struct call_entry {
	uint64_t kind, function, args[6];
	uint64_t result; /* of a system call: -errno on failure */
	uint64_t store;  /* where else the result goes: an argument of a later entry; or 0 */
};

/* Writes the loop to CODE, and breakpoints behind it up to SIZE bytes. It is position-independent, and fits a page. */
void abi_call_loop_code(unsigned char *code, size_t size);

/* Sets REGS for a thread that is to work through N entries (at least one) by the loop at CODE, on a stack that begins
 * BELOW bytes below its own. */
void abi_call_loop_begin(struct user_regs_struct *regs, uint64_t code, uint64_t entries, size_t n, size_t below);

/* Sets REGS as if FUNCTION had just been called with ARGS, far below the thread's stack. The caller writes the return
 * address, eight bytes, to the address that this returns. */
uint64_t abi_enter_function(struct user_regs_struct *regs, uint64_t function, const uint64_t args[ABI_ARGS]);

/* Sets REGS, of a thread at a function's first instruction, as if the function had returned RESULT to BACK. */
void abi_leave_function(struct user_regs_struct *regs, uint64_t back, int64_t result);

/* Has the thread stopped at the breakpoint behind the loop? */
bool abi_call_loop_ended(const struct user_regs_struct *regs, uint64_t code);

#endif
