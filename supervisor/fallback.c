/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/fallback.h"

#include <fcntl.h>

#include "base/util.h"

static bool is_open(const struct call *call)
{
	return call->request.row && call->request.row->handler == HANDLE_OPEN;
}

bool fallback_may_follow(const struct policy *policy, const struct call *call, const struct plan *plan)
{
	const uint64_t flags = call->request.how.flags;
	const struct object *object = &call->objects[0];

	if (!is_open(call) || plan->kind != PLAN_REFUSE || plan->decision.action != ACTION_DENY ||
	    !plan->decision.violation)
		return false;
	if ((flags & O_ACCMODE) != O_RDWR || (flags & (O_TRUNC | O_APPEND | O_EXCL | __O_TMPFILE | O_PATH)))
		return false;
	return object->state == OBJECT_FOUND && object->grant && !object->directory &&
	       policy_decide_path(policy, WANT_READ, object->path, object->len).action == ACTION_ALLOW;
}

bool fallback_follows(const struct call *refused, const struct call *next)
{
	const uint64_t flags = next->request.how.flags;

	return is_open(next) && next->decision.action == ACTION_ALLOW && !next->undecided &&
	       (flags & O_ACCMODE) == O_RDONLY && !(flags & (O_TRUNC | O_PATH)) &&
	       next->objects[0].state == OBJECT_FOUND && streq(next->objects[0].path, refused->objects[0].path);
}

struct decision fallback_decision(const struct call *refused)
{
	return (struct decision){ .action = ACTION_HIDE, .err = refused->decision.err, .rule = rule_syscall };
}
