/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding calls of this very process, and their arguments as text. The expected texts are what
 * strace 6.1 writes for the same calls; where ours differs on purpose the test says so.
 */
#include "supervisor/decode.h"

#include <arpa/inet.h>
#include <asm/unistd_64.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/unit/suite.h"

#define P(p) ((uint64_t)(uintptr_t)(p))

static struct request request;

static void decode_call(uint64_t nr, const uint64_t a[6])
{
	struct user_regs_struct regs = {
		.orig_rax = nr, .rdi = a[0], .rsi = a[1], .rdx = a[2], .r10 = a[3], .r8 = a[4], .r9 = a[5],
	};

	decode(getpid(), getpid(), &regs, &request);
}

/* All arguments of a call, as a log would list them. Static. */
static const char *text_of(uint64_t nr, const uint64_t a[6])
{
	static struct buf out;
	unsigned i, n;

	decode_call(nr, a);
	buf_clear(&out);
	buf_lit(&out, "");
	n = request.row ? request.row->n_args : SYSCALL_MAX_ARGS;
	for (i = 0; i < n; i++) {
		if (i)
			buf_lit(&out, ", ");
		request_format_arg(&request, i, &out);
	}
	return out.data;
}

#define ASSERT_TEXT(expected, nr, ...) \
	ck_assert_str_eq(text_of(nr, (const uint64_t[6]){ __VA_ARGS__ }), expected)

START_TEST(test_open_flags)
{
	const uint64_t cwd = (uint64_t)AT_FDCWD, x = P("x");

	ASSERT_TEXT("AT_FDCWD, \"data/x\", O_RDONLY|O_CLOEXEC, 00", __NR_openat, cwd, P("data/x"), O_CLOEXEC);
	ASSERT_TEXT("AT_FDCWD, \"x\", O_WRONLY|O_CREAT|O_TRUNC|O_APPEND, 0644", __NR_openat, cwd, x,
		    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	ASSERT_TEXT("5, \"x\", O_RDWR|O_EXCL|O_NONBLOCK|O_SYNC|O_NOFOLLOW|O_PATH|O_DIRECTORY, 00", __NR_openat, 5, x,
		    O_RDWR | O_EXCL | O_NOFOLLOW | O_DIRECTORY | O_PATH | O_SYNC | O_NONBLOCK);
	ASSERT_TEXT("5, \"x\", O_RDWR|O_TMPFILE, 0600", __NR_openat, 5, x, O_TMPFILE | O_RDWR, 0600);
	ASSERT_TEXT("5, \"x\", O_ACCMODE|O_NOCTTY|O_DSYNC|O_DIRECT|O_NOATIME|FASYNC, 00", __NR_openat, 5, x,
		    O_ACCMODE | O_DIRECT | O_NOATIME | O_ASYNC | O_DSYNC | O_NOCTTY);
	ASSERT_TEXT("-1, NULL, O_RDONLY|0x80000000, 00", __NR_openat, (uint64_t)-1, 0, 0x80000000);
	/* An int: the kernel drops the high half. */
	ASSERT_TEXT("AT_FDCWD, \"x\", O_RDONLY, 00", __NR_openat, 0x12345678ffffff9c, x, UINT64_C(1) << 40);
}
END_TEST

START_TEST(test_paths_are_c_strings)
{
	ASSERT_TEXT("\"a\\\"b\\\\c\\n\\t\\1\\177\\0331\", 0755", __NR_mkdir, P("a\"b\\c\n\t\x01\x7f\x1b" "1"), 0755);
	ASSERT_TEXT("\"\\r\\v\\f\\10\\33x\", 0755", __NR_mkdir, P("\r\v\f\b\x1bx"), 0755);
	ASSERT_TEXT("\"\", 0755", __NR_mkdir, P(""), 0755);
	ASSERT_TEXT("0x8, 0755", __NR_mkdir, 8, 0755);
	ASSERT_TEXT("NULL, 0755", __NR_mkdir, 0, 0755);
	/* UTF-8 stays readable, which strace escapes as well. */
	ASSERT_TEXT("\"caf\xc3\xa9 \\377\\3001\", 0755", __NR_mkdir, P("caf\xc3\xa9 \xff\xc0" "1"), 0755);
	ASSERT_TEXT("\"\\355\\240\\200 \\342\\202\", 0755", __NR_mkdir, P("\xed\xa0\x80 \xe2\x82"), 0755);
}
END_TEST

START_TEST(test_long_paths)
{
	char path[PATH_MAX + 1];

	memset(path, 'n', sizeof path);
	path[PATH_MAX] = '\0';
	ck_assert_uint_eq(strlen(text_of(__NR_rmdir, (const uint64_t[6]){ P(path) })), 64 + 5);
	ck_assert_int_eq(request.paths[0].err, ENAMETOOLONG);
	path[PATH_MAX - 1] = '\0';
	ck_assert_uint_eq(strlen(text_of(__NR_rmdir, (const uint64_t[6]){ P(path) })), PATH_MAX - 1 + 2);
	ck_assert_int_eq(request.paths[0].err, 0);
	ck_assert_uint_eq(request.paths[0].len, PATH_MAX - 1);
}
END_TEST

START_TEST(test_path_that_ends_where_memory_ends)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(map, MAP_FAILED);
	ck_assert_int_eq(munmap(map + page, page), 0);
	memcpy(map + page - 4, "abc", 4);
	ASSERT_TEXT("\"abc\"", __NR_rmdir, P(map + page - 4));
	map[page - 1] = 'd';
	decode_call(__NR_rmdir, (const uint64_t[6]){ P(map + page - 4) });
	ck_assert_int_eq(request.paths[0].err, EFAULT);
	ck_assert_str_eq(request.paths[0].text, "");
}
END_TEST

