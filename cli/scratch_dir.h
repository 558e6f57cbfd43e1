/* SPDX-License-Identifier: Apache-2.0 */
/*
 * %{scratch}: a directory for one run, of mode 0700, in $TMPDIR or /tmp, or where --keep-scratch says.
 *
 * It is gone at the end. Who is killed cannot remove anything: a descriptor of it is locked (flock(2)) as long
 * as its run lives, and whoever makes the next one removes those of the same user that nobody holds any more.
 *
 * What is in it was made by the program: names, modes, depth are hostile. Nothing is followed, and no descriptor
 * is needed for each level.
 */
#ifndef PROCTOR_CLI_SCRATCH_DIR_H
#define PROCTOR_CLI_SCRATCH_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct scratch_dir {
	char *path;    /* canonical; NULL: none was made */
	int parent_fd; /* O_PATH of the directory that it is in */
	int fd;	       /* of it, and its lock */
	bool keep;
};

/* An empty one; a fini is due from then on. */
void scratch_dir_init(struct scratch_dir *scratch);
/* Removes it unless it is to be kept. */
void scratch_dir_fini(struct scratch_dir *scratch);

/* Makes it, with the rights in effect; KEEP: at this path, which must not exist, for good. Removes what earlier
 * runs left. 0 or -errno, with what failed in MESSAGE. */
int scratch_dir_make(struct scratch_dir *scratch, const char *keep, struct buf *message);

/* Of "GLOB=DIR": opens DIR, which is made if need be, before the program can put a link in its place. A descriptor
 * of the caller's, or -errno with what failed in MESSAGE. */
int scratch_dir_open_target(const char *what, struct buf *message);

/*
 * "GLOB=DIR": copies the regular files of the scratch whose names from its root match GLOB into the directory that
 * TARGET is open on, under the same names. Nothing is replaced, and no link is followed. 0, or -errno with what
 * failed in MESSAGE; the others are copied all the same. Only when no process of the run is left.
 */
int scratch_dir_collect(const struct scratch_dir *scratch, const char *what, int target, struct buf *message);

/* Removes all that is in FD, which is open on a directory. 0 or -errno: something could not be removed. */
int scratch_dir_empty(int fd);

#endif
