/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When fstat(3) of a C library that makes it a call of an empty path is made fstat(2) (tracee/fstat.h): at the first
 * stops that a program has for it, while nobody else runs in its memory. From then on its fstat(3) neither stops nor
 * is recorded, as everywhere else.
 *
 * Not where each call stops or somebody is asked about more calls than the policy's own (--calls all, --shadow, a
 * policy for a program), and not where one of the two calls is forbidden.
 */
#ifndef PROCTOR_SUPERVISOR_SHORTEN_H
#define PROCTOR_SUPERVISOR_SHORTEN_H

#include <stdbool.h>

#include "supervisor/decode.h"
#include "supervisor/ground.h"
#include "supervisor/tasks.h"

/* Does the run that GROUND was laid for, with the calls that FILTER stops, allow it? ALL: every call is recorded. */
bool shorten_may(const struct ground *ground, const struct reg_values *filter, bool all);

/* REQUEST has been decoded and its thread is still at its entry stop. */
void shorten_look(const struct tasks *tasks, const struct request *request);

#endif
