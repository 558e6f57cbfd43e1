/* SPDX-License-Identifier: Apache-2.0 */
/* A policy loaded as the run of a log had it. */
#ifndef PROCTOR_CLI_RECORDED_RUN_H
#define PROCTOR_CLI_RECORDED_RUN_H

#include "cli/policy_target.h"
#include "report/run_info.h"

/*
 * What the start record says of the interpreter, the submission and the command line, put into TARGET where
 * it has no answer of its own. START (NULL: there is none) has to live until the policy is loaded.
 */
void policy_target_from_log(struct policy_target *target, const struct run_info *run, json_t *start);

#endif
