/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool (cli/pool_serve.h) for the runs of one command: a child that the kernel kills when the command ends, however
 * it does. It listens at an abstract name, so that nothing of it is left in a file system.
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
 * Starts one, with OPTIONS but for where it listens. 0: NAME is what `proctor run --warm` is to be given. Or -errno,
 * and nothing is left. Before the caller has opened or started anything of its own.
 */
int own_pool_start(struct pool_options options, struct own_pool *ret_pool);

/* Ends it. Runs that it has started must have ended. */
void own_pool_end(struct own_pool *pool);

#endif
