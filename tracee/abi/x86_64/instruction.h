/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions that load an exported pointer or compare a register with it: mov and cmp of 64 bits with an
 * operand relative to the program counter. And the breakpoint, which takes the first of their bytes. And the fstat(3)
 * of some C libraries (tracee/fstat.h). Intel SDM volume 2, "Instruction Format". Pure.
 */
#ifndef PROCTOR_TRACEE_ABI_X86_64_INSTRUCTION_H
#define PROCTOR_TRACEE_ABI_X86_64_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

enum {
	ABI_LOAD_BYTES = 7,	  /* REX, opcode, ModRM, 32 bits relative to the next instruction */
	ABI_BREAKPOINT_BYTES = 1, /* how far beyond its address a thread stops */
	ABI_CHUNK = 4096,	  /* places that are compared in one go */
	ABI_FSTAT_REACH = 256,	  /* how far before the call of fstatat(3) an fstat(3) is looked for */
	ABI_WORD = 8,
};

/* Is TEXT one of those instructions? */
bool abi_load_is_sound(const unsigned char text[ABI_LOAD_BYTES]);

/* The address that TEXT loads from when it lies at ADDRESS. */
uint64_t abi_load_operand(const unsigned char text[ABI_LOAD_BYTES], uint64_t address);

/* Could an instruction that begins in the ABI_CHUNK bytes at P, which will lie at ADDRESS, load from TARGET? Quick: a
 * no is certain, a yes is not. Reads ABI_LOAD_BYTES further. */
bool abi_chunk_may_load(const unsigned char *p, uint64_t address, uint64_t target);

/* Does what TEXT does with the VALUE that it has loaded, except to the program counter. */
void abi_load_carry_out(const unsigned char text[ABI_LOAD_BYTES], uint64_t value, struct user_regs_struct *regs);

/* Two words of code to write, the first of them first: until the second is written, the code does what it did. */
struct abi_shorter {
	size_t at[2];
	unsigned char word[2][ABI_WORD];
};

/*
 * CODE is what lies before the program counter of a thread at the entry of newfstatat(2), which was given the path at
 * EMPTY, ADDRESS being that of CODE. Is it glibc's fstatat(3), and before it the fstat(3) that jumps there with that
 * path? Then what makes it fstat(2) is in *ret. A thread that is anywhere in it goes on as before.
 */
bool abi_fstat_is_long(const unsigned char code[ABI_FSTAT_REACH], uint64_t address, uint64_t empty,
		       struct abi_shorter *ret);

/* The 8 bytes WORD with a breakpoint at their beginning (int3). */
static inline uint64_t abi_with_breakpoint(uint64_t word)
{
	return (word & ~UINT64_C(0xff)) | 0xcc;
}

#endif
