/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/status.h"

#include "base/util.h"

static const struct status rows[] = {
	{ "OK", "ended by itself", "ok" },	    { "RE", "ended with an error", "failed" },
	{ "SG", "ended by a signal", "failed" },    { "TO", "out of time", "limit" },
	{ "ML", "out of memory", "limit" },	    { "OL", "too much output", "limit" },
	{ "PV", "ended by the policy", "refused" }, { "XX", "proctor failed", "failed" },
};
static const struct status unknown = { "??", "not known", "failed" };

const struct status *status_at(size_t at)
{
	return at < ARRAY_SIZE(rows) ? &rows[at] : NULL;
}

const struct status *status_find(const char *status)
{
	for (size_t i = 0; status && i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].status, status))
			return &rows[i];
	return &unknown;
}
