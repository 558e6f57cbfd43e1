/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy alone says about the filter: `policy show --filter` prints what a run will install,
 * but for what only the run knows (its process id, its descriptors, what stdout is).
 */
#ifndef PROCTOR_SUPERVISOR_POLICY_FACTS_H
#define PROCTOR_SUPERVISOR_POLICY_FACTS_H

#include "policy/policy.h"
#include "tracee/syscalls.h"

/* Adds to VALUES the calls that POLICY (frozen) forbids by name, and the facts that follow from its limits
 * and rules. Never fails: a name that is no system call forbids nothing that could be done. */
void policy_facts(const struct policy *policy, struct reg_values *values);

/* Adds those calls alone. */
void policy_forbids(const struct policy *policy, struct reg_values *values);

#endif
