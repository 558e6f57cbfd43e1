/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duplicates of the program's descriptors where pidfd_getfd(2) cannot make them: in a container whose seccomp filter
 * forbids it (Docker's default), and before Linux 6.9 once the first thread has exited. The call itself is replaced by
 * one that sends us the descriptor, or both that it names: sendmsg(2), SCM_RIGHTS, on a reserved socket to the
 * supervisor, with everything it points to in the sealed scratch. At the exit stop the supervisor takes the duplicates and
 * has the program make its call again, which then has what it needs (handed.h). Like a lent descriptor, a duplicate is of
 * what the kernel found at that moment: no thread can swap it afterwards.
 *
 * The program could send on that socket too. All it can forge is a descriptor of its own, which is looked at like any
 * other before anything is done with it.
 */
#ifndef PROCTOR_SUPERVISOR_HANDOVER_H
#define PROCTOR_SUPERVISOR_HANDOVER_H

#include "supervisor/call.h"
#include "tracee/scratch.h"

/* Of one call. */
enum { HANDOVER_MAX = 2 };

/* N descriptors that came together and wait to be fetched; tag 0: none. */
struct handed_over {
	uint64_t tag;
	unsigned n;
	int fds[HANDOVER_MAX];
};

struct handover {
	bool needed;
	int fd, number; /* our end, and the program's among the reserved descriptors; -1: not needed */
	uint64_t tags;	/* given so far */
	struct handed_over places[SCRATCH_SLOTS];
};

void handover_init(struct handover *handover);
/* Is it needed, because this host's pidfd_getfd(2) cannot do everything? 0, or -errno of pidfd_open(2), which a run
 * needs. */
int handover_needed(bool *ret_needed);
/* Makes the socket; RET_THEIRS is for the program to inherit, and the caller's to close. 0 or -errno. */
int handover_new(struct handover *handover, int *ret_theirs);
void handover_fini(struct handover *handover);

/* At the entry stop: makes REGS, the call's own, those of a call that sends the N descriptors NUMBERS, and gives CALL a
 * slot of SCRATCH and a tag. 0, or the answer to the call: -EMFILE. */
int handover_begin(struct handover *handover, struct scratch *scratch, struct call *call, const int *numbers, unsigned n,
		   struct user_regs_struct *regs);
/* At its exit stop: how many duplicates came, in RET_FDS, which the caller closes; or -EBADF, and none did. */
int handover_receive(struct handover *handover, const struct call *call, int ret_fds[HANDOVER_MAX]);

#endif
