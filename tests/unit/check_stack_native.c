/* SPDX-License-Identifier: Apache-2.0 */
/* The native half of the stack reader, tried on this very process. */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tracee/native/cfi.h"
#include "tracee/native/ends.h"
#include "tracee/native/maps.h"
#include "tracee/native/symbols.h"
#include "tests/unit/suite.h"

static struct budget budget;
static struct pages pages;
static struct image_cache images;
static struct maps maps;
static struct cfi_store store;

static void new_stop(void)
{
	budget_start(&budget, UINT64_C(60000000000));
	pages_begin(&pages, getpid());
}

static void setup(void)
{
	pages_init(&pages, &budget);
	image_cache_init(&images, &pages);
	maps_init(&maps, &images);
	new_stop();
}

static void teardown(void)
{
	maps_fini(&maps);
	cfi_store_fini(&store);
	image_cache_fini(&images);
	pages_fini(&pages);
}

static uint64_t address_of(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static unsigned char *fresh_pages(size_t n)
{
	unsigned char *p = mmap(NULL, n * PAGES_SIZE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	return p;
}

START_TEST(test_pages_read_across_a_boundary)
{
	unsigned char *p = fresh_pages(2), buf[200];

	for (size_t i = 0; i < 2 * PAGES_SIZE; i++)
		p[i] = (unsigned char)(i * 7);
	ck_assert_int_eq(pages_read(&pages, address_of(p) + PAGES_SIZE - 100, buf, sizeof buf), 0);
	ck_assert_mem_eq(buf, p + PAGES_SIZE - 100, sizeof buf);
	munmap(p + PAGES_SIZE, PAGES_SIZE);
	new_stop();
	ck_assert_int_eq(pages_read(&pages, address_of(p) + PAGES_SIZE - 100, buf, sizeof buf),
			 -EFAULT);
	ck_assert_int_eq(pages_read(&pages, 0, buf, 1), -EFAULT);
	ck_assert_int_eq(pages_read(&pages, UINT64_MAX - 10, buf, sizeof buf), -EFAULT);
	ck_assert_int_eq(pages_read(&pages, UINT64_C(0x7fffffffeff0), buf, sizeof buf), -EFAULT);
}
END_TEST

START_TEST(test_pages_are_a_snapshot_of_one_stop)
{
	unsigned char *p = fresh_pages(1), c;

	p[5] = 1;
	ck_assert_int_eq(pages_read(&pages, address_of(p + 5), &c, 1), 0);
	p[5] = 2;
	ck_assert_int_eq(pages_read(&pages, address_of(p + 5), &c, 1), 0);
	ck_assert_uint_eq(c, 1);
	new_stop();
	ck_assert_int_eq(pages_read(&pages, address_of(p + 5), &c, 1), 0);
	ck_assert_uint_eq(c, 2);
}
END_TEST

START_TEST(test_pages_of_the_last_stop_come_in_one_call)
{
	unsigned char *p = fresh_pages(20), c;

	memset(p, 3, 20 * PAGES_SIZE);
	for (int stop = 0; stop < 2; stop++) {
		new_stop();
		for (size_t i = 0; i < 20; i++)
			ck_assert_int_eq(pages_read(&pages, address_of(p) + i * PAGES_SIZE, &c, 1),
					 0);
		ck_assert_uint_eq(budget.reads, stop ? 1 : 20);
	}
}
END_TEST

START_TEST(test_more_pages_than_slots_are_read_right)
{
	const size_t n = PAGES_SLOTS * 3;
	unsigned char *p = fresh_pages(n);
	uint32_t v;

	for (uint32_t i = 0; i < n; i++)
		memcpy(p + i * PAGES_SIZE, &i, 4);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < n; i++) {
			ck_assert_int_eq(
				pages_read(&pages, address_of(p) + (uint64_t)i * PAGES_SIZE, &v, 4),
				0);
			ck_assert_uint_eq(v, i);
		}
}
END_TEST

START_TEST(test_tables_of_a_stack_are_bounded_together)
{
	size_t n = 0;

	budget_start(&budget, UINT64_C(60000000000));
	while (budget_table(&budget, 200000))
		n++;
	ck_assert_uint_eq(n, BUDGET_TABLES / 200000);
	ck_assert(!budget.spent);
	ck_assert(budget_table(&budget, BUDGET_TABLES % 200000));
	ck_assert(!budget_table(&budget, 1));
	ck_assert(!budget_table(&budget, SIZE_MAX));
}
END_TEST

START_TEST(test_budget_of_cpu_time_ends)
{
	unsigned long steps = 0;

	budget_start(&budget, 1000000);
	ck_assert(budget_time(&budget));
	while (budget_time(&budget))
		ck_assert_uint_lt(++steps, 1000000000);
	ck_assert(budget.spent);
}
END_TEST

START_TEST(test_reads_end_with_the_budget)
{
	const size_t n = BUDGET_READS + 10;
	unsigned char *p = fresh_pages(n), c;
	size_t good = 0;

	for (size_t i = 0; i < n; i++)
		good += pages_read(&pages, address_of(p) + i * PAGES_SIZE, &c, 1) == 0;
	ck_assert_uint_eq(good, BUDGET_READS);
	ck_assert(budget.spent);
	budget_start(&budget, 0);
	ck_assert(!budget_time(&budget));
	ck_assert_int_eq(pages_read(&pages, address_of(p) + 7 * PAGES_SIZE, &c, 1), -EFAULT);
}
END_TEST

START_TEST(test_both_ends_are_kept)
{
	enum { SIZE = 8 };

	for (size_t total = 0; total < 40; total++) {
		size_t kept[SIZE] = {0};

		for (size_t i = 0; i < total; i++)
			kept[ends_slot(i, SIZE)] = i;
		ck_assert_uint_eq(ends_kept(total, SIZE), MIN(total, (size_t)SIZE));
		for (size_t k = 0; k < ends_kept(total, SIZE); k++) {
			size_t element = ends_element(k, total, SIZE);

			ck_assert_uint_eq(kept[ends_slot(element, SIZE)], element);
			ck_assert_uint_eq(element,
					  total <= SIZE || k < SIZE / 2 ? k : total - SIZE + k);
		}
		ck_assert_uint_eq(ends_gap(total, SIZE), total <= SIZE ? total : SIZE / 2);
	}
}
END_TEST

START_TEST(test_maps_are_ascending_and_disjoint)
{
	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	ck_assert(maps.whole);
	ck_assert_uint_gt(maps.n, 2);
	for (size_t i = 0; i < maps.n; i++) {
		ck_assert_uint_lt(maps.module[i]->start, maps.module[i]->end);
		if (i)
			ck_assert_uint_le(maps.module[i - 1]->end, maps.module[i]->start);
		ck_assert_ptr_eq(maps_find(&maps, maps.module[i]->start), maps.module[i]);
		ck_assert_ptr_eq(maps_find(&maps, maps.module[i]->end - 1), maps.module[i]);
	}
	ck_assert_ptr_null(maps_find(&maps, 4096));
}
END_TEST

START_TEST(test_maps_read_again_keep_what_is_still_there)
{
	struct module *libc;
	struct image *image;
	uint64_t generation;

	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	libc = maps_find(&maps, address_of(dlsym(RTLD_DEFAULT, "getpid")));
	image = module_image(libc, &images, getpid());
	ck_assert_ptr_nonnull(image);
	generation = maps.generation;
	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	ck_assert_uint_eq(maps.generation, generation);
	ck_assert_ptr_eq(maps_find(&maps, address_of(dlsym(RTLD_DEFAULT, "getpid"))), libc);
	ck_assert_ptr_eq(module_image(libc, &images, getpid()), image);
}
END_TEST

START_TEST(test_file_in_the_place_of_another_is_noticed)
{
	int one = memfd_create("one", MFD_CLOEXEC), two = memfd_create("two", MFD_CLOEXEC);
	const struct module *module;
	unsigned char *p = fresh_pages(3);

	ck_assert_int_eq(ftruncate(one, PAGES_SIZE) | ftruncate(two, PAGES_SIZE), 0);
	p = mmap(p + PAGES_SIZE, PAGES_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, one, 0);
	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	module = maps_find(&maps, address_of(p));
	ck_assert_ptr_nonnull(module);
	ck_assert(maps_confirm(&maps, getpid(), module, address_of(p)));
	p = mmap(p, PAGES_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, two, 0);
	if (maps.no_query)
		printf("the kernel cannot be asked about a mapping (before 6.11): not noticed\n");
	else
		ck_assert(!maps_confirm(&maps, getpid(), module, address_of(p)));
	munmap(p, PAGES_SIZE);
	ck_assert(maps.no_query || !maps_confirm(&maps, getpid(), module, address_of(p)));
	close(one);
	close(two);
}
END_TEST

static void check_symbols(struct image *im)
{
	static const char *const names[] = {"getpid", "memcpy", "qsort", "environ", "stdout"};
	uint64_t addr, size;

	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(image_symbol(im, names[i], &addr, &size), 0);
		ck_assert(maps_find(&maps, addr) ==
			  maps_find(&maps, address_of(dlsym(RTLD_DEFAULT, "getpid"))));
	}
	ck_assert_int_eq(image_symbol(im, "getpid", &addr, &size), 0);
	ck_assert_uint_eq(addr, address_of(dlsym(RTLD_DEFAULT, "getpid")));
	ck_assert_uint_gt(size, 0);
	ck_assert_int_eq(image_symbol(im, "no_such_function", &addr, NULL), -ENOENT);
	ck_assert_int_eq(image_symbol(im, "", &addr, NULL), -ENOENT);
}

