/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/policy_facts.h"

#include <errno.h>

#include "policy/exec.h"
#include "policy/net.h"

void policy_forbids(const struct policy *policy, struct reg_values *values)
{
	struct decision decision;
	unsigned nr;

	for (nr = 0; policy->n_calls && nr < syscall_limit(); nr++) {
		const struct syscall_row *row = syscall_row(nr);

		if (row && policy_forbids_row(policy, row, &decision))
			syscall_forbid(values, nr);
	}
}

bool policy_forbids_row(const struct policy *policy, const struct syscall_row *row, struct decision *ret_decision)
{
	/* Calls that libraries try and do without are answered as ever, unless they are named. */
	enum topic topic = row->err == ENOSYS ? TOPIC_NONE : (enum topic)row->topic;

	return policy_decide_syscall(policy, row->name, topic, ret_decision);
}

bool policy_forbids_call(const struct policy *policy, const char *name, struct decision *ret_decision)
{
	int nr = syscall_number(name);
	const struct syscall_row *row = nr >= 0 ? syscall_row((uint64_t)nr) : NULL;

	return row ? policy_forbids_row(policy, row, ret_decision) :
		     policy_decide_syscall(policy, name, TOPIC_NONE, ret_decision);
}

bool policy_serves_row(const struct policy *policy, const struct syscall_row *row)
{
	bool processes = policy_makes_processes(policy), in_run = policy_makes_processes(policy_outermost(policy));

	switch ((enum syscall_handler)row->handler) {
	case HANDLE_EXEC:
		return processes;
	case HANDLE_COPY:
		return policy->writes;
	case HANDLE_GROUP:
		return in_run;
	case HANDLE_FORK: /* clone makes threads too */
		return processes || row->class != CLASS_BROKERED;
	case HANDLE_SOCKET:
	case HANDLE_CONNECT:
	case HANDLE_BIND:
	case HANDLE_LISTEN:
	case HANDLE_ACCEPT:
	case HANDLE_SEND_MESSAGE:
	case HANDLE_RECEIVE_MESSAGE:
	case HANDLE_SET_OPTION:
		return policy_grants_net(policy) || (in_run && policy->scratch_ref);
	default:
		return row->class != CLASS_UNSERVED;
	}
}

void policy_facts(const struct policy *policy, struct reg_values *values)
{
	policy_forbids(policy, values);
	if (!policy_makes_processes(policy))
		values->facts |= FACT_ONE_PROCESS;
	/* A write elsewhere must not become one to a file that is counted, nor to counted output. */
	if (policy->limits.output_bytes == UINT64_MAX && !policy->counts)
		values->facts |= FACT_OUTPUT_UNCOUNTED;
	if (policy->limits.files == UINT64_MAX)
		values->facts |= FACT_FILES_UNCOUNTED;
	if (policy->limits.memory_bytes == UINT64_MAX)
		values->facts |= FACT_BUFFERS_UNCOUNTED;
	if (!policy->hides_names)
		values->facts |= FACT_LISTINGS_WHOLE;
}
