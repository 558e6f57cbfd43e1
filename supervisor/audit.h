/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether refusals are carried out or only noted. In a file of its own, so that a program made for one test can be
 * linked with another answer and show what the second wall stops by itself (tests/live/second_wall_allow.c); proctor
 * itself has no way to give that answer.
 */
#ifndef PROCTOR_SUPERVISOR_AUDIT_H
#define PROCTOR_SUPERVISOR_AUDIT_H

#include <stdbool.h>

/* ASKED: the run's options want audit mode. True in audit mode only; nothing else may decide this. */
bool audit_lets_through(bool asked);

#endif
