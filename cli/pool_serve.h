/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds templates of one interpreter and forks them for runs that ask (cli/warm.h): `proctor pool`, and a child of
 * `proctor batch` and `proctor judge` (cli/own_pool.h). Of one thread: each request takes the time of a fork, but the
 * first one of its kind, for which a template is started.
 *
 * What a template executes is outside any sandbox. So an interpreter is served that whoever started the pool named,
 * with options and variables of a list that lead to no other code; everything else is refused, and run cold.
 */
#ifndef PROCTOR_CLI_POOL_SERVE_H
#define PROCTOR_CLI_POOL_SERVE_H

#include <stdbool.h>
#include <stdint.h>

/* All borrowed. */
struct pool_options {
	const char *listen;	/* where it listens, for messages */
	const char *python;	/* NULL: python3 */
	char *const *preload;	/* names of modules, NULL-terminated; or NULL */
	uint64_t renew_runs, renew_ns;
	uint64_t start_ns; /* for a template, with its preloads: meanwhile nobody else is served */
	bool quick;
	bool ends_with_stdin; /* when standard input is at its end */
	bool quiet;
};

/* With the times and numbers that hold where nothing else is said. */
void pool_options_init(struct pool_options *options);

/* Appends the names of a.b,c to LIST. -EINVAL when they are no names of modules: they become words of Python. */
int pool_take_preloads(const char *value, char ***list);

/* Listens at NAME: a path, or behind an @ an abstract name. A descriptor or -errno. */
int pool_listen(const char *name);

/* Is there an interpreter that can be held? 0, or an exit status after having said why there is none. */
int pool_check(const struct pool_options *options);

/* Serves at FD, which it takes, until a signal asks it to end: 0, or an exit status after having said why it cannot. */
int pool_serve(const struct pool_options *options, int fd);

#endif
