# SPDX-License-Identifier: Apache-2.0
# The policy: what is written, what it decides, what an interpreter needs.
unit_programs += tests/unit/check_policy_parse tests/unit/check_policy_match tests/unit/check_interpreter
check_PROGRAMS += tests/table/policy_table tests/fuzz/fuzz_policy
TESTS += tests/table/policy_table tests/fuzz/fuzz_policy.sh tests/live/policy_command.py tests/live/policy_coverage.py
EXTRA_DIST += tests/table/policy.table tests/fuzz/fuzz_policy.sh tests/live/policy_command.py \
	tests/live/policy_coverage.py $(POLICY_CORPUS)

tests_unit_check_policy_parse_SOURCES = tests/unit/check_policy_parse.c tests/unit/policy_text.h
tests_unit_check_policy_parse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_policy_parse_LDADD = $(UNIT_LIBS)
tests_unit_check_policy_match_SOURCES = tests/unit/check_policy_match.c tests/unit/policy_text.h
tests_unit_check_policy_match_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_policy_match_LDADD = $(UNIT_LIBS)
tests_unit_check_interpreter_SOURCES = tests/unit/check_interpreter.c
tests_unit_check_interpreter_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_interpreter_LDADD = $(UNIT_LIBS)

tests_table_policy_table_SOURCES = tests/table/policy_table.c
tests_table_policy_table_LDADD = libpolicy.a libbase.a $(LIBS_ALL)
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_policy_LDADD = libpolicy.a libbase.a $(LIBS_ALL)

POLICY_CORPUS = \
	tests/fuzz/corpus/policy/anchor \
	tests/fuzz/corpus/policy/bom \
	tests/fuzz/corpus/policy/bomb \
	tests/fuzz/corpus/policy/comment \
	tests/fuzz/corpus/policy/complex-key \
	tests/fuzz/corpus/policy/control \
	tests/fuzz/corpus/policy/data.yaml \
	tests/fuzz/corpus/policy/deep \
	tests/fuzz/corpus/policy/deep-flow \
	tests/fuzz/corpus/policy/directive \
	tests/fuzz/corpus/policy/dots \
	tests/fuzz/corpus/policy/empty \
	tests/fuzz/corpus/policy/exec \
	tests/fuzz/corpus/policy/exec-policy \
	tests/fuzz/corpus/policy/json \
	tests/fuzz/corpus/policy/latin1 \
	tests/fuzz/corpus/policy/limits \
	tests/fuzz/corpus/policy/links \
	tests/fuzz/corpus/policy/literal \
	tests/fuzz/corpus/policy/long-name \
	tests/fuzz/corpus/policy/long-path \
	tests/fuzz/corpus/policy/merge-key \
	tests/fuzz/corpus/policy/multi \
	tests/fuzz/corpus/policy/net \
	tests/fuzz/corpus/policy/null \
	tests/fuzz/corpus/policy/overflow \
	tests/fuzz/corpus/policy/patterns \
	tests/fuzz/corpus/policy/percent \
	tests/fuzz/corpus/policy/pure.yaml \
	tests/fuzz/corpus/policy/quota \
	tests/fuzz/corpus/policy/quiet.yaml \
	tests/fuzz/corpus/policy/root \
	tests/fuzz/corpus/policy/show-quoting \
	tests/fuzz/corpus/policy/start \
	tests/fuzz/corpus/policy/strict.yaml \
	tests/fuzz/corpus/policy/tabs \
	tests/fuzz/corpus/policy/tag \
	tests/fuzz/corpus/policy/unterminated \
	tests/fuzz/corpus/policy/utf16 \
	tests/fuzz/corpus/policy/write
unit_programs += tests/unit/check_exec
tests_unit_check_exec_SOURCES = tests/unit/check_exec.c tests/unit/policy_text.h
tests_unit_check_exec_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_exec_LDADD = $(UNIT_LIBS)
