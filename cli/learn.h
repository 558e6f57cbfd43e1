/* SPDX-License-Identifier: Apache-2.0 */
/* What the two ways of proctor learn share: from logs, and from a program that it runs itself. */
#ifndef PROCTOR_CLI_LEARN_H
#define PROCTOR_CLI_LEARN_H

#include "cli/cli.h"
#include "report/learn.h"

struct learn_options {
	const char *output; /* NULL: standard output */
	const char *python; /* of `-- PROGRAM`; NULL: as proctor run finds it */
	uint64_t collapse, min_runs;
	bool partial;
};

/*
 * Learns from the N logs at PATHS. The policy is put into RET_POLICY, what is proved of it into REPORT. 0;
 * EXIT_FAILURE when something that the runs were let do is still refused under it; or another exit status,
 * having said why, with nothing in RET_POLICY.
 */
int learn_from_logs(const struct learn_options *options, char *const *paths, size_t n, struct buf *ret_policy,
		    struct buf *report);

/* cli/learn_run.c: runs WORDS, learns, runs them again. The exit status; the policy is in RET_POLICY if one was
 * learned. */
int learn_from_program(const struct learn_options *options, char **words, struct buf *ret_policy,
		       struct buf *report);

#endif
