/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions that tracee/probe.h looks for, of the architecture that is built for. */
#ifndef PROCTOR_TRACEE_ABI_INSTRUCTION_H
#define PROCTOR_TRACEE_ABI_INSTRUCTION_H

#include "tracee/abi/abi.h"
#include "tracee/abi/x86_64/instruction.h"

#endif
