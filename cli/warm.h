/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between `proctor run --warm` and `proctor pool`: what is asked and answered over the pool's socket, and the client.
 *
 * Theory of operation. The pool holds templates (tracee/template.h), and forks one for each run that asks. The fork
 * is stopped before it has done anything, and nobody's tracee: the client, which is an ordinary `proctor run` with
 * its own policy, log and descriptors, attaches to it and makes its program of it (tracee/adopt.h) in the place of
 * one that it would have forked and executed. So the pool has no part in what a run may do, and whatever it cannot
 * give, or the client does not want, is run cold.
 *
 * Both are of one user and of one version of proctor. A connection is one run: when it ends, so does its program.
 */
#ifndef PROCTOR_CLI_WARM_H
#define PROCTOR_CLI_WARM_H

#include <sys/socket.h>
#include <sys/un.h>

#include "policy/interpreter.h"
#include "policy/policy.h"
#include "cli/script.h"
#include "tracee/adopt.h"

enum { WARM_TEXT_MAX = 8 << 20, WARM_ASKED_MAX = 256 << 10 };

/* Both are followed by LEN bytes: texts, each with its NUL. */
struct warm_request {
	char version[32];
	uint32_t size; /* of what is answered, so that both mean the same by it */
	uint32_t n_argv, n_env, len;
	uint64_t ignored; /* signals, bit N - 1 each */
	struct rlimit stack;
};

/* With two descriptors, a pidfd and a socket (struct template_fork), when REFUSED is 0; otherwise the text says why. */
struct warm_answer {
	uint32_t refused, quick, n_preload, n_modules, n_files, len;
	uint64_t age_ns, runs;
	struct template_facts facts;
};

/* Appends the version that both have to be of, NUL-padded. */
void warm_version(char version[32]);

/* N texts, each with its NUL, from *AT on and not behind END, where a NUL is: a NULL-terminated list that borrows them, to
 * be freed, and *AT behind them. NULL when there are fewer. */
char **warm_take_list(char **at, const char *end, size_t n);

/* The address that NAME, a path or behind an @ an abstract name, stands for. 0 or -ENAMETOOLONG. */
int warm_address(const char *name, struct sockaddr_un *ret_address, socklen_t *ret_len);

/* Is process PID behind the same seccomp filters as this one, as far as they are counted? */
bool warm_same_filters(pid_t pid);

/* A CPython that a template can be made of, as far as its version tells. */
bool warm_can_hold(const struct interpreter *interpreter);

/* What a run asks for. All borrowed. */
struct warm_wish {
	const char *socket;
	const struct interpreter *interpreter;
	const struct policy *policy;
	const struct script *script;
	char *const *argv, *const *envp;
	const sigset_t *ignored;
	const char *working_directory;
	int directory_fd; /* the same; -1: it is the caller's own */
	unsigned closed_stdio;
	const char *scratch; /* its path, or NULL */
	bool audit, user;
};

/* What came of it. Begins as all zeros but for the descriptors; free with warm_fini(). */
struct warm {
	int connection, pidfd, socket, cwd_fd; /* -1: none */
	struct template_facts facts;
	struct adoption adoption;
	char *texts; /* what the lists below point into */
	char **preload, **modules, **files; /* NULL-terminated; the lists are owned */
	uint64_t age_ns, runs;
	char *full_name;
	struct buf cmdline;
};

void warm_init(struct warm *warm);
void warm_fini(struct warm *warm);

/* Asks. True: `adoption` can be adopted; false: the run has to be cold, and WHY says why, without newline. */
bool warm_ask(const struct warm_wish *wish, struct warm *warm, struct buf *why);

#endif
