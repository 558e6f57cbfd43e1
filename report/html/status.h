/* SPDX-License-Identifier: Apache-2.0 */
/* How a page shows a verdict's status. */
#ifndef PROCTOR_REPORT_HTML_STATUS_H
#define PROCTOR_REPORT_HTML_STATUS_H

#include <stddef.h>

struct status {
	const char *status, *words;
	const char *class; /* "ok", "failed", "refused", "limit": its colour */
};

/* Row AT, from 0; NULL after the last. */
const struct status *status_at(size_t at);
/* The row of STATUS; a special row for an unknown status and for NULL. Never NULL. */
const struct status *status_find(const char *status);

#endif