START_TEST(test_dynamic_symbol_is_found_in_the_file_and_in_memory)
{
	struct module *libc;
	struct image memory;

	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	libc = maps_find(&maps, address_of(dlsym(RTLD_DEFAULT, "getpid")));
	ck_assert_int_ge(module_image(libc, &images, getpid())->fd, 0);
	check_symbols(libc->image);
	ck_assert_int_eq(image_init(&memory, &images, -1, libc->start), 0);
	check_symbols(&memory);
	ck_assert_uint_eq(memory.bias, libc->image->bias);
	image_fini(&memory);
}
END_TEST

START_TEST(test_vdso_is_read_from_memory)
{
	struct module *vdso = NULL;
	uint64_t addr = 0;

	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	for (size_t i = 0; i < maps.n; i++)
		if (streq(maps.module[i]->path, "[vdso]"))
			vdso = maps.module[i];
	ck_assert_ptr_nonnull(vdso);
	ck_assert_ptr_nonnull(module_image(vdso, &images, getpid()));
	ck_assert_int_eq(vdso->image->fd, -1);
	if (vdso->image->dynamic && image_dynamic(vdso->image) == 0 && vdso->image->gnu_hash) {
		ck_assert_int_eq(image_symbol(vdso->image, "__vdso_clock_gettime", &addr, NULL), 0);
		ck_assert_ptr_eq(maps_find(&maps, addr), vdso);
	}
}
END_TEST

