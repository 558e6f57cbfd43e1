/* SPDX-License-Identifier: Apache-2.0 */
/* How scratch_dir.c and scratch_keep.c go about what a program left: names, modes and depth of it are hostile. */
#ifndef PROCTOR_CLI_SCRATCH_FILES_H
#define PROCTOR_CLI_SCRATCH_FILES_H

#include <dirent.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Opens directory NAME in DIR, no link, to be read and changed whatever mode the program gave it. Only one of the
 * user's own: nobody else can have made one in it. -errno.
 */
int scratch_open_own(int dir, const char *name);

/* The regular file NAME in DIR, to be read whatever mode the program gave it; -errno. */
int scratch_open_file(int dir, const char *name);

/* A stream over FD, which stays the caller's. NULL: errno says why. */
DIR *scratch_list(int fd);
/* What comes next in it, but "." and ".."; borrowed. NULL: nothing. */
const char *scratch_next_name(DIR *dir);

/* SIZE bytes. Holes stay holes: a file may claim any length. 0 or -errno. */
int scratch_copy_file(int from, int to, off_t size);

/* The directory in DIR that PATH's last name belongs in, made as far as it is missing; -errno. */
int scratch_open_target(int dir, const char *path);

/* "PATH: what ERR is", behind what MESSAGE has. */
void scratch_say(struct buf *message, const char *path, int err);

#endif
