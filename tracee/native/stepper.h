/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libunwind, loaded when the first native stack is asked for. Few runs ask, and linking it would
 * have every run load its three libraries before the program can start (a fifth of a millisecond,
 * see doc/PERFORMANCE.md).
 */
#ifndef PROCTOR_TRACEE_NATIVE_STEPPER_H
#define PROCTOR_TRACEE_NATIVE_STEPPER_H

#include <libunwind-x86_64.h>

/* Exported by libunwind-x86_64.so for users with their own find_proc_info(); in no header. */
int _Ux86_64_dwarf_search_unwind_table(unw_addr_space_t as, unw_word_t ip, unw_dyn_info_t *info,
				       unw_proc_info_t *ret, int need_unwind_info, void *arg);

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
#define STEPPER_MEMBER(name) __typeof__(&_Ux86_64_##name) name;
	STEPPER_FUNCTIONS(STEPPER_MEMBER)
#undef STEPPER_MEMBER
};

/* libunwind's functions for remote x86-64 stacks, or NULL when it cannot be loaded. Static. */
const struct stepper *stepper_load(void);

#endif
