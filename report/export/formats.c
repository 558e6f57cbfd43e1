/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/formats.h"

static const struct export_format *const formats[] = {
	&export_chrome, &export_csv,  &export_ecs,   &export_folded,	 &export_intoto,
	&export_ocsf,	&export_otlp, &export_sarif, &export_speedscope, &export_sqlite,
};

const struct export_format *export_format_at(size_t i)
{
	return i < ARRAY_SIZE(formats) ? formats[i] : NULL;
}

const struct export_format *export_format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (streq(formats[i]->name, name))
			return formats[i];
	return NULL;
}
