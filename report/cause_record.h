/* SPDX-License-Identifier: Apache-2.0 */
/* The exception in an end record, in the form that words/cause.h takes. */
#ifndef PROCTOR_REPORT_CAUSE_RECORD_H
#define PROCTOR_REPORT_CAUSE_RECORD_H

#include "report/run_info.h"
#include "words/cause.h"

struct cause_record {
	struct exception_facts exception; /* borrows from the rest and from the run_info */
	struct cause_surroundings around; /* likewise; no refusal, and none survived */
	uint64_t raised_by;		  /* record of the refusal that caused it; 0: none */
	bool certain;
	json_t *json;			  /* the member "exception"; borrowed */
	void *lists[EXCEPTION_CHAIN + EXCEPTION_GROUP + 8]; /* what was allocated */
	size_t n_lists;
};

/* Reads RUN's end record; members that make no sense stay empty. False when it has no exception. The
 * caller releases RET_CAUSE with cause_record_fini(), and before RUN. */
bool cause_record_init(struct cause_record *ret_cause, const struct run_info *run);
void cause_record_fini(struct cause_record *cause);

#endif
