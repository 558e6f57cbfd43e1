/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of a program: only what it needs and what was asked for. Later sources override earlier ones:
 * proctor's own variables; the caller's locale, time zone, terminal and home; the scratch, for files that libraries
 * make; the policy; --env.
 */
#ifndef PROCTOR_CLI_ENVIRONMENT_H
#define PROCTOR_CLI_ENVIRONMENT_H

#include "policy/policy.h"

/* Begins as all zeros. */
struct environment {
	char **texts; /* "NAME=VALUE", NULL-terminated */
	size_t n, cap;
};

struct environment_wish {
	bool is_python;
	const struct policy *policy;
	const char *scratch;	   /* its path, or NULL */
	const char *const *given; /* NAME or NAME=VALUE */
	size_t n_given;
};

void environment_make(struct environment *environment, const struct environment_wish *wish);
void environment_fini(struct environment *environment);

/* The value of NAME, or NULL. */
const char *environment_get(const struct environment *environment, const char *name);

#endif
