/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/shorten.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "tracee/fstat.h"

/* Looks at each program: its loader has one such function, its C library another. A few more, for a program that makes
 * the call elsewhere first; each costs as much as reading a path. */
enum { LOOKS = 8 };

bool shorten_may(const struct ground *ground, const struct reg_values *filter, bool all)
{
	return !all && !ground->audits && !syscall_is_forbidden(filter, SYS_fstat) &&
	       !syscall_is_forbidden(filter, SYS_newfstatat);
}

void shorten_look(const struct tasks *tasks, const struct request *request)
{
	const struct request_path *path = &request->paths[0];
	struct process *process;

	if (request->nr != SYS_newfstatat || request->args[3] != AT_EMPTY_PATH || path->err || path->len)
		return;
	process = tasks_process(tasks, request->tgid);
	if (!process || process->looks == LOOKS || process->n_threads > 1)
		return;
	process->looks++;
	fstat_shorten(request->tid, abi_ip(&request->regs), request->args[1]);
}
