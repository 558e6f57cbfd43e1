/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of the refusals of a run, for the verdict: the first, the last, and one that killed. */
#ifndef PROCTOR_SUPERVISOR_REFUSALS_H
#define PROCTOR_SUPERVISOR_REFUSALS_H

#include "words/outcome.h"
#include "words/words.h"

struct run_result;

/* What is kept of one; its texts are owned, each may be NULL. */
struct told_refusal {
	uint64_t sequence;
	char *student, *staff; /* one sentence each; staff's says call, path, line and rule */
	uint8_t key[REFUSAL_KEY_SIZE];
};

struct refusals {
	/* Violations; but SUBJECT_LOOK counts what was hidden and may be missed (outcome_may_miss()). */
	uint64_t by_subject[SUBJECT_COUNT];
	uint64_t felt; /* how many may have ended the program (outcome_is_felt()) */
	struct told_refusal last, kill; /* the last felt one; the last that was answered by killing */
	uint64_t fatal_signal; /* record of the last fatal signal */
};

/* Takes REFUSAL, record SEQUENCE, whose texts are borrowed. VIOLATION: it counts as one. */
void refusals_take(struct run_result *result, const struct refusal *refusal, uint64_t sequence, bool violation);
void refusals_fini(struct refusals *refusals);

/* The facts about a run that has ended. */
struct outcome_facts refusals_facts(const struct run_result *result);

#endif
