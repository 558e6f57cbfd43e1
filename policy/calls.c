/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that a policy refuses, in the order in which they are looked for. */
#include "policy/rules.h"

#include <stdlib.h>

/* By name, and never first. */
static int compare_calls(const void *a, const void *b)
{
	const struct call_rule *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (int)y->never - (int)x->never;
}

void policy_sort_calls(struct policy *policy)
{
	size_t i, n = 0;

	if (policy->n_calls)
		qsort(policy->calls, policy->n_calls, sizeof(*policy->calls), compare_calls);
	for (i = 0; i < policy->n_calls; i++) {
		if (n && streq(policy->calls[n - 1].name, policy->calls[i].name))
			free(policy->calls[i].name);
		else
			policy->calls[n++] = policy->calls[i];
	}
	policy->n_calls = n;
	policy->never_calls = xcalloc(n + 1, sizeof(*policy->never_calls));
	for (i = 0; i < n; i++)
		if (policy->calls[i].never)
			policy->never_calls[policy->n_never_calls++] = policy->calls[i].name;
}
