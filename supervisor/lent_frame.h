/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What posix_spawn(3) hears from its child. glibc makes the child by clone(2) with CLONE_VM and CLONE_VFORK
 * (sysdeps/unix/sysv/linux/spawni.c): it runs on a stack of its own while its maker's thread waits, and if it cannot
 * execute the program it writes the error into a variable in its maker's frame. Here the child is a copy
 * (handlers/process.c), so what it wrote there is carried over when it ends without having executed anything.
 *
 * Only the bytes that the child has changed are: the maker's other threads go on meanwhile. What is written is the
 * program's own, into the program's own memory, by the same rights as the program has.
 */
#ifndef PROCTOR_SUPERVISOR_LENT_FRAME_H
#define PROCTOR_SUPERVISOR_LENT_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/decode.h"

enum { LENT_FRAME_BYTES = 2048 }; /* from the stack pointer upwards; glibc's frame has some 500 */

struct lent_frame;

/* Does REQUEST make a child so? */
bool lent_frame_is_asked(const struct request *request);

/* Remembers the frame at SP of thread MAKER, which is stopped. NULL: it cannot be read. To be released by free(3). */
struct lent_frame *lent_frame_take(pid_t maker, uint64_t sp);

/* CHILD, a copy of the maker's process made then, is about to end: writes what it has changed to the maker, which still
 * waits. 0, or -errno. */
int lent_frame_return(const struct lent_frame *frame, pid_t child);

#endif
