/* SPDX-License-Identifier: Apache-2.0 */
/* The program's descriptors, lent to the supervisor: to look at, or to do what was asked. */
#ifndef PROCTOR_SUPERVISOR_LEND_H
#define PROCTOR_SUPERVISOR_LEND_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "supervisor/view.h"

enum { PIDFD_THREAD_FLAG = 0200 }; /* pidfd_open(2): of a thread; O_EXCL. Linux 6.9 */

/*
 * A duplicate of descriptor FD of thread TID, which the caller closes, or -errno: -EBADF also for the
 * supervisor's own, -EOPNOTSUPP where this host cannot do it for this thread (handover.h can).
 */
int lend_duplicate(const struct view *view, pid_t tid, int fd);
/*
 * The tracee's descriptor FD to look at, or -errno: a duplicate by pidfd_getfd(2), or, where there is none,
 * an O_PATH descriptor of the same file, which has no status flags and no offset. The caller closes it.
 */
int lend_look(const struct view *view, pid_t tid, int fd);

/* The flags that descriptor FD of thread TID was opened with; BORROWED is what was lent of it. -1: they cannot be
 * known. An O_PATH descriptor does not tell them, so they are read from /proc. */
int lend_flags(pid_t tid, int fd, int borrowed);

/*
 * The kernel's name of the regular file or directory that OWN, a descriptor of the supervisor's, is open on, in PATH of SIZE
 * bytes with a NUL, and what it is in RET_STAT. Its length; 0, and PATH "": it is another kind of file, or has no name left.
 */
size_t lend_name(int own, char *path, size_t size, struct stat *ret_stat);

/* Is OWN, a descriptor of the supervisor's, or FD of thread TID the same file as one of the program's first stdin,
 * stdout, stderr (bits of MASK say which to compare)? If it cannot be found out, the answer is yes; for a number
 * without an open file it is no. */
enum { STDOUT_OR_STDERR = 6, ANY_STDIO = 7 };
bool is_stdio_file(const struct ground *ground, int own, unsigned mask);
/* The same of a file with ST. */
bool is_stdio_stat(const struct ground *ground, const struct stat *st, unsigned mask);
bool is_stdio(const struct view *view, pid_t tid, int fd, unsigned mask);

#endif
