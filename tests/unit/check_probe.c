/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/probe.h"

#include <check.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/unit/suite.h"

enum {
	TEXT = 0x1000,	  /* where the code begins, in the file and as linked */
	TEXT_SIZE = 0x90000,
	VARIABLE = 0x100000, /* PyExc_SystemExit */
	SLOT = 0x100100,     /* of the offset table */
	LINKED_AT = 0x400000,
	BLOCK = 64 * 4096, /* as probe.c reads */
	CHUNK = 4096,
};

/* A shared object with one exported variable and code. */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segment[3];
	Elf64_Dyn dynamic[8];
	Elf64_Sym symbol[2];
	Elf64_Rela rela[1];
	uint32_t hash[8]; /* DT_GNU_HASH, of one bucket */
	char names[64];
	unsigned char text[TEXT_SIZE] __attribute__((aligned(TEXT)));
};

static struct image *image;

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static void setup(void)
{
	const char *name = "PyExc_SystemExit";

	image = aligned_alloc(TEXT, sizeof *image);
	memset(image, 0, sizeof *image);
	image->header = (Elf64_Ehdr){ .e_type = ET_DYN,
				      .e_machine = EM_X86_64,
				      .e_version = 1,
				      .e_phoff = offsetof(struct image, segment),
				      .e_ehsize = sizeof image->header,
				      .e_phentsize = sizeof image->segment[0],
				      .e_phnum = 3 };
	memcpy(image->header.e_ident, "\177ELF\2\1\1", 7);
	image->segment[0] = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = LINKED_AT, .p_filesz = TEXT, .p_memsz = TEXT, .p_align = TEXT,
	};
	image->segment[1] = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = offsetof(struct image, text),
		.p_vaddr = LINKED_AT + TEXT, .p_filesz = TEXT_SIZE, .p_memsz = TEXT_SIZE, .p_align = TEXT,
	};
	image->segment[2] = (Elf64_Phdr){
		.p_type = PT_DYNAMIC, .p_flags = PF_R, .p_offset = offsetof(struct image, dynamic),
		.p_vaddr = LINKED_AT + offsetof(struct image, dynamic),
		.p_filesz = sizeof image->dynamic, .p_memsz = sizeof image->dynamic,
	};
	image->dynamic[0] = (Elf64_Dyn){ DT_SYMTAB, { LINKED_AT + offsetof(struct image, symbol) } };
	image->dynamic[1] = (Elf64_Dyn){ DT_STRTAB, { LINKED_AT + offsetof(struct image, names) } };
	image->dynamic[2] = (Elf64_Dyn){ DT_STRSZ, { sizeof image->names } };
	image->dynamic[3] = (Elf64_Dyn){ DT_GNU_HASH, { LINKED_AT + offsetof(struct image, hash) } };
	image->dynamic[4] = (Elf64_Dyn){ DT_RELA, { LINKED_AT + offsetof(struct image, rela) } };
	image->dynamic[5] = (Elf64_Dyn){ DT_RELASZ, { sizeof image->rela } };
	image->dynamic[6] = (Elf64_Dyn){ DT_SYMENT, { sizeof image->symbol[0] } };
	image->symbol[1] = (Elf64_Sym){
		.st_name = 1, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), .st_shndx = 1,
		.st_value = LINKED_AT + VARIABLE, .st_size = 8,
	};
	strcpy(image->names + 1, name);
	image->rela[0] = (Elf64_Rela){ LINKED_AT + SLOT, ELF64_R_INFO(1, R_X86_64_GLOB_DAT), 0 };
	memcpy(image->hash, (const uint32_t[]){ 1, 1, 1, 0, UINT32_MAX, UINT32_MAX, 1, gnu_hash(name) | 1 },
	       sizeof image->hash);
}

static void teardown(void)
{
	free(image);
}

/* At AT in the code: OPCODE with REX and REGISTER, of what is linked at TARGET. */
static void put(size_t at, unsigned char rex, unsigned char opcode, unsigned number, uint64_t target)
{
	int32_t distance = (int32_t)(target - (TEXT + at + PROBE_INSTRUCTION));
	unsigned char *text = image->text + at;

	text[0] = rex;
	text[1] = opcode;
	text[2] = (unsigned char)(number << 3 | 5);
	memcpy(text + 3, &distance, 4);
}

