# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = cli/cli.h cli/closing.c cli/closing.h cli/doctor.c cli/explain.c cli/identity.c cli/identity.h cli/last_log.c cli/last_log.h cli/policy.c cli/policy_target.c cli/policy_target.h cli/policy_test.c \
libcli_a_SOURCES = cli/batch.c cli/cli.h cli/grade_options.c cli/grade_options.h cli/doctor.c cli/explain.c cli/identity.c cli/identity.h cli/policy.c cli/policy_target.c cli/policy_target.h cli/policy_test.c \
libcli_a_SOURCES = cli/batch.c cli/cli.h cli/grade_options.c cli/grade_options.h cli/judge.c cli/doctor.c cli/explain.c cli/identity.c cli/identity.h cli/policy.c cli/policy_target.c cli/policy_target.h cli/policy_test.c \
libcli_a_SOURCES = cli/cli.h cli/command.c cli/command.h cli/doctor.c cli/explain.c cli/identity.c cli/identity.h cli/policy.c cli/policy_target.c cli/policy_target.h cli/policy_test.c \
libcli_a_SOURCES = cli/cli.h cli/doctor.c cli/explain.c cli/identity.c cli/identity.h cli/policy.c cli/policy_target.c cli/policy_target.h cli/policy_test.c \
	cli/diff.c cli/learn.c cli/learn_logs.c cli/learn.h cli/learn_run.c cli/recorded_run.c cli/recorded_run.h cli/why.c \
	cli/run.c cli/run_options.c cli/run_options.h cli/script.c cli/script.h cli/summary.c \
	cli/suggest.c cli/suggest.h cli/tracer.c cli/tracer.h \
	cli/target.c cli/target.h cli/target_path.c cli/target_path.h
bin_PROGRAMS += proctor
proctor_SOURCES = cli/main.c
proctor_LDADD = $(PROCTOR_LIBS) $(LIBS_ALL)
