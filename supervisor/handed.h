/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptor that a thread has handed over (handover.h), or both that its call names, until the thread makes its call
 * again: the same call, with the same registers, and nothing in between. Whatever else the thread does drops them.
 * Begins as all zeros.
 */
#ifndef PROCTOR_SUPERVISOR_HANDED_H
#define PROCTOR_SUPERVISOR_HANDED_H

#include <stdbool.h>

#include "tracee/abi/abi.h"

struct handed {
	bool is;
	int fd;	    /* owned; or the -errno for which there is none */
	int second; /* owned; -1 where the call has one descriptor, or none came */
	struct user_regs_struct regs; /* of the call */
};

void handed_keep(struct handed *handed, int fd, int second, const struct user_regs_struct *regs);
/* Is it for a call that is made with REGS? */
bool handed_is_for(const struct handed *handed, const struct user_regs_struct *regs);
/* The descriptor, which is the caller's now as RET_SECOND is, or the -errno. */
int handed_take(struct handed *handed, int *ret_second);
void handed_drop(struct handed *handed);

#endif
