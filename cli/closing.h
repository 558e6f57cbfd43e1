/* SPDX-License-Identifier: Apache-2.0 */
/* The last words about a run for the person who started it: what ended it, and how to see what was refused. */
#ifndef PROCTOR_CLI_CLOSING_H
#define PROCTOR_CLI_CLOSING_H

#include "base/buf.h"
#include "supervisor/broker.h"

struct closing {
	const struct run_result *result;
	const char *submission; /* directory of the program, or NULL: names beneath it are shown relative to it */
	const char *submission_named; /* the same as the user named it, or NULL */
	const char *log;	/* a file that `proctor explain` can read; "": it finds the log itself; NULL: none */
	bool audit;
	const char *shadow;	/* the second policy, or NULL */
};

/*
 * "stopped after 1 s of wall time, in solve.py:12 in f()": what ended the run, and where, if it was not the
 * program itself. Appends nothing for a run that ended by itself, or because proctor failed, which has been
 * said already. The text contains names that the program chose: complain() has to escape it.
 */
void closing_what(const struct closing *closing, struct buf *out);

/* "3 calls were refused; proctor explain says why". Nothing when none was, unless the program failed because
 * something was hidden from it. */
void closing_refusals(const struct closing *closing, struct buf *out);

/* "new.yaml would have refused 3 calls that were allowed". Nothing without a second policy. */
void closing_shadow(const struct closing *closing, struct buf *out);

#endif
