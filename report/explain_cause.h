/* SPDX-License-Identifier: Apache-2.0 */
/* The exception that ended a program: the sentence about it, then what Python would say, where, and what led to it. */
#ifndef PROCTOR_REPORT_EXPLAIN_CAUSE_H
#define PROCTOR_REPORT_EXPLAIN_CAUSE_H

#include "report/cause_record.h"
#include "report/explain_rows.h"

/* All of it, as an explanation of its own. */
void explain_exception(struct explainer *e, const struct cause_record *cause);

/* "PermissionError: … (solve.py:12)", as a row of the refusal that it came from. */
void row_exception(struct explainer *e, const struct cause_record *cause);

/* Its place as that of a record: of source that could not be compiled where that is. The caller releases RET_RECORD
 * with refusal_record_fini(). */
void cause_place(const struct explainer *e, const struct cause_record *cause, struct refusal_record *ret_record);

#endif
