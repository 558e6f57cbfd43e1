/* SPDX-License-Identifier: Apache-2.0 */
/* What several formats take from a result. */
#ifndef PROCTOR_GRADE_EMIT_FIELDS_H
#define PROCTOR_GRADE_EMIT_FIELDS_H

#include "grade/emit/emit.h"

/* LINE.OUTER.INNER when that is a text, otherwise NULL. */
const char *emit_text_at(const json_t *line, const char *outer, const char *inner);
/* How the program ended: its exit status, or the number of the signal; the other is 0. */
void emit_exit(const json_t *line, int *ret_code, int *ret_signal);
/* The verdict of the run before anything was compared. False: it is not known. */
bool emit_run_status(const struct emit_result *result, enum final *ret);

#endif
