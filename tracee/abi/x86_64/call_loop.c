/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/abi/x86_64/call_loop.h"

#include <string.h>

enum { BREAKPOINT = 0xcc };

/*
 * rbx: the entry; rbp: how many are left. Whatever is called preserves both (System V ABI). A system call's last
 * arguments are in r10, r8 and r9; a function's fourth is in rcx instead. Ends at the breakpoint behind the loop.
 */
__asm__(".pushsection .rodata\n"
	".globl proctor_call_loop, proctor_call_loop_end\n"
	".hidden proctor_call_loop, proctor_call_loop_end\n"
	"proctor_call_loop:\n"
	"1:	mov 16(%rbx), %rdi\n"
	"	mov 24(%rbx), %rsi\n"
	"	mov 32(%rbx), %rdx\n"
	"	mov 40(%rbx), %r10\n"
	"	mov 48(%rbx), %r8\n"
	"	mov 56(%rbx), %r9\n"
	"	mov 8(%rbx), %rax\n"
	"	cmpq $0, (%rbx)\n"
	"	jne 2f\n"
	"	syscall\n"
	"	jmp 3f\n"
	"2:	mov %r10, %rcx\n"
	"	mov %rax, %r11\n"
	"	xor %eax, %eax\n"
	"	call *%r11\n"
	"3:	mov %rax, 64(%rbx)\n"
	"	mov 72(%rbx), %r11\n"
	"	test %r11, %r11\n"
	"	jz 4f\n"
	"	mov %rax, (%r11)\n"
	"4:	add $80, %rbx\n"
	"	dec %rbp\n"
	"	jnz 1b\n"
	"	int3\n"
	"proctor_call_loop_end:\n"
	".popsection");
extern const unsigned char proctor_call_loop[], proctor_call_loop_end[];

static size_t loop_size(void)
{
	return (uintptr_t)proctor_call_loop_end - (uintptr_t)proctor_call_loop;
}

_Static_assert(sizeof(struct call_entry) == 80 && offsetof(struct call_entry, result) == 64, "as the loop has it");
void abi_call_loop_code(unsigned char *code, size_t size)
{
	memset(code, BREAKPOINT, size);
	memcpy(code, proctor_call_loop, loop_size());
}

void abi_call_loop_begin(struct user_regs_struct *regs, uint64_t code, uint64_t entries, size_t n, size_t below)
{
	regs->rip = code;
	regs->rbx = entries;
	regs->rbp = n;
	regs->rsp = (regs->rsp - below) & ~UINT64_C(63);
	regs->rax = 0;
	regs->orig_rax = ~0ull; /* nothing to restart */
}

uint64_t abi_enter_function(struct user_regs_struct *regs, uint64_t function, const uint64_t args[ABI_ARGS])
{
	/* Aligned as after a call instruction. */
	regs->rsp = abi_below_stack(regs, 512) - 8;
	regs->rip = function;
	regs->rdi = args[0];
	regs->rsi = args[1];
	regs->rdx = args[2];
	regs->rcx = args[3];
	regs->r8 = args[4];
	regs->r9 = args[5];
	regs->rax = 0;
	regs->orig_rax = ~0ull;
	return regs->rsp;
}

void abi_leave_function(struct user_regs_struct *regs, uint64_t back, int64_t result)
{
	abi_go_to(regs, back);
	abi_set_result(regs, result);
	regs->rsp += 8;
}

bool abi_call_loop_ended(const struct user_regs_struct *regs, uint64_t code)
{
	return regs->rip == code + loop_size();
}