static int scan(struct probe *ret)
{
	int fd = memfd_create("image", 0), r;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, image, sizeof *image), (ssize_t)sizeof *image);
	r = probe_scan(fd, ret);
	close(fd);
	return r;
}

START_TEST(test_each_instruction_that_loads_it_is_found)
{
	static const unsigned char opcode[] = { 0x8b, 0x3b, 0x39 };
	struct probe probe;
	size_t n = 0, i;

	for (i = 0; i < 48; i++)
		put(64 + 16 * i + i % 5, i & 1 ? 0x4c : 0x48, opcode[i % 3], i % 8, i & 2 ? VARIABLE : SLOT);
	ck_assert_int_eq(scan(&probe), 0);
	ck_assert_uint_eq(probe.n, 48);
	ck_assert_uint_eq(probe.base, LINKED_AT);
	for (i = 0; i < 48; i++, n++) {
		ck_assert_uint_eq(probe.site[n].vaddr, LINKED_AT + TEXT + 64 + 16 * i + i % 5);
		ck_assert_mem_eq(probe.site[n].text, image->text + 64 + 16 * i + i % 5, PROBE_INSTRUCTION);
		ck_assert_int_eq(probe.site[n].question, PROBE_ASKS_EXIT);
		ck_assert(probe_site_is_sound(&probe.site[n]));
	}
}
END_TEST

START_TEST(test_what_only_looks_like_it_is_not)
{
	struct probe probe;

	put(64, 0x48, 0x8b, 0, VARIABLE + 1);
	put(80, 0x48, 0x8d, 0, VARIABLE); /* lea */
	put(96, 0x48, 0x89, 0, VARIABLE); /* a store */
	put(112, 0x40, 0x8b, 0, VARIABLE); /* 32 bits */
	put(128, 0x48, 0x8b, 0, VARIABLE);
	image->text[130] = 0x84; /* not relative to RIP */
	ck_assert_int_eq(scan(&probe), -ENOENT);
}
END_TEST

START_TEST(test_no_border_of_what_is_read_hides_one)
{
	static const size_t border[] = { CHUNK, 2 * CHUNK, BLOCK, 2 * BLOCK };
	struct probe probe;
	size_t i;
	int before;

	for (i = 0; i < ARRAY_SIZE(border); i++)
		for (before = -1; before <= PROBE_INSTRUCTION; before++) {
			memset(image->text, 0, TEXT_SIZE);
			put(border[i] - (size_t)(ptrdiff_t)before, 0x48, 0x8b, 1, VARIABLE);
			ck_assert_int_eq(scan(&probe), 0);
			ck_assert_uint_eq(probe.n, 1);
			ck_assert_uint_eq(probe.site[0].vaddr, LINKED_AT + TEXT + border[i] - (size_t)(ptrdiff_t)before);
		}
	memset(image->text, 0, TEXT_SIZE);
	put(0, 0x48, 0x8b, 1, VARIABLE);
	put(TEXT_SIZE - PROBE_INSTRUCTION, 0x48, 0x8b, 1, VARIABLE);
	ck_assert_int_eq(scan(&probe), 0);
	ck_assert_uint_eq(probe.n, 2);
}
END_TEST

START_TEST(test_too_many_are_refused)
{
	struct probe probe;
	size_t i;

	for (i = 0; i <= PROBE_SITES; i++)
		put(64 + 16 * i, 0x48, 0x8b, 0, VARIABLE);
	ck_assert_int_eq(scan(&probe), -E2BIG);
}
END_TEST

START_TEST(test_what_is_no_interpreter_has_none)
{
	struct probe probe;

	strcpy(image->names + 1, "PyExc_SystemEnter");
	put(64, 0x48, 0x8b, 0, VARIABLE);
	ck_assert_int_eq(scan(&probe), -ENOENT);
	memset(image->header.e_ident, 0, 4);
	ck_assert_int_eq(scan(&probe), -ENOEXEC);
}
END_TEST