START_TEST(test_functions_are_named)
{
	const uint64_t address[] = {address_of(dlsym(RTLD_DEFAULT, "getpid")),
				    address_of(dlsym(RTLD_DEFAULT, "strfry")) + 3, 4096};
	struct symbols *symbols = xcalloc(1, sizeof *symbols);
	const struct symbol *found[3];

	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(symbols_find(symbols, &maps, getpid(), address, 3, found), 0);
		ck_assert_ptr_nonnull(strstr(found[0]->name, "getpid"));
		ck_assert_uint_eq(found[0]->offset, 0);
		ck_assert_str_eq(found[1]->name, "strfry");
		ck_assert_uint_eq(found[1]->offset, 3);
		ck_assert_ptr_null(found[2]->name);
	}
	symbols_fini(symbols);
	free(symbols);
}
END_TEST

/* Files that are no ELF image, or that end early, are refused at every length. */
START_TEST(test_cut_and_damaged_images_are_refused_or_harmless)
{
	_cleanup_free_ char *data = NULL;
	size_t len = 0;

	ck_assert_int_eq(read_file(AT_FDCWD, "/proc/self/exe", 64 << 20, &data, &len), 0);
	srand(1);
	for (int round = 0; round < 300; round++) {
		int fd = memfd_create("image", MFD_CLOEXEC);
		struct image im;
		uint64_t addr, entry;
		Elf64_Shdr sh;

		if (round >= 100)
			for (int i = 0; i < 8; i++)
				data[rand() % 2 ? rand() % 1024 : rand() % 64] = (char)rand();
		ck_assert_int_eq(
			write_full(fd, data,
				   round < 100 ? (size_t)round * 20 : MIN(len, (size_t)65536)),
			round < 100 ? round * 20 : (int)MIN(len, (size_t)65536));
		new_stop();
		if (image_init(&im, &images, fd, 0x10000) < 0)
			continue;
		image_symbol(&im, "main", &addr, NULL);
		image_section(&im, ".PyRuntime", 0, &sh);
		for (uint64_t at = 0; at < 0x10000; at += 0x1001)
			cfi_find(&im, &store, at, &entry);
		image_fini(&im);
	}
	ck_assert_uint_eq(images.n_files, 0);
}
END_TEST

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

