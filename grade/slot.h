/* SPDX-License-Identifier: Apache-2.0 */
/* One run on its way: the program, then the checker, then the line of results.jsonl. */
#ifndef PROCTOR_GRADE_SLOT_H
#define PROCTOR_GRADE_SLOT_H

#include "grade/engine.h"
#include "grade/interaction.h"
#include "grade/launch.h"
#include "grade/outcome.h"
#include "grade/worker.h"

enum stage { STAGE_FREE, STAGE_RUN, STAGE_CHECK, STAGE_DONE };

struct slot {
	enum stage stage;
	struct run_spec *spec;
	struct child child;	/* proctor, the checker's program, or the referee that runs both; unless WORKING */
	struct worker worker;	/* stays for the slot's next run */
	bool working;		/* the worker has the run */
	char *work_of;		/* a former run of the slot, whose empty working directory is the next one's; or NULL */
	struct interaction *interaction; /* of an interactive problem, shared memory; or NULL */
	int run_fd;	       /* DIR/runs/ID */
	int core;
	uint64_t began;	       /* CLOCK_REALTIME */
	uint64_t deadline;     /* CLOCK_MONOTONIC: then the child is killed */
	bool late;
	struct outcome outcome;
	struct difference difference;
	struct buf check;      /* what the checker said */
	bool checked;	       /* the output was compared, or the checker's program has ended */
	int check_status;      /* exit status of the checker's program, or -1 when it did not exit */
	uint64_t check_ns;     /* its CPU time */
	double score;	       /* if the problem has scores */
	unsigned pass;	       /* from 1 */
	char *input;	       /* path of a later pass's input; NULL: the spec's */
	json_t *passes;	       /* the earlier ones, or NULL */
};

/* What is the same for all runs of a batch. */
struct slot_ground {
	const char *path; /* DIR, absolute */
	int runs_fd;	  /* DIR/runs */
	int lock_fd;
	char *const *options;
	const char *warm; /* engine_options.warm */
	const struct work *work; /* engine_options.work */
};

/*
 * Starts SPEC, which the slot takes over. Afterwards the slot is in STAGE_RUN, or in STAGE_DONE with the reason why
 * nothing could be run.
 */
void slot_start(struct slot *slot, struct run_spec *spec, const struct slot_ground *ground);

/* A descriptor that can be read when what the slot waits for has ended; -1: it waits for nothing. */
int slot_fd(const struct slot *slot);

/* Kills what the slot waits for. */
void slot_kill(const struct slot *slot);

/* Collects what the slot waits for, which has ended. 0 or -errno. */
int slot_collect(struct slot *slot, struct child_end *ret_end);

/* What was collected, with slot_collect()'s result R, was the last: slot_ended() will end in STAGE_DONE. */
bool slot_is_over(const struct slot *slot, int r);

/* Goes on to the next stage. */
void slot_ended(struct slot *slot, int r, const struct child_end *end, const struct slot_ground *ground);

/* Takes a run for which no process is under way out of SLOT, which keeps its core and its worker and is free. */
struct slot slot_leave(struct slot *slot);

/* The line of results.jsonl for a slot in STAGE_DONE. */
void slot_result(const struct slot *slot, struct buf *out);

/* Kills what runs in the slot, and empties it. Its worker stays, if it has no run, and so does what work_of says. */
void slot_clear(struct slot *slot);

/* The slot has no more runs: removes the working directory that it has kept. */
void slot_close(struct slot *slot, int runs_fd);

#endif
