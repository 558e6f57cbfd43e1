/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that the kernel holds for a program and charges to nobody: what lies in its pipes and between
 * its sockets, and what its epoll instances watch. Where memory is limited, all of it that could be
 * filled must fit beneath the limit beside the resident memory.
 *
 * Counted is what each can hold at most, when it is made; nobody is told when one is closed. So the count only
 * grows, until it comes to the bound; then what the program has open is looked through and counted anew.
 * That costs time, and a program could ask for it all the time: it is done for a tenth of the time at most.
 */
#ifndef PROCTOR_SUPERVISOR_BUFFERS_H
#define PROCTOR_SUPERVISOR_BUFFERS_H

#include <stdbool.h>
#include <stdint.h>

struct plan;
struct request;
struct view;

struct buffers {
	uint64_t bytes;	       /* what is there could hold at most */
	uint64_t socket_bytes; /* one socket; 0: not asked yet */
	uint64_t looking_ns;   /* CPU time that counting anew has taken in all */
};

/*
 * REQUEST is about to make pipes or sockets (to accept one, too), or to watch a descriptor (no other call is counted). Does what they
 * could come to hold fit? Then PLAN, with `held` set, which buffers_take() enters when it is carried out; otherwise
 * the answer.
 */
struct plan buffers_fit(const struct view *view, const struct request *request, struct plan plan);
/* BYTES more can be held. */
void buffers_take(struct buffers *buffers, uint64_t bytes);

#endif
