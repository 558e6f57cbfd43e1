/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of one call (proctor-log(5), kind "call"): facts in, members out. Every text may be the
 * program's own choice; each has a bound in bytes as written, and the record says which members were cut.
 * Everything is borrowed. NULL, 0 and false leave a member out unless noted otherwise.
 */
#ifndef PROCTOR_RECORD_CALL_H
#define PROCTOR_RECORD_CALL_H

#include <stddef.h>
#include <sys/types.h>

#include "base/meant.h"
#include "record/interner.h"
#include "record/recorder.h"
#include "record/stack.h"

enum { RECORD_MAX_ARGS = 6 };

/* One step of a path's resolution: "name" led to "path", by way of "link". */
struct record_step {
	const char *name, *path, *link;
};

/* The address that a call was about: an IPv4 or IPv6 ADDRESS and PORT, or the name of a unix socket. */
struct record_network {
	const char *transport; /* "tcp" "udp" "unix"; NULL: the call is about none */
	const char *address;
	const char *type; /* "ipv4" "ipv6"; NULL for unix */
	unsigned port;
	bool server; /* the program's own, for others to reach; else the one it wants to reach */
};

struct record_rule {
	const char *id; /* NULL: no rule */
	const char *ref, *path;
	const char *ruleset; /* the policy that the process is under, if that is within the run's; or NULL */
	const char *nearest, *nearest_path;
};

struct record_process {
	pid_t pid, thread;
	pid_t parent; /* 0: left out */
	const char *executable; /* what it has executed, or NULL */
};

struct record_call {
	uint64_t realtime_ns, duration_ns;
	uint64_t broker_ns; /* of the duration, proctor's own time */
	const char *action; /* the call's name */
	const char *type;   /* "allowed" "denied" "error" */
	struct record_process process;

	uint64_t nr;
	const char *arch, *subject;
	const char *topic; /* only with a refusal */
	bool conditional;
	/* Argument I as strace(1) writes it: `args` from the end of the argument before to `arg_ends[I]`. */
	const struct buf *args;
	size_t arg_ends[RECORD_MAX_ARGS];
	unsigned n_args;
	bool returned;
	int64_t result; /* the kernel's convention: -errno on failure */

	const char *path;
	bool on_descriptor; /* PATH is what DESCRIPTOR was open on; the call named none */
	int descriptor;
	const struct record_step *steps;
	size_t n_steps;
	bool steps_cut; /* there were more */
	struct record_network network;

	const struct meant *meant; /* what it was for; NULL: the call says it, or it is not known */

	const char *decision, *how;
	bool enforced, violation;
	bool question; /* the interpreter's library asked, for its own purposes */
	struct record_rule rule;
	/* What a second policy would have decided differently. */
	const char *shadow;	  /* NULL: nothing */
	const char *shadow_errno; /* or NULL */
	struct record_rule shadow_rule;

	bool urgent; /* to be written out at once */
	struct interner *interner; /* for the stack; NULL: the record holds it */
};

/*
 * Appends the record of CALL and returns its sequence number, or 0 when the log is full. STACK may be NULL; LIBRARY
 * and SOURCE are as for record_put_stack().
 */
uint64_t record_call(struct recorder *recorder, const struct record_call *call, const struct stack *stack,
		     const char *const *library, const struct stack_source *source);

/* The member "process". */
void record_put_process(const struct record_process *process, struct buf *out);

#endif
