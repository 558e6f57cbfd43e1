/* SPDX-License-Identifier: Apache-2.0 */
/* The explanations of a log as one JSON document, "proctor.explain/1" (proctor-explain(1)). */
#ifndef PROCTOR_REPORT_EXPLAIN_JSON_H
#define PROCTOR_REPORT_EXPLAIN_JSON_H

#include "report/collect.h"
#include "report/explain.h"

/* Returns an exit status. */
int explain_json(const struct collection *collection, const struct log_health *health,
		 const struct explain_options *options, FILE *out);

#endif
