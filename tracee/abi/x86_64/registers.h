/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of a stopped thread, as PTRACE_GETREGS gives and PTRACE_SETREGS takes them.
 *
 * A call's number is in orig_rax at its stops, its arguments are in rdi, rsi, rdx, r10, r8 and r9, and its result
 * is in rax; the kernel changes rcx and r11 as well. At an entry stop the number -1 makes it skip the call, and
 * rax is then what the program gets. syscall(2), "Architecture calling conventions".
 */
#ifndef PROCTOR_TRACEE_ABI_X86_64_REGISTERS_H
#define PROCTOR_TRACEE_ABI_X86_64_REGISTERS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

enum { ABI_ARGS = 6 };

/* The number of the call that the thread is stopped at. The kernel takes the low half of the register as a
 * signed number (do_syscall_64). */
static inline uint32_t abi_nr(const struct user_regs_struct *regs)
{
	return (uint32_t)regs->orig_rax;
}

static inline void abi_set_nr(struct user_regs_struct *regs, uint32_t nr)
{
	regs->orig_rax = nr;
}

static inline void abi_get_args(const struct user_regs_struct *regs, uint64_t ret_args[ABI_ARGS])
{
	ret_args[0] = regs->rdi;
	ret_args[1] = regs->rsi;
	ret_args[2] = regs->rdx;
	ret_args[3] = regs->r10;
	ret_args[4] = regs->r8;
	ret_args[5] = regs->r9;
}

static inline void abi_set_args(struct user_regs_struct *regs, const uint64_t args[ABI_ARGS])
{
	regs->rdi = args[0];
	regs->rsi = args[1];
	regs->rdx = args[2];
	regs->r10 = args[3];
	regs->r8 = args[4];
	regs->r9 = args[5];
}

/* Argument N alone, from 0 to ABI_ARGS - 1. */
static inline void abi_set_arg(struct user_regs_struct *regs, unsigned n, uint64_t value)
{
	switch (n) {
	case 0:
		regs->rdi = value;
		break;
	case 1:
		regs->rsi = value;
		break;
	case 2:
		regs->rdx = value;
		break;
	case 3:
		regs->r10 = value;
		break;
	case 4:
		regs->r8 = value;
		break;
	default:
		regs->r9 = value;
		break;
	}
}

/* The arguments of a call by int 0x80: in i386's registers, of which the low halves count. */
static inline void abi_get_foreign_args(const struct user_regs_struct *regs, uint64_t ret_args[ABI_ARGS])
{
	ret_args[0] = regs->rbx;
	ret_args[1] = regs->rcx;
	ret_args[2] = regs->rdx;
	ret_args[3] = regs->rsi;
	ret_args[4] = regs->rdi;
	ret_args[5] = regs->rbp;
}

/* -errno where a call has failed. */
static inline int64_t abi_result(const struct user_regs_struct *regs)
{
	return (int64_t)regs->rax;
}

static inline void abi_set_result(struct user_regs_struct *regs, int64_t result)
{
	regs->rax = (unsigned long long)result;
}

/* Where PTRACE_POKEUSER finds the number and the result: what has to be set at the entry stop of a call for the kernel
 * not to make it, and for the program to get RESULT. */
enum { ABI_NR_AT = offsetof(struct user_regs_struct, orig_rax), ABI_RESULT_AT = offsetof(struct user_regs_struct, rax) };

/* Bytes at the beginning of struct user_regs_struct (as PTRACE_SETREGSET takes it, NT_PRSTATUS) that have all of a call:
 * up to the program counter. Segments, flags and the stack's pointer follow. */
enum { ABI_CALL_REGS = offsetof(struct user_regs_struct, rip) + sizeof(((struct user_regs_struct *)0)->rip) };

/* For a thread that is to go on at a system call instruction: sets the call that it then makes. */
static inline void abi_set_call(struct user_regs_struct *regs, long nr, const uint64_t args[ABI_ARGS])
{
	regs->rax = (unsigned long long)nr;
	regs->orig_rax = ~0ull; /* no call is under way: nothing to restart */
	abi_set_args(regs, args);
}

/* At entry stops of one thread: the same call, made at the same place? */
static inline bool abi_is_same_call(const struct user_regs_struct *a, const struct user_regs_struct *b)
{
	return a->orig_rax == b->orig_rax && a->rip == b->rip && a->rsp == b->rsp && a->rdi == b->rdi &&
	       a->rsi == b->rsi && a->rdx == b->rdx && a->r10 == b->r10 && a->r8 == b->r8 && a->r9 == b->r9;
}

/* At the exit stop of a call, with BEFORE as the registers at its entry: the call is made once more. */
static inline void abi_call_again(struct user_regs_struct *regs, const struct user_regs_struct *before)
{
	regs->rip -= 2; /* the length of the instruction */
	regs->rax = before->orig_rax;
}

/*
 * For a thread that was interrupted (PTRACE_INTERRUPT): a call that has failed with EINTR for that alone, as those do
 * that the kernel never begins again (signal(7)), is made once more. A signal that comes now is as one that came just
 * before the call. True: REGS are changed.
 */
static inline bool abi_begin_again(struct user_regs_struct *regs)
{
	if ((long long)regs->orig_rax < 0 || (long long)regs->rax != -EINTR)
		return false;
	regs->rax = regs->orig_rax;
	regs->rip -= 2;
	return true;
}

/* For a thread that is stopped outside a call: it goes on at IP, and no call is restarted. */
static inline void abi_go_to(struct user_regs_struct *regs, uint64_t ip)
{
	regs->rip = ip;
	regs->orig_rax = ~0ull;
}

static inline uint64_t abi_ip(const struct user_regs_struct *regs)
{
	return regs->rip;
}

static inline void abi_set_ip(struct user_regs_struct *regs, uint64_t ip)
{
	regs->rip = ip;
}

static inline uint64_t abi_sp(const struct user_regs_struct *regs)
{
	return regs->rsp;
}

/* An address for SIZE bytes below all that the thread may have on its stack: the 128 bytes below the stack pointer
 * (the red zone) are in use too, and the kernel spares them when it delivers a signal. Aligned to 16. */
static inline uint64_t abi_below_stack(const struct user_regs_struct *regs, size_t size)
{
	return (regs->rsp - 128 - size) & ~UINT64_C(15);
}

/* pthread_self() of the thread, and threading.get_ident(): fs_base, in glibc as in musl. */
static inline uint64_t abi_thread_ident(const struct user_regs_struct *regs)
{
	return regs->fs_base;
}

#endif
