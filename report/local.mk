# SPDX-License-Identifier: Apache-2.0
# What is told to people: the words (shared with the supervisor) and the readers of logs.
WORDS_SOURCES = policy/text.c policy/text.h policy/topics.c policy/topics.h policy/outcome.c policy/outcome.h policy/words.c policy/words.h
LIVE_SOURCES = supervisor/live.c supervisor/live.h

noinst_LIBRARIES += libwords.a libreport.a
libwords_a_SOURCES = $(WORDS_SOURCES)
# Read logs; nothing here knows a live process.
libreport_a_SOURCES = report/collect.c report/collect.h report/diff.c report/diff.h report/explain.c report/explain.h \
	report/explain_json.c report/explain_json.h report/explain_rows.c report/explain_rows.h \
	report/learn.c report/learn.h report/log_reader.c report/log_reader.h report/page.c report/page.h \
	report/refusal_record.c report/refusal_record.h report/run_info.c report/run_info.h \
	report/summary.c report/summary.h report/tally_table.c report/tally_table.h
