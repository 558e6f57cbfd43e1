/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/abi/x86_64/instruction.h"

#include <string.h>

enum { DISPLACEMENT = 3, MOV = 0x8b, CMP_REGISTER = 0x3b, CMP_MEMORY = 0x39 };

/* 48 or 4c: 64 bits, and the register's fourth bit. 8b: mov to the register; 3b and 39: cmp. The operand is
 * relative to RIP. */
bool abi_load_is_sound(const unsigned char text[ABI_LOAD_BYTES])
{
	return (text[0] & 0xfb) == 0x48 && (text[1] == MOV || text[1] == CMP_REGISTER || text[1] == CMP_MEMORY) &&
	       (text[2] & 0xc7) == 0x05;
}

uint64_t abi_load_operand(const unsigned char text[ABI_LOAD_BYTES], uint64_t address)
{
	int32_t displacement;

	memcpy(&displacement, text + DISPLACEMENT, sizeof displacement);
	return address + ABI_LOAD_BYTES + (uint64_t)(int64_t)displacement;
}

/* Is one of the words at P, 4 bytes apart, equal to WANTED when its distance from P is added? */
static bool chunk_has(const unsigned char *p, uint32_t wanted)
{
	uint32_t any = 0;

	for (uint32_t i = 0; i < ABI_CHUNK / 4; i++) {
		uint32_t word;

		memcpy(&word, p + (size_t)4 * i, sizeof word);
		any |= word + 4 * i == wanted;
	}
	return any;
}

bool abi_chunk_may_load(const unsigned char *p, uint64_t address, uint64_t target)
{
	for (unsigned shift = 0; shift < 4; shift++)
		if (chunk_has(p + DISPLACEMENT + shift, (uint32_t)(target - (address + shift + ABI_LOAD_BYTES))))
			return true;
	return false;
}

static unsigned long long *register_of(struct user_regs_struct *regs, unsigned number)
{
	unsigned long long *const all[] = {
		&regs->rax, &regs->rcx, &regs->rdx, &regs->rbx, &regs->rsp, &regs->rbp, &regs->rsi, &regs->rdi,
		&regs->r8,  &regs->r9,	&regs->r10, &regs->r11, &regs->r12, &regs->r13, &regs->r14, &regs->r15,
	};

	return all[number];
}

/* What cmp A, B leaves in the flags: CF, PF, AF, ZF, SF, OF. Intel SDM volume 1, "EFLAGS". */
static uint64_t flags_of_comparison(uint64_t a, uint64_t b)
{
	uint64_t d = a - b;

	return (a < b ? 1u : 0u) | (__builtin_parity(d & 0xff) ? 0u : 1u << 2) | ((a ^ b ^ d) & 0x10) |
	       (d == 0 ? 1u << 6 : 0u) | (d >> 63 ? 1u << 7 : 0u) | (((a ^ b) & (a ^ d)) >> 63 ? 1u << 11 : 0u);
}

void abi_load_carry_out(const unsigned char text[ABI_LOAD_BYTES], uint64_t value, struct user_regs_struct *regs)
{
	enum { COMPARISON = 0x8d5 };
	unsigned number = (unsigned)(text[0] >> 2 & 1) << 3 | (text[2] >> 3 & 7);
	unsigned long long *reg = register_of(regs, number);

	if (text[1] == MOV)
		*reg = value;
	else
		regs->eflags = (regs->eflags & ~(unsigned long long)COMPARISON) |
			       (text[1] == CMP_REGISTER ? flags_of_comparison(*reg, value) :
							  flags_of_comparison(value, *reg));
}

/* ------------------------------------------------------------------ fstat(3) */

/* As gcc lays them out for glibc 2.33 to 2.38 (sysdeps/unix/sysv/linux/fstat64.c, fstatat64.c), function after
 * function at 16 bytes. */
enum {
	FSTAT_MOV_FLAGS = 7, /* where these begin in it */
	FSTAT_LEA = 12,
	FSTAT_JMP = 19,
	FSTAT_PADDING = 24,
	FSTAT_SIZE = 32,     /* behind it: what a negative descriptor gets */
	FSTATAT_CALL = 10,   /* fstatat(3) to behind its system call */
};

static bool is_fstat(const unsigned char *p)
{
	static const unsigned char head[] = { 0x48, 0x89, 0xf2,		       /* mov %rsi,%rdx */
					      0x85, 0xff,		       /* test %edi,%edi */
					      0x78, 0x19,		       /* js FSTAT_SIZE */
					      0xb9, 0x00, 0x10, 0x00, 0x00,    /* mov $AT_EMPTY_PATH,%ecx */
					      0x48, 0x8d, 0x35 };	       /* lea ""(%rip),%rsi */
	static const unsigned char padding[] = { 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 };

	return memcmp(p, head, sizeof head) == 0 && p[FSTAT_JMP] == 0xe9 &&
	       memcmp(p + FSTAT_PADDING, padding, sizeof padding) == 0;
}

static bool is_fstatat(const unsigned char *p)
{
	static const unsigned char head[FSTATAT_CALL] = { 0x41, 0x89, 0xca,	       /* mov %ecx,%r10d */
							  0xb8, 0x06, 0x01, 0x00, 0x00, /* mov $newfstatat,%eax */
							  0x0f, 0x05 };	       /* syscall */

	return memcmp(p, head, sizeof head) == 0;
}

/* To where the 32 bits at AT lead, from behind them. */
static uint64_t led_to(const unsigned char *code, size_t at, uint64_t address)
{
	int32_t displacement;

	memcpy(&displacement, code + at, sizeof displacement);
	return address + at + sizeof displacement + (uint64_t)(int64_t)displacement;
}

bool abi_fstat_is_long(const unsigned char code[ABI_FSTAT_REACH], uint64_t address, uint64_t empty,
		       struct abi_shorter *ret)
{
	static const unsigned char to_padding[] = { 0xeb, FSTAT_PADDING - FSTAT_MOV_FLAGS - 2 }; /* jmp */
	static const unsigned char call[] = { 0x31, 0xc0,	/* xor %eax,%eax */
					      0xb0, 0x05,	/* mov $fstat,%al */
					      0x0f, 0x05,	/* syscall */
					      0xeb };		/* jmp behind that of fstatat(3) */
	const size_t end = ABI_FSTAT_REACH, fstatat = end - FSTATAT_CALL;

	if (!is_fstatat(code + fstatat))
		return false;
	for (size_t at = 0; at + FSTAT_SIZE <= fstatat; at++) {
		size_t distance = end - (at + FSTAT_SIZE);

		if (!is_fstat(code + at) || led_to(code, at + FSTAT_LEA + 3, address) != empty ||
		    led_to(code, at + FSTAT_JMP + 1, address) != address + fstatat || distance > INT8_MAX)
			continue;
		ret->at[0] = at + FSTAT_PADDING;
		memcpy(ret->word[0], call, sizeof call);
		ret->word[0][sizeof call] = (unsigned char)distance;
		ret->at[1] = at + FSTAT_MOV_FLAGS;
		memcpy(ret->word[1], code + at + FSTAT_MOV_FLAGS, ABI_WORD);
		memcpy(ret->word[1], to_padding, sizeof to_padding);
		return true;
	}
	return false;
}
