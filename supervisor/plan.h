/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be done with a call. A handler looks at the request, at what its paths lead to, and at the policy, and
 * answers with a plan; it changes nothing itself. The conductor (call.c) enters in the books what the plan promises,
 * and act.c alone carries it out. So decisions can be tested without a traced process, and are the same however calls
 * are delivered.
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
 * Does on FD, a duplicate that no thread can swap, what was asked of the program's descriptor: the only kind of call
 * that is decided and carried out in one step. Returns an answer, a refusal, or what is left to do; FD stays the
 * caller's.
 */
typedef struct plan descriptor_fn(const struct view *view, struct call *call, int fd);

enum plan_kind {
	PLAN_REFUSE,	 /* the program sees the decision's errno, or the run ends */
	PLAN_ANSWER,	 /* `result` and the copy-outs; the kernel skips the call */
	PLAN_PASS,	 /* the kernel runs it as it stands */
	PLAN_OPEN,	 /* the kernel runs openat2(dirfd, path, how) instead */
	PLAN_GIVE,	 /* the supervisor opens the call's object with how.flags, or a file of `data`; the program gets the
			  * descriptor */
	PLAN_CHANGE,	 /* the supervisor makes `change`; its result is the call's */
	PLAN_CALL,	 /* the kernel runs `nr` with `args` instead */
	PLAN_DESCRIPTOR, /* `then` is done with a duplicate of the call's first argument, and of a `second` one */
	PLAN_SHARED,	 /* `shared` is done with the run's own shared memory, by the names of the call's objects */
	PLAN_AGAIN,	 /* not yet: the program waits a moment, and asks again */
	PLAN_EXEC,	 /* the kernel executes the file of rule `exec`, with the call's arguments and args[2] as environment */
	PLAN_SIGNAL,	 /* signal args[1] is sent to each process in `data` (64 bits each), all of the run */
	PLAN_WAIT,	 /* not yet: asked again when another call has returned */
	PLAN_CROSSED,	 /* it would cross `limit`: it is not made, and the run ends */
};

/* What is done with the run's own shared memory (shared_memory.h). */
enum shared_act { SHARED_OPEN, SHARED_UNLINK, SHARED_LINK, SHARED_MAP };

/* A wait for a futex that was made private (futex_wake.h): for which word, and the value it holds meanwhile. */
struct futex_wait {
	bool waits;
	bool relative;	  /* its timeout is a time to wait, not a point in time */
	bool interrupted; /* the word has changed: the thread was told to look again */
	uint64_t addr;
	uint32_t value;
};

/* What the result of a PLAN_CALL means for the call that the program made. */
enum finish {
	FINISH_PLAIN,	    /* the same */
	FINISH_CONNECTED,   /* of an empty send: whether there is a connection */
	FINISH_ONE_MESSAGE, /* of one message: the length of the first of several; the result is that it was one */
	FINISH_READY,	    /* of a look whether a message is there: the call is asked again, or has failed */
	FINISH_WRITTEN,	    /* of pwrite64: the offset of the open file that the call's duplicate leads to comes after it */
	FINISH_AGAIN,	    /* of PLAN_AGAIN: nothing; the call is asked again */
};

struct plan {
	enum plan_kind kind;
	bool always;		  /* REFUSE: audit mode does not let it through either */
	bool undecided;		  /* it failed before anything was decided; `decision` allows, by no rule */
	struct decision decision; /* which rule allows or refuses */
	int64_t result;		  /* ANSWER: the kernel's convention, -errno on failure */
	bool watch;		  /* PASS: its result is wanted */
	bool unwatched;		  /* PASS: it is not, nor for the record, but with --calls all */
	/* OPEN: PATH belongs to the call; NULL: NAME is the path. */
	int dirfd;
	const char *path;
	struct open_how how;
	char name[32];
	bool enters; /* the descriptor is of a directory, which becomes the working directory; it is closed again */
	struct change change; /* CHANGE */
	/* CALL */
	uint32_t nr;
	uint64_t args[SYSCALL_MAX_ARGS];
	const void *data; /* belongs to the call; the kernel gets it as args[data_arg]. NULL: none. GIVE: see there */
	size_t data_len;
	unsigned data_arg;
	size_t points_at; /* where in `data` an offset lies that becomes an address in it; 0: nowhere */
	struct futex_wait futex;
	enum finish finish;
	bool wakes; /* CALL: waiters for what it changes may be in another process (futex_wake.h) */
	/* EXEC: RUNS is the rule of what really runs, another one than EXEC where that is a "#!" file. Both are of the
	 * policy that the program is under; OUTER is the run's that allows the same. */
	const struct exec_rule *exec, *outer, *runs;
	descriptor_fn *then; /* DESCRIPTOR */
	bool two;	     /* and it needs a duplicate of SECOND as well, which is the call's (call.h) then */
	int second;
	enum limit limit;    /* CROSSED */
	enum shared_act shared;
	uint64_t used;
	/* For the books: its part in the output with the bytes promised to it, and how many bytes of the kernel's
	 * memory it could come to hold (buffers.h). */
	enum output_part output;
	uint64_t promised, held;
	enum ledger_part ledger; /* and its part in what is stored; */
	struct counted *stored;	 /* WRITE, WRITE_BESIDE: the file, */
	uint64_t stored_end;	 /* and where it ends then */
};

/* The rule that calls decided on their registers are recorded under, and the one for calls refused as such. */
extern const struct rule rule_registers;
extern const struct rule rule_syscall;

struct plan plan_refuse(struct decision decision);
/* Refused as not for sandboxed programs; ERR: the errno to prefer, 0: the policy's. */
struct plan plan_deny(const struct policy *policy, int err);
/* A refusal that is no violation: the program sees ERR, by RULE. */
struct plan plan_hide(struct rule rule, int err);
/* The answer when the quota of GRANT is used up: OF_FILES, or of bytes. Programs must expect a full disk anywhere, so
 * it is no violation. */
struct plan plan_full(const struct view *view, const struct grant *grant, bool of_files);
/* The call is on a reserved descriptor, which does not exist for the program: the next exec would miss one that was
 * closed. */
struct plan plan_reserved(void);
/* The answer that the kernel itself gives to such arguments: -ERR. Nothing is decided. */
struct plan plan_error(int err);
/* RESULT, allowed on the registers. */
struct plan plan_answer(int64_t result);
/* The same by DECISION, which allows. */
struct plan plan_answer_by(struct decision decision, int64_t result);
struct plan plan_pass(void);
/* plan_pass(), and the result is watched. */
struct plan plan_watch(void);
/* As the call stands; its number and arguments are the caller's to change. */
struct plan plan_call(const struct call *call);
struct plan plan_wait(void);
struct plan plan_again(void);
struct plan plan_descriptor(descriptor_fn *then);
struct plan plan_two_descriptors(descriptor_fn *then, int second);
struct plan plan_crossed(enum limit limit, uint64_t used);

/* Has an answer, or a PLAN_CALL that succeeds, also write SIZE bytes of DATA, copied into CALL, to ADDR in the program.
 * A write that fails makes the result -EFAULT. At most PLAN_MAX_OUTS a call. */
enum { PLAN_MAX_OUTS = 2 };
void plan_write(struct call *call, uint64_t addr, const void *data, size_t size);

#endif
