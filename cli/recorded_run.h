/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a policy as it was loaded for the run that a log recorded. */
#ifndef PROCTOR_CLI_RECORDED_RUN_H
#define PROCTOR_CLI_RECORDED_RUN_H

#include "cli/policy_target.h"
#include "report/run_info.h"

/*
 * Puts what the start record says about the interpreter, the submission and the command line into TARGET, unless
 * that is set already. START (NULL: there is none) has to live until the policy is loaded.
 */
void policy_target_from_log(struct policy_target *target, const struct run_info *run, json_t *start);

#endif
