/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server that holds templates of one interpreter and forks them for runs that ask (cli/warm.h): `proctor pool`, and
 * a child of `proctor batch` and `proctor judge` (cli/own_pool.h). It has one thread: each request takes the time of a
 * fork, except the first one of its kind, for which a template is started.
 *
 * What a template executes is outside any sandbox. So only the interpreter that was named at the start of the pool is
 * served, with options and variables from a list that lead to no other code; everything else is refused, and runs cold.
 */
#ifndef PROCTOR_CLI_POOL_SERVE_H
#define PROCTOR_CLI_POOL_SERVE_H

#include <stdbool.h>
#include <stdint.h>

/* All borrowed. */
struct pool_options {
	const char *listen;	/* where the pool listens, for messages */
	const char *python;	/* NULL: python3 */
	char *const *preload;	/* names of modules, NULL-terminated; or NULL */
	uint64_t renew_runs, renew_ns;
	uint64_t start_ns; /* that a template with its preloads may take to start: meanwhile nobody is served */
	bool quick;
	bool ends_with_stdin; /* ends when standard input does */
	bool quiet;
	bool lasting; /* a client may ask again over its connection once its run has ended */
};

/* Sets the default times and numbers. */
void pool_options_init(struct pool_options *options);

/* Appends the names in "a.b,c" to LIST. -EINVAL when one is no module name: they become Python code. */
int pool_take_preloads(const char *value, char ***list);

/*
 * Serves until a signal asks it to end: 0, or an exit status after having said why not. FD, which it takes over, listens
 * already; -1: it listens at OPTIONS->listen once it has an interpreter to hold.
 */
int pool_serve(const struct pool_options *options, int fd);

#endif
