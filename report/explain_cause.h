/* SPDX-License-Identifier: Apache-2.0 */
/* The exception that ended a program: a sentence about it, then Python's own message, the place, and what led to it. */
#ifndef PROCTOR_REPORT_EXPLAIN_CAUSE_H
#define PROCTOR_REPORT_EXPLAIN_CAUSE_H

#include "report/cause_record.h"
#include "report/explain_rows.h"

/* All of this, as a separate explanation. */
void explain_exception(struct explainer *e, const struct cause_record *cause);

/* "PermissionError: … (solve.py:12)", as a row under the refusal that caused it. */
void row_exception(struct explainer *e, const struct cause_record *cause);

/* The exception's place in the form of a record; for source that could not be compiled, the place in that source. The
 * caller releases RET_RECORD with refusal_record_fini(). */
void cause_place(const struct explainer *e, const struct cause_record *cause, struct refusal_record *ret_record);

#endif
