/* SPDX-License-Identifier: Apache-2.0 */
/* A file that the program has open for writing, from a write grant or of the run's own shared memory (own_file.c says
 * how that is known). */
#ifndef PROCTOR_SUPERVISOR_HANDLERS_OWN_FILE_H
#define PROCTOR_SUPERVISOR_HANDLERS_OWN_FILE_H

#include <stdbool.h>

#include "supervisor/plan.h"
#include "supervisor/view.h"

/* Is FD, the supervisor's duplicate, such a file? FLAGS are those that the program's descriptor was opened with. */
bool is_own_file(const struct view *view, int fd, int flags);
/* Is descriptor FD of thread TID such a file? Another thread may replace it the next moment. */
bool is_own_descriptor(const struct view *view, pid_t tid, int fd);

/* Carries out a write(2) or writev(2) to FD, a file that is counted, or leaves it to the kernel. */
descriptor_fn write_counted;

#endif
