/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executing a program. The decision is on where the path leads and on the arguments as copied; the kernel gets both
 * from the scratch. What it then finds at that path is checked once more before its first instruction (stops.c).
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "policy/exec.h"
#include "supervisor/handlers/look_up.h"
#include "supervisor/lend.h"

/* execvp(3) tries each directory of PATH. In a directory that is not granted the program looks absent, as it does to
 * a caller that looks before it executes. */
static void search(const struct policy *policy, const struct object *object, struct plan *plan)
{
	struct decision look;

	if (plan->kind != PLAN_REFUSE || object->state != OBJECT_BLOCKED || !policy_names_program(policy, object->path))
		return;
	look = policy_decide_path(policy, WANT_LOOKUP, object->path, object->len);
	if (look.action == ACTION_HIDE)
		*plan = plan_refuse(look);
}

/* The rule on the file that CALL names, or NULL, and PLAN answers. */
static const struct exec_rule *named_program(const struct view *view, struct call *call, struct plan *plan)
{
	const struct policy *policy = view->ground->policy;
	const struct request *request = &call->request;
	unsigned flags = request->nr == SYS_execveat ? (unsigned)request->args[4] : 0;
	const struct object *object = &call->objects[0];
	_cleanup_close_ int fd = -1;
	const struct exec_rule *rule = NULL;
	struct stat st;

	if (flags & ~(unsigned)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) {
		*plan = plan_error(EINVAL);
		return NULL;
	}
	if (!look_up(view, call, 0,
		     (flags & AT_SYMLINK_NOFOLLOW ? 0u : RESOLVE_FOLLOW) | (flags & AT_EMPTY_PATH ? RESOLVE_EMPTY_PATH : 0u),
		     WANT_EXEC, plan)) {
		if (!is_own_name(call, plan, "/proc/self/exe")) {
			search(policy, object, plan);
			return NULL;
		}
		if (stat(executable_of(view, request->tgid), &st) == 0)
			rule = policy_exec_of(policy, st.st_dev, st.st_ino);
	} else if (object->state == OBJECT_ABSENT) {
		plan->result = -object->err;
		return NULL;
	} else {
		if (object->state == OBJECT_DESCRIPTOR)
			fd = lend_look(view, request->tid, object->self_fd);
		if (object->state == OBJECT_DESCRIPTOR && fd < 0) {
			plan->result = fd;
			return NULL;
		}
		if (fstat(fd >= 0 ? fd : object->fd, &st) == 0)
			rule = policy_exec_of(policy, st.st_dev, st.st_ino);
	}
	if (!rule)
		*plan = plan_deny(policy, 0);
	return rule;
}

struct plan handle_exec(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	const struct policy *policy = view->ground->policy;
	const struct exec_rule *rule, *outer, *named, *runs;
	struct decision decision;
	struct exec_ask ask;
	struct plan plan;

	named = named_program(view, call, &plan);
	if (!named)
		return plan;
	if (request->argv_err || request->n_argv == 0)
		return plan_error(request->argv_err ? request->argv_err : EINVAL);
	ask = (struct exec_ask){ named->path, request->argv.data, request->n_argv };
	decision = policy_decide_exec(policy, &ask, view->executed, &rule);
	if (decision.action != ACTION_ALLOW)
		return plan_refuse(decision);
	outer = rule;
	if (policy->within)
		policy_decide_exec(policy_outermost(policy), &ask, view->executed, &outer);
	/* A "#!" file's interpreter is named too (policy_check_exec()). */
	runs = rule->interpreter ? policy_exec_at(policy, rule->interpreter) : rule;
	plan = plan_answer_by(decision, 0);
	plan.kind = PLAN_EXEC;
	plan.exec = rule;
	plan.outer = outer;
	plan.runs = runs;
	plan.args[2] = request->args[request->nr == SYS_execveat ? 3 : 2];
	return plan;
}
