/* SPDX-License-Identifier: Apache-2.0 */
/* --keep-scratch for a scratch in memory: all of it is copied to the disk when the program has ended. */
#ifndef PROCTOR_CLI_SCRATCH_KEEP_H
#define PROCTOR_CLI_SCRATCH_KEEP_H

#include "base/buf.h"

/*
 * Copies what is in the directory that FROM is open on to TO: directories, regular files with their holes, times and
 * modes (without set-id bits; a directory can always be entered by its owner), symbolic links and hard links as such.
 * No link is followed and nothing is replaced; only a few descriptors are needed, however deep it is. 0, or -errno
 * with what failed in MESSAGE; the rest is copied all the same.
 */
int scratch_keep(int from, int to, struct buf *message);

#endif
