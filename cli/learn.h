/* SPDX-License-Identifier: Apache-2.0 */
/* What the two ways of proctor learn share: learning from logs, and from a program that it runs itself. */
#ifndef PROCTOR_CLI_LEARN_H
#define PROCTOR_CLI_LEARN_H

#include "cli/cli.h"
#include "report/learn.h"

struct learn_options {
	const char *output; /* NULL: standard output */
	const char *python; /* for `-- PROGRAM`; NULL: as proctor run finds it */
	uint64_t collapse, min_runs;
	bool partial;
	bool scratch; /* for `-- PROGRAM`: it has one while it is learned from */
};

/*
 * Learns from the N logs at PATHS. RET_POLICY gets the policy, REPORT what is proved about it. 0; EXIT_FAILURE
 * when the policy still refuses something that the runs were allowed; or another exit status, having said why,
 * with nothing in RET_POLICY.
 */
int learn_from_logs(const struct learn_options *options, char *const *paths, size_t n, struct buf *ret_policy,
		    struct buf *report);

/* cli/learn_run.c: runs WORDS, learns, runs them again. Returns the exit status; RET_POLICY gets the policy if one
 * was learned. */
int learn_from_program(const struct learn_options *options, char **words, struct buf *ret_policy,
		       struct buf *report);

#endif
