/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address that a program passed to a call: from the one copy of its bytes to a decision, and to the address that
 * the kernel is given instead. The program's memory is not read again.
 */
#ifndef PROCTOR_SUPERVISOR_HANDLERS_ADDRESS_H
#define PROCTOR_SUPERVISOR_HANDLERS_ADDRESS_H

#include <sys/socket.h>

#include "policy/net.h"
#include "supervisor/plan.h"
#include "supervisor/view.h"

/* A socket of the program's, looked at on a duplicate, so that no thread can put another one in its place. */
struct own_socket {
	int fd; /* borrowed */
	int domain, type;
	enum net_transport transport;
};

/* Does a rule grant any address, or may the run have unix sockets of its own? Otherwise sockets are not for sandboxed
 * programs. */
bool serves_sockets(const struct view *view);
/* May the run's processes have unix sockets of their own, beneath the scratch? */
bool serves_own_sockets(const struct view *view);

/* What FD is. False: PLAN is the answer: FD is no socket, is of a family that no rule can name, or is one of the first
 * three descriptors, which belong to proctor's caller. */
bool own_socket(const struct view *view, int fd, struct own_socket *ret_socket, struct plan *ret_plan);

/* The answer where the address could not be read; LEN is the length that the program gave. */
struct plan address_unread(uint64_t len);

/* What the kernel is given. A path leads through FILE, which is held meanwhile: the socket that was decided on, or to
 * bind, the directory of the name. */
struct kernel_address {
	struct sockaddr_storage address;
	socklen_t len;
	int file; /* or -1; owned */
};
void kernel_address_fini(struct kernel_address *address);

/*
 * May SOCKET connect to, send to or be bound to RAW, an address of LEN bytes? Enters the address in CALL for its
 * record. True: DECISION allows it, and RET_ADDRESS is for the kernel; release it with kernel_address_fini(). False:
 * PLAN is the answer.
 */
bool address_ask(const struct view *view, struct call *call, const struct own_socket *socket, enum net_use use,
		 const void *raw, size_t len, struct kernel_address *ret_address, struct decision *ret_decision,
		 struct plan *ret_plan);

/* Does a rule grant RAW, the address that SOCKET has? For listen(2), after the kernel has chosen a port. */
bool address_is_granted(const struct policy *policy, const struct own_socket *socket, const void *raw, size_t len,
			struct net_address *ret_address, struct decision *ret_decision);

#endif
