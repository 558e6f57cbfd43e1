/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what happened in a run to the facts of a record (record/): which calls the log has, what a record says of a
 * call and of a signal. The sentences come from words/, the form from record/.
 */
#ifndef PROCTOR_SUPERVISOR_NOTE_H
#define PROCTOR_SUPERVISOR_NOTE_H

#include <signal.h>

#include "record/recorder.h"
#include "supervisor/call.h"
#include "supervisor/source.h"
#include "supervisor/tasks.h"
#include "tracee/stack.h"

struct interner;

/* All is borrowed but `args` and `interner`; notes_fini() at the end. */
struct notes {
	struct recorder *recorder;
	enum log_calls calls;
	const struct policy *policy; /* for the nearest grant of a refusal */
	/* Directories whose frames are not user code (the standard library); NULL-terminated or NULL. */
	const char *const *library;
	struct source *source;	   /* of the lines in "code"; NULL: there are none */
	const struct tasks *tasks; /* they know who made a process; NULL: records do not tell */
	struct buf args;
	struct interner *interner; /* of the stacks of calls that were let through; NULL until there is one */
};

void notes_fini(struct notes *notes);

/*
 * Appends the record of CALL and returns its sequence number (1, 2 …), or 0 for a call that `calls` leaves out. STACK
 * may be NULL.
 */
uint64_t note_call(struct notes *notes, const struct call *call, const struct stack *stack);
/* Will CALL, as it is decided, be written to the log? */
bool note_wants(const struct notes *notes, const struct call *call);
/* The same for a signal; INFO may be NULL. OVERFLOW: it is a stack overflow (fatal_is_overflow()). */
uint64_t note_signal(struct notes *notes, pid_t tgid, pid_t tid, int signal, const siginfo_t *info, bool overflow,
		     bool fatal, const struct stack *stack);
/* "code" and "stack" members of STACK (and "truncated" where they are cut); nothing when it is NULL. */
void note_stack(struct notes *notes, const struct stack *stack, struct buf *out);

#endif
