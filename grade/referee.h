/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that has a program and an interactor talk to each other. It is one of its own, so that who ended
 * first is seen when it happens, whatever else the engine is at. Whoever ends it ends both.
 */
#ifndef PROCTOR_GRADE_REFEREE_H
#define PROCTOR_GRADE_REFEREE_H

#include "grade/interaction.h"

struct referee {
	struct launch launch[RELAY_SIDES]; /* but for in and out, which are pipes */
	int transcript_fd;
	uint64_t interactor_ns; /* how long the interactor may take when the program has ended */
	struct interaction *result; /* shared memory */
};

/* For struct launch's `run`; ARG is a struct referee. */
int referee_run(void *arg);

#endif
