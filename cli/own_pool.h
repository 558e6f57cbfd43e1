/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool (cli/pool_serve.h) for the runs of one command: a child that the kernel kills when the command ends, in
 * whatever way. It listens at an abstract name, so that it leaves nothing in a file system.
 */
#ifndef PROCTOR_CLI_OWN_POOL_H
#define PROCTOR_CLI_OWN_POOL_H

#include <sys/types.h>

#include "base/util.h"
#include "cli/pool_serve.h"

struct own_pool {
	pid_t pid; /* 0: none */
	char *name;
};

/*
 * Starts a pool with OPTIONS, of which `listen` is set here. 0: NAME is the argument for `proctor run --warm`. Or
 * -errno, and nothing is left. To be called before the caller has opened or started anything of its own.
 */
int own_pool_start(struct pool_options options, struct own_pool *ret_pool);

/* Ends the pool. Runs that started from it must have ended. */
void own_pool_end(struct own_pool *pool);

#endif
