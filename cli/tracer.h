/* SPDX-License-Identifier: Apache-2.0 */
/* Why ptrace(2) may be forbidden: a process has one tracer. */
#ifndef PROCTOR_CLI_TRACER_H
#define PROCTOR_CLI_TRACER_H

#include <stdbool.h>

#include "base/buf.h"

/* Is this process traced (strace -f, a debugger)? Then its children are too, or cannot be. Appends the sentence
 * that says so, without newline. */
bool tracer_find(struct buf *message);

#endif
