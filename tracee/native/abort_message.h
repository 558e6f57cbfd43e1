/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the C library said before it aborted the program: a failed assertion, a corrupt heap, an overflowed buffer. It
 * keeps the text for core dumps (__abort_msg, glibc: include/stdlib.h, sysdeps/posix/libc_fatal.c). The program can
 * forge it, like all of its memory.
 */
#ifndef PROCTOR_TRACEE_NATIVE_ABORT_MESSAGE_H
#define PROCTOR_TRACEE_NATIVE_ABORT_MESSAGE_H

#include "tracee/native/maps.h"

enum { ABORT_MESSAGE = 512 }; /* bytes */

/* The message of thread TID's process, up to the end of its line. NULL: there is none. The caller frees it. */
char *abort_message(struct maps *maps, pid_t tid);

#endif
