/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the value of a limit is written: one rule for the policy and for the command line. A size has a unit
 * (base/names.h), for 256 as a limit on memory has been taken for bytes where MiB were meant; a time without
 * one is in seconds, and output in bytes; "none" is no limit.
 */
#ifndef PROCTOR_POLICY_LIMIT_TEXT_H
#define PROCTOR_POLICY_LIMIT_TEXT_H

#include "policy/policy.h"

/*
 * TEXT as a value of LIMIT, in nanoseconds, bytes or a number; UINT64_MAX for "none". 0, or -errno with
 * RET_WRONG: what is wrong, to stand behind the name ("must be a size such as 256MiB, or none"); static.
 */
int limit_parse(enum limit limit, const char *text, uint64_t *ret_value, const char **ret_wrong);

/* The same for the size that a log may reach. */
int log_max_parse(const char *text, uint64_t *ret_bytes, const char **ret_wrong);

#endif
