/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How x86-64 programs enter the kernel. Three ABIs share a process: the native one; x32, the same instruction
 * with bit 30 set in the number (asm/unistd.h, __X32_SYSCALL_BIT), and i386, by int 0x80, which a filter tells by
 * its audit architecture alone. Old programs also call functions in a page that the kernel emulates
 * (asm/vsyscall.h).
 */
#ifndef PROCTOR_TRACEE_ABI_X86_64_CALLS_H
#define PROCTOR_TRACEE_ABI_X86_64_CALLS_H

#include <linux/audit.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/user.h>

#include "tracee/abi/x86_64/registers.h"

enum abi { ABI_NATIVE, ABI_X32, ABI_I386 };

/* As the log writes it. Static. */
static inline const char *abi_name(enum abi abi)
{
	static const char *const names[] = { [ABI_NATIVE] = "x86_64", [ABI_X32] = "x32", [ABI_I386] = "i386" };

	return names[abi];
}

/* The arch of struct seccomp_data for native and x32 calls. */
#define ABI_AUDIT_ARCH AUDIT_ARCH_X86_64

#define ABI_X32_BIT 0x40000000u

/* No native call has a number from here on. */
#define ABI_NR_END ABI_X32_BIT

/* The ABI of call NR that came by the native instruction. A number that the kernel takes as negative is no call of
 * any ABI; it counts as native. */
static inline enum abi abi_of_nr(uint32_t nr)
{
	return (nr & ABI_X32_BIT) && (int32_t)nr >= 0 ? ABI_X32 : ABI_NATIVE;
}

/* Is the call one from the old page of calls, which the kernel emulates? No exit stop follows it. */
static inline bool abi_is_vsyscall(const struct user_regs_struct *regs)
{
	const uint64_t address = UINT64_C(0xffffffffff600000); /* VSYSCALL_ADDR */

	return abi_ip(regs) >> 12 == address >> 12;
}

/* The system call instruction, 0f 05, at the beginning of WORD: 8 bytes as they lie in memory. */
enum { ABI_SYSCALL_BYTES = 2 };

static inline bool abi_is_syscall(uint64_t word)
{
	return (word & 0xffff) == 0x050f;
}

static inline uint64_t abi_with_syscall(uint64_t word)
{
	return (word & ~UINT64_C(0xffff)) | 0x050f;
}

#endif