START_TEST(test_directory_descriptors_go_with_their_paths)
{
	decode_call(__NR_renameat2, (const uint64_t[6]){ (uint64_t)AT_FDCWD, P("a"), 7, P("b"), 1 });
	ck_assert_uint_eq(request.n_paths, 2);
	ck_assert_int_eq(request.paths[0].dirfd, AT_FDCWD);
	ck_assert_str_eq(request.paths[0].text, "a");
	ck_assert_int_eq(request.paths[1].dirfd, 7);
	ck_assert_str_eq(request.paths[1].text, "b");
	ASSERT_TEXT("\"target\", 3, \"x\"", __NR_symlinkat, P("target"), 3, P("x"));
	ck_assert_uint_eq(request.n_paths, 1);
	ck_assert_int_eq(request.paths[0].dirfd, 3);
	decode_call(__NR_rename, (const uint64_t[6]){ P("a"), P("b") });
	ck_assert_int_eq(request.paths[0].dirfd, AT_FDCWD);
	ck_assert_int_eq(request.paths[1].dirfd, AT_FDCWD);
}
END_TEST

START_TEST(test_at_flags_and_access_modes)
{
	const uint64_t cwd = (uint64_t)AT_FDCWD, x = P("x");

	ASSERT_TEXT("AT_FDCWD, \"x\", 0x7000, AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH", __NR_newfstatat, cwd, x, 0x7000,
		    AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
	ASSERT_TEXT("AT_FDCWD, \"x\", 0x7000, 0", __NR_newfstatat, cwd, x, 0x7000, 0);
	ASSERT_TEXT("3, \"x\", NULL, 0x10000000", __NR_newfstatat, 3, x, 0, 0x10000000);
	ASSERT_TEXT("AT_FDCWD, \"x\", R_OK|W_OK|X_OK", __NR_faccessat, cwd, x, 7);
	ASSERT_TEXT("\"x\", F_OK", __NR_access, x, 0);
	ASSERT_TEXT("\"x\", X_OK|0x8", __NR_access, x, 9);
	ASSERT_TEXT("3, \"x\", AT_STATX_DONT_SYNC, 0xfff, 0x7000", __NR_statx, 3, x, 0x4000, 0xfff, 0x7000);
}
END_TEST

START_TEST(test_unlinkat_names_its_flag_as_strace_does)
{
	ASSERT_TEXT("3, \"x\", AT_REMOVEDIR", __NR_unlinkat, 3, P("x"), AT_REMOVEDIR);
}
END_TEST

START_TEST(test_open_how)
{
	const uint64_t cwd = (uint64_t)AT_FDCWD, x = P("x");
	struct open_how how = { .flags = O_CLOEXEC, .resolve = RESOLVE_BENEATH };

	ASSERT_TEXT("AT_FDCWD, \"x\", {flags=O_RDONLY|O_CLOEXEC, resolve=RESOLVE_BENEATH}, 24", __NR_openat2, cwd, x,
		    P(&how), sizeof how);
	how = (struct open_how){ .flags = O_CREAT | O_WRONLY, .mode = 0600 };
	ASSERT_TEXT("AT_FDCWD, \"x\", {flags=O_WRONLY|O_CREAT, mode=0600, resolve=0}, 24", __NR_openat2, cwd, x,
		    P(&how), sizeof how);
	ASSERT_TEXT("AT_FDCWD, \"x\", 0x10, 24", __NR_openat2, cwd, x, 0x10, sizeof how);
	ck_assert_int_eq(request.how_err, EFAULT);
}
END_TEST

START_TEST(test_open_how_sizes_are_the_kernels)
{
	char big[8192] = { 0 };

	decode_call(__NR_openat2, (const uint64_t[6]){ 3, P("x"), P(big), sizeof(struct open_how) - 1 });
	ck_assert_int_eq(request.how_err, EINVAL);
	decode_call(__NR_openat2, (const uint64_t[6]){ 3, P("x"), P(big), 4096 });
	ck_assert_int_eq(request.how_err, 0);
	big[100] = 1;
	decode_call(__NR_openat2, (const uint64_t[6]){ 3, P("x"), P(big), 4096 });
	ck_assert_int_eq(request.how_err, E2BIG);
	decode_call(__NR_openat2, (const uint64_t[6]){ 3, P("x"), P(big), 4097 });
	ck_assert_int_eq(request.how_err, E2BIG);
	decode_call(__NR_openat2, (const uint64_t[6]){ 3, P("x"), P(big), UINT64_MAX });
	ck_assert_int_eq(request.how_err, E2BIG);
}
END_TEST

START_TEST(test_memory_calls)
{
	ASSERT_TEXT("NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0x0", __NR_mmap, 0, 4096, 3,
		    MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1);
	ASSERT_TEXT("0x1000, 4096, PROT_NONE, MAP_SHARED|MAP_FIXED|MAP_NORESERVE, 3, 0x1000", __NR_mmap, 0x1000, 4096, 0,
		    MAP_SHARED | MAP_FIXED | MAP_NORESERVE, 3, 0x1000);
	ASSERT_TEXT("0x1000, 4096, 0x80, MAP_SHARED_VALIDATE|MAP_POPULATE|MAP_GROWSDOWN|MAP_DENYWRITE|MAP_STACK, 3, 0x1000",
		    __NR_mmap, 0x1000, 4096, 0x80,
		    MAP_SHARED_VALIDATE | MAP_STACK | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_POPULATE, 3, 0x1000);
	ASSERT_TEXT("0x1000, 4096, PROT_READ|PROT_EXEC", __NR_mprotect, 0x1000, 4096, 5);
}
END_TEST

START_TEST(test_signals_and_processes)
{
	ASSERT_TEXT("1000000, SIGKILL", __NR_kill, 1000000, 9);
	ASSERT_TEXT("-1000000, 0", __NR_kill, (uint64_t)-1000000, 0);
	ASSERT_TEXT("1, 99", __NR_kill, 1, 99);
	ASSERT_TEXT("1, -1", __NR_kill, 1, UINT32_MAX);
	/* strace counts real-time signals from 32 (SIGRT_2); ours are named as by glibc and Python. */
	ASSERT_TEXT("1, 2, SIGRTMIN", __NR_tgkill, 1, 2, 34);
	ASSERT_TEXT("1, 2, SIGRTMIN+30", __NR_tgkill, 1, 2, 64);
	ASSERT_TEXT("CLONE_NEWNS|CLONE_NEWUSER|0x80000000000|SIGCHLD, NULL, NULL, NULL, 0x0", __NR_clone,
		    CLONE_NEWUSER | CLONE_NEWNS | 0x80000000000 | SIGCHLD);
	ASSERT_TEXT("SIGCHLD, NULL, NULL, NULL, 0x0", __NR_clone, SIGCHLD);
	ASSERT_TEXT("0, NULL, NULL, NULL, 0x0", __NR_clone, 0);
	ASSERT_TEXT("CLONE_FS|CLONE_NEWUSER", __NR_unshare, CLONE_NEWUSER | CLONE_FS);
	ASSERT_TEXT("0, RLIMIT_NOFILE, NULL, 0x7000", __NR_prlimit64, 0, RLIMIT_NOFILE, 0, 0x7000);
	ASSERT_TEXT("0, 0x4d, NULL, 0x7000", __NR_prlimit64, 0, 77, 0, 0x7000);
	ASSERT_TEXT("CLOCK_MONOTONIC, 0x7000", __NR_clock_gettime, CLOCK_MONOTONIC, 0x7000);
	ASSERT_TEXT("0x63, 0x7000", __NR_clock_gettime, 99, 0x7000);
}
END_TEST

START_TEST(test_descriptors)
{
	ASSERT_TEXT("1, -5, SEEK_END", __NR_lseek, 1, (uint64_t)-5, SEEK_END);
	ASSERT_TEXT("99, 5, 0x9", __NR_lseek, 99, 5, 9);
	ASSERT_TEXT("-1", __NR_close, (uint64_t)-1);
	ASSERT_TEXT("-1", __NR_close, UINT32_MAX);
	ASSERT_TEXT("99, F_DUPFD_CLOEXEC, 0xa", __NR_fcntl, 99, F_DUPFD_CLOEXEC, 10);
	ASSERT_TEXT("99, 0x1e61, 0x0", __NR_fcntl, 99, 7777, 0);
	ASSERT_TEXT("99, TIOCSTI, 0x7000", __NR_ioctl, 99, TIOCSTI, 0x7000);
	ASSERT_TEXT("99, TCGETS, 0x7000", __NR_ioctl, 99, UINT64_C(0xffffffff00000000) | TCGETS, 0x7000);
	ASSERT_TEXT("99, TCGETS2, 0x7000", __NR_ioctl, 99, 0x802c542a, 0x7000);
	ASSERT_TEXT("99, 0x12345678, 0x7000", __NR_ioctl, 99, 0x12345678, 0x7000);
	ASSERT_TEXT("3, 0x7000, 18446744073709551615", __NR_read, 3, 0x7000, UINT64_MAX);
}
END_TEST

START_TEST(test_sockets)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/x" };

	inet_pton(AF_INET, "127.0.0.1", &in.sin_addr);
	inet_pton(AF_INET6, "::1", &in6.sin6_addr);
	ASSERT_TEXT("AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0", __NR_socket, AF_INET,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
	ASSERT_TEXT("0x63, 0x9, 0", __NR_socket, 99, 9, 0);
	ASSERT_TEXT("9, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16", __NR_connect, 9,
		    P(&in), sizeof in);
	ASSERT_TEXT("9, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), "
		    "inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=0}, 28",
		    __NR_connect, 9, P(&in6), sizeof in6);
	ASSERT_TEXT("9, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110", __NR_connect, 9, P(&un), sizeof un);
	ASSERT_TEXT("9, {sa_family=AF_UNIX}, 2", __NR_connect, 9, P(&un), 2);
	memcpy(un.sun_path, "\0abs", 4);
	ASSERT_TEXT("9, {sa_family=AF_UNIX, sun_path=@\"abs\"}, 6", __NR_connect, 9, P(&un), 6);
	ASSERT_TEXT("9, 0x10, 6", __NR_connect, 9, 0x10, 6);
	ASSERT_TEXT("9, NULL, 0", __NR_connect, 9, 0, 0);
	/* Shorter than its family's, longer than any. */
	ASSERT_TEXT("9, {sa_family=AF_INET}, 8", __NR_connect, 9, P(&in), 8);
	text_of(__NR_connect, (const uint64_t[6]){ 9, P(&un), UINT64_MAX });
}
END_TEST

START_TEST(test_arguments_of_programs)
{
	const char *const words[] = { "a", "b c", NULL };
	const char *const many[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL };

	ASSERT_TEXT("\"/x\", [\"a\", \"b c\"], NULL", __NR_execve, P("/x"), P(words), 0);
	ASSERT_TEXT("\"/x\", NULL, NULL", __NR_execve, P("/x"), 0, 0);
	ASSERT_TEXT("\"/x\", 0x8, NULL", __NR_execve, P("/x"), 8, 0);
	/* The first eight of them. */
	ASSERT_TEXT("\"/x\", [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", ...], NULL", __NR_execve, P("/x"), P(many),
		    0);
}
END_TEST

