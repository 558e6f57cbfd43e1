/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of proctor policy share. */
#ifndef PROCTOR_CLI_POLICY_TARGET_H
#define PROCTOR_CLI_POLICY_TARGET_H

#include "cli/script.h"
#include "policy/interpreter.h"
#include "policy/net.h"
#include "supervisor/resolve.h"

struct query {
	char want; /* r, s, l (a link itself), w, x, c(onnect) or b(ind) */
	char *path; /* or an address */
};

/* The options, borrowed from argv, and what is made of them. */
struct policy_target {
	const char *policy, *script, *python;
	const char **read, **write, **connect, **bind, **exec;
	size_t n_read, cap_read, n_write, cap_write, n_connect, cap_connect, n_bind, cap_bind, n_exec, cap_exec;
	enum policy_process process; /* --process */
	bool process_given;
	const char *scratch; /* the option that grants a scratch, or NULL; its size (0: not given) */
	uint64_t scratch_bytes;
	struct query *queries;
	size_t n_queries, cap_queries;
	const char *from;
	bool filter, calls, json;
	const char *cases; /* --cases: a file */
	const char *under; /* --under: the policy of a program that is asked, in the place of the run's, by its name or the
			    * program's path; or NULL */
	const char *text; /* the policy's text, and POLICY is then only its name; or NULL */
	bool quiet;	  /* warnings are not shown */
	struct buf *wrong; /* takes the errors of a wrong policy; NULL: they are shown */
	bool test; /* --read asks a question; otherwise it grants, as for proctor run */

	struct interpreter interpreter;
	struct script found; /* of SCRIPT; empty without one */
	char *submission; /* canonical directory; may be set before loading if there is no script */
	char *hide[2];	  /* as in a run without a script (struct policy_context), or NULL */
	char *script_read; /* the script's name in a recorded run, which is granted too; or NULL */
	struct policy *loaded;
};
void policy_target_fini(struct policy_target *target);

/* Parses the options, leaving optind at what follows. -1: go on; otherwise the exit status, all said. */
int policy_target_options(struct policy_target *target, int argc, char **argv);
void policy_target_ask(struct policy_target *target, char want, const char *path);

/* Handles an option that grants as for proctor run: r, w, c(onnect), b(ind), x (--exec); 'f', --process; or 's', the
 * scratch, with its size in VALUE or NULL. -1, or the exit status with the message told. */
int policy_target_grant(struct policy_target *target, char option, const char *value);
/* Has it been given one of these? */
bool policy_target_grants(const struct policy_target *target);

/* Finds the interpreter and loads the policy. 0 or the exit status, all said. */
int policy_target_load(struct policy_target *target);

/* The policy that questions are put to: the loaded one, or the one within it that --under names. */
struct asked_policy {
	const struct policy *policy;
	struct resolver *outer, *resolver; /* OUTER: NULL, or what RESOLVER is made from */
};
/* Loads the policy and takes the one to ask. 0 or the exit status, all said. End with asked_policy_fini() in any case. */
int policy_target_ask_begin(struct policy_target *target, struct asked_policy *ret_asked);
void asked_policy_fini(struct asked_policy *asked);

/* Resolves PATH as the supervisor would for a program that runs here and now. Returns the path to be decided on,
 * borrowed from RET_OBJECT. */
const char *policy_resolve(struct resolver *resolver, const char *path, unsigned flags, struct object *ret_object);

/* Decides WANT of PATH, which is resolved in that way. False: no decision, because RET_OBJECT is one of the program's
 * descriptors or an error. RET_PATH: what was decided on, borrowed from RET_OBJECT. */
bool policy_ask_path(const struct policy *policy, struct resolver *resolver, unsigned want, const char *path,
		     unsigned flags, struct object *ret_object, struct decision *ret_decision, const char **ret_path);

/* Is TEXT one address, not a range? False: RET_WRONG says why, static. */
bool policy_is_address(enum net_use use, const char *text, const char **ret_wrong);
/* Decides the address TEXT; a path in it is followed as the supervisor would. RET_ADDRESS: what it led to. */
void policy_ask_address(const struct policy *policy, struct resolver *resolver, enum net_use use, const char *text,
			struct buf *ret_address, struct decision *ret_decision);

/* Adds a warning for each name under `never` that is no system call: it forbids nothing. */
void policy_check_syscalls(const struct policy *policy, struct buf *messages);

/* The usage of the commands. */
extern const char policy_usage[];
/* Says what is wrong with the command line; EXIT_USAGE. */
int policy_bad_usage(const char *format, ...) _printf_(1, 2);
/* Writes OUT to standard output; 0 or the exit status. */
int policy_print(const struct buf *out);

/* cli/policy_test.c: proctor policy test; with --cases cli/policy_cases.c. */
int policy_test(int argc, char **argv);
int policy_test_cases(struct policy_target *target);
/* cli/policy_list.c, cli/policy_diff.c */
int policy_list(int argc, char **argv);
int policy_diff(int argc, char **argv);

#endif
