/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of tracee/call_list.h, for the architecture of this build. */
#ifndef PROCTOR_TRACEE_ABI_CALL_LOOP_H
#define PROCTOR_TRACEE_ABI_CALL_LOOP_H

#include "tracee/abi/abi.h"
#include "tracee/abi/x86_64/call_loop.h"

#endif
