/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name at which a pool listens. A pool that was killed leaves its socket behind, and the next one takes the name;
 * of several that begin at once one does, and none takes it from another that lives.
 */
#ifndef PROCTOR_CLI_POOL_SOCKET_H
#define PROCTOR_CLI_POOL_SOCKET_H

#include <sys/types.h>

/* What a socket is in its directory, so that its owner knows it again; an abstract name has nothing. */
struct pool_place {
	dev_t device;
	ino_t inode;
};

/*
 * Listens at NAME: a path, or behind an @ an abstract name. A descriptor or -errno: -EADDRINUSE where another process has
 * the name. RET_PLACE may be NULL.
 */
int pool_listen(const char *name, struct pool_place *ret_place);

/* Removes NAME if it still leads to the socket of PLACE. */
void pool_leave(const char *name, const struct pool_place *place);

#endif
