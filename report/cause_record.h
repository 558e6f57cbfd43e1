/* SPDX-License-Identifier: Apache-2.0 */
/* The cause in an end record, as words/cause.h wants it. */
#ifndef PROCTOR_REPORT_CAUSE_RECORD_H
#define PROCTOR_REPORT_CAUSE_RECORD_H

#include "report/run_info.h"
#include "words/cause.h"

struct cause_record {
	struct exception_facts exception; /* borrows from the rest and from the run_info */
	struct cause_surroundings around; /* likewise; no refusal, and none survived */
	uint64_t raised_by;		  /* record of the refusal that it descends from; 0: none */
	bool certain;
	json_t *json;			  /* the member "exception"; borrowed */
	void *lists[EXCEPTION_CHAIN + EXCEPTION_GROUP + 8]; /* what was allocated */
	size_t n_lists;
};

/* Reads RUN's end record; what it says that makes no sense stays empty. False when it tells of no exception. The
 * caller releases RET_CAUSE with cause_record_fini(), and before RUN. */
bool cause_record_init(struct cause_record *ret_cause, const struct run_info *run);
void cause_record_fini(struct cause_record *cause);

#endif
