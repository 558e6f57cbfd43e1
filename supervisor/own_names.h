/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the run's own unix sockets are called. The supervisor binds one by a descriptor of its directory, and that is what
 * the kernel then says its address is; the program is told the name that it asked for.
 *
 * Begins as all zeros. Bounded: what is bound stays for the run, for whoever is connected may ask.
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

/* Is there room for one more, and none that is bound as BOUND? */
bool own_names_fit(const struct own_names *names, const struct sockaddr_un *bound, socklen_t bound_len);
/* ADDRESS, LEN bytes of struct sockaddr_un, was asked for and is BOUND. */
void own_names_add(struct own_names *names, const struct sockaddr_un *bound, socklen_t bound_len, const void *asked,
		   socklen_t asked_len);
/* What the program called the socket whose address is BOUND; NULL: it is none of these. */
const struct own_name *own_names_find(const struct own_names *names, const void *bound, socklen_t bound_len);
void own_names_fini(struct own_names *names);

#endif
