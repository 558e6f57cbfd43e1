/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/cold.h"

#include <stdlib.h>

void cold_fini(struct cold *cold)
{
	while (cold->n_reasons)
		free(cold->reason[--cold->n_reasons].why);
	cold->n = 0;
}

void cold_note(struct cold *cold, const json_t *verdict)
{
	const json_t *warm = json_object_get(verdict, "warm");
	const char *mode = json_string_value(json_object_get(warm, "mode")), *why = json_string_value(json_object_get(warm, "why"));
	size_t i;

	if (!mode || !streq(mode, "cold"))
		return;
	cold->n++;
	for (i = 0; why && i < cold->n_reasons; i++)
		if (streq(cold->reason[i].why, why)) {
			cold->reason[i].n++;
			return;
		}
	if (!why || cold->n_reasons == COLD_REASONS)
		return;
	cold->reason[cold->n_reasons].why = xstrdup(why);
	cold->reason[cold->n_reasons++].n = 1;
}

void cold_tell(const struct cold *cold, struct buf *out)
{
	size_t i, most = 0;

	if (cold->n == 0)
		return;
	buf_printf(out, "%zu run%s not warm", cold->n, cold->n == 1 ? " was" : "s were");
	for (i = 1; i < cold->n_reasons; i++)
		if (cold->reason[i].n > cold->reason[most].n)
			most = i;
	if (cold->n_reasons == 0)
		return;
	if (cold->reason[most].n < cold->n)
		buf_printf(out, "; %zu of them", cold->reason[most].n);
	buf_lit(out, ": ");
	put_told(out, cold->reason[most].why, strlen(cold->reason[most].why));
}