START_TEST(test_a_damaged_file_gives_nothing_unsound)
{
	unsigned seed = 1;
	struct probe probe;
	int i;

	for (i = 0; i < 200; i++) {
		size_t at = (size_t)rand_r(&seed) % offsetof(struct image, text), k;
		unsigned char *byte = (unsigned char *)image + at, was = *byte;

		put(64, 0x48, 0x8b, 0, VARIABLE);
		*byte = (unsigned char)rand_r(&seed);
		if (scan(&probe) == 0)
			for (k = 0; k < probe.n; k++)
				ck_assert(probe_site_is_sound(&probe.site[k]));
		*byte = was;
	}
}
END_TEST

/* ------------------------------------------------------------------ carried out */

enum { FLAGS = 0x8d5 }; /* CF, PF, AF, ZF, SF, OF */

/* What the CPU makes of cmp A, B. */
static uint64_t flags_of(uint64_t a, uint64_t b)
{
	uint64_t flags;

	__asm__ volatile("cmpq %2, %1\n\tpushfq\n\tpopq %0" : "=r"(flags) : "r"(a), "r"(b) : "cc", "memory");
	return flags & FLAGS;
}

static unsigned long long *register_of(struct user_regs_struct *regs, unsigned number)
{
	unsigned long long *const all[] = {
		&regs->rax, &regs->rcx, &regs->rdx, &regs->rbx, &regs->rsp, &regs->rbp, &regs->rsi, &regs->rdi,
		&regs->r8,  &regs->r9,	&regs->r10, &regs->r11, &regs->r12, &regs->r13, &regs->r14, &regs->r15,
	};

	return all[number];
}

static uint64_t variable;

/* A hit in this very process, of OPCODE with register NUMBER; what it makes of REGS. */
static void hit(unsigned char opcode, unsigned number, struct user_regs_struct *regs)
{
	uint64_t at = (uint64_t)(uintptr_t)&variable - PROBE_INSTRUCTION - 0x1234;
	int32_t distance = 0x1234;
	struct probe probe = { .n = 2 };
	struct probe_armed armed = { .probe = &probe, .n = 2, .bias = { 1, at - 0x5000 } };
	enum probe_question question;
	struct user_regs_struct before;
	int error;

	probe.site[0] = (struct probe_site){ .vaddr = 0x6000 };
	probe.site[1] = (struct probe_site){
		.vaddr = 0x5000,
		.text = { number & 8 ? 0x4c : 0x48, opcode, (unsigned char)((number & 7) << 3 | 5) },
		.question = PROBE_ASKS_INTERRUPT,
	};
	memcpy(probe.site[1].text + 3, &distance, 4);
	regs->rip = at; /* the byte before it is no breakpoint */
	before = *regs;
	ck_assert(!probe_hit(&armed, getpid(), regs, &question, &error));
	ck_assert_mem_eq(regs, &before, sizeof before);
	regs->rip = at + 1;
	ck_assert(probe_hit(&armed, getpid(), regs, &question, &error));
	ck_assert_int_eq(error, 0);
	ck_assert_int_eq(question, PROBE_ASKS_INTERRUPT);
	ck_assert_uint_eq(regs->rip, at + PROBE_INSTRUCTION);
	/* Nothing else has changed. */
	before.rip = regs->rip;
	before.eflags = regs->eflags;
	*register_of(&before, number) = *register_of(regs, number);
	ck_assert_mem_eq(regs, &before, sizeof before);
}

static void fill(struct user_regs_struct *regs)
{
	unsigned i;

	memset(regs, 0x5a, sizeof *regs);
	for (i = 0; i < 16; i++)
		*register_of(regs, i) = UINT64_C(0x1111111111111111) * i;
	regs->eflags = 0x246;
}

START_TEST(test_a_load_gives_each_register_what_is_there)
{
	struct user_regs_struct regs;
	unsigned number;

	for (number = 0; number < 16; number++) {
		fill(&regs);
		variable = 0xfedcba9876543210 + number;
		hit(0x8b, number, &regs);
		ck_assert_uint_eq(*register_of(&regs, number), variable);
		ck_assert_uint_eq(regs.eflags, 0x246);
	}
}
END_TEST