START_TEST(test_cfi_of_toolchains_passes)
{
	ck_assert(cfi_program_ok(BYTES(0x0c, 7, 8, 0x90, 1, 0, 0)));
	ck_assert(cfi_program_ok(BYTES(0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x0a, 0x02, 9, 0xc6,
				       0x0c, 7, 8, 0x0b)));
	ck_assert(cfi_program_ok(BYTES(0x2e, 0x10, 0x07, 0x10, 0x09, 1, 2, 0x05, 16, 1, 0x03, 1, 2,
				       0x04, 1, 2, 3, 4)));
	/* The PLT: rsp + 8 + ((rip & 15) >= 11 ? 8 : 0). */
	ck_assert(cfi_program_ok(
		BYTES(0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22)));
	/* glibc's signal return: registers at fixed places of the frame. */
	ck_assert(cfi_program_ok(BYTES(0x0f, 4, 0x77, 0xa0, 1, 6, 0x10, 8, 2, 0x77, 0x28)));
	ck_assert(cfi_program_ok(NULL, 0));
}
END_TEST

START_TEST(test_cfi_that_could_hurt_is_refused)
{
	ck_assert(!cfi_expression_ok(BYTES(0x2f, 0xfd, 0xff)));		    /* skip -3 */
	ck_assert(!cfi_expression_ok(BYTES(0x31, 0x28, 0xfc, 0xff)));	    /* bra */
	ck_assert(!cfi_expression_ok(BYTES(0x31, 0x09, 0xff, 0x1b)));	    /* div */
	ck_assert(!cfi_expression_ok(BYTES(0x31, 0x31, 0x1d)));		    /* mod */
	ck_assert(!cfi_expression_ok(BYTES(0x90, 0xff, 0xff, 0xff, 0x7f))); /* regx */
	ck_assert(!cfi_expression_ok(BYTES(0x8f, 0)));			    /* breg31 */
	ck_assert(!cfi_expression_ok(BYTES(0x0e, 1, 2)));		    /* cut constant */
	ck_assert(!cfi_expression_ok(BYTES(0x77, 0x80, 0x80)));		    /* cut number */
	ck_assert(!cfi_program_ok(BYTES(0x0f, 3, 0x2f, 0xfd, 0xff)));
	ck_assert(!cfi_program_ok(BYTES(0x0f, 4, 0x2f))); /* longer than the rest */
	ck_assert(!cfi_program_ok(BYTES(0x0b)));	  /* nothing remembered */
	ck_assert(!cfi_program_ok(BYTES(0x91)));	  /* register 17, cut */
	ck_assert(!cfi_program_ok(BYTES(0x91, 1)));
	ck_assert(!cfi_program_ok(BYTES(0xd1)));
	ck_assert(!cfi_program_ok(BYTES(0x09, 16, 17)));
	ck_assert(!cfi_program_ok(BYTES(0x01, 0, 0, 0, 0, 0, 0, 0, 0))); /* set_loc */
	ck_assert(!cfi_program_ok(BYTES(0x3f)));
	ck_assert(!cfi_program_ok(
		BYTES(0x0e, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)));
}
END_TEST

START_TEST(test_cfi_nesting_and_length_are_bounded)
{
	uint8_t remember[CFI_STATES_MAX + 1], nops[CFI_EXPRESSION_MAX + 1];

	memset(remember, 0x0a, sizeof remember);
	memset(nops, 0x96, sizeof nops);
	ck_assert(cfi_program_ok(remember, CFI_STATES_MAX));
	ck_assert(!cfi_program_ok(remember, CFI_STATES_MAX + 1));
	ck_assert(cfi_expression_ok(nops, CFI_EXPRESSION_MAX));
	ck_assert(!cfi_expression_ok(nops, CFI_EXPRESSION_MAX + 1));
}
END_TEST

/* Were the check too strict, stacks would end in the middle. */
START_TEST(test_cfi_of_the_c_library_and_others_here_passes)
{
	size_t found = 0;

	ck_assert_int_eq(maps_load(&maps, getpid()), 0);
	for (size_t i = 0; i < maps.n; i++) {
		struct module *module = maps.module[i];
		struct image *im =
			module->executable ? module_image(module, &images, getpid()) : NULL;
		uint64_t entry;

		for (uint64_t at = module->start; im && at < module->end; at += 251) {
			int r;

			cfi_store_clear(&store);
			budget_start(&budget, UINT64_C(60000000000));
			r = cfi_find(im, &store, at - im->bias, &entry);
			ck_assert_msg(r == 0 || r == -ENOENT, "%s+%#lx", module->path,
				      at - im->bias);
			found += r == 0;
		}
	}
	ck_assert_uint_gt(found, 1000);
}
END_TEST

