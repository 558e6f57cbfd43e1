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

/* Can CALL, a write to FILE, with ST, be left to the kernel? Then PLAN does that. FD is a duplicate of the program's
 * descriptor, or O_PATH where none can be had. */
bool is_left_to_kernel(const struct view *view, const struct call *call, int fd, struct counted *file,
		       const struct stat *st, struct plan *plan);
/* Carries out a write(2) or writev(2) to FD, a file that is counted. */
descriptor_fn write_counted;

#endif
