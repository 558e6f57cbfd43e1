/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/abi/abi.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/unit/suite.h"
#include "tracee/abi/instruction.h"
#include "tracee/abi/unwind.h"
#include "tracee/trace.h"

/* Each register another value. */
static struct user_regs_struct distinct(void)
{
	union {
		struct user_regs_struct regs;
		uint64_t word[sizeof(struct user_regs_struct) / 8];
	} all;

	for (size_t i = 0; i < ARRAY_SIZE(all.word); i++)
		all.word[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	return all.regs;
}

/* ------------------------------------------------------------------ registers */

/* A child that makes a call with arguments of ours, and stops before it: the kernel says what is where. */
static pid_t stopped_before(long nr, const uint64_t args[ABI_ARGS])
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		raise(SIGSTOP);
		syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
		syscall(SYS_exit, 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_int_eq(trace_seize(pid), 0);
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	for (int tries = 0; tries < 64; tries++) {
		struct trace_stop stop;
		struct user_regs_struct regs;

		ck_assert_int_eq(trace_wait_for(pid, &stop), 0);
		ck_assert_int_ne(stop.event, TRACE_EXITED);
		if (stop.event == TRACE_SYSCALL_STOP && trace_get_registers(pid, &regs) == 0 && abi_nr(&regs) == nr)
			return pid;
		ck_assert_int_eq(trace_resume(pid, RESUME_TO_EXIT, 0), 0);
	}
	ck_abort_msg("the child never made its call");
	return -1;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

START_TEST(test_the_kernel_has_arguments_and_result_where_they_are_read)
{
	static const uint64_t args[ABI_ARGS] = { UINT64_MAX, UINT64_C(0x1111111111111111), UINT64_C(0x2222222222222222),
						 UINT64_C(0x3333333333333333), UINT64_C(0x4444444444444444),
						 UINT64_C(0x5555555555555555) };
	pid_t pid = stopped_before(SYS_fallocate, args);
	struct user_regs_struct regs;
	struct trace_stop stop;
	uint64_t found[ABI_ARGS], word;

	ck_assert_int_eq(trace_get_registers(pid, &regs), 0);
	abi_get_args(&regs, found);
	ck_assert_mem_eq(found, args, sizeof args);
	/* The instruction that it has come by lies behind it. */
	ck_assert_int_eq(trace_peek_text(pid, abi_ip(&regs) - ABI_SYSCALL_BYTES, &word), 0);
	ck_assert(abi_is_syscall(word));
	ck_assert(!abi_is_vsyscall(&regs));
	/* The child has our threads' memory layout. */
	ck_assert_uint_eq(abi_thread_ident(&regs), (uint64_t)pthread_self());
	/* Skipped, the program gets what we say. */
	ck_assert_int_eq(trace_skip_call(pid, -12345), 0);
	ck_assert_int_eq(trace_resume(pid, RESUME_TO_EXIT, 0), 0);
	ck_assert_int_eq(trace_wait_for(pid, &stop), 0);
	ck_assert_int_eq(stop.event, TRACE_SYSCALL_STOP);
	ck_assert_int_eq(trace_get_registers(pid, &regs), 0);
	ck_assert_int_eq(abi_result(&regs), -12345);
	end_child(pid);
}
END_TEST

START_TEST(test_the_kernel_makes_the_call_that_is_put_in_its_place)
{
	static const uint64_t args[ABI_ARGS] = { UINT64_MAX };
	pid_t pid = stopped_before(SYS_fallocate, args);
	struct user_regs_struct regs;
	struct trace_stop stop;

	ck_assert_int_eq(trace_get_registers(pid, &regs), 0);
	abi_set_nr(&regs, SYS_getpid);
	ck_assert_int_eq(trace_set_call(pid, &regs), 0);
	ck_assert_int_eq(trace_resume(pid, RESUME_TO_EXIT, 0), 0);
	ck_assert_int_eq(trace_wait_for(pid, &stop), 0);
	ck_assert_int_eq(trace_get_registers(pid, &regs), 0);
	ck_assert_int_eq(abi_result(&regs), pid);
	end_child(pid);
}
END_TEST

/* What is put back at a call's end is what was there at its entry: so nothing else may have changed meanwhile. */
START_TEST(test_a_call_that_was_another_ends_as_it_began_but_for_its_result)
{
	static const uint64_t args[ABI_ARGS] = { UINT64_MAX, 2, 3, 4, 5, 6 }, others[ABI_ARGS] = { 7, 8, 9, 10, 11, 12 };
	pid_t pid = stopped_before(SYS_fallocate, args);
	struct user_regs_struct entry, changed, regs;
	struct trace_stop stop;
	int64_t result;

	ck_assert_int_eq(trace_get_registers(pid, &entry), 0);
	changed = entry;
	abi_set_nr(&changed, SYS_getpid);
	abi_set_args(&changed, others);
	ck_assert_int_eq(trace_set_call(pid, &changed), 0);
	ck_assert_int_eq(trace_resume(pid, RESUME_TO_EXIT, 0), 0);
	ck_assert_int_eq(trace_wait_for(pid, &stop), 0);
	ck_assert_int_eq(trace_get_result(pid, &result), 0);
	ck_assert_int_eq(result, pid);
	abi_set_result(&changed, result);
	ck_assert_int_eq(trace_get_registers(pid, &regs), 0);
	ck_assert_mem_eq(&regs, &changed, sizeof regs);
	abi_set_result(&entry, -1);
	ck_assert_int_eq(trace_end_call(pid, &entry), 0);
	ck_assert_int_eq(trace_get_result(pid, &result), 0);
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(trace_get_registers(pid, &regs), 0);
	ck_assert_mem_eq(&regs, &entry, sizeof regs);
	end_child(pid);
}
END_TEST

START_TEST(test_one_argument_is_set_and_nothing_else)
{
	unsigned n, i;

	for (n = 0; n < ABI_ARGS; n++) {
		struct user_regs_struct regs = distinct(), all = distinct();
		uint64_t args[ABI_ARGS], found[ABI_ARGS];

		abi_get_args(&regs, args);
		args[n] = n + 77;
		abi_set_arg(&regs, n, n + 77);
		abi_get_args(&regs, found);
		for (i = 0; i < ABI_ARGS; i++)
			ck_assert_uint_eq(found[i], args[i]);
		abi_set_args(&all, args);
		ck_assert_mem_eq(&regs, &all, sizeof regs);
	}
}
END_TEST

START_TEST(test_a_number_comes_back_to_the_last_bit)
{
	struct user_regs_struct before = distinct(), regs = distinct();

	/* The program may have anything in the high half, and the kernel takes the low one. */
	before.orig_rax = UINT64_C(0xdeadbeef00000027);
	ck_assert_uint_eq(abi_nr(&before), 0x27);
	regs = before;
	abi_set_nr(&regs, SYS_openat2);
	ck_assert_uint_eq(abi_nr(&regs), SYS_openat2);
	ck_assert_mem_ne(&regs, &before, sizeof regs);
	memcpy(&regs, &before, ABI_CALL_REGS);
	ck_assert_mem_eq(&regs, &before, sizeof regs);
}
END_TEST

START_TEST(test_a_call_that_is_put_before_an_instruction_restarts_nothing)
{
	static const uint64_t args[ABI_ARGS] = { 1, 2, 3, 4, 5, 6 };
	struct user_regs_struct regs = distinct();
	uint64_t ip = abi_ip(&regs), found[ABI_ARGS];

	abi_set_call(&regs, SYS_mmap, args);
	abi_get_args(&regs, found);
	ck_assert_mem_eq(found, args, sizeof args);
	ck_assert_uint_eq((uint64_t)abi_result(&regs), SYS_mmap);
	ck_assert_uint_eq(abi_nr(&regs), UINT32_MAX);
	ck_assert_uint_eq(abi_ip(&regs), ip);
}
END_TEST

START_TEST(test_foreign_arguments_are_in_the_order_of_i386)
{
	struct user_regs_struct regs = { .rbx = 1, .rcx = 2, .rdx = 3, .rsi = 4, .rdi = 5, .rbp = 6 };
	uint64_t found[ABI_ARGS];

	abi_get_foreign_args(&regs, found);
	for (unsigned i = 0; i < ABI_ARGS; i++)
		ck_assert_uint_eq(found[i], i + 1);
}
END_TEST

START_TEST(test_what_is_put_below_a_stack_leaves_the_red_zone)
{
	static const uint64_t sp[] = { 0x7ffd00001000, 0x7ffd00001008, 0x7ffd0000100f, 0x7ffd00001001 };
	static const size_t size[] = { 0, 1, 16, 17, 120, 128, 4096 };

	for (size_t i = 0; i < ARRAY_SIZE(sp); i++)
		for (size_t k = 0; k < ARRAY_SIZE(size); k++) {
			const struct user_regs_struct regs = { .rsp = sp[i] };
			uint64_t at = abi_below_stack(&regs, size[k]);

			ck_assert_uint_eq(at % 16, 0);
			ck_assert_uint_le(at + size[k], sp[i] - 128);
			ck_assert_uint_gt(at + size[k] + 16, sp[i] - 128);
		}
}
END_TEST

START_TEST(test_libunwind_finds_each_register_by_its_number)
{
	struct user_regs_struct regs = { .rax = 0, .rdx = 1, .rcx = 2, .rbx = 3, .rsi = 4, .rdi = 5, .rbp = 6, .rsp = 7,
					 .r8 = 8, .r9 = 9, .r10 = 10, .r11 = 11, .r12 = 12, .r13 = 13, .r14 = 14,
					 .r15 = 15, .rip = 16 };
	unw_word_t value;

	/* The System V ABI's numbers. */
	for (int number = 0; number <= ABI_DWARF_LAST; number++) {
		ck_assert(abi_unwind_register(&regs, number, &value));
		ck_assert_uint_eq(value, (unw_word_t)number);
	}
	ck_assert(!abi_unwind_register(&regs, ABI_DWARF_LAST + 1, &value));
	ck_assert(!abi_unwind_register(&regs, -1, &value));
}
END_TEST

/* ------------------------------------------------------------------ calls */

START_TEST(test_a_number_tells_its_abi)
{
	static const struct {
		uint32_t nr;
		enum abi abi;
	} cases[] = {
		{ 0, ABI_NATIVE }, { 257, ABI_NATIVE }, { 0x3fffffff, ABI_NATIVE },
		{ 0x40000000, ABI_X32 }, { 0x40000000 + 520, ABI_X32 }, { 0x60000000, ABI_X32 }, { 0x7fffffff, ABI_X32 },
		/* Negative, bit 30 or not: no call at all. */
		{ 0x80000000, ABI_NATIVE }, { 0xbfffffff, ABI_NATIVE }, { 0xc0000000, ABI_NATIVE }, { UINT32_MAX, ABI_NATIVE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ck_assert_int_eq(abi_of_nr(cases[i].nr), cases[i].abi);
	ck_assert_str_eq(abi_name(ABI_NATIVE), ABI_NAME);
	ck_assert_str_eq(abi_name(ABI_X32), "x32");
	ck_assert_str_eq(abi_name(ABI_I386), "i386");
}
END_TEST

START_TEST(test_the_page_of_old_calls_is_one_page)
{
	static const struct {
		uint64_t ip;
		bool in;
	} cases[] = {
		{ UINT64_C(0xffffffffff600000), true }, { UINT64_C(0xffffffffff600400), true },
		{ UINT64_C(0xffffffffff600fff), true }, { UINT64_C(0xffffffffff601000), false },
		{ UINT64_C(0xffffffffff5fffff), false }, { UINT64_C(0xff600000), false }, { 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct user_regs_struct regs = distinct();

		abi_set_ip(&regs, cases[i].ip);
		ck_assert_int_eq(abi_is_vsyscall(&regs), cases[i].in);
	}
}
END_TEST

START_TEST(test_code_is_put_over_its_own_bytes_alone)
{
	static const unsigned char before[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	unsigned char after[8];
	uint64_t word, with;

	memcpy(&word, before, sizeof word);
	ck_assert(!abi_is_syscall(word));
	with = abi_with_syscall(word);
	ck_assert(abi_is_syscall(with));
	memcpy(after, &with, sizeof with);
	ck_assert_uint_eq(after[0], 0x0f);
	ck_assert_uint_eq(after[1], 0x05);
	ck_assert_mem_eq(after + ABI_SYSCALL_BYTES, before + ABI_SYSCALL_BYTES, 8 - ABI_SYSCALL_BYTES);
	with = abi_with_breakpoint(word);
	memcpy(after, &with, sizeof with);
	ck_assert_uint_eq(after[0], 0xcc);
	ck_assert_mem_eq(after + ABI_BREAKPOINT_BYTES, before + ABI_BREAKPOINT_BYTES, 8 - ABI_BREAKPOINT_BYTES);
	/* sysenter, int 0x80 and half an instruction are none. */
	ck_assert(!abi_is_syscall(0x340f));
	ck_assert(!abi_is_syscall(0x80cd));
	ck_assert(!abi_is_syscall(0x000f));
	ck_assert(!abi_is_syscall(0x0500));
}
END_TEST

/* ------------------------------------------------------------------ instructions */

START_TEST(test_a_chunk_that_loads_is_never_passed_over)
{
	enum { AT = 0x401000, NEAR = ABI_CHUNK + 64 };
	static const int64_t distance[] = { 0, 1, -1, 0x1234, INT32_MAX, INT32_MIN };
	static unsigned char chunk[NEAR];

	for (size_t i = 0; i < ABI_CHUNK; i++)
		for (size_t k = 0; k < ARRAY_SIZE(distance); k++) {
			const int32_t displacement = (int32_t)distance[k];
			uint64_t target = AT + i + ABI_LOAD_BYTES + (uint64_t)distance[k];

			memset(chunk, 0x90, sizeof chunk);
			chunk[i] = 0x48;
			chunk[i + 1] = 0x8b;
			chunk[i + 2] = 0x05;
			memcpy(chunk + i + 3, &displacement, sizeof displacement);
			ck_assert(abi_load_is_sound(chunk + i));
			ck_assert_uint_eq(abi_load_operand(chunk + i, AT + i), target);
			ck_assert_msg(abi_chunk_may_load(chunk, AT, target), "at %zu, distance %lld", i,
				      (long long)distance[k]);
		}
	memset(chunk, 0x90, sizeof chunk);
	ck_assert(!abi_chunk_may_load(chunk, AT, 0x12345678));
}
END_TEST

START_TEST(test_an_interrupted_call_begins_again)
{
	struct user_regs_struct regs = { .orig_rax = 232, .rax = (unsigned long long)-EINTR, .rip = 0x1002 };

	ck_assert(abi_begin_again(&regs));
	ck_assert_uint_eq(regs.rax, 232);
	ck_assert_uint_eq(regs.rip, 0x1000);
	/* Another error, one that the kernel restarts itself (ERESTARTSYS), a result, and no call at all. */
	regs = (struct user_regs_struct){ .orig_rax = 232, .rax = (unsigned long long)-EAGAIN, .rip = 0x1002 };
	ck_assert(!abi_begin_again(&regs));
	regs.rax = (unsigned long long)-512;
	ck_assert(!abi_begin_again(&regs));
	regs.rax = 0;
	ck_assert(!abi_begin_again(&regs));
	regs.rax = (unsigned long long)-EINTR;
	regs.orig_rax = ~0ull;
	ck_assert(!abi_begin_again(&regs));
	ck_assert_uint_eq(regs.rip, 0x1002);
}
END_TEST

/* glibc 2.36's fstat(3) and fstatat(3) as they lie in memory, with an empty string before them; behind the call a
 * ret, and EBADF for a negative descriptor. */
enum { LONG_EMPTY = 8, LONG_FSTAT = 64, LONG_FSTATAT = LONG_FSTAT + 0x60, LONG_END = LONG_FSTATAT + 10 };

static void put32(unsigned char *at, uint64_t value)
{
	const uint32_t word = (uint32_t)value;

	memcpy(at, &word, sizeof word);
}

static void lay_out_fstat(unsigned char *page)
{
	static const unsigned char fstat_code[] = {
		0x48, 0x89, 0xf2, 0x85, 0xff, 0x78, 0x19, 0xb9, 0x00, 0x10, 0x00, 0x00, 0x48, 0x8d, 0x35, 0, 0, 0, 0,
		0xe9, 0,    0,	  0,	0,    0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00, 0xb8, 0xf7, 0xff, 0xff, 0xff, 0xc3,
	};
	static const unsigned char fstatat_code[] = { 0x41, 0x89, 0xca, 0xb8, 0x06, 0x01, 0x00, 0x00, 0x0f, 0x05, 0xc3 };

	memset(page, 0, 4096);
	memcpy(page + LONG_FSTAT, fstat_code, sizeof fstat_code);
	memcpy(page + LONG_FSTATAT, fstatat_code, sizeof fstatat_code);
	put32(page + LONG_FSTAT + 15, (uint64_t)(LONG_EMPTY - (LONG_FSTAT + 19)));
	put32(page + LONG_FSTAT + 20, LONG_FSTATAT - (LONG_FSTAT + 24));
}

/* As fstat_shorten() asks. The page begins where the code that is looked at does not: that lies before it. */
static bool is_long(const unsigned char *page, uint64_t address, uint64_t empty, struct abi_shorter *ret)
{
	unsigned char code[ABI_FSTAT_REACH] = { 0 };

	memcpy(code + ABI_FSTAT_REACH - LONG_END, page, LONG_END);
	return abi_fstat_is_long(code, address + LONG_END - ABI_FSTAT_REACH, empty, ret);
}

START_TEST(test_a_long_fstat_becomes_a_short_one)
{
	unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t address = (uintptr_t)page;
	int (*function)(int, struct stat *) = (int (*)(int, struct stat *))(address + LONG_FSTAT);
	unsigned char before[4096];
	struct abi_shorter shorter;
	struct stat want, got;

	ck_assert(page != MAP_FAILED);
	lay_out_fstat(page);
	memcpy(before, page, sizeof before);
	ck_assert_int_eq(fstat(STDERR_FILENO, &want), 0);
	ck_assert(is_long(page, address, address + LONG_EMPTY, &shorter));
	/* After each of the two words the function does what it did. */
	for (unsigned i = 0; i <= 2; i++) {
		memset(&got, 0xff, sizeof got);
		ck_assert_int_eq(function(STDERR_FILENO, &got), 0);
		ck_assert(got.st_ino == want.st_ino && got.st_dev == want.st_dev && got.st_mode == want.st_mode);
		ck_assert_int_eq(function(-1, &got), -EBADF);
		ck_assert_int_eq(function(77777, &got), -EBADF);
		ck_assert_int_eq(function(STDERR_FILENO, NULL), -EFAULT);
		if (i < 2)
			memcpy(page + (shorter.at[i] + LONG_END - ABI_FSTAT_REACH), shorter.word[i], ABI_WORD);
	}
	/* Of the instructions that a thread may stand before, none but the first of the three is another one now. */
	for (size_t i = 0; i < sizeof before; i++)
		ck_assert_msg(page[i] == before[i] || (i >= LONG_FSTAT + 7 && i < LONG_FSTAT + 9) ||
				      (i >= LONG_FSTAT + 24 && i < LONG_FSTAT + 32),
			      "byte %zu", i);
	/* It is not long any more. */
	ck_assert(!is_long(page, address, address + LONG_EMPTY, &shorter));
	munmap(page, 4096);
}
END_TEST

START_TEST(test_only_an_fstat_that_is_known_to_the_last_byte_is_long)
{
	enum { AT = 0x401000 };
	static unsigned char page[4096];
	struct abi_shorter shorter;

	lay_out_fstat(page);
	ck_assert(is_long(page, AT, AT + LONG_EMPTY, &shorter));
	ck_assert(!is_long(page, AT, AT + LONG_EMPTY + 1, &shorter));
	for (size_t i = 0; i < LONG_END; i++) {
		bool code = (i >= LONG_FSTAT && i < LONG_FSTAT + 32) || i >= LONG_FSTATAT;

		page[i] ^= 1;
		ck_assert_msg(is_long(page, AT, AT + LONG_EMPTY, &shorter) == !code, "byte %zu", i);
		page[i] ^= 1;
	}
	/* Nothing, or one that lies too far away for a short jump. */
	memset(page, 0, sizeof page);
	ck_assert(!is_long(page, AT, AT + LONG_EMPTY, &shorter));
	lay_out_fstat(page);
	memmove(page, page + LONG_FSTAT, 32);
	put32(page + 15, (uint64_t)(LONG_EMPTY - 19));
	put32(page + 20, LONG_FSTATAT - 24);
	memset(page + LONG_FSTAT, 0, 32);
	ck_assert(!is_long(page, AT, AT + LONG_EMPTY, &shorter));
}
END_TEST

static Suite *abi_suite(void)
{
	Suite *s = suite_create("abi");
	TCase *registers = tcase_create("registers"), *code = tcase_create("calls and code");

	tcase_set_timeout(registers, 60);
	tcase_add_test(registers, test_the_kernel_has_arguments_and_result_where_they_are_read);
	tcase_add_test(registers, test_the_kernel_makes_the_call_that_is_put_in_its_place);
	tcase_add_test(registers, test_a_call_that_was_another_ends_as_it_began_but_for_its_result);
	tcase_add_test(registers, test_one_argument_is_set_and_nothing_else);
	tcase_add_test(registers, test_a_number_comes_back_to_the_last_bit);
	tcase_add_test(registers, test_a_call_that_is_put_before_an_instruction_restarts_nothing);
	tcase_add_test(registers, test_foreign_arguments_are_in_the_order_of_i386);
	tcase_add_test(registers, test_what_is_put_below_a_stack_leaves_the_red_zone);
	tcase_add_test(registers, test_an_interrupted_call_begins_again);
	tcase_add_test(registers, test_libunwind_finds_each_register_by_its_number);
	suite_add_tcase(s, registers);
	tcase_set_timeout(code, 60);
	tcase_add_test(code, test_a_number_tells_its_abi);
	tcase_add_test(code, test_the_page_of_old_calls_is_one_page);
	tcase_add_test(code, test_code_is_put_over_its_own_bytes_alone);
	tcase_add_test(code, test_a_chunk_that_loads_is_never_passed_over);
	tcase_add_test(code, test_a_long_fstat_becomes_a_short_one);
	tcase_add_test(code, test_only_an_fstat_that_is_known_to_the_last_byte_is_long);
	suite_add_tcase(s, code);
	return s;
}

int main(void)
{
	return run_suite(abi_suite());
}
