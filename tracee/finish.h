/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a program ends that was forked from a template. What was there at the fork is frozen, so that the collector
 * neither looks at it nor copies its pages; in a program that was executed it would. So at the interpreter's first
 * collection in Py_FinalizeEx, when threads are joined, exit functions have run and streams are flushed, it is
 * asked, by functions of the template's own (struct template_end), whether anybody could tell the difference. If
 * somebody could, all is thawed, and finalisation goes the whole way. If nobody could, it stays frozen; and where
 * that was asked for, Py_FinalizeEx is left as if it had come to its end.
 *
 * All of it happens by breakpoints that the template has already. Each is taken out when it is first met, but for
 * the collection's, to which what is called there returns. The registers and the stack are a hostile program's: what
 * is done with them is nothing that it could not do itself.
 */
#ifndef PROCTOR_TRACEE_FINISH_H
#define PROCTOR_TRACEE_FINISH_H

#include "tracee/template.h"

enum finish_state {
	FINISH_OFF,	   /* no breakpoints, or all of them are of no more use */
	FINISH_RUNNING,	   /* the program is not at its end */
	FINISH_FINALIZING, /* in Py_FinalizeEx */
	FINISH_UNTRACED,   /* asked whether what is called would be seen by the program */
	FINISH_QUIET,	   /* asked whether anybody could tell */
	FINISH_THAWING,
};

/* Begins as all zeros: off. */
struct finishing {
	const struct template_end *end; /* borrowed */
	bool leave;			/* if nobody could tell */
	enum finish_state state;
	bool noticed;			    /* something has been done that only a whole end shows */
	pid_t asker;			    /* the thread that calls, from FINISH_UNTRACED on */
	struct user_regs_struct entry, held; /* at Py_FinalizeEx, and at the collection */
	bool left;
};

void finishing_init(struct finishing *finish, const struct template_end *end, bool leave);

/*
 * Thread TID stopped for a SIGTRAP with REGS: at one of the breakpoints? Then REGS, which the caller sets, are what it
 * goes on with, without the signal. FIRST: it is the program's first thread.
 */
bool finishing_trap(struct finishing *finish, pid_t tid, bool first, struct user_regs_struct *regs);

#endif
