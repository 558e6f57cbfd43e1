/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/abi/abi.h"

enum { FIRST_LOOK = 256 };

int memory_read(pid_t tid, uint64_t addr, void *buf, size_t n)
{
	struct iovec local = { buf, n }, remote = { (void *)(uintptr_t)addr, n };
	ssize_t got;

	if (n == 0)
		return 0;
	got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	if (got == (ssize_t)n)
		return 0;
	return got < 0 && errno == ESRCH ? -ESRCH : -EFAULT;
}

int memory_gather(pid_t tid, const struct iovec *from, size_t n, void *buf, size_t size)
{
	struct iovec local = { buf, size };
	ssize_t got = process_vm_readv(tid, &local, 1, from, n, 0);

	if (got == (ssize_t)size)
		return 0;
	return got < 0 && errno == ESRCH ? -ESRCH : -EFAULT;
}

int memory_gather_shared(pid_t pid, const struct iovec *from, size_t n, void *buf, size_t size)
{
	_cleanup_close_ int fd = open_proc(pid, "mem", O_RDONLY);
	char *at = buf;
	size_t i;

	if (fd < 0)
		return errno == ENOENT || errno == ESRCH ? -ESRCH : -EFAULT;
	for (i = 0; i < n; i++) {
		if (from[i].iov_len > size || pread(fd, at, from[i].iov_len, (off_t)(uintptr_t)from[i].iov_base) != (ssize_t)from[i].iov_len)
			return -EFAULT;
		at += from[i].iov_len;
		size -= from[i].iov_len;
	}
	return size == 0 ? 0 : -EFAULT;
}

void memory_pages_open(pid_t pid, struct memory_pages *ret_pages)
{
	ret_pages->fd = open_proc(pid, "pagemap", O_RDONLY);
	ret_pages->first = ret_pages->n = 0;
}

void memory_pages_close(struct memory_pages *pages)
{
	if (pages->fd >= 0)
		close(pages->fd);
	pages->fd = -1;
}

bool memory_page_is_common(struct memory_pages *pages, uint64_t addr)
{
	/* Present, anonymous, and mapped elsewhere too. A page that is swapped out is not known. */
	const uint64_t present = UINT64_C(1) << 63, file = UINT64_C(1) << 61, exclusive = UINT64_C(1) << 56;
	uint64_t page = addr / ABI_PAGE;

	if (pages->fd < 0)
		return false;
	if (page < pages->first || page - pages->first >= pages->n) {
		ssize_t got = pread(pages->fd, pages->entry, sizeof pages->entry, (off_t)(page * sizeof *pages->entry));

		pages->first = page;
		pages->n = got > 0 ? (size_t)got / sizeof *pages->entry : 0;
		if (pages->n == 0)
			return false;
	}
	return (pages->entry[page - pages->first] & (present | file | exclusive)) == present;
}

int memory_write(pid_t tid, uint64_t addr, const void *buf, size_t n)
{
	struct iovec local = { (void *)(uintptr_t)buf, n }, remote = { (void *)(uintptr_t)addr, n };
	ssize_t put;

	if (n == 0)
		return 0;
	put = process_vm_writev(tid, &local, 1, &remote, 1, 0);
	if (put == (ssize_t)n)
		return 0;
	return put < 0 && errno == ESRCH ? -ESRCH : -EFAULT;
}

/*
 * A string may end just before memory that is not mapped, so no read crosses a page border. Most
 * paths are short: read a little first.
 */
ssize_t memory_read_string(pid_t tid, uint64_t addr, char *buf, size_t size)
{
	size_t done = 0, limit = FIRST_LOOK;

	while (done < size) {
		size_t to_border = ABI_PAGE - (size_t)((addr + done) & (ABI_PAGE - 1));
		size_t n = MIN(MIN(size - done, to_border), limit);
		const char *end;
		int r = memory_read(tid, addr + done, buf + done, n);

		if (r < 0)
			return r;
		end = memchr(buf + done, '\0', n);
		if (end)
			return end - buf;
		done += n;
		limit = ABI_PAGE;
	}
	return -ENAMETOOLONG;
}
