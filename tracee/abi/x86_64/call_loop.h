/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that works off a list of calls in another process (tracee/call_list.h), and how a thread enters it. */
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
	uint64_t result; /* of a system call -errno on failure */
	uint64_t store;  /* where else the result goes: an argument of a later entry; or 0 */
};

/* SIZE bytes at CODE: the loop, and breakpoints behind it. It is position-independent, and fits into a page. */
void abi_call_loop_code(unsigned char *code, size_t size);

/* REGS become those of a thread that works off N entries (one at least) by the loop at CODE, on a stack that begins
 * BELOW bytes beneath its own. */
void abi_call_loop_begin(struct user_regs_struct *regs, uint64_t code, uint64_t entries, size_t n, size_t below);

/* REGS become those of a thread that has just been called at FUNCTION with ARGS, far below its stack: the address that it
 * returns to belongs at what is returned, eight bytes. */
uint64_t abi_enter_function(struct user_regs_struct *regs, uint64_t function, const uint64_t args[ABI_ARGS]);

/* REGS, of a thread at a function's first instruction, become those behind its return to BACK with RESULT. */
void abi_leave_function(struct user_regs_struct *regs, uint64_t back, int64_t result);

/* Has the thread stopped at the breakpoint behind the loop? */
bool abi_call_loop_ended(const struct user_regs_struct *regs, uint64_t code);

#endif
