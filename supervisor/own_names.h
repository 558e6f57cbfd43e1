/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the run's own unix sockets are called. The supervisor binds one by a descriptor of its directory, and the
 * kernel then reports that as its address; the program is told the name that it asked for.
 *
 * Begins as all zeros. Bounded: an entry stays for the whole run, for a connected peer may still ask.
 */
#ifndef PROCTOR_SUPERVISOR_OWN_NAMES_H
#define PROCTOR_SUPERVISOR_OWN_NAMES_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { OWN_NAMES_MAX = 1024 };

struct own_name {
	struct sockaddr_un bound, asked;
	socklen_t bound_len, asked_len;
};

struct own_names {
	struct own_name *names;
	size_t n, cap;
};

/* Is there room for one more, and is none bound as BOUND yet? */
bool own_names_fit(const struct own_names *names, const struct sockaddr_un *bound, socklen_t bound_len);
/* ASKED, of which ASKED_LEN bytes are an address, was asked for and is bound as BOUND. */
void own_names_add(struct own_names *names, const struct sockaddr_un *bound, socklen_t bound_len, const void *asked,
		   socklen_t asked_len);
/* What the program called the socket whose address is BOUND; NULL: it is none of these. */
const struct own_name *own_names_find(const struct own_names *names, const void *bound, socklen_t bound_len);
void own_names_fini(struct own_names *names);

#endif
