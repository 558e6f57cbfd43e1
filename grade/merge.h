/* SPDX-License-Identifier: Apache-2.0 */
/* Merges results of several directories: batches that ran on many machines, or one after the other. */
#ifndef PROCTOR_GRADE_MERGE_H
#define PROCTOR_GRADE_MERGE_H

#include "base/util.h"

/*
 * Writes OUT/results.jsonl, a line for each run that has one in PARTS (NULL-terminated directories), with an
 * absolute run.directory: logs and outputs stay where they are. If a run has results in several parts, the first
 * one that is not JE counts; if they are of different jobs, nothing is written. With RESUME, OUT may already have
 * results, and keeps them. 0; 1 when runs are JE or a part is not complete, which is said; or another exit status
 * after having said what is wrong.
 */
int merge_results(const char *out, char *const *parts, bool resume);

#endif
