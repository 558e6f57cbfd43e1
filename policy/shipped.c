/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/shipped.h"

#include "base/util.h"

const struct shipped_policy *shipped_find(const char *name)
{
	const char *rest = after_prefix(name, "builtin:"), *own;
	const struct shipped_policy *policy;

	for (policy = shipped_texts; policy->file; policy++) {
		own = after_prefix(policy->file, "builtin:");
		if (own && streq(own, rest ? rest : name))
			return policy;
	}
	return NULL;
}
