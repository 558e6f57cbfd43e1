/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be done with a call. A handler looks at the request, at what its paths lead to, and at the
 * policy, and says it as a plan; it changes nothing itself. The conductor (call.c) enters what the plan
 * promises in the books, and act.c alone carries it out. So what is decided can be tested without a
 * traced process, and is the same however calls are delivered.
 */
#ifndef PROCTOR_SUPERVISOR_PLAN_H
#define PROCTOR_SUPERVISOR_PLAN_H

#include <linux/openat2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"
#include "supervisor/change.h"
#include "supervisor/ledger.h"
#include "supervisor/output.h"
#include "tracee/syscalls.h"

struct call;
struct exec_rule;
struct plan;
struct view;

/*
 * What is asked of a descriptor of the program's, done on FD, a duplicate that no thread can swap: the one
 * thing that is done and answered in one. Returns an answer or a refusal; FD stays the caller's.
 */
typedef struct plan descriptor_fn(const struct view *view, struct call *call, int fd);

enum plan_kind {
	PLAN_REFUSE,	 /* the program sees the decision's errno, or the run ends */
	PLAN_ANSWER,	 /* `result` and the copy-outs; the kernel skips the call */
	PLAN_PASS,	 /* the kernel runs it as it stands */
	PLAN_OPEN,	 /* the kernel runs openat2(dirfd, path, how) instead */
	PLAN_GIVE,	 /* the supervisor opens the call's object with how.flags; the program gets the descriptor */
	PLAN_CHANGE,	 /* the supervisor makes `change`; its result is the call's */
	PLAN_CALL,	 /* the kernel runs `nr` with `args` instead */
	PLAN_DESCRIPTOR, /* `then` is done with a duplicate of the call's first argument */
	PLAN_SHARED,	 /* `shared` is done with the run's own shared memory, by the names of the call's objects */
	PLAN_AGAIN,	 /* not yet: the program waits a moment, and asks again */
	PLAN_EXEC,	 /* the kernel executes the file of rule `exec`, with the call's arguments and args[2] as environment */
	PLAN_SIGNAL,	 /* signal args[1] is sent to each process of `data`, 64 bits each: of the run */
	PLAN_WAIT,	 /* not yet: asked again when another call has returned */
	PLAN_CROSSED,	 /* it would cross `limit`: it is not made, and the run ends */
};

/* What is done with it (shared_memory.h). */
enum shared_act { SHARED_OPEN, SHARED_UNLINK, SHARED_LINK, SHARED_MAP };

/* A wait for a futex that was made private (futex_wake.h): for which word, and what it holds meanwhile. */
struct futex_wait {
	bool waits;
	bool relative;	  /* its timeout is a time to wait, not a point in time */
	bool interrupted; /* the word has changed: the thread was told to look again */
	uint64_t addr;
	uint32_t value;
};

/* What the result of a CALL means for the call that was made. */
enum finish {
	FINISH_PLAIN,	    /* the same */
	FINISH_CONNECTED,   /* of a send of nothing: whether a connection stands */
	FINISH_ONE_MESSAGE, /* of sendmsg: how long the first of several was; the result is that one was sent */
	FINISH_AGAIN,	    /* of AGAIN: none; it is asked again */
};

struct plan {
	enum plan_kind kind;
	bool undecided;		  /* it failed before anything was decided; `decision` allows by no rule */
	struct decision decision; /* who allows or refuses */
	int64_t result;		  /* ANSWER: the kernel's convention, -errno on failure */
	bool watch;		  /* PASS: its result is wanted */
	/* OPEN: PATH belongs to the call, or is NAME. */
	int dirfd;
	const char *path;
	struct open_how how;
	char name[32];
	bool enters; /* the descriptor is of a directory, which becomes the working directory; it is closed again */
	struct change change; /* CHANGE */
	/* CALL */
	uint32_t nr;
	uint64_t args[SYSCALL_MAX_ARGS];
	const void *data; /* belongs to the call; the kernel gets it by ARGS[DATA_ARG]. NULL: none */
	size_t data_len;
	unsigned data_arg;
	size_t points_at; /* where in it an offset is that becomes an address in it; 0: nowhere */
	struct futex_wait futex;
	enum finish finish;
	bool wakes; /* CALL: who waits for what it has changed may be in another process (futex_wake.h) */
	/* EXEC: RUNS is what is run, another rule's file where the first one is a "#!" file. Both the policy's. */
	const struct exec_rule *exec, *runs;
	descriptor_fn *then; /* DESCRIPTOR */
	enum limit limit;    /* CROSSED */
	enum shared_act shared;
	uint64_t used;
	/* For the books: what it is to the output, with what is promised to it; and what it could come to
	 * hold of the kernel's memory (buffers.h). Bytes. */
	enum output_part output;
	uint64_t promised, held;
	enum ledger_part ledger; /* and to what is stored */
};

/* A rule that a call decided on its registers is recorded under, and one for refusals by the call itself. */
extern const struct rule rule_registers;
extern const struct rule rule_syscall;

struct plan plan_refuse(struct decision decision);
/* Refused as not for sandboxed programs; ERR: the errno to prefer, 0: the policy's. */
struct plan plan_deny(const struct policy *policy, int err);
/* An answer that is no violation: the program sees ERR, by RULE. */
struct plan plan_hide(struct rule rule, int err);
/* The answer that the kernel itself gives to such arguments: -ERR. Nothing is decided. */
struct plan plan_error(int err);
/* RESULT, allowed on the registers. */
struct plan plan_answer(int64_t result);
/* The same by DECISION, which allows. */
struct plan plan_answer_by(struct decision decision, int64_t result);
struct plan plan_pass(void);
/* The result is watched: it says something that is counted. */
struct plan plan_watch(void);
/* As the call stands; its number and arguments are the caller's to change. */
struct plan plan_call(const struct call *call);
struct plan plan_wait(void);
struct plan plan_again(void);
struct plan plan_descriptor(descriptor_fn *then);
struct plan plan_crossed(enum limit limit, uint64_t used);

/* What an answer, or the result of a CALL that succeeds, writes into the program: SIZE bytes of DATA to ADDR,
 * copied into CALL. A write that fails makes the result -EFAULT. At most PLAN_MAX_OUTS a call. */
enum { PLAN_MAX_OUTS = 2 };
void plan_write(struct call *call, uint64_t addr, const void *data, size_t size);

#endif