START_TEST(test_checked_records_are_given_as_they_were)
{
	uint8_t bytes[40];
	uint64_t word = 7;

	for (uint8_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i + 1);
	ck_assert(!cfi_store_word(&store, 0x1000, &word));
	ck_assert(cfi_store_add(&store, 0x1004, bytes, 20));
	ck_assert(cfi_store_add(&store, 0x1018, bytes + 20, 20));
	ck_assert(cfi_store_add(&store, 0x1004, bytes, 20));
	ck_assert(!cfi_store_add(&store, 0x1004, bytes + 1, 20));
	ck_assert(!cfi_store_add(&store, 0x1004, bytes, 19));
	ck_assert(cfi_store_word(&store, 0x1008, &word));
	ck_assert_mem_eq(&word, bytes + 4, 8);
	/* Over the beginning, over the end, and across two records. */
	ck_assert(cfi_store_word(&store, 0x1000, &word));
	ck_assert_uint_eq(word, UINT64_C(0x0403020100000000));
	ck_assert(cfi_store_word(&store, 0x1028, &word));
	ck_assert_uint_eq(word, UINT64_C(0x28272625));
	ck_assert(cfi_store_word(&store, 0x1014, &word));
	ck_assert_mem_eq(&word, bytes + 16, 8);
	ck_assert(!cfi_store_word(&store, 0x1030, &word));
	ck_assert(!cfi_store_word(&store, UINT64_MAX - 3, &word));
}
END_TEST

START_TEST(test_record_store_is_bounded)
{
	uint8_t bytes[4096] = {0};
	size_t n = 0;

	while (cfi_store_add(&store, 0x1000 + n * 8192, bytes, sizeof bytes))
		n++;
	ck_assert_uint_eq(n, CFI_STORE_BYTES / sizeof bytes);
	ck_assert(cfi_store_is_full(&store));
	cfi_store_clear(&store);
	ck_assert(!cfi_store_is_full(&store));
	for (n = 0; cfi_store_add(&store, 0x1000 + n * 16, bytes, 8);)
		n++;
	ck_assert_uint_eq(n, CFI_STORE_RECORDS);
	ck_assert(cfi_store_is_full(&store));
}
END_TEST

START_TEST(test_random_cfi_is_read_within_its_bounds)
{
	size_t good = 0;

	srand(1);
	for (int round = 0; round < 100000; round++) {
		size_t n = (size_t)rand() % 24;
		_cleanup_free_ uint8_t *p = xmalloc(n);

		for (size_t i = 0; i < n; i++)
			p[i] = (uint8_t)(rand() % 4 ? rand() % 0x30 : rand());
		good += cfi_program_ok(p, n);
		good += cfi_expression_ok(p, n);
	}
	ck_assert_uint_gt(good, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stack_native");
	TCase *tc = tcase_create("stack_native");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_pages_read_across_a_boundary);
	tcase_add_test(tc, test_pages_are_a_snapshot_of_one_stop);
	tcase_add_test(tc, test_pages_of_the_last_stop_come_in_one_call);
	tcase_add_test(tc, test_more_pages_than_slots_are_read_right);
	tcase_add_test(tc, test_reads_end_with_the_budget);
	tcase_add_test(tc, test_tables_of_a_stack_are_bounded_together);
	tcase_add_test(tc, test_budget_of_cpu_time_ends);
	tcase_add_test(tc, test_both_ends_are_kept);
	tcase_add_test(tc, test_maps_are_ascending_and_disjoint);
	tcase_add_test(tc, test_maps_read_again_keep_what_is_still_there);
	tcase_add_test(tc, test_file_in_the_place_of_another_is_noticed);
	tcase_add_test(tc, test_dynamic_symbol_is_found_in_the_file_and_in_memory);
	tcase_add_test(tc, test_vdso_is_read_from_memory);
	tcase_add_test(tc, test_functions_are_named);
	tcase_add_test(tc, test_cut_and_damaged_images_are_refused_or_harmless);
	tcase_add_test(tc, test_cfi_of_toolchains_passes);
	tcase_add_test(tc, test_cfi_that_could_hurt_is_refused);
	tcase_add_test(tc, test_cfi_nesting_and_length_are_bounded);
	tcase_add_test(tc, test_cfi_of_the_c_library_and_others_here_passes);
	tcase_add_test(tc, test_checked_records_are_given_as_they_were);
	tcase_add_test(tc, test_record_store_is_bounded);
	tcase_add_test(tc, test_random_cfi_is_read_within_its_bounds);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
