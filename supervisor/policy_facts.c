/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/policy_facts.h"

#include "policy/exec.h"

void policy_forbids(const struct policy *policy, struct reg_values *values)
{
	size_t i;

	for (i = 0; i < policy->n_never_syscalls; i++) {
		int nr = syscall_number(policy->never_syscalls[i]);

		if (nr >= 0)
			syscall_forbid(values, (unsigned)nr);
	}
}

void policy_facts(const struct policy *policy, struct reg_values *values)
{
	policy_forbids(policy, values);
	if (!policy_makes_processes(policy))
		values->facts |= FACT_ONE_PROCESS;
	if (policy->limits.output_bytes == UINT64_MAX)
		values->facts |= FACT_OUTPUT_UNCOUNTED;
	if (policy->limits.files == UINT64_MAX)
		values->facts |= FACT_FILES_UNCOUNTED;
	if (policy->limits.memory_bytes == UINT64_MAX)
		values->facts |= FACT_BUFFERS_UNCOUNTED;
	if (!policy->hides_names)
		values->facts |= FACT_LISTINGS_WHOLE;
}
