/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the C library said before it aborted the program: it keeps the text for whoever looks at a core dump
 * (__abort_msg, glibc: include/stdlib.h, sysdeps/posix/libc_fatal.c), an assertion that failed, a heap that is corrupt, a
 * buffer that overflowed. The program's to forge, as all of its memory.
 */
#ifndef PROCTOR_TRACEE_NATIVE_ABORT_MESSAGE_H
#define PROCTOR_TRACEE_NATIVE_ABORT_MESSAGE_H

#include "tracee/native/maps.h"

enum { ABORT_MESSAGE = 512 }; /* bytes */

/* Of thread TID's process, without the end of its line. NULL: there is none. The caller frees it. */
char *abort_message(struct maps *maps, pid_t tid);

#endif
