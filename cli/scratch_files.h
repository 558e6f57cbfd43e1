/* SPDX-License-Identifier: Apache-2.0 */
/* What scratch_dir.c and scratch_keep.c use on files that a program left: names, modes and depth are hostile. */
#ifndef PROCTOR_CLI_SCRATCH_FILES_H
#define PROCTOR_CLI_SCRATCH_FILES_H

#include <dirent.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Opens directory NAME in DIR, never through a link, for reading and changing whatever mode the program gave it. Only
 * a directory of the user's own: no other user can have made one there. Descriptor or -errno.
 */
int scratch_open_own(int dir, const char *name);

/* Opens the regular file NAME in DIR for reading, whatever mode the program gave it. Descriptor or -errno. */
int scratch_open_file(int dir, const char *name);

/* A stream over FD, which remains the caller's. NULL: errno says why. */
DIR *scratch_list(int fd);
/* The next name in it except "." and ".."; borrowed. NULL: no more. */
const char *scratch_next_name(DIR *dir);

/* Copies SIZE bytes. Holes stay holes, because a file may claim any length. 0 or -errno. */
int scratch_copy_file(int from, int to, off_t size);

/* Opens the directory in DIR that is to hold PATH's last name, made as far as missing. Descriptor or -errno. */
int scratch_open_target(int dir, const char *path);

/* Appends "PATH: ERR as text" to MESSAGE. */
void scratch_say(struct buf *message, const char *path, int err);

#endif
