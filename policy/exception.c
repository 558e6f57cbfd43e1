/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/exception.h"

#include "base/util.h"

/* NAME of MODULE, as bases have it. */
static bool is_named(const char *type, const char *module, const char *name)
{
	size_t n;

	if (!type || !module)
		return false;
	if (streq(module, "builtins"))
		return streq(type, name);
	n = strlen(module);
	return strncmp(name, module, n) == 0 && name[n] == '.' && streq(name + n + 1, type);
}

bool exception_is(const struct exception_facts *x, const char *name)
{
	if (is_named(x->type, x->module, name))
		return true;
	/* The first is the class itself, which a program may have given any name. */
	for (size_t i = 0; i < x->n_bases; i++)
		if (x->bases[i] && streq(x->bases[i], name) && (i || !x->type || !streq(x->type, name)))
			return true;
	return false;
}
