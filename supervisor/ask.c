/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/ask.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "supervisor/decide.h"

void ask_init(struct ask *ask, const struct asking *who, const struct detached *scratch)
{
	*ask = (struct ask){ .who = who, .scratch = scratch };
}

void ask_fini(struct ask *ask)
{
	resolver_free(ask->resolver);
	*ask = (struct ask){ 0 };
}

bool ask_is_about(const struct ask *ask, const struct plan *plan)
{
	const struct decision *decision = &plan->decision;

	return ask->who && plan->kind == PLAN_REFUSE &&
	       (decision->violation || (decision->action == ACTION_HIDE && decision->rule.kind == RULE_ON_DENY));
}

/* Has anything been allowed, and is there a resolver for it? */
static bool is_ready(struct ask *ask)
{
	const struct policy *policy = ask->who->policy(ask->who->context);

	if (policy == ask->policy)
		return policy;
	resolver_free(ask->resolver);
	ask->resolver = NULL;
	ask->policy = NULL;
	if (resolver_new(policy, ask->scratch, &ask->resolver) < 0)
		return false;
	ask->policy = policy;
	return true;
}

static void begin_again(struct call *call)
{
	unsigned i;

	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		object_reset(&call->objects[i]);
	buf_clear(&call->out);
	call->n_outs = 0;
	call->decided = call->resolve_flags = 0;
}

/* Calls that ask to look or read, and name one thing. */
static bool is_reading(const struct request *request)
{
	const uint64_t flags = request->how.flags;

	if (!request->row || request->n_paths != 1)
		return false;
	switch ((enum syscall_handler)request->row->handler) {
	case HANDLE_OPEN:
		return (flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC));
	case HANDLE_STAT:
	case HANDLE_STATX:
	case HANDLE_ACCESS:
	case HANDLE_READLINK:
	case HANDLE_CHDIR:
		return true;
	default:
		return false;
	}
}

/* Opening it for the program must neither wait nor have an effect. */
static bool can_be_given(const struct resolver *resolver, struct object *object)
{
	struct stat st;

	return object->state == OBJECT_FOUND && resolver_hold(resolver, object) == 0 &&
	       fstat(object->fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

/* Can PLAN be carried out although the second wall does not know of it? PLAN is changed where that takes it. */
static bool fit(const struct ask *ask, const struct view *view, struct call *call, struct plan *plan)
{
	switch (plan->kind) {
	case PLAN_ANSWER:
		return plan->decision.action == ACTION_ALLOW;
	case PLAN_CALL:
		return call->request.row->handler == HANDLE_CHDIR;
	case PLAN_OPEN:
		plan->kind = view->shared->giving ? PLAN_WAIT : PLAN_GIVE;
		return !plan->enters && can_be_given(ask->resolver, &call->objects[0]);
	default:
		return false;
	}
}

struct plan ask_decide(struct ask *ask, const struct view *view, struct call *call, struct plan plan)
{
	struct view other = *view;
	struct plan answer;

	if (!ask->who || plan.kind != PLAN_REFUSE || !is_reading(&call->request) || !is_ready(ask))
		return plan;
	ask->ground = *view->ground;
	ask->ground.policy = ask->policy;
	other.ground = &ask->ground;
	other.resolver = ask->resolver;
	begin_again(call);
	answer = decide(&other, call);
	if (fit(ask, view, call, &answer))
		return answer;
	/* As before: a refusal is recorded with what the policy that refuses made of it. */
	begin_again(call);
	return decide(view, call);
}
