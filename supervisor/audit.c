/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether refusals are carried out or only noted. A file of its own, so that a program made for one
 * test can be linked with another answer and show what the second wall holds alone
 * (tests/live/second_wall_allow.c); proctor itself holds no way to give that answer.
 */
#include "supervisor/state.h"

bool broker_audits(const struct broker *b)
{
	return b->options->audit;
}
