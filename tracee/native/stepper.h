/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libunwind, loaded when the first native stack is asked for. Few runs ask for one, and with linking
 * every run would load its three libraries before the program can start (a fifth of a millisecond,
 * see doc/PERFORMANCE.md).
 */
#ifndef PROCTOR_TRACEE_NATIVE_STEPPER_H
#define PROCTOR_TRACEE_NATIVE_STEPPER_H

#include "tracee/abi/unwind.h"

#define STEPPER_FUNCTIONS(X)                                                                   \
	X(create_addr_space)                                                                   \
	X(destroy_addr_space)                                                                  \
	X(set_caching_policy)                                                                  \
	X(set_cache_size)                                                                      \
	X(flush_cache)                                                                         \
	X(init_remote)                                                                         \
	X(get_reg)                                                                             \
	X(step)                                                                                \
	X(is_signal_frame)                                                                     \
	X(dwarf_search_unwind_table)

struct stepper {
#define STEPPER_MEMBER(name) __typeof__(&ABI_UNWIND(name)) name;
	STEPPER_FUNCTIONS(STEPPER_MEMBER)
#undef STEPPER_MEMBER
};

/* libunwind's functions for remote stacks, or NULL when it cannot be loaded. Static. */
const struct stepper *stepper_load(void);

#endif
