/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy alone says about the filter: `policy show --filter` prints what a run will install, except what only
 * the run knows (its process id, its descriptors, what stdout is).
 */
#ifndef PROCTOR_SUPERVISOR_POLICY_FACTS_H
#define PROCTOR_SUPERVISOR_POLICY_FACTS_H

#include "policy/policy.h"
#include "tracee/syscalls.h"

/* Adds to VALUES the calls that POLICY (frozen) refuses by name or group, and the facts that follow from its limits
 * and rules. Never fails: a name that is no system call forbids nothing that could be done. */
void policy_facts(const struct policy *policy, struct reg_values *values);

/* Does POLICY refuse the call of ROW, by its name or a group, whatever its arguments? */
bool policy_forbids_row(const struct policy *policy, const struct syscall_row *row, struct decision *ret_decision);
/* The same for a call by NAME, which may be no call's name. */
bool policy_forbids_call(const struct policy *policy, const char *name, struct decision *ret_decision);

/* Does POLICY let the call of ROW be, or carry it out, with some arguments? `never` and `refuse` are not asked. */
bool policy_serves_row(const struct policy *policy, const struct syscall_row *row);

/* Adds to VALUES the refused calls alone. */
void policy_forbids(const struct policy *policy, struct reg_values *values);

#endif
