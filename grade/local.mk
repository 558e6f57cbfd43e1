# SPDX-License-Identifier: Apache-2.0
# Many runs: the scheduler, checkers, problem packages, results. Runs are processes of proctor's own.
noinst_LIBRARIES += libgrade.a
libgrade_a_SOURCES = grade/batch.c grade/batch.h grade/check.c grade/check.h grade/cold.c grade/cold.h grade/checker.c grade/checker.h \
	grade/directory.c grade/directory.h grade/expected.c grade/expected.h grade/engine.c grade/engine.h grade/grade.c grade/grade.h grade/groups.c grade/groups.h \
	grade/interaction.c grade/interaction.h grade/referee.c grade/referee.h grade/relay.c grade/relay.h \
	grade/job.c grade/job.h grade/judge.c grade/judge.h grade/judgement.c grade/launch.c grade/launch.h grade/outcome.c grade/outcome.h \
	grade/merge.c grade/merge.h grade/passes.c grade/passes.h grade/progress.c grade/progress.h grade/results.c grade/results.h grade/score.c grade/score.h grade/slot.c grade/slot.h \
	grade/problem.c grade/problem.h grade/submission.c grade/submission.h grade/validator.c grade/validator.h \
	grade/worker.c grade/worker.h grade/yaml.c grade/yaml.h \
	grade/emit/emit.c grade/emit/emit.h grade/emit/fields.c grade/emit/fields.h grade/emit/github.c grade/emit/go_judge.c grade/emit/gradescope.c \
	grade/emit/isolate.c grade/emit/junit.c grade/emit/runguard.c grade/emit/tap.c
