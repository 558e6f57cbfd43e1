/* SPDX-License-Identifier: Apache-2.0 */
/* What records and the verdict say of a run that was to be forked from a template (tracee/template.h). */
#ifndef PROCTOR_SUPERVISOR_WARM_H
#define PROCTOR_SUPERVISOR_WARM_H

#include "base/buf.h"

struct warm_told {
	bool asked;	       /* else nothing is said */
	const char *why_cold;  /* a sentence, or NULL: it is warm */
	char *const *preload;  /* NULL-terminated */
	uint64_t age_ns, runs; /* of the template; this run is counted */
};

/* Appends a member "warm", or nothing. */
void warm_format(const struct warm_told *told, struct buf *out);

#endif
