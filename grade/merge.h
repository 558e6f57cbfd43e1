/* SPDX-License-Identifier: Apache-2.0 */
/* Results of several directories in one: batches that ran on many machines, or one after the other. */
#ifndef PROCTOR_GRADE_MERGE_H
#define PROCTOR_GRADE_MERGE_H

#include "base/util.h"

/*
 * Writes OUT/results.jsonl, a line for each run that has one in PARTS (NULL-terminated directories), whose
 * run.directory is then absolute: logs and outputs stay where they are. Of a run that has results in several parts
 * that of the first counts which is not JE; if they are of different jobs, nothing is written. With RESUME OUT may
 * have results, and keeps them. 0; 1 when runs are JE or a part is not complete, which is said; or another exit
 * status after having said what is wrong.
 */
int merge_results(const char *out, char *const *parts, bool resume);

#endif
