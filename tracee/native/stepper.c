/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/stepper.h"

#include <dlfcn.h>
#include <pthread.h>
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

/* One for all runs in this process: filled once, and only read from then on. */
static struct stepper stepper;
static bool is_loaded;

static void load(void)
{
	void *library = dlopen(LIBUNWIND_SONAME, RTLD_NOW | RTLD_LOCAL);
	bool whole = library != NULL;

#define STEPPER_FIND(name) \
	whole = whole && find(library, ABI_UNWIND_SYMBOL(name), &stepper.name, sizeof stepper.name);
	STEPPER_FUNCTIONS(STEPPER_FIND)
#undef STEPPER_FIND
	is_loaded = whole;
}

const struct stepper *stepper_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return is_loaded ? &stepper : NULL;
}