START_TEST(test_a_comparison_leaves_the_flags_that_the_cpu_does)
{
	static const uint64_t value[] = { 0, 1, 2, 0xf, 0x10, 0x7f, 0x80, 0xff, 0x100, INT64_MAX, UINT64_C(1) << 63,
					  UINT64_MAX, UINT64_MAX - 1, 0x123456789abcdef, 0x7ffff7dd1000 };
	struct user_regs_struct regs;
	size_t i, k;
	unsigned number, before;

	for (i = 0; i < ARRAY_SIZE(value); i++)
		for (k = 0; k < ARRAY_SIZE(value); k++)
			for (number = 0; number < 16; number++)
				for (before = 0; before < 2; before++) {
					uint64_t kept = before ? 0xffffff : 0x202;

					fill(&regs);
					variable = value[k];
					*register_of(&regs, number) = value[i];
					regs.eflags = kept;
					hit(0x3b, number, &regs);
					ck_assert_uint_eq(regs.eflags, (kept & ~(uint64_t)FLAGS) | flags_of(value[i], value[k]));
					ck_assert_uint_eq(*register_of(&regs, number), value[i]);
					regs.eflags = kept;
					hit(0x39, number, &regs);
					ck_assert_uint_eq(regs.eflags, (kept & ~(uint64_t)FLAGS) | flags_of(value[k], value[i]));
				}
}
END_TEST

START_TEST(test_a_pointer_that_cannot_be_read_is_the_fault_it_would_be)
{
	struct probe probe = { .n = 1, .site[0] = { .text = { 0x48, 0x8b, 0x05, 0xf9, 0xff, 0xff, 0xff } } };
	struct probe_armed armed = { .probe = &probe, .n = 1, .bias = { 8 } };
	struct user_regs_struct regs = { .rip = 9, .rax = 5 };
	enum probe_question question;
	int error;

	ck_assert(probe_hit(&armed, getpid(), &regs, &question, &error));
	ck_assert_int_eq(error, -EFAULT);
	ck_assert_uint_eq(regs.rip, 8);
	ck_assert_uint_eq(regs.rax, 5);
}
END_TEST

START_TEST(test_only_those_instructions_are_sound)
{
	unsigned rex, opcode, modrm;

	for (rex = 0; rex < 256; rex++)
		for (opcode = 0; opcode < 256; opcode++)
			for (modrm = 0; modrm < 256; modrm++) {
				struct probe_site site = { .text = { (unsigned char)rex, (unsigned char)opcode, (unsigned char)modrm } };
				bool sound = (rex == 0x48 || rex == 0x4c) && (opcode == 0x8b || opcode == 0x3b || opcode == 0x39) &&
					     (modrm & 7) == 5 && modrm >> 6 == 0;

				if (probe_site_is_sound(&site) != sound)
					ck_abort_msg("%02x %02x %02x", rex, opcode, modrm);
			}
}
END_TEST

static Suite *probe_suite(void)
{
	Suite *s = suite_create("probe");
	TCase *scanning = tcase_create("scanning"), *hits = tcase_create("hits");

	tcase_add_checked_fixture(scanning, setup, teardown);
	tcase_set_timeout(scanning, 120);
	tcase_add_test(scanning, test_each_instruction_that_loads_it_is_found);
	tcase_add_test(scanning, test_what_only_looks_like_it_is_not);
	tcase_add_test(scanning, test_no_border_of_what_is_read_hides_one);
	tcase_add_test(scanning, test_too_many_are_refused);
	tcase_add_test(scanning, test_what_is_no_interpreter_has_none);
	tcase_add_test(scanning, test_a_damaged_file_gives_nothing_unsound);
	suite_add_tcase(s, scanning);
	tcase_set_timeout(hits, 60);
	tcase_add_test(hits, test_a_load_gives_each_register_what_is_there);
	tcase_add_test(hits, test_a_comparison_leaves_the_flags_that_the_cpu_does);
	tcase_add_test(hits, test_a_pointer_that_cannot_be_read_is_the_fault_it_would_be);
	tcase_add_test(hits, test_only_those_instructions_are_sound);
	suite_add_tcase(s, hits);
	return s;
}

int main(void)
{
	return run_suite(probe_suite());
}
