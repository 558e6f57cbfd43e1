# SPDX-License-Identifier: Apache-2.0
# What is told of a run: words, --live, the log reader, explain, summary.
REPORT_UNIT = tests/unit/check_cause tests/unit/check_descriptors tests/unit/check_explain tests/unit/check_learn tests/unit/check_live tests/unit/check_log_reader \
	tests/unit/check_report tests/unit/check_summary tests/unit/check_tables tests/unit/check_words
REPORT_GOLDEN = \
	tests/report/audit.1.txt tests/report/audit.jsonl tests/report/audit.txt \
	tests/report/broken.jsonl tests/report/broken.txt tests/report/cpu.json \
	tests/report/cpu.jsonl tests/report/cpu.student.txt tests/report/cpu.txt \
	tests/report/crash.jsonl tests/report/crash.student.txt tests/report/crash.txt \
	tests/report/design.json tests/report/design.jsonl tests/report/design.narrow.txt \
	tests/report/descends.json tests/report/descends.jsonl tests/report/descends.student.txt \
	tests/report/descends.txt tests/report/design.student.txt tests/report/design.txt tests/report/hostile.json \
	tests/report/hostile.jsonl tests/report/hostile.summary.txt tests/report/hostile.txt \
	tests/report/itself.jsonl tests/report/itself.txt tests/report/killed.json \
	tests/report/killed.jsonl tests/report/killed.txt tests/report/kinds.10.txt \
	tests/report/kinds.all.txt tests/report/kinds.jsonl tests/report/kinds.student.json \
	tests/report/kinds.student.txt tests/report/kinds.txt tests/report/memory.jsonl \
	tests/report/memory.txt tests/report/nothing.jsonl tests/report/nothing.student.txt \
	tests/report/nothing.txt tests/report/profile.broker.txt tests/report/profile.calls.txt \
	tests/report/profile.errors.txt tests/report/profile.json tests/report/profile.jsonl \
	tests/report/profile.name.txt tests/report/profile.time.txt tests/report/raised.jsonl \
	tests/report/raised.student.json tests/report/raised.student.txt tests/report/raised.txt tests/report/recount.json \
	tests/report/recount.jsonl tests/report/recount.txt tests/report/rows.txt
LOG_CORPUS = \
	tests/fuzz/corpus/log/all-limits tests/fuzz/corpus/log/chain tests/fuzz/corpus/log/cut-utf8 \
	tests/fuzz/corpus/log/deep tests/fuzz/corpus/log/empty tests/fuzz/corpus/log/exception \
	tests/fuzz/corpus/log/limit-in-call tests/fuzz/corpus/log/names-a-file \
	tests/fuzz/corpus/log/newlines tests/fuzz/corpus/log/nul tests/fuzz/corpus/log/numbers \
	tests/fuzz/corpus/log/resolution tests/fuzz/corpus/log/signal tests/fuzz/corpus/log/stack \
	tests/fuzz/corpus/log/summary tests/fuzz/corpus/log/yaml-bomb \
	tests/fuzz/corpus/log/yaml-broken

check_PROGRAMS += $(REPORT_UNIT) tests/fuzz/fuzz_log_reader
TESTS += $(REPORT_UNIT) tests/fuzz/fuzz_log_reader.sh tests/live/explain_large.py tests/live/explain_line.py tests/live/explain_fix.py tests/live/explain_hidden.py tests/live/explain_cut.py tests/live/cause.py tests/live/held.py tests/live/meant.py tests/live/printed.py
EXTRA_DIST += tests/fuzz/fuzz_log_reader.sh tests/live/explain_large.py tests/live/explain_line.py tests/live/explain_fix.py tests/live/explain_hidden.py tests/live/explain_cut.py tests/live/cause.py tests/live/held.py tests/live/meant.py tests/live/printed.py \
	tests/unit/golden.h $(REPORT_GOLDEN) $(LOG_CORPUS)
dist_man_MANS += man/proctor-explain.1 man/proctor-export.1 man/proctor-report.1 man/proctor-summary.1 man/proctor-tail.1 man/proctor-verify.1 man/proctor-log.5

tests_unit_check_cause_SOURCES = tests/unit/check_cause.c
tests_unit_check_cause_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_cause_LDADD = $(UNIT_LIBS)

tests_unit_check_descriptors_SOURCES = tests/unit/check_descriptors.c
tests_unit_check_descriptors_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_descriptors_LDADD = $(UNIT_LIBS)

tests_unit_check_explain_SOURCES = tests/unit/check_explain.c
tests_unit_check_explain_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_explain_LDADD = $(UNIT_LIBS)

tests_unit_check_live_SOURCES = tests/unit/check_live.c
tests_unit_check_live_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_live_LDADD = $(UNIT_LIBS)

tests_unit_check_log_reader_SOURCES = tests/unit/check_log_reader.c
tests_unit_check_log_reader_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_log_reader_LDADD = $(UNIT_LIBS)

tests_unit_check_learn_SOURCES = tests/unit/check_learn.c
tests_unit_check_learn_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_learn_LDADD = $(UNIT_LIBS)

tests_unit_check_summary_SOURCES = tests/unit/check_summary.c
tests_unit_check_summary_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_summary_LDADD = $(UNIT_LIBS)

tests_unit_check_report_SOURCES = tests/unit/check_report.c
tests_unit_check_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_report_LDADD = $(UNIT_LIBS)

tests_unit_check_tables_SOURCES = tests/unit/check_tables.c
tests_unit_check_tables_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_tables_LDADD = $(UNIT_LIBS)

tests_unit_check_words_SOURCES = tests/unit/check_words.c
tests_unit_check_words_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_words_LDADD = $(UNIT_LIBS)

tests_fuzz_fuzz_log_reader_SOURCES = tests/fuzz/fuzz_log_reader.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_log_reader_LDADD = libreport.a libwords.a libpolicy.a libbase.a $(LIBS_ALL)

# Of its own: what people are told, with hostile names.
check_PROGRAMS += tests/fuzz/fuzz_student
tests_fuzz_fuzz_student_SOURCES = tests/fuzz/fuzz_student.c tests/fuzz/student_log.c tests/fuzz/student_log.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_student_LDADD = libreport.a libwords.a libpolicy.a libbase.a $(LIBS_ALL)
TESTS += tests/fuzz/fuzz_student.sh
EXTRA_DIST += tests/fuzz/fuzz_student.sh tests/fuzz/corpus/student/limit tests/fuzz/corpus/student/names \
	tests/fuzz/corpus/student/paths
