/* SPDX-License-Identifier: Apache-2.0 */
/* proctor explain: why each refusal happened, and the smallest change that would allow it. */
#ifndef PROCTOR_REPORT_EXPLAIN_H
#define PROCTOR_REPORT_EXPLAIN_H

#include "report/log_reader.h"

enum {
	EXPLAIN_OK = 0,
	EXPLAIN_INCOMPLETE = 1, /* explained, but the log is not whole: more may have been refused */
	EXPLAIN_NOT_A_LOG = 65, /* sysexits(3) EX_DATAERR; also: no such record */
	EXPLAIN_READ_ERROR = 74,
};

struct explain_options {
	uint64_t sequence; /* only this record; 0: every refusal */
	bool all;	   /* also hidden calls, whole stacks and every group */
	bool json;
	bool student;
	bool no_colour;
};

/*
 * Reads the log to its end and explains it on OUT. LOG_NAME is for messages on standard error.
 * Returns an exit status.
 */
int explain_log(struct log_reader *reader, const struct explain_options *options,
		const char *log_name, FILE *out);

#endif
