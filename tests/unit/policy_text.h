/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a policy from text in the tests. Paths begin with /pt, which exists nowhere. */
#ifndef PROCTOR_TESTS_POLICY_TEXT_H
#define PROCTOR_TESTS_POLICY_TEXT_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "policy/policy.h"

static const struct policy_context test_context = { .submission = "/pt/submission" };

/* The messages of TEXT, which must be refused. The caller frees. */
static inline char *refused(const char *text)
{
	struct buf messages = { 0 };
	struct policy *policy = NULL;
	int r = policy_load_text(text, strlen(text), "t.yaml", &test_context, &policy, &messages);

	ck_assert_msg(r == -EINVAL, "accepted: %s", text);
	ck_assert_ptr_null(policy);
	return buf_steal(&messages);
}

/* The policy of TEXT, which must be accepted. Its warnings go to RET_WARNINGS unless that is NULL. */
static inline struct policy *accepted(const char *text, char **ret_warnings)
{
	struct buf messages = { 0 };
	struct policy *policy = NULL;
	int r = policy_load_text(text, strlen(text), "t.yaml", &test_context, &policy, &messages);

	ck_assert_msg(r == 0, "refused: %s\n%s", text, messages.data ? messages.data : "");
	if (ret_warnings)
		*ret_warnings = buf_steal(&messages);
	buf_fini(&messages);
	return policy;
}

#endif
