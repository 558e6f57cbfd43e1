/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes and values of x86-64 that differ on other architectures. Sources: asm/page_types.h,
 * asm/page_64_types.h (TASK_SIZE_MAX), asm-generic/fcntl.h; System V ABI for x86-64, figure 3.36.
 */
#ifndef PROCTOR_TRACEE_ABI_X86_64_VALUES_H
#define PROCTOR_TRACEE_ABI_X86_64_VALUES_H

#include <elf.h>
#include <stdint.h>

/* What the log and uname(2) call it. */
#define ABI_NAME "x86_64"

/* e_machine of its ELF files. */
#define ABI_ELF_MACHINE EM_X86_64

/* The relocation by which the dynamic linker puts a variable's address into the offset table. */
#define ABI_GLOB_DAT R_X86_64_GLOB_DAT

/* Where a program's addresses end, even with five levels of page tables unless it asks for more. */
#define ABI_ADDRESS_END UINT64_C(0x7ffffffff000)

enum {
	ABI_PAGE = 4096,

	/* <fcntl.h> says 0, since files are always large here; but programs set the bit, and the kernel accepts
	 * it. On aarch64 the same bit is O_NOFOLLOW. */
	ABI_O_LARGEFILE = 0100000,

	/* DWARF numbers: sixteen registers, then the return address. */
	ABI_DWARF_LAST = 16,
	ABI_DWARF_RETURN = 16,
};

#endif
