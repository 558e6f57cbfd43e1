/* SPDX-License-Identifier: Apache-2.0 */
/* What libunwind calls things on the architecture of this build. */
#ifndef PROCTOR_TRACEE_ABI_UNWIND_H
#define PROCTOR_TRACEE_ABI_UNWIND_H

#include "tracee/abi/abi.h"
#include "tracee/abi/x86_64/unwind.h"

#endif
