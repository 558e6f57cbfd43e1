/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of /proc/PID/maps, which the program gets when it opens its own: memory of the supervisor,
 * of which the program holds a read-only descriptor among the reserved ones. glibc's
 * pthread_getattr_np(3) finds the first thread's stack in the file, and CPython 3.14 asks for that at
 * its start, to know how deep it may recurse; the copy is made for 3.14 and newer only. The file itself
 * cannot be let through: the program would have to open it by a name in /proc, which Landlock forbids.
 */
#ifndef PROCTOR_TRACEE_MAPS_COPY_H
#define PROCTOR_TRACEE_MAPS_COPY_H

#include <sys/types.h>

enum { MAPS_COPY_MAX = 4 << 20 };

/* Makes the memory (memfd_create(2)): RET_FD for the supervisor to write, RET_READ_ONLY_FD for the program to
 * inherit. The caller closes both. 0 or -errno. */
int maps_copy_new(int *ret_fd, int *ret_read_only_fd);

/*
 * Fills FD with the memory map that process TGID has now. Descriptors opened before see the new text
 * too, as with the file in /proc. 0 or -errno, -EFBIG if it is longer than MAPS_COPY_MAX bytes; then the
 * copy must not be handed out.
 */
int maps_copy_fill(int fd, pid_t tgid);

#endif
