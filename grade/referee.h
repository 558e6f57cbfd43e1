/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process in which a program and an interactor talk to each other. It is a separate process, so that it sees
 * at once which side ended first, however busy the engine is. Killing it ends both sides.
 */
#ifndef PROCTOR_GRADE_REFEREE_H
#define PROCTOR_GRADE_REFEREE_H

#include "grade/interaction.h"

struct referee {
	struct launch launch[RELAY_SIDES]; /* without `in` and `out`, which become pipes */
	int transcript_fd;
	uint64_t interactor_ns; /* how long the interactor may take after the program has ended */
	struct interaction *result; /* shared memory */
};

/* For struct launch's `run`; ARG is a struct referee. */
int referee_run(void *arg);

#endif
