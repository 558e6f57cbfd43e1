/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on a terminal that the program may set up (terminal.h), as far as the filter does not let them through. */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tracee/memory.h"

/* readline sets the size that it has just read, which changes nothing. Another size would reach all programs that
 * share the terminal. */
static struct plan keep_size(const struct view *view, struct call *call, int fd)
{
	struct winsize wanted, now;

	if (ioctl(fd, TIOCGWINSZ, &now) < 0)
		return plan_answer(-errno);
	if (memory_read(call->request.tid, call->request.args[2], &wanted, sizeof wanted) < 0)
		return plan_error(EFAULT);
	return memcmp(&wanted, &now, sizeof now) == 0 ? plan_answer(0) : plan_deny(view->ground->policy, 0);
}

static bool is_served(const struct view *view)
{
	return view->ground->values.facts & FACT_TERMINAL;
}

struct plan handle_terminal_size(const struct view *view, struct call *call)
{
	(void)call;
	return is_served(view) ? plan_instead(view, keep_size) : plan_deny(view->ground->policy, 0);
}

struct plan handle_terminal_name(const struct view *view, struct call *call, struct plan plan)
{
	const struct object *object = &call->objects[0];
	const struct grant *grant = plan.decision.grant;

	if (!is_served(view) || plan.kind != PLAN_REFUSE || call->request.row->handler != HANDLE_OPEN ||
	    object->state != OBJECT_BLOCKED || !streq(object->path, "/dev/tty") || (grant && !grant->builtin))
		return plan;
	return plan_hide(rule_syscall, ENXIO);
}
