/* SPDX-License-Identifier: Apache-2.0 */
/* The source of runs that reads a jobs file, one JSON object a line. */
#ifndef PROCTOR_GRADE_BATCH_H
#define PROCTOR_GRADE_BATCH_H

#include "grade/engine.h"

struct batch;

/*
 * Opens PATH, "-" for standard input. A file is looked through first, so that a mistake in its last line is
 * known before the first run; lines of a pipe are taken as they come. CHECKER is for jobs that name none.
 * DEFAULTS, options of `proctor run` that include the limit WALL_NS, are for jobs that name no policy; they
 * remain the caller's and outlive the batch. 0, or an exit status after having said what is wrong.
 */
int batch_open(const char *path, const struct checker *checker, char *const *defaults, uint64_t wall_ns,
	       struct batch **ret);
void batch_free(struct batch *batch);
#define _cleanup_batch_ _cleanup_(cleanup_batch_p)
static inline void cleanup_batch_p(struct batch **batch)
{
	batch_free(*batch);
}

/* The source of runs; job keys are made with ENGINE. */
struct source batch_source(struct batch *batch, const struct engine *engine);

#endif
