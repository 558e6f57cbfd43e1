/* SPDX-License-Identifier: Apache-2.0 */
/*
 * %{scratch}: a directory for one run, of mode 0700, that is called after $TMPDIR or /tmp, or what --keep-scratch says.
 * In memory (scratch_memory.h) nothing of that name is ever on the disk, and --keep-scratch copies it there at the end.
 *
 * On the disk it is gone at the end. Who is killed cannot remove anything: a descriptor of it is locked (flock(2)) as
 * long as its run lives, and whoever makes the next one removes those of the same user that nobody holds any more.
 *
 * What is in it was made by the program: names, modes, depth are hostile. Nothing is followed, and no descriptor
 * is needed for each level.
 */
#ifndef PROCTOR_CLI_SCRATCH_DIR_H
#define PROCTOR_CLI_SCRATCH_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cli/scratch_memory.h"

struct scratch_dir {
	char *path;    /* canonical; NULL: none was made */
	int parent_fd; /* of the directory that it is in */
	int fd;	       /* of it, and its lock */
	int mount;     /* in memory: what holds it; -1 on the disk */
	int kept_fd;   /* in memory and to be kept: the directory that it is copied to; or -1 */
	bool keep;     /* on the disk: not to be removed */
};

/* An empty one; a fini is due from then on. */
void scratch_dir_init(struct scratch_dir *scratch);
/* Removes it unless it is to be kept. */
void scratch_dir_fini(struct scratch_dir *scratch);

/*
 * Makes it, with the rights in effect, which for one in memory are the caller's; KEEP: at this path, which must not exist, for good. On the disk it removes what
 * earlier runs left. SIZE: for one in memory; NULL: on the disk. 0 or -errno, with what failed in MESSAGE; -EOPNOTSUPP,
 * and nothing was made: none in memory is to be had.
 */
int scratch_dir_make(struct scratch_dir *scratch, const char *keep, const struct scratch_memory *size, struct buf *message);

/* Makes the directory that one in memory is to be copied to, likewise; KEEP as before. */
int scratch_dir_make_kept(struct scratch_dir *scratch, const char *keep, struct buf *message);

/* Is it in memory and full: of bytes, or of files? */
bool scratch_dir_is_full(const struct scratch_dir *scratch, bool *ret_of_files);

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
