/* SPDX-License-Identifier: Apache-2.0 */
/* For fuzz_student: a log of an input's lines. */
#ifndef PROCTOR_TESTS_FUZZ_STUDENT_LOG_H
#define PROCTOR_TESTS_FUZZ_STUDENT_LOG_H

#include "base/buf.h"

/* What stands in the policy, and in no student's text. */
#define STUDENT_POLICY "INTERNAL"

/*
 * Appends a log of a run in /box that was refused a call and ended by an exception, that refusal or a limit. The first line
 * of DATA chooses which; the others are what the program chose, \x01 being a line's end within one.
 */
void student_log(const uint8_t *data, size_t size, struct buf *out);

#endif
