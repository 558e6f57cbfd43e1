/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/stepper.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool find(void *library, const char *name, void *ret_function, size_t size)
{
	void *symbol = dlsym(library, name);

	/* ISO C has no cast from an object pointer to a function pointer; POSIX says they are alike. */
	if (symbol)
		memcpy(ret_function, &symbol, size);
	return symbol;
}

const struct stepper *stepper_load(void)
{
	static struct stepper stepper;
	static enum { UNTRIED, LOADED, ABSENT } state;
	void *library;
	bool whole = true;

	if (state != UNTRIED)
		return state == LOADED ? &stepper : NULL;
	state = ABSENT;
	library = dlopen(LIBUNWIND_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return NULL;
#define STEPPER_FIND(name) \
	whole = whole && find(library, "_Ux86_64_" #name, &stepper.name, sizeof stepper.name);
	STEPPER_FUNCTIONS(STEPPER_FIND)
#undef STEPPER_FIND
	if (whole)
		state = LOADED;
	return whole ? &stepper : NULL;
}
