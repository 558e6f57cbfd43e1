# SPDX-License-Identifier: Apache-2.0
# proctor run on real programs, one subject a file. How much each does can be raised by variables
# that its first lines name: BIG_STDIN_MIB, FAULT_RUNS, LOAD_FULL …
LIVE_TESTS = \
	tests/live/acts.py \
	tests/live/advice.py \
	tests/live/ask.py \
	tests/live/batch.py \
	tests/live/batch_killed.py \
	tests/live/buffers.py \
	tests/live/calls_all.py \
	tests/live/cause_corpus.py \
	tests/live/container.py \
	tests/live/crossed.py \
	tests/live/diff.py \
	tests/live/dotdot.py \
	tests/live/emit.py \
	tests/live/ending.py \
	tests/live/exception_hostile.py \
	tests/live/exception_interpreters.py \
	tests/live/exception_truth.py \
	tests/live/export.py \
	tests/live/fallback.py \
	tests/live/faults.py \
	tests/live/futex_join.py \
	tests/live/hidden_listing.py \
	tests/live/identical.py \
	tests/live/interactive.py \
	tests/live/judge.py \
	tests/live/last_words.py \
	tests/live/learn.py \
	tests/live/library_names.py \
	tests/live/limits.py \
	tests/live/locks.py \
	tests/live/load.py \
	tests/live/log.py \
	tests/live/look.py \
	tests/live/log_flood.py \
	tests/live/merge.py \
	tests/live/mounts.py \
	tests/live/native.py \
	tests/live/opened.py \
	tests/live/options.py \
	tests/live/net.py \
	tests/live/output_cost.py \
	tests/live/output_truth.py \
	tests/live/outputs.py \
	tests/live/passes.py \
	tests/live/paths.py \
	tests/live/policy_check.py \
	tests/live/policy_extends.py \
	tests/live/policy_file.py \
	tests/live/policy_log.py \
	tests/live/policy_never.py \
	tests/live/policy_overlap.py \
	tests/live/policy_start.py \
	tests/live/log_version.py \
	tests/live/over_time.py \
	tests/live/profile.py \
	tests/live/pypy.py \
	tests/live/pytest_suite.py \
	tests/live/python_package.py \
	tests/live/readme.py \
	tests/live/records.py \
	tests/live/refusals.py \
	tests/live/exec.py \
	tests/live/processes.py \
	tests/live/report.py \
	tests/live/report_page.py \
	tests/live/quota.py \
	tests/live/rows.py \
	tests/live/scratch.py \
	tests/live/scores.py \
	tests/live/shadow.py \
	tests/live/shipped.py \
	tests/live/shared_memory.py \
	tests/live/signals.py \
	tests/live/source_lines.py \
	tests/live/stacks_once.py \
	tests/live/start_script.py \
	tests/live/start_signals.py \
	tests/live/start_words.py \
	tests/live/stdio.py \
	tests/live/submission.py \
	tests/live/summary_by.py \
	tests/live/supervisor_cpu.py \
	tests/live/terminal.py \
	tests/live/threads.py \
	tests/live/tkinter_start.py \
	tests/live/usage.py \
	tests/live/verdict_schema.py \
	tests/live/tail.py \
	tests/live/verify.py \
	tests/live/warm.py tests/live/warm_again.sh tests/live/warm_ends.py \
	tests/live/webservice.py \
	tests/live/why.py \
	tests/live/write.py
TESTS += $(LIVE_TESTS)
EXTRA_DIST += tests/cause/corpus.txt tests/live/browser.py tests/live/exception_hook/sitecustomize.py \
	tests/live/exception_programs.py tests/live/identical_programs.py tests/live/grading.py tests/live/harness.py tests/live/roads.py \
	tests/live/export.schemas.json tests/live/schema.py tests/live/session.py tests/live/warmth.py $(LIVE_TESTS)

# All live tests and attacks with runs that begin in a pool. LIVE_WARM: how they end.
check-warm:
	LIVE_WARM='$(or $(LIVE_WARM),exact)' ATTACK_SANDBOX=warm $(MAKE) $(AM_MAKEFLAGS) check \
	  TESTS='$(filter tests/live/% tests/attack/%,$(filter-out %/warm_again.sh,$(TESTS)))'
.PHONY: check-warm

# A shared object for LD_PRELOAD; built as a program, for want of libtool.
check_PROGRAMS += tests/live/fault_shim
tests_live_fault_shim_SOURCES = tests/live/fault_shim.c
tests_live_fault_shim_CFLAGS = $(WARN_CFLAGS) -fPIC
tests_live_fault_shim_LDFLAGS = -shared
tests_live_fault_shim_LDADD = -ldl

# Runs in one process, one after the other and at once.
check_PROGRAMS += tests/live/two_runs
tests_live_two_runs_SOURCES = tests/live/two_runs.c
tests_live_two_runs_LDADD = $(PROCTOR_LIBS) $(LIBS_ALL)
TESTS += tests/live/two_runs
# A program that begins with a directory on stdin.
check_PROGRAMS += tests/live/list_stdin
tests_live_list_stdin_SOURCES = tests/live/list_stdin.c
tests_live_list_stdin_CFLAGS = $(WARN_CFLAGS)
tests_live_list_stdin_LDFLAGS =
