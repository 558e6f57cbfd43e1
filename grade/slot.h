/* SPDX-License-Identifier: Apache-2.0 */
/* One run on its way: the program, then the checker, then the line of results.jsonl. */
#ifndef PROCTOR_GRADE_SLOT_H
#define PROCTOR_GRADE_SLOT_H

#include "grade/engine.h"
#include "grade/interaction.h"
#include "grade/launch.h"
#include "grade/outcome.h"

enum stage { STAGE_FREE, STAGE_RUN, STAGE_CHECK, STAGE_DONE };

struct slot {
	enum stage stage;
	struct run_spec *spec;
	struct child child;	/* proctor, the checker's program, or the referee of both */
	struct interaction *interaction; /* of an interactive problem, shared memory; or NULL */
	int run_fd;	       /* DIR/runs/ID */
	int core;
	uint64_t began;	       /* CLOCK_REALTIME */
	uint64_t deadline;     /* CLOCK_MONOTONIC: after it the child is ended */
	bool late;
	struct outcome outcome;
	struct difference difference;
	struct buf check;      /* what the checker said */
	bool checked;	       /* the output was compared, or the checker's program has ended */
	int check_status;      /* of the checker's program: its exit status, or -1 when it did not exit */
	uint64_t check_ns;     /* its CPU time */
	double score;	       /* of a problem that has scores */
	unsigned pass;	       /* from 1 */
	char *input;	       /* of a later pass, a path; or NULL: the spec's */
	json_t *passes;	       /* what came before this one, or NULL */
};

/* What is the same for all runs of a batch. */
struct slot_ground {
	const char *path; /* DIR, absolute */
	int runs_fd;	  /* DIR/runs */
	int lock_fd;
	char *const *options;
	const char *warm; /* engine_options.warm */
	int (*run)(int argc, char **argv); /* engine_options.run */
};

/*
 * Starts SPEC, which the slot takes. Afterwards the slot is in STAGE_RUN, or in STAGE_DONE with the reason why
 * nothing could be run.
 */
void slot_start(struct slot *slot, struct run_spec *spec, const struct slot_ground *ground);

/* Its child has ended: collects it and goes on to the next stage. */
void slot_step(struct slot *slot, const struct slot_ground *ground);

/* The line of results.jsonl, of a slot in STAGE_DONE. */
void slot_result(const struct slot *slot, struct buf *out);

/* Ends what runs in it, and empties it. */
void slot_clear(struct slot *slot);

#endif
