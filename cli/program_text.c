/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/program_text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "policy/interpreter.h"

void program_text_fini(struct program_text *text)
{
	buf_fini(&text->text);
	*text = (struct program_text){ 0 };
}

/* Copies the rest of the regular file on standard input, without moving its offset. False: that is not possible. */
static bool copy_file(struct buf *out)
{
	char block[65536];
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	ssize_t n;

	if (at < 0)
		return false;
	while ((n = pread(STDIN_FILENO, block, sizeof block, at)) > 0 && out->len <= PROGRAM_TEXT_MAX) {
		buf_put(out, block, (size_t)n);
		at += n;
	}
	return n == 0 && out->len <= PROGRAM_TEXT_MAX;
}

/* Waits until there is something to read or DEADLINE_NS has come. 0, -ETIME, -errno. */
static int wait_for_input(uint64_t deadline_ns)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t now = clock_ns(CLOCK_MONOTONIC), left;
	int n;

	if (now >= deadline_ns)
		return -ETIME;
	left = (deadline_ns - now) / 1000000 + 1;
	n = poll(&input, 1, deadline_ns == UINT64_MAX || left > 60000 ? 60000 : (int)left);
	return n < 0 && errno != EINTR ? -errno : n > 0;
}

static int read_all(uint64_t wall_ns, struct buf *out)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), deadline = wall_ns < UINT64_MAX - now ? now + wall_ns : UINT64_MAX;
	char block[65536];

	for (;;) {
		int r = wait_for_input(deadline);
		ssize_t n;

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		n = read(STDIN_FILENO, block, sizeof block);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0)
			buf_put(out, block, (size_t)n);
		if (out->len > PROGRAM_TEXT_MAX)
			return -EFBIG;
	}
}

/* Makes TEXT standard input: sealed memory that nobody can change, open for reading. */
static int put_as_input(const struct buf *text)
{
	_cleanup_close_ int memory = memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING), again = -1;
	ssize_t n;

	if (memory < 0)
		return -errno;
	n = write_full(memory, text->data, text->len);
	if (n < 0)
		return (int)n;
	if (fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	again = reopen_read_only(memory);
	if (again < 0)
		return again;
	return dup2(again, STDIN_FILENO) < 0 ? -errno : 0;
}

static int complain_input(int r)
{
	if (r == -ETIME) {
		complain("run: the program on standard input did not end within the limit of elapsed time");
		return EXIT_TIME_LIMIT;
	}
	if (r == -EFBIG)
		complain("run: the program on standard input is longer than %d MiB", PROGRAM_TEXT_MAX >> 20);
	else
		complain("run: cannot read the program from standard input: %s", strerror(-r));
	return EXIT_CANNOT_EXEC;
}

static int take_input(bool read, uint64_t wall_ns, struct program_text *text)
{
	struct stat st;
	int r;

	/* At a terminal Python reads and runs line by line. */
	if (isatty(STDIN_FILENO) || fstat(STDIN_FILENO, &st) < 0 || S_ISDIR(st.st_mode))
		return 0;
	if (S_ISREG(st.st_mode)) {
		if (copy_file(&text->text))
			text->name = "<stdin>";
		return 0;
	}
	if (!read)
		return 0;
	r = read_all(wall_ns, &text->text);
	if (r == 0)
		r = put_as_input(&text->text);
	if (r < 0)
		return complain_input(r);
	text->name = "<stdin>";
	return 0;
}

int program_text_take(char *const *argv, bool read, uint64_t wall_ns, struct program_text *ret_text)
{
	const char *module, *command;
	int at = python_program(argv, &module);

	if (at >= 0 || module)
		return 0;
	command = python_command(argv);
	if (!command)
		return take_input(read, wall_ns, ret_text);
	if (strlen(command) <= PROGRAM_TEXT_MAX) {
		buf_puts(&ret_text->text, command);
		ret_text->name = "<string>";
	}
	return 0;
}
