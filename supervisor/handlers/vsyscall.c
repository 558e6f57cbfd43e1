/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls at the vsyscall page, where old programs found the time. The kernel emulates them
 * (arch/x86/entry/vsyscall) without an exit stop; when skipped, they return to the caller as the page would.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

struct plan handle_vsyscall(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	struct timeval now;
	struct timezone zone;
	int64_t seconds;

	(void)view;
	if (request->nr != SYS_gettimeofday && request->nr != SYS_time)
		return plan_hide(rule_syscall, ENOSYS); /* getcpu(2): which core a thread runs on is not told here */
	if (syscall(SYS_gettimeofday, &now, &zone) < 0)
		return plan_answer(-errno);
	seconds = now.tv_sec;
	if (request->nr == SYS_time && request->args[0])
		plan_write(call, request->args[0], &seconds, sizeof seconds);
	if (request->nr == SYS_gettimeofday && request->args[0])
		plan_write(call, request->args[0], &now, sizeof now);
	if (request->nr == SYS_gettimeofday && request->args[1])
		plan_write(call, request->args[1], &zone, sizeof zone);
	return plan_answer(request->nr == SYS_time ? seconds : 0);
}
