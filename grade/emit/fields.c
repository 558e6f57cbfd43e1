/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/emit/fields.h"

#include "base/names.h"

enum { LAST_SIGNAL = 64 };

const char *emit_text_at(const json_t *line, const char *outer, const char *inner)
{
	return json_string_value(json_object_get(json_object_get(line, outer), inner));
}

void emit_exit(const json_t *line, int *ret_code, int *ret_signal)
{
	const json_t *exit = json_object_get(line, "exit");
	const char *name = json_string_value(json_object_get(exit, "signal"));
	int i;

	*ret_code = (int)json_integer_value(json_object_get(exit, "code"));
	*ret_signal = 0;
	for (i = 1; name && i <= LAST_SIGNAL; i++)
		if (streq(signal_name(i), name))
			*ret_signal = i;
}

bool emit_run_status(const struct emit_result *result, enum final *ret)
{
	const char *status = json_string_value(json_object_get(result->line, "status"));

	/* If a result is JE, the run itself can only be trusted when it was the checker that failed. */
	if (result->verdict == FINAL_JE && !json_object_get(result->line, "checker"))
		return false;
	return status && final_from_name(status, ret) == 0;
}
