/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a text that is no YAML, said so that the policy's author can mend it. Private to policy/. */
#ifndef PROCTOR_POLICY_YAML_PROBLEM_H
#define PROCTOR_POLICY_YAML_PROBLEM_H

#include "base/buf.h"

/*
 * Looks at TEXT, of LEN bytes, where the parser stopped: LINE and COLUMN (characters) from 0. Appends a sentence to
 * OUT and returns true when a tab or a value that has to be quoted is there; false for anything else.
 */
bool yaml_problem(const char *text, size_t len, size_t line, size_t column, struct buf *out);

#endif
