/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fuzz_stack_tracee.py cannot do in Python: corrupt the interpreter that runs it, make a
 * system call, and repair everything before Python runs again; and functions whose call frame
 * information is hostile. A shared object, loaded with ctypes.
 */
	.text

	/* long fuzz_swap(size_t n, struct { uint64_t *at, value; } *pairs, const char *path):
	 * exchanges each value with the word it is for, makes mkdir(path), exchanges back. */
	.globl	fuzz_swap
	.type	fuzz_swap, @function
fuzz_swap:
	.cfi_startproc
	push	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	xor	%ebx, %ebx
1:	cmp	%rdi, %rbx
	jae	2f
	mov	%rbx, %rcx
	shl	$4, %rcx
	mov	(%rsi,%rcx), %rax
	mov	8(%rsi,%rcx), %r8
	mov	(%rax), %r9
	mov	%r8, (%rax)
	mov	%r9, 8(%rsi,%rcx)
	inc	%rbx
	jmp	1b
2:	mov	%rdi, %r8
	mov	%rsi, %r9
	mov	%rdx, %rdi
	xor	%esi, %esi
	mov	$83, %eax
	syscall
	mov	%r8, %rbx
3:	sub	$1, %rbx
	jb	4f
	mov	%rbx, %rcx
	shl	$4, %rcx
	mov	(%r9,%rcx), %rdx
	mov	8(%r9,%rcx), %r10
	mov	%r10, (%rdx)
	jmp	3b
4:	pop	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	ret
	.cfi_endproc
	.size	fuzz_swap, . - fuzz_swap

	/* long fuzz_registers(rsp, rbp, fs_base, old_fs_base, path): makes mkdir(path) with these. */
	.globl	fuzz_registers
	.type	fuzz_registers, @function
fuzz_registers:
	.cfi_startproc
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rdi, %r12
	mov	%rsi, %r13
	mov	%rcx, %r14
	mov	%r8, %r15
	mov	%rsp, %rbx
	mov	%rdx, %rsi
	mov	$0x1002, %edi		/* ARCH_SET_FS */
	mov	$158, %eax		/* arch_prctl */
	syscall
	mov	%r12, %rsp
	mov	%r13, %rbp
	mov	%r15, %rdi
	xor	%esi, %esi
	mov	$83, %eax
	syscall
	mov	%rbx, %rsp
	mov	%r14, %rsi
	mov	$0x1002, %edi
	mov	$158, %eax
	syscall
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.cfi_endproc
	.size	fuzz_registers, . - fuzz_registers

	/* Well-formed nesting, whose tables the fuzzer mutates: long fuzz_nested(path). */
	.globl	fuzz_nested
	.type	fuzz_nested, @function
fuzz_nested:
	.cfi_startproc
	push	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	%rsp, %rbp
	.cfi_def_cfa_register rbp
	push	%rbx
	.cfi_offset rbx, -24
	sub	$24, %rsp
	call	nested
	add	$24, %rsp
	pop	%rbx
	pop	%rbp
	.cfi_def_cfa rsp, 8
	ret
	.cfi_endproc
	.size	fuzz_nested, . - fuzz_nested
	.type	nested, @function
nested:
	.cfi_startproc
	.cfi_remember_state
	sub	$40, %rsp
	.cfi_adjust_cfa_offset 40
	xor	%esi, %esi
	mov	$83, %eax
	syscall
	add	$40, %rsp
	.cfi_restore_state
	/* The CFA by an expression, as in a PLT: rsp + 8. */
	.cfi_escape 0x0f, 0x03, 0x77, 0x08, 0x96
	ret
	.cfi_endproc
	.size	nested, . - nested

	/* long evil_NAME(path): mkdir(path) from a function with the call frame instructions BYTES. */
	.macro	evil name, bytes:vararg
	.globl	evil_\name
	.type	evil_\name, @function
evil_\name:
	.cfi_startproc
	.cfi_escape \bytes
	xor	%esi, %esi
	mov	$83, %eax
	syscall
	ret
	.cfi_endproc
	.size	evil_\name, . - evil_\name
	.endm

	/* DW_OP_skip -3: jumps to itself. */
	evil	skip, 0x0f, 0x03, 0x2f, 0xfd, 0xff
	/* DW_OP_lit1, DW_OP_bra -4: the same with a condition. */
	evil	bra, 0x0f, 0x04, 0x31, 0x28, 0xfc, 0xff
	/* INT64_MIN / -1 traps on x86-64. */
	evil	div, 0x0f, 0x0c, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x09, 0xff, 0x1b
	/* A register number that is no register, in DW_CFA_register and DW_OP_regx. */
	evil	register, 0x09, 0x10, 0xff, 0xff, 0xff, 0xff, 0x07
	evil	regx, 0x0f, 0x06, 0x90, 0xff, 0xff, 0xff, 0xff, 0x07
	/* The CFA is the value at an address that is not mapped; or pops an empty stack. */
	evil	deref, 0x0f, 0x0a, 0x0e, 0, 0x10, 0, 0, 0, 0, 0, 0, 0x06
	evil	empty, 0x0f, 0x01, 0x22
	/* A stack that never grows, and one that shrinks: CFA = rsp, CFA = rsp - 64. */
	evil	still, 0x0c, 0x07, 0x00
	evil	shrink, 0x0f, 0x03, 0x77, 0x40, 0x96
	/* A restore of what was not remembered. */
	evil	restore, 0x0b, 0x0b, 0x0b
	/* The return address in memory that does not hold one. */
	evil	return, 0x05, 0x10, 0xff, 0xff, 0xff, 0x3f

	.globl	evil_remember
	.type	evil_remember, @function
evil_remember:
	.cfi_startproc
	.rept	4000
	.cfi_escape 0x0a
	.endr
	xor	%esi, %esi
	mov	$83, %eax
	syscall
	ret
	.cfi_endproc
	.size	evil_remember, . - evil_remember

	.globl	evil_column
	.type	evil_column, @function
evil_column:
	.cfi_startproc
	.cfi_return_column 99
	xor	%esi, %esi
	mov	$83, %eax
	syscall
	ret
	.cfi_endproc
	.size	evil_column, . - evil_column

	.section .note.GNU-stack, "", @progbits