START_TEST(test_copied_texts_share_their_room)
{
	char text[400];
	const char *out;

	memset(text, 't', sizeof text);
	text[399] = '\0';
	/* Cut at 128 bytes each; what does not fit any more is an address. */
	out = text_of(__NR_mount, (const uint64_t[6]){ P(text), P(text), P(text), 0, 0 });
	ck_assert_ptr_nonnull(strstr(out, "\"..., \""));
	ck_assert_uint_lt(strlen(out), 3 * 140 + 20);
	ASSERT_TEXT("\"none\", \"/mnt\", \"tmpfs\", 0x0, NULL", __NR_mount, P("none"), P("/mnt"), P("tmpfs"), 0, 0);
	ASSERT_TEXT("\"name\", 0x1", __NR_memfd_create, P("name"), 1);
	ASSERT_TEXT("\"\", 0x1", __NR_memfd_create, P(""), 1);
	ASSERT_TEXT("0x9, 0x1", __NR_memfd_create, 9, 1);
}
END_TEST

START_TEST(test_prctl_names)
{
	ASSERT_TEXT("PR_SET_SECCOMP, 0x2, 0x0, 0x0, 0x0", __NR_prctl, PR_SET_SECCOMP, 2);
	ASSERT_TEXT("0x270f, 0x2, 0x0, 0x0, 0x0", __NR_prctl, 9999, 2);
}
END_TEST

