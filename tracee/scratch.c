/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/trace.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif
enum { PATH_OFFSET = 64 };

struct scratch {
	int read_only_fd;
	char *map;
	uint64_t used[(SCRATCH_SLOTS + 63) / 64];
};

static char *map_and_seal(int fd)
{
	char *map;

	if (ftruncate(fd, SCRATCH_SIZE) < 0)
		return NULL;
	map = mmap(NULL, SCRATCH_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return NULL;
	if (fcntl(fd, F_ADD_SEALS,
		  F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		munmap(map, SCRATCH_SIZE);
		return NULL;
	}
	return map;
}

int scratch_new(struct scratch **ret_scratch)
{
	_cleanup_close_ int fd = memfd_create("proctor-scratch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct scratch *scratch;
	char *map;
	int read_only_fd;

	if (fd < 0)
		return -errno;
	map = map_and_seal(fd);
	if (!map)
		return -errno;
	read_only_fd = reopen_read_only(fd);
	if (read_only_fd < 0) {
		munmap(map, SCRATCH_SIZE);
		return read_only_fd;
	}
	scratch = xcalloc(1, sizeof *scratch);
	scratch->map = map;
	scratch->read_only_fd = read_only_fd;
	*ret_scratch = scratch;
	return 0;
}

void scratch_free(struct scratch *scratch)
{
	if (!scratch)
		return;
	munmap(scratch->map, SCRATCH_SIZE);
	scratch_close_fd(scratch);
	free(scratch);
}

void scratch_close_fd(struct scratch *scratch)
{
	if (scratch->read_only_fd >= 0)
		close(scratch->read_only_fd);
	scratch->read_only_fd = -1;
}

int scratch_fd(const struct scratch *scratch)
{
	return scratch->read_only_fd;
}

int scratch_take(struct scratch *scratch)
{
	int slot;

	for (slot = 0; slot < SCRATCH_SLOTS; slot++) {
		uint64_t *word = &scratch->used[slot / 64];
		uint64_t bit = UINT64_C(1) << (slot % 64);

		if (!(*word & bit)) {
			*word |= bit;
			return slot;
		}
	}
	return -1;
}

static bool is_taken(const struct scratch *scratch, int slot)
{
	return scratch->used[slot / 64] & UINT64_C(1) << (slot % 64);
}

int scratch_take_many(struct scratch *scratch, unsigned n)
{
	int first, slot;

	for (first = 0; first + (int)n <= SCRATCH_SLOTS; first = slot + 1) {
		for (slot = first; slot < first + (int)n && !is_taken(scratch, slot);)
			slot++;
		if (slot < first + (int)n)
			continue;
		while (slot-- > first)
			scratch->used[slot / 64] |= UINT64_C(1) << (slot % 64);
		return first;
	}
	return -1;
}

void scratch_write(struct scratch *scratch, int slot, size_t offset, const void *data, size_t len)
{
	size_t at = (size_t)slot * SCRATCH_SLOT_SIZE + offset;

	if (at <= SCRATCH_SIZE && len <= SCRATCH_SIZE - at)
		memcpy(scratch->map + at, data, len);
}

void scratch_release(struct scratch *scratch, int slot)
{
	if (slot >= 0 && slot < SCRATCH_SLOTS)
		scratch->used[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
}

void scratch_put(struct scratch *scratch, int slot, const char *path, size_t len, const void *how, size_t size)
{
	char *base = scratch->map + (size_t)slot * SCRATCH_SLOT_SIZE;

	if (len >= PATH_MAX)
		len = 0; /* callers never pass it; an empty path opens nothing */
	if (size > PATH_OFFSET)
		size = 0;
	memcpy(base + PATH_OFFSET, path, len);
	base[PATH_OFFSET + len] = '\0';
	if (size)
		memcpy(base, how, size);
}

uint64_t scratch_how_address(int slot)
{
	return SCRATCH_ADDRESS + (uint64_t)slot * SCRATCH_SLOT_SIZE;
}

uint64_t scratch_path_address(int slot)
{
	return scratch_how_address(slot) + PATH_OFFSET;
}

bool scratch_can_seal(void)
{
	return syscall(SCRATCH_MSEAL, 0, 0, 0) == 0;
}

static int map_and_close(struct trace_injection *injection, int fd, bool seal, bool keep_fd)
{
	const uint64_t map[6] = { SCRATCH_ADDRESS, SCRATCH_SIZE, PROT_READ,
				  MAP_SHARED | MAP_FIXED_NOREPLACE, (uint64_t)fd, 0 };
	const uint64_t range[6] = { SCRATCH_ADDRESS, SCRATCH_SIZE, 0 };
	const uint64_t descriptor[6] = { (uint64_t)fd };
	int64_t result;
	int r = trace_inject(injection, SYS_mmap, map, &result);

	if (r < 0)
		return r;
	if (result != SCRATCH_ADDRESS)
		return result < 0 ? (int)result : -EIO;
	result = 0;
	if (seal)
		r = trace_inject(injection, SCRATCH_MSEAL, range, &result);
	if (r == 0 && result == 0 && !keep_fd)
		r = trace_inject(injection, SYS_close, descriptor, &result);
	return r < 0 ? r : (int)result;
}

int scratch_inject(pid_t tid, int fd, bool seal, bool keep_fd)
{
	struct trace_injection injection;
	int r = trace_inject_begin(tid, &injection);

	if (r < 0)
		return r;
	r = map_and_close(&injection, fd, seal, keep_fd);
	return r < 0 ? r : trace_inject_end(&injection);
}
