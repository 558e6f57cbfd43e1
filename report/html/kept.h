/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which calls are kept one by one. All of them up to a bound; when that is reached, those are left that
 * somebody would look for, and it goes on. What was dropped once can be none of them later: it had been
 * neither early, nor slow, nor the first of its kind.
 */
#ifndef PROCTOR_REPORT_HTML_KEPT_H
#define PROCTOR_REPORT_HTML_KEPT_H

#include "report/html/gather.h"

/* Takes CALL with its texts. */
void kept_add(struct gathering *gathering, const struct kept_call *call);
/* Behind the last one. */
void kept_finish(struct gathering *gathering);

#endif
