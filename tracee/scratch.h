/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed scratch: memory that the supervisor writes and the tracee can only read, at one fixed
 * low address. A rewritten call points there, so what was checked is what the kernel reads: no
 * thread of the tracee can change it in between.
 *
 * A memfd, mapped writable by the supervisor and then sealed (F_SEAL_FUTURE_WRITE,
 * memfd_create(2)), so that no later mapping of it can become writable; the tracee maps a read-only
 * descriptor of it MAP_SHARED, and mseal(2) (Linux 6.10) keeps it from unmapping, moving or
 * covering it. On older kernels the filter guards the address range. Both calls are injected at
 * every exec, because exec drops mappings.
 */
#ifndef PROCTOR_TRACEE_SCRATCH_H
#define PROCTOR_TRACEE_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	SCRATCH_ADDRESS = 0x100000,
	SCRATCH_SIZE = 0x100000,
	SCRATCH_SLOT_SIZE = 64 + 4096, /* struct open_how, then a path of PATH_MAX */
	SCRATCH_SLOTS = SCRATCH_SIZE / SCRATCH_SLOT_SIZE,
	SCRATCH_MSEAL = 462, /* mseal(2) */
};

struct scratch;

/* Makes the memory and its seals. 0 or -errno. Free with scratch_free(). */
int scratch_new(struct scratch **ret_scratch);
void scratch_free(struct scratch *scratch);

/* The read-only descriptor that the tracee inherits; owned by the scratch. */
int scratch_fd(const struct scratch *scratch);

/* A free slot, or -1 when calls under way use all of them. N slots in a row likewise: the first of them. */
int scratch_take(struct scratch *scratch);
int scratch_take_many(struct scratch *scratch, unsigned n);
void scratch_release(struct scratch *scratch, int slot);

/* Puts LEN bytes of DATA at OFFSET from the beginning of SLOT; if they reach into the slots behind it, those must be
 * taken too. The tracee sees the beginning of SLOT at scratch_how_address(SLOT). */
void scratch_write(struct scratch *scratch, int slot, size_t offset, const void *data, size_t len);

/* Puts PATH (LEN < PATH_MAX bytes) and, when HOW is given, SIZE bytes of HOW into SLOT. */
void scratch_put(struct scratch *scratch, int slot, const char *path, size_t len, const void *how, size_t size);

/* Where the tracee sees path and HOW. */
uint64_t scratch_path_address(int slot);
uint64_t scratch_how_address(int slot);

/* Does this kernel have mseal(2)? */
bool scratch_can_seal(void);

/* Closes the supervisor's copy of scratch_fd(), which is not needed once the program has been started. */
void scratch_close_fd(struct scratch *scratch);

/*
 * Maps the scratch into thread TID, at its exit stop of execve, from its descriptor FD, and seals it
 * when SEAL. Closes FD there unless KEEP_FD: a program that may execute again needs it then. 0 or
 * -errno.
 */
int scratch_inject(pid_t tid, int fd, bool seal, bool keep_fd);

#endif
