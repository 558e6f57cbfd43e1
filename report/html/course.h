/* SPDX-License-Identifier: Apache-2.0 */
/* What a log's summary says of the course of a run: usage over time, threads and processes. Hostile like all of a log:
 * what makes no sense is left out. */
#ifndef PROCTOR_REPORT_HTML_COURSE_H
#define PROCTOR_REPORT_HTML_COURSE_H

#include "report/html/gather.h"

/* SUMMARY: the record. */
void course_take(struct gathering *gathering, json_t *summary);
void course_fini(struct gathering *gathering);

#endif
