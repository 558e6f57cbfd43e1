/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions that tracee/probe.h looks for, for the architecture of this build. */
#ifndef PROCTOR_TRACEE_ABI_INSTRUCTION_H
#define PROCTOR_TRACEE_ABI_INSTRUCTION_H

#include "tracee/abi/abi.h"
#include "tracee/abi/x86_64/instruction.h"

#endif
