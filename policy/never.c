/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that a policy refuses by name or group, as it is read. */
#include "policy/rules.h"

void policy_refuse_call(struct policy *policy, const char *name, bool never, const char *where,
			struct messages *messages)
{
	const char *key = never ? "never" : "refuse";
	bool impossible;
	_cleanup_free_ char *remark = policy_call_remark(name, &impossible);

	if (policy->n_calls >= POLICY_MAX_RULES) {
		message_error(messages, where, "more than %d rules", POLICY_MAX_RULES);
		return;
	}
	if (*name == '@' && !group_is_known(name + 1)) {
		message_error(messages, where, "%s: there is no group %s; they are @admin, and subjects and topics of calls", key, name);
		return;
	}
	if (remark && impossible) {
		message_error(messages, where, "%s: %s", key, remark);
		return;
	}
	if (remark)
		message_warning(messages, where, "%s: %s", key, remark);
	grow_array(&policy->calls, &policy->cap_calls, policy->n_calls + 1, sizeof(*policy->calls));
	policy->calls[policy->n_calls++] = (struct call_rule){ xstrdup(name), where, never };
}
