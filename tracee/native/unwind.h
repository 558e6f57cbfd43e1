/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The native stack. libunwind is the DWARF stepper; all that it reads comes from accessors of ours,
 * which never write, take unwind tables from the file and the stack from the page cache, and count
 * the reads: the tracee may have written the tables (cfi.h) and every word of the stack.
 */
#ifndef PROCTOR_TRACEE_NATIVE_UNWIND_H
#define PROCTOR_TRACEE_NATIVE_UNWIND_H

#include <sys/user.h>

#include "tracee/native/maps.h"

enum {
	UNWIND_FRAMES = 256,	  /* kept */
	UNWIND_WALK = 8192,	  /* walked */
	UNWIND_READS = 100000,	  /* words that libunwind reads for one stack */
	UNWIND_STEP_READS = 4096, /* … for one step */
};

struct unwind_frame {
	uint64_t ip, sp, next_sp; /* next_sp: SP of the caller, UINT64_MAX when it is not known */
};

struct unwinder;

/* All borrowed; they must outlive the unwinder. The unwinder is freed with unwinder_free(). */
struct unwinder *unwinder_new(struct pages *pages, struct maps *maps);
void unwinder_free(struct unwinder *u);

/*
 * Unwinds thread TID from REGS, innermost first, into FRAME (UNWIND_FRAMES of them; both ends
 * are kept, see ends.h). *RET_TOTAL is the number walked. *RET_NOTE is NULL when the outermost
 * frame was reached, else a static text that says why not.
 */
void unwinder_run(struct unwinder *u, pid_t tid, const struct user_regs_struct *regs,
		  struct unwind_frame *frame, size_t *ret_total, const char **ret_note);

#endif
