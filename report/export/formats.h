/* SPDX-License-Identifier: Apache-2.0 */
/* The list of formats. */
#ifndef PROCTOR_REPORT_EXPORT_FORMATS_H
#define PROCTOR_REPORT_EXPORT_FORMATS_H

#include "report/export/export.h"

extern const struct export_format export_chrome, export_csv, export_ecs, export_folded, export_intoto,
	export_ocsf, export_otlp, export_sarif, export_speedscope, export_sqlite;

/* The format called NAME, NULL when there is none. Static. */
const struct export_format *export_format_find(const char *name);
/* Format number I, in the order of names; NULL after the last. */
const struct export_format *export_format_at(size_t i);

#endif
