/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which calls are kept one by one: all of them up to a bound; each time that is reached, only those are left
 * that a reader would look for. A call that was dropped could not be one of them later: it was
 * neither early, nor slow, nor the first of its kind.
 */
#ifndef PROCTOR_REPORT_HTML_KEPT_H
#define PROCTOR_REPORT_HTML_KEPT_H

#include "base/escape.h"
#include "report/html/gather.h"

/* Takes over CALL with its texts. */
void kept_add(struct gathering *gathering, const struct kept_call *call);
/* After the last one. */
void kept_finish(struct gathering *gathering);

/* TEXT made fit to be shown, in at most about MAX bytes, as long as there is room for texts. The caller frees. */
char *kept_text(struct gathering *gathering, const char *text, size_t n, size_t max, enum text_escape how);

#endif