START_TEST(test_numbers_without_a_row)
{
	char name[32];

	ASSERT_TEXT("0x1, 0x2, 0x3, 0x4, 0x5, 0x6", 600, 1, 2, 3, 4, 5, 6);
	ck_assert_str_eq(request_name(&request, name), "syscall_600");
	decode_call(UINT64_MAX, (const uint64_t[6]){ 0 });
	ck_assert_ptr_null(request.row);
	ck_assert_str_eq(request_name(&request, name), "syscall_4294967295");
	ck_assert_int_eq(request.abi, ABI_NATIVE);
	/* The kernel takes the low half of rax. */
	decode_call(UINT64_C(0xdead00000000) | __NR_getpid, (const uint64_t[6]){ 0 });
	ck_assert_str_eq(request_name(&request, name), "getpid");
}
END_TEST

START_TEST(test_x32_has_no_row)
{
	decode_call(0x40000000 | __NR_openat, (const uint64_t[6]){ 0 });
	ck_assert_int_eq(request.abi, ABI_X32);
	ck_assert_ptr_null(request.row);
	ck_assert_uint_eq(request.n_paths, 0);
}
END_TEST

/* Every row with hostile values: no text is without an end, no memory is read that is not there. */
START_TEST(test_every_row_with_hostile_arguments)
{
	static const uint64_t values[] = { 0, 1, 8, UINT64_MAX, UINT32_MAX, INT64_MAX, 0x7fffffffe000, 0x8000000000000000,
					   0xffff800000000000, 0x40000000 };
	size_t v, w;
	uint64_t nr;

	for (nr = 0; nr < syscall_limit() + 10; nr++) {
		for (v = 0; v < ARRAY_SIZE(values); v++) {
			for (w = 0; w < ARRAY_SIZE(values); w++) {
				const uint64_t a[6] = { values[v], values[w], values[v], values[w], values[v], values[w] };

				ck_assert_uint_lt(strlen(text_of(nr, a)), 2000);
			}
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("format");
	TCase *tc = tcase_create("format");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, test_open_flags);
	tcase_add_test(tc, test_paths_are_c_strings);
	tcase_add_test(tc, test_long_paths);
	tcase_add_test(tc, test_path_that_ends_where_memory_ends);
	tcase_add_test(tc, test_directory_descriptors_go_with_their_paths);
	tcase_add_test(tc, test_at_flags_and_access_modes);
	tcase_add_test(tc, test_unlinkat_names_its_flag_as_strace_does);
	tcase_add_test(tc, test_open_how);
	tcase_add_test(tc, test_open_how_sizes_are_the_kernels);
	tcase_add_test(tc, test_memory_calls);
	tcase_add_test(tc, test_signals_and_processes);
	tcase_add_test(tc, test_descriptors);
	tcase_add_test(tc, test_sockets);
	tcase_add_test(tc, test_arguments_of_programs);
	tcase_add_test(tc, test_copied_texts_share_their_room);
	tcase_add_test(tc, test_prctl_names);
	tcase_add_test(tc, test_numbers_without_a_row);
	tcase_add_test(tc, test_x32_has_no_row);
	tcase_add_test(tc, test_every_row_with_hostile_arguments);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
