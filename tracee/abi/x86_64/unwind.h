/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libunwind's library for remote x86-64 stacks: its names, and its numbers for the registers (DWARF's).
 */
#ifndef PROCTOR_TRACEE_ABI_X86_64_UNWIND_H
#define PROCTOR_TRACEE_ABI_X86_64_UNWIND_H

#include <libunwind-x86_64.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/user.h>

/* Exported by libunwind-x86_64.so for users with their own find_proc_info(); in no header. */
int _Ux86_64_dwarf_search_unwind_table(unw_addr_space_t as, unw_word_t ip, unw_dyn_info_t *info,
				       unw_proc_info_t *ret, int need_unwind_info, void *arg);

/* The library's function NAME, and its name for dlsym(3). */
#define ABI_UNWIND(name) _Ux86_64_##name
#define ABI_UNWIND_SYMBOL(name) "_Ux86_64_" #name

/* Register NUMBER of REGS. False: there is none. */
static inline bool abi_unwind_register(const struct user_regs_struct *regs, unw_regnum_t number, unw_word_t *ret)
{
	const struct user_regs_struct *r = regs;
	const unw_word_t by_number[] = {
		[UNW_X86_64_RAX] = r->rax, [UNW_X86_64_RDX] = r->rdx, [UNW_X86_64_RCX] = r->rcx,
		[UNW_X86_64_RBX] = r->rbx, [UNW_X86_64_RSI] = r->rsi, [UNW_X86_64_RDI] = r->rdi,
		[UNW_X86_64_RBP] = r->rbp, [UNW_X86_64_RSP] = r->rsp, [UNW_X86_64_R8] = r->r8,
		[UNW_X86_64_R9] = r->r9,   [UNW_X86_64_R10] = r->r10, [UNW_X86_64_R11] = r->r11,
		[UNW_X86_64_R12] = r->r12, [UNW_X86_64_R13] = r->r13, [UNW_X86_64_R14] = r->r14,
		[UNW_X86_64_R15] = r->r15, [UNW_X86_64_RIP] = r->rip,
	};

	if (number < 0 || (size_t)number >= sizeof by_number / sizeof by_number[0])
		return false;
	*ret = by_number[number];
	return true;
}

#endif
