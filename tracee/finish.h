/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a program that was forked from a template ends. The objects that existed at the fork are frozen, so that the
 * collector neither looks at them nor copies their pages; in an executed program it would look at them. So at the
 * interpreter's first collection in Py_FinalizeEx, when threads are joined, exit functions have run and streams are
 * flushed, functions of the template (struct template_end) are called to find out whether anybody could tell the
 * difference. If somebody could, everything is thawed, and finalisation goes the whole way. If nobody could, all stays
 * frozen; and if the run asked for it, Py_FinalizeEx is left as if it had come to its end.
 *
 * This is done with breakpoints that the template already has. Each is removed when it is first met, except the
 * collection's, because the functions called there return to it. Registers and stack belong to a hostile program:
 * nothing is done with them that the program could not do itself.
 */
#ifndef PROCTOR_TRACEE_FINISH_H
#define PROCTOR_TRACEE_FINISH_H

#include "tracee/template.h"

enum finish_state {
	FINISH_OFF,	   /* no breakpoints, or none that is still needed */
	FINISH_RUNNING,	   /* the program is not yet at its end */
	FINISH_FINALIZING, /* in Py_FinalizeEx */
	FINISH_QUIET,	   /* asked whether anybody could tell, and would not see that we ask */
	FINISH_THAWING,
};

/* Starts as all zeros: off. */
struct finishing {
	const struct template_end *end; /* borrowed */
	bool leave;			/* end early if nobody could tell */
	enum finish_state state;
	bool noticed;			    /* the program did something that only a whole finalisation shows */
	pid_t asker;			    /* the thread that makes the calls, from FINISH_QUIET on */
	struct user_regs_struct entry, held; /* registers at Py_FinalizeEx, and at the collection */
	bool left;
};

void finishing_init(struct finishing *finish, const struct template_end *end, bool leave);

/*
 * Thread TID stopped for a SIGTRAP with REGS. True: at one of the breakpoints, and REGS have changed; the caller sets
 * them and resumes the thread without the signal. FIRST: it is the program's first thread.
 */
bool finishing_trap(struct finishing *finish, pid_t tid, bool first, struct user_regs_struct *regs);

#endif
