/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a jobs file. */
#ifndef PROCTOR_GRADE_JOB_H
#define PROCTOR_GRADE_JOB_H

#include "grade/engine.h"

/*
 * Reads the N bytes of LINE, a JSON object; man/proctor-batch.1 lists the members. CHECKER is used if the job
 * names none. 0 and a spec that the caller frees (its key is empty), or -EINVAL and a message.
 */
int job_parse(const char *line, size_t n, const struct checker *checker, struct run_spec **ret, struct buf *message);

#endif
