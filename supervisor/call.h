/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One brokered call on its way: what was asked, what it named, what was decided, what was done.
 * Each room fills its part and reads the parts before it.
 */
#ifndef PROCTOR_SUPERVISOR_CALL_H
#define PROCTOR_SUPERVISOR_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/net.h"
#include "supervisor/decode.h"
#include "supervisor/plan.h"
#include "supervisor/resolve.h"

/* How a decided call is carried out. */
enum how {
	HOW_KERNEL,  /* by the kernel as it stands: only where registers alone decided */
	HOW_EMULATE, /* by the supervisor; the tracee gets the result */
	HOW_REWRITE, /* by the kernel, with other registers; restored at the exit stop */
	HOW_SKIP,    /* not at all: refused */
	HOW_KILL,    /* not at all, and the run ends */
	HOW_WAIT,    /* not yet: decided again when another call has returned */
};

/* What is written into the program, to ADDR: SIZE bytes of the call's `out`, beginning at AT. */
struct copy_out {
	uint64_t addr;
	size_t at, size;
};

/* The address that a call was about. Its name lies in the request or in an object. */
struct net_ask {
	bool asked;
	enum net_use use;
	struct net_address address;
};

struct call {
	/* Large, and kept from call to call: each says by itself what of it is of this one. */
	struct request request;		       /* filled by decode_request() */
	struct object objects[REQUEST_MAX_PATHS]; /* empty since the last release */
	struct net_ask net;		       /* while it is `asked` */
	struct user_regs_struct rewritten;     /* set where the call is rewritten */
	struct buf out;			       /* what the copy-outs write */
	struct copy_out outs[PLAN_MAX_OUTS];   /* n_outs of them */

	/* From here on everything is zero when a call begins. */
	unsigned decided;	/* which object the decision is about */
	bool on_descriptor; /* refused, and about a descriptor: that object's `path` is the file that it is open on */
	unsigned resolve_flags; /* with which that object was resolved */
	bool undecided;		/* it failed before anything was decided; `decision` allows, by no rule */
	struct decision decision;
	bool asks;		/* it waits for a person's answer (ask.h), and is refused until then */
	bool shadowed; /* another policy would decide it otherwise (shadow.h): */
	struct decision shadow;
	enum how how;
	struct meant *meant; /* what it was for, of a refused one (meant.h), owned; or NULL */
	bool question; /* asked by the library itself (question.h): refused, but no violation */
	bool audited; /* audit mode: would have been refused, was let through */
	bool returned;
	int64_t result; /* the kernel's convention: -errno on failure */
	int lent;	/* a duplicate of the program's descriptor, or -1. Owned by the call. */
	int second;	/* likewise of another one that a copy names (plan.h) */
	int slot;	/* of the scratch, or -1 */
	unsigned n_slots; /* how many slots, beginning with that one */
	unsigned n_outs;
	bool enters;		  /* at the exit stop: the directory that was opened is entered */
	uint64_t handover;	  /* the tag of its handover (handover.h), 0: it has none */
	bool handed;		  /* its descriptors were handed over before it: what a number stands for may be another one now */
	uint64_t gives_at;	  /* where in the program the message with a descriptor is received; 0: none is */
	bool maps;		  /* that descriptor is mapped at the exit stop, then closed */
	const struct exec_rule *exec, *outer, *runs; /* of an exec that is made: the rules (plan.h), or NULL */
	bool executed;			     /* the exec has succeeded */
	struct futex_wait futex;
	enum finish finish;
	bool again;	       /* it has not been made; the program asks again, as another call */
	bool watch_exit;       /* HOW_KERNEL: stop at the exit too, for the result */
	enum output_part output; /* its part in the output, */
	uint64_t output_bytes;	 /* and the bytes promised to it */
	bool counted;		 /* what it has written is counted */
	bool dead;		 /* its process had been killed before: the kernel does not make it */
	enum ledger_part ledger; /* its part in what is stored */
	uint64_t wall_ns;      /* CLOCK_REALTIME at the entry stop */
	uint64_t start_ns;     /* CLOCK_MONOTONIC at the entry stop */
	uint64_t duration_ns;  /* entry stop to result */
	uint64_t broker_ns;    /* the supervisor's own part of that */
	struct call *next_free;
};

#endif
