# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	cli/ask.c cli/ask.h cli/question.c cli/question.h \
	cli/batch.c cli/cli.h cli/closing.c cli/closing.h cli/command.c cli/command.h cli/diff.c \
	cli/environment.c cli/environment.h \
	cli/doctor.c cli/explain.c cli/export.c cli/grade_options.c cli/grade_options.h cli/identity.c \
	cli/identity.h cli/judge.c cli/last_log.c cli/last_log.h cli/learn.c cli/learn.h cli/learn_logs.c \
	cli/learn_run.c cli/log_command.c cli/log_command.h cli/output.c cli/output.h cli/policy.c cli/policy_target.c \
	cli/policy_calls.c cli/policy_calls.h cli/policy_cases.c cli/policy_diff.c cli/policy_list.c \
	cli/policy_target.h cli/policy_test.c cli/probe_file.c cli/probe_file.h cli/program_text.c \
	cli/program_text.h cli/recorded_run.c cli/recorded_run.h cli/report.c cli/run.c cli/run.h cli/run_emit.c \
	cli/run_emit.h cli/run_end.c cli/run_find.c cli/run_options.c cli/run_options.h cli/run_policy.c \
	cli/run_scratch.c cli/run_start.c cli/scratch_dir.c cli/scratch_dir.h \
	cli/scratch_files.h cli/scratch_keep.c cli/scratch_keep.h cli/scratch_memory.c cli/scratch_memory.h \
	cli/script.c cli/script.h \
	cli/tail.c cli/tail.h cli/tail_batch.c cli/tail_screen.c \
	cli/suggest.c cli/suggest.h cli/summary.c cli/target.c cli/target.h cli/target_path.c \
	cli/target_path.h cli/tracer.c cli/tracer.h cli/verify.c cli/pool.c cli/own_pool.c cli/own_pool.h cli/pool_serve.c cli/pool_serve.h \
	cli/pool_socket.c cli/pool_socket.h cli/warm.c cli/warm.h cli/why.c cli/xdg.c \
	cli/xdg.h
bin_PROGRAMS += proctor
proctor_SOURCES = cli/main.c
proctor_LDADD = $(PROCTOR_LIBS) $(LIBS_ALL)
