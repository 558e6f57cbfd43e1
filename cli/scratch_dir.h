/* SPDX-License-Identifier: Apache-2.0 */
/*
 * %{scratch}: a directory for one run, of mode 0700, in $TMPDIR or /tmp, or at the path that --keep-scratch gives.
 * If it is in memory (scratch_memory.h), nothing is on the disk during the run; --keep-scratch copies it to that path
 * at the end.
 *
 * On the disk it is removed at the end. A proctor that is killed cannot do that, so a descriptor of the directory is
 * locked (flock(2)) as long as its run lives, and the next run of the same user removes those that are not locked.
 *
 * The program made what is in it: names, modes and depth are hostile. No link is followed, and removing it does not
 * take a descriptor for each level.
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
	int fd;	       /* of the scratch; also its lock */
	int mount;     /* in memory: the mount that holds it; -1 on the disk */
	int kept_fd;   /* in memory and to be kept: the directory to copy it to; or -1 */
	bool keep;     /* on the disk: not to be removed */
};

/* An empty one; scratch_dir_fini() is due from then on. */
void scratch_dir_init(struct scratch_dir *scratch);
/* Removes the directory unless it is to be kept. */
void scratch_dir_fini(struct scratch_dir *scratch);

/*
 * Makes the directory with the rights in effect, which must be the caller's if it is in memory. KEEP: at this path,
 * which must not exist, to be kept. SIZE: in memory; NULL: on the disk, where it also removes of what earlier runs left
 * as much as takes little time. 0 or -errno, with what failed in MESSAGE; -EOPNOTSUPP: this host cannot have one in
 * memory, and nothing was made.
 */
int scratch_dir_make(struct scratch_dir *scratch, const char *keep, const struct scratch_memory *size, struct buf *message);

/* Likewise makes the directory to which one in memory is to be copied; KEEP as before. */
int scratch_dir_make_kept(struct scratch_dir *scratch, const char *keep, struct buf *message);

/* Is it in memory and full; of files, or of bytes? */
bool scratch_dir_is_full(const struct scratch_dir *scratch, bool *ret_of_files);

/* Opens DIR of "GLOB=DIR", made if need be, before the program can put a link in its place. A descriptor for the
 * caller, or -errno with what failed in MESSAGE. */
int scratch_dir_open_target(const char *what, struct buf *message);

/*
 * "GLOB=DIR": copies regular files of the scratch whose paths from its root match GLOB into the directory that
 * TARGET is open on, under the same paths. Nothing is replaced, and no link is followed. 0, or -errno with what
 * failed in MESSAGE; other files are copied all the same. Only when no process of the run is left.
 */
int scratch_dir_collect(const struct scratch_dir *scratch, const char *what, int target, struct buf *message);

#endif
