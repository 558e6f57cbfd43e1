/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/ending.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *status_name(enum status status)
{
	static const char *const names[] = { "OK", "RE", "SG", "TO", "ML", "OL", "PV", "XX" };

	return names[status];
}

void ending_say(struct ending *ending, enum status status)
{
	if (ending->decided)
		return;
	ending->decided = true;
	ending->status = status;
}

void ending_fail(struct ending *ending, const char *format, ...)
{
	va_list ap;

	if (!ending->error) {
		va_start(ap, format);
		ending->error = xvasprintf(format, ap);
		va_end(ap);
	}
	ending->decided = true;
	ending->status = STATUS_XX;
}

void ending_check(struct ending *ending, int r, const char *what)
{
	if (r < 0 && r != -ESRCH && !ending->decided)
		ending_fail(ending, "cannot %s: %s", what, strerror(-r));
}

void ending_crossed(struct ending *ending, const struct limits *limits, const struct crossing *crossing)
{
	static const enum status statuses[] = { STATUS_TO, STATUS_TO, STATUS_ML,
						STATUS_OL, STATUS_PV, STATUS_PV };

	if (ending->decided)
		return;
	ending->limited = true;
	ending->limit = crossing->limit;
	ending->limit_value = limits_get(limits, crossing->limit);
	ending->limit_used = crossing->used;
	ending->limit_supervisor_ns = crossing->supervisor_ns;
	ending->wants_look = true;
	ending_say(ending, statuses[crossing->limit]);
}

bool ending_withdraw(struct ending *ending, enum limit limit)
{
	if (!ending->decided || !ending->limited || ending->limit != limit || ending->status == STATUS_XX)
		return false;
	ending->decided = ending->limited = ending->wants_look = false;
	return true;
}

void ending_check_log(struct ending *ending, int error, bool full)
{
	if (error && !ending->log_failed) {
		ending->log_failed = true;
		ending_fail(ending, "cannot write the log: %s", strerror(-error));
	}
	if (full && !ending->decided) {
		/* The program's doing, not the log's: nothing has failed. */
		ending->log_full = true;
		ending_say(ending, STATUS_PV);
	}
}

void ending_fini(struct ending *ending)
{
	free(ending->error);
	ending->error = NULL;
}
