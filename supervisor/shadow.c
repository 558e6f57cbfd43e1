/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/shadow.h"

#include "supervisor/decide.h"
#include "supervisor/policy_facts.h"

int shadow_begin(struct shadow *shadow, const struct policy *policy, const struct detached *scratch)
{
	unsigned i;

	*shadow = (struct shadow){ .policy = policy };
	if (policy)
		policy_forbids(policy, &shadow->forbids);
	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		shadow->call.objects[i] = (struct object)OBJECT_INIT;
	return policy ? resolver_new(policy, scratch, &shadow->resolver) : 0;
}

void shadow_fini(struct shadow *shadow)
{
	unsigned i;

	if (!shadow->policy)
		return;
	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		object_fini(&shadow->call.objects[i]);
	buf_fini(&shadow->call.out);
	resolver_free(shadow->resolver);
	*shadow = (struct shadow){ 0 };
}

void shadow_stops(const struct shadow *shadow, struct reg_values *values)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values->forbidden); i++)
		values->forbidden[i] |= shadow->forbids.forbidden[i];
}

/* The run's ground is known in full only when the program is there, so it is taken at each question. */
static void lay_ground(struct shadow *shadow, const struct ground *ground)
{
	shadow->ground = *ground;
	shadow->ground.policy = shadow->policy;
	/* A call that stopped for a `never` of the other policy may be one that this one lets pass. */
	shadow->ground.stops_more = true;
	memcpy(shadow->ground.values.forbidden, shadow->forbids.forbidden, sizeof shadow->forbids.forbidden);
	if (!shadow->policy->writes)
		shadow->ground.values.facts &= ~(unsigned)FACT_WRITES_FREE;
}

/* Has a rule answered? Not where the call is put off, or the run ends for what was counted. */
static bool is_answer(const struct plan *plan)
{
	return plan->kind != PLAN_WAIT && plan->kind != PLAN_CROSSED;
}

static bool differs(const struct decision *a, const struct decision *b)
{
	return a->action != b->action || (a->action != ACTION_ALLOW && a->err != b->err);
}

void shadow_ask(struct shadow *shadow, const struct view *view, const struct plan *plan, struct call *call)
{
	struct call *copy = &shadow->call;
	struct view other = *view;
	struct plan answer;
	unsigned i;

	if (!shadow->policy || !is_answer(plan))
		return;
	lay_ground(shadow, view->ground);
	other.ground = &shadow->ground;
	other.resolver = shadow->resolver;
	other.executed = NULL;
	other.ledger = NULL; /* what is stored is the run's own */
	copy->request = call->request;
	copy->decided = copy->resolve_flags = 0;
	copy->n_outs = 0;
	buf_clear(&copy->out);
	answer = decide(&other, copy);
	for (i = 0; i < REQUEST_MAX_PATHS; i++)
		object_reset(&copy->objects[i]);
	/* What is done with a descriptor is decided once that is lent, and it is not lent twice. Only addresses are
	 * known. */
	if (answer.kind == PLAN_DESCRIPTOR && !call->net.asked)
		return;
	if (answer.kind == PLAN_DESCRIPTOR)
		answer.decision = policy_decide_address(shadow->policy, call->net.use, &call->net.address);
	if (!is_answer(&answer) || !differs(&plan->decision, &answer.decision))
		return;
	call->shadowed = true;
	call->shadow = answer.decision;
}
