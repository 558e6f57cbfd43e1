/* SPDX-License-Identifier: Apache-2.0 */
/* One reason why ptrace(2) may fail: a process can only have one tracer. */
#ifndef PROCTOR_CLI_TRACER_H
#define PROCTOR_CLI_TRACER_H

#include <stdbool.h>

#include "base/buf.h"

/* Is this process traced (strace -f, a debugger)? Then its children are too, and we cannot trace them. Appends a
 * sentence that says so, without newline. */
bool tracer_find(struct buf *message);

#endif
