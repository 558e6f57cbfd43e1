/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that the kernel holds for a program and charges to nobody: what lies in its pipes and between its sockets,
 * and what its epoll instances watch. Where memory is limited, all of it that could be filled must fit beneath the
 * limit beside the resident memory.
 *
 * Each pipe, socket and watch is counted when it is made, with the most that it can hold; nobody is told when one is
 * closed. So the count only grows until it reaches the bound; then what the program has open is looked through and
 * counted anew, each time: a refusal depends on what is open alone. What that costs the supervisor is bounded as all its
 * work for a program is: beyond a ratio it counts as CPU time of the program (burden.h).
 */
#ifndef PROCTOR_SUPERVISOR_BUFFERS_H
#define PROCTOR_SUPERVISOR_BUFFERS_H

#include <stdbool.h>
#include <stdint.h>

struct plan;
struct request;
struct view;

struct buffers {
	uint64_t bytes;	       /* the most that all of them can hold */
	uint64_t socket_bytes; /* the most that one socket can hold; 0: not asked yet */
};

/*
 * REQUEST is about to make pipes or sockets (accept(2) too) or to watch a descriptor; other calls are not counted. If
 * what these could come to hold fits: PLAN with `held` set, for buffers_take() when the plan is carried out. Otherwise
 * a refusal.
 */
struct plan buffers_fit(const struct view *view, const struct request *request, struct plan plan);
/* The most that one socket can hold in one direction, by the kernel's default: no call may raise it. */
uint64_t buffers_of_socket(struct buffers *buffers);
/* From now on BYTES more can be held. */
void buffers_take(struct buffers *buffers, uint64_t bytes);

#endif
