/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address that a program gave with a call: from the one copy of its bytes to a decision, and to what the kernel is
 * given in its place. Nothing of the program's memory is looked at again.
 */
#ifndef PROCTOR_SUPERVISOR_HANDLERS_ADDRESS_H
#define PROCTOR_SUPERVISOR_HANDLERS_ADDRESS_H

#include <sys/socket.h>

#include "policy/net.h"
#include "supervisor/plan.h"
#include "supervisor/view.h"

/* A socket of the program's, looked at by a duplicate, so that no thread can put another one in its place. */
struct own_socket {
	int fd; /* borrowed */
	int domain, type;
	enum net_transport transport;
};

/* Are there addresses that a rule grants, or those of the run's own unix sockets? Otherwise sockets are not for sandboxed
 * programs. */
bool serves_sockets(const struct view *view);
/* May the run's processes have unix sockets of their own, beneath the scratch? */
bool serves_own_sockets(const struct view *view);

/* What FD is. False: PLAN is the answer: it is no socket, of a family that no rule can speak of, or one of the first
 * three descriptors, which are whoever's that started proctor. */
bool own_socket(const struct view *view, int fd, struct own_socket *ret_socket, struct plan *ret_plan);

/* The answer where no address could be read, of which the program gave the length LEN. */
struct plan address_unread(uint64_t len);

/* What the kernel is given. A path is of the file that was decided on, or to bind to a name in a directory: FILE
 * is held meanwhile. */
struct kernel_address {
	struct sockaddr_storage address;
	socklen_t len;
	int file; /* or -1; owned */
};
void kernel_address_fini(struct kernel_address *address);

/*
 * May SOCKET be connected to, send to or be bound to the LEN bytes of RAW? Enters the address in CALL for its record.
 * True: RET_ADDRESS is what it is, and DECISION allows; to be released with kernel_address_fini(). False: PLAN is the
 * answer.
 */
bool address_ask(const struct view *view, struct call *call, const struct own_socket *socket, enum net_use use,
		 const void *raw, size_t len, struct kernel_address *ret_address, struct decision *ret_decision,
		 struct plan *ret_plan);

/* The address of SOCKET itself, as RAW: may it be called that? For listen(2), after the kernel has chosen a port. */
bool address_is_granted(const struct policy *policy, const struct own_socket *socket, const void *raw, size_t len,
			struct net_address *ret_address, struct decision *ret_decision);

#endif
