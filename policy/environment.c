/* SPDX-License-Identifier: Apache-2.0 */
/* Where a program starts and what variables it gets, as a policy says it. */
#include "policy/rules.h"

#include <string.h>

#define MAX_VARIABLES 256
#define MAX_VARIABLE 65536 /* bytes of name and value: the kernel takes 128 KiB (execve(2), MAX_ARG_STRLEN) */

/*
 * By these the loader runs code in the interpreter before its first instruction: what a policy says of the interpreter
 * would then hold for something else, a library that some other program may have written.
 */
static bool loads_code(const char *name)
{
	static const char *const names[] = { "LD_PRELOAD", "LD_AUDIT" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(name, names[i]))
			return true;
	return false;
}

static const char *what_is_wrong(const char *name, const char *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	if (!*name || name[strspn(name, letters)] || (*name >= '0' && *name <= '9'))
		return "the name of a variable has letters, digits and _ alone, and no digit first";
	if (strlen(name) + (value ? strlen(value) : 0) > MAX_VARIABLE)
		return "too long for a variable";
	if (loads_code(name))
		return "this has the loader run a library's code in the interpreter; no policy sets it (--env does)";
	return NULL;
}

const char *policy_set_variable(struct policy *policy, const char *name, const char *value, const char *ref)
{
	const char *wrong = what_is_wrong(name, value);
	size_t i;

	if (wrong)
		return wrong;
	for (i = 0; i < policy->n_env && !streq(policy->env[i].name, name); i++)
		;
	if (i < policy->n_env && policy->env[i].layer == policy->layer)
		return "this variable is there twice";
	if (i == MAX_VARIABLES)
		return "more than 256 variables";
	if (i == policy->n_env) {
		grow_array(&policy->env, &policy->cap_env, i + 1, sizeof(*policy->env));
		policy->n_env++;
	}
	policy->env[i] = (struct policy_variable){
		policy_own(policy, name), value ? policy_own(policy, value) : NULL, ref, policy->layer,
	};
	return NULL;
}

const char *policy_directory_wrong(const char *text)
{
	const char *rest = after_prefix(text, "%{submission}");

	if (streq(text, "%{scratch}"))
		return NULL;
	if (rest ? *rest && *rest != '/' : *text != '/')
		return "cwd must be an absolute path, %{submission} or what is beneath it, or %{scratch}";
	if (strlen(text) >= 4096)
		return "path is too long";
	return NULL;
}
