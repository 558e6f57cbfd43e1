/* SPDX-License-Identifier: Apache-2.0 */
/* What a child has changed in its maker's frame is carried over, and nothing else. */
#include "supervisor/lent_frame.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/unit/suite.h"

/* In the child's copy bytes 0, 7 to 9 and the last one become 'c'. Returns it when it has done so. */
static pid_t make_child(unsigned char *frame)
{
	int fds[2];
	char done;
	pid_t child;

	ck_assert_int_eq(pipe(fds), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		frame[0] = frame[7] = frame[8] = frame[9] = frame[LENT_FRAME_BYTES - 1] = 'c';
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(fds[0], &done, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return child;
}

static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(test_only_what_the_child_changed_is_written)
{
	unsigned char frame[LENT_FRAME_BYTES], wanted[LENT_FRAME_BYTES];
	_cleanup_free_ struct lent_frame *lent = NULL;
	pid_t child;

	memset(frame, 'm', sizeof frame);
	lent = lent_frame_take(getpid(), (uint64_t)(uintptr_t)frame);
	ck_assert_ptr_nonnull(lent);
	child = make_child(frame);
	frame[5] = frame[20] = 't'; /* another thread of the maker's, meanwhile */
	memcpy(wanted, frame, sizeof wanted);
	wanted[0] = wanted[7] = wanted[8] = wanted[9] = wanted[LENT_FRAME_BYTES - 1] = 'c';
	ck_assert_int_eq(lent_frame_return(lent, child), 0);
	ck_assert_mem_eq(frame, wanted, sizeof frame);
	end_child(child);
}
END_TEST

START_TEST(test_a_child_that_is_gone_says_nothing)
{
	unsigned char frame[LENT_FRAME_BYTES], before[LENT_FRAME_BYTES];
	_cleanup_free_ struct lent_frame *lent = NULL;
	pid_t child;

	memset(frame, 'm', sizeof frame);
	memcpy(before, frame, sizeof before);
	lent = lent_frame_take(getpid(), (uint64_t)(uintptr_t)frame);
	child = make_child(frame);
	end_child(child);
	ck_assert_int_lt(lent_frame_return(lent, child), 0);
	ck_assert_mem_eq(frame, before, sizeof frame);
}
END_TEST

/* The stack pointer is the program's own to set. */
START_TEST(test_a_frame_that_cannot_be_read_or_written)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *room = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct lent_frame *lent;
	pid_t child;

	ck_assert(room != MAP_FAILED);
	ck_assert_int_eq(munmap(room + page, page), 0);
	ck_assert_ptr_null(lent_frame_take(getpid(), (uint64_t)(uintptr_t)room + page - 8));
	ck_assert_ptr_null(lent_frame_take(getpid(), UINT64_MAX - 7));
	lent = lent_frame_take(getpid(), (uint64_t)(uintptr_t)room);
	ck_assert_ptr_nonnull(lent);
	child = make_child(room);
	ck_assert_int_eq(mprotect(room, page, PROT_READ), 0);
	ck_assert_int_eq(lent_frame_return(lent, child), -EFAULT);
	ck_assert_int_eq(room[0], 0);
	end_child(child);
	free(lent);
	munmap(room, page);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lent_frame");
	TCase *tcase = tcase_create("frame");

	tcase_add_test(tcase, test_only_what_the_child_changed_is_written);
	tcase_add_test(tcase, test_a_child_that_is_gone_says_nothing);
	tcase_add_test(tcase, test_a_frame_that_cannot_be_read_or_written);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
