# SPDX-License-Identifier: Apache-2.0
# Readers of logs; nothing here knows a live process.
noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = \
	report/breakdown.c report/breakdown.h report/cause_record.c report/cause_record.h report/collect.c report/collect.h report/csv.c report/csv.h \
	report/shadow.c report/shadow.h \
	report/descriptors.c report/descriptors.h \
	report/tail.c report/tail.h report/interned.c report/interned.h \
	report/diff.c report/diff.h report/diff_modules.c report/diff_modules.h report/diff_run.c report/diff_run.h \
	report/event.c report/event.h report/explain.c report/explain.h report/explain_cause.c report/explain_cause.h \
	report/explain_json.c report/explain_json.h report/explain_rows.c report/explain_rows.h \
	report/export/chrome.c report/export/csv.c report/export/ecs.c report/export/export.c \
	report/export/export.h report/export/folded.c report/export/formats.c report/export/formats.h \
	report/export/intoto.c report/export/ocsf.c report/export/opened.c report/export/opened.h \
	report/export/otlp.c report/export/sarif.c \
	report/export/speedscope.c report/export/sqlite.c report/export/stacks.c report/export/stacks.h \
	report/html/assets.h report/html/data.c report/html/gather.c report/html/gather.h \
	report/html/grants.c report/html/grants.h report/html/html.c report/html/html.h report/html/index.c \
	report/html/course.c report/html/course.h \
	report/html/kept.c report/html/kept.h report/html/lexer.c report/html/lexer.h report/html/refusals.c \
	report/html/report.c report/html/report.h report/html/source.c report/html/status.c \
	report/html/status.h report/html/tables.c report/html/template.c report/html/template.h \
	report/html/verdict.c report/html/writer.h \
	report/learn.c report/learn.h report/learn_programs.c report/learn_programs.h report/learn_writes.c report/learn_writes.h report/log_reader.c report/log_reader.h report/page.c report/page.h \
	report/refusal_record.c report/refusal_record.h report/run_info.c report/run_info.h \
	report/summary.c report/summary.h report/table.c report/table.h report/tally_table.c \
	report/tally_table.h report/verify.c report/verify.h

# The files of the page of proctor report, as bytes in the program.
HTML_ASSETS = report/html/page.html report/html/index.html report/html/style.css report/html/page.js \
	report/html/index.js
nodist_libreport_a_SOURCES = report/html/assets.c
EXTRA_DIST += $(HTML_ASSETS) report/html/embed.sh
CLEANFILES += report/html/assets.c
report/html/assets.c: $(HTML_ASSETS) report/html/embed.sh
	$(AM_V_GEN)$(MKDIR_P) report/html && $(SHELL) $(srcdir)/report/html/embed.sh \
		template $(srcdir)/report/html/page.html index $(srcdir)/report/html/index.html \
		style $(srcdir)/report/html/style.css script $(srcdir)/report/html/page.js \
		index_script $(srcdir)/report/html/index.js > $@.tmp && mv $@.tmp $@
