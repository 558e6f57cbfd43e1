/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a refused call was for, from the variables of the library's function that makes it: subprocess has the command,
 * socket the host, multiprocessing the function. A frame is taken for the library's by the name and file of its code,
 * which a program can give its own code too: what is found is the program's word, told as such and decided on by nothing.
 */
#ifndef PROCTOR_SUPERVISOR_MEANT_H
#define PROCTOR_SUPERVISOR_MEANT_H

#include "base/meant.h"
#include "supervisor/call.h"
#include "supervisor/stacks.h"

/*
 * For CALL, refused, whose thread has STACK (what stacks_read() gave last; NULL: none) and has not run since. NULL where
 * the call itself says it, or it is not known. LIBRARY as for record_is_library(). The caller frees it with meant_free().
 */
struct meant *meant_read(struct stacks *stacks, const struct call *call, const struct stack *stack,
			 const char *const *library);

#endif
