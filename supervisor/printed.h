/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception that the program last made a traceback of with the module traceback, as traceback.print_exc() and
 * logging.exception() do, and frameworks by them. The module reads the source that the traceback names, which a program
 * seldom does otherwise: at a call on a file of its own that it has opened before, the stack tells. The script itself is
 * opened twice before it runs: as a zip file, which it could be, and as what it is. A program that ends
 * itself later by sys.exit(1) is told with that exception, and that it is not known whether it was for that.
 *
 * A file that an import took from __pycache__ is opened for the first time then, and one that the module has read already
 * is looked at by one call: the first is missed.
 */
#ifndef PROCTOR_SUPERVISOR_PRINTED_H
#define PROCTOR_SUPERVISOR_PRINTED_H

#include "supervisor/stacks.h"

enum {
	PRINTED_FILES = 32, /* that are known to be opened */
	PRINTED_LOOKS = 24, /* at the stack, in one run */
};

/* Begins as all zeros. */
struct printed {
	uint64_t opened[PRINTED_FILES]; /* digests of paths */
	size_t n_opened;
	unsigned looks, script_opens;
	struct python_exception *last; /* owned, or NULL */
};

void printed_fini(struct printed *printed);

/* A call on PATH (canonical), beneath SUBMISSION, was allowed: by the first process. Is it time for printed_look()? OPENS:
 * the call opens it. SCRIPT: struct run_options. */
bool printed_called(struct printed *printed, const char *submission, const char *script, const char *path, bool opens);
/* Thread TID of process TGID is stopped with REGS. LIBRARY as for record_is_library(). What stacks_read() gave is invalid. */
void printed_look(struct printed *printed, struct stacks *stacks, pid_t tgid, pid_t tid, const struct user_regs_struct *regs,
		  const char *const *library);
/* EXCEPTION ended the program: if it only ended itself, with a status that says so, the last one is put into its chain. */
void printed_take(struct printed *printed, struct python_exception *exception);

#endif
