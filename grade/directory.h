/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of runs: made anew, filled, removed. Never through a symbolic link. */
#ifndef PROCTOR_GRADE_DIRECTORY_H
#define PROCTOR_GRADE_DIRECTORY_H

#include "base/util.h"

/* Opens directory NAME beneath DIR_FD, made if it is not there. Descriptor or -errno. */
int directory_make(int dir_fd, const char *name);

/* Removes NAME beneath DIR_FD with all in it, at most 32 levels deep; it may be missing. 0 or -errno. */
int directory_remove(int dir_fd, const char *name);

/*
 * Removes all that is in directory NAME beneath DIR_FD, at most 32 levels deep, so that it is as directory_make() makes it.
 * -ESTALE: it is not, because its mode, owner or attributes are others. 0 or -errno.
 */
int directory_empty(int dir_fd, const char *name);

/* directory_make(), but removes what an earlier run left there. */
int directory_make_empty(int dir_fd, const char *name);

/* Writes a new file NAME beneath DIR_FD, mode 0600. 0 or -errno. */
int directory_write(int dir_fd, const char *name, const void *data, size_t n);

/* The same through a temporary name, so that readers see the whole file or none. 0 or -errno. */
int directory_replace(int dir_fd, const char *name, const void *data, size_t n);

/* Copies file FROM, or the regular files and directories of tree FROM, into directory TO_FD, at most 4096 of them. 0 or -errno. */
int directory_copy(const char *from, int to_fd);

#endif
