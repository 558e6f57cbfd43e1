/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the value of a limit is written, the same in a policy and on the command line. A size must have a unit
 * (base/names.h), because 256 as a limit on memory was once taken for bytes where MiB were meant; but output
 * without one is in bytes, and a time without one in seconds. "none" is no limit.
 */
#ifndef PROCTOR_POLICY_LIMIT_TEXT_H
#define PROCTOR_POLICY_LIMIT_TEXT_H

#include "policy/policy.h"

/*
 * TEXT as a value of LIMIT, in nanoseconds, bytes or a number; UINT64_MAX for "none". 0, or -errno with
 * RET_WRONG: what is wrong, to follow the name ("must be a size such as 256MiB, or none"); static.
 */
int limit_parse(enum limit limit, const char *text, uint64_t *ret_value, const char **ret_wrong);

/* The same for the size that a log may reach. */
int log_max_parse(const char *text, uint64_t *ret_bytes, const char **ret_wrong);

#endif
