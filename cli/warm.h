/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `proctor run --warm` and `proctor pool`: the protocol on the pool's socket, and the client.
 *
 * Theory of operation. The pool holds templates (tracee/template.h), and forks one for each run that asks. The fork
 * is stopped before it has done anything, and not traced: the client, which is an ordinary `proctor run` with its
 * own policy, log and descriptors, attaches to it and turns it into its program (tracee/adopt.h), instead of forking
 * and executing one itself. So the pool has no influence on what a run may do; if it refuses, or the client does not
 * accept what it gets, the run is cold.
 *
 * Both are of the same user and the same version of proctor. One connection is one run: when it ends, so does its
 * program.
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
	uint32_t size; /* of struct warm_answer, so that both sides agree on it */
	uint32_t n_argv, n_env, len;
	uint64_t ignored; /* signals, bit N - 1 each */
	struct rlimit stack;
};

/* With two descriptors, a pidfd and a socket (struct template_fork), when REFUSED is 0; otherwise the text says why. */
struct warm_answer {
	uint32_t refused, quick, n_preload, n_modules, n_files, len;
	int32_t pid; /* the fork's, in the pool's namespace */
	uint64_t age_ns, runs;
	struct template_facts facts;
};

/* The version that both sides must have, NUL-padded. */
void warm_version(char version[32]);

/* Takes N texts, each with its NUL, from *AT, which moves behind them, but not beyond END, where there is a NUL. A
 * NULL-terminated list that borrows them and is to be freed; NULL when there are fewer. */
char **warm_take_list(char **at, const char *end, size_t n);

/* The address for NAME: a path, or an abstract name after an @. 0 or -ENAMETOOLONG. */
int warm_address(const char *name, struct sockaddr_un *ret_address, socklen_t *ret_len);

/* Is process PID behind the same seccomp filters as this one, judging by their mode and number? This one must have had
 * its own since before the first call. */
bool warm_same_filters(pid_t pid);

/* Is it a CPython of which a template can be made, judging by its version? */
bool warm_can_hold(const struct interpreter *interpreter);

/* Is it a word of Python's behind which only the program's own come: -c, -m or -? */
bool warm_ends_options(const char *word);

/* What a run asks for. All of it is borrowed. */
struct warm_wish {
	const char *socket;
	const struct interpreter *interpreter;
	const struct policy *policy;
	const struct script *script;
	char *const *argv, *const *envp;
	const sigset_t *ignored;
	const char *working_directory;
	int directory_fd; /* the same, open; -1: it is the caller's own */
	unsigned closed_stdio;
	const char *scratch; /* its path, or NULL */
	bool audit, user;
};

/* The outcome. Begins as all zeros but for the descriptors; free with warm_fini(). */
struct warm {
	int connection, pidfd, socket, cwd_fd; /* -1: none */
	bool own;    /* the pool is this command's own */
	bool lasts;  /* CONNECTION is for the next run too */
	struct template_facts facts;
	struct adoption adoption;
	char *texts; /* what the lists below point into */
	char **preload, **modules, **files; /* NULL-terminated; the lists are owned */
	uint64_t age_ns, runs;
	char *full_name, **words; /* WORDS: the list is owned */
	struct buf cmdline;
};

void warm_init(struct warm *warm);
void warm_fini(struct warm *warm);

/* From now on a pool at a socket that process LISTENER has listened on is this command's own: it was forked from it, so
 * it is in the same namespaces and has the same rights. LISTENER has to outlive whoever asks. */
void warm_trust(pid_t listener);

/*
 * From now on this process asks one run after another, and each has ended before the next one asks: a connection to the
 * command's own pool lasts for all of them. Returns its descriptor, or -1 as long as there is none.
 */
void warm_last(void);
int warm_lasting(void);

/* Asks the pool. True: `adoption` can be adopted; false: the run has to be cold, and WHY says why, without newline. */
bool warm_ask(const struct warm_wish *wish, struct warm *warm, struct buf *why);

#endif
