/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers of the program's stacks, with the buffers that hold what was read: one for each process, made at its first
 * use. A limit may ask where the program is while a record is being written from one stack: that second look has a
 * reader, and so buffers, of its own.
 */
#ifndef PROCTOR_SUPERVISOR_STACKS_H
#define PROCTOR_SUPERVISOR_STACKS_H

#include <sys/types.h>
#include <sys/user.h>

#include "tracee/stack.h"

struct stacks_of; /* one process */

struct stacks {
	enum stack_kinds kinds;
	pid_t pid; /* the first process */
	bool all;  /* others have stacks too */
	bool native_else; /* one without an interpreter has a native stack in the place of Python's */
	struct python_place place; /* of the first process's interpreter, or nowhere */
	struct stacks_of *first; /* a list, the last used first */
};

/*
 * The stacks of thread TID of process TGID, stopped with REGS; NULL where none are wanted, or if only the first
 * process has stacks and this is another. Borrowed: valid until the next stacks_read() or stacks_flush() of the
 * process.
 */
const struct stack *stacks_read(struct stacks *stacks, pid_t tgid, pid_t tid,
				const struct user_regs_struct *regs);
/* The Python stack of a thread that waits: stack_read_waiting(). Likewise. */
const struct stack *stacks_waiting(struct stacks *stacks, pid_t tgid, pid_t tid, uint64_t ident);
/* A variable of frame number I of what stacks_read() gave last for process TGID, whose thread has not run since:
 * stack_read_variable(). */
int stacks_variable(struct stacks *stacks, pid_t tgid, size_t i, const char *name, struct stack_words *ret_words);
/* An exception that such a variable holds: stack_read_caught(). What stacks_read() gave is invalid. */
struct python_exception *stacks_caught(struct stacks *stacks, pid_t tgid, size_t i, const char *name);
/* What a clone(2) of that thread is to execute: stack_read_spawned(). */
int stacks_spawned(struct stacks *stacks, pid_t tgid, uint64_t child_stack, struct stack_words *ret_arguments,
		   struct stack_words *ret_file);
/* Do threads of process TGID have stacks? */
bool stacks_has(const struct stacks *stacks, pid_t tgid);
/* The same for a look in between: what stacks_read() gave stays as it is. Valid until the next stacks_look(). */
const struct stack *stacks_look(struct stacks *stacks, pid_t tgid, pid_t tid,
				const struct user_regs_struct *regs);
/* The exception that is about to end thread TID of the first process: stack_read_exception(). NULL also where no stacks
 * are wanted. What stacks_read() gave is invalid. */
struct python_exception *stacks_exception(struct stacks *stacks, pid_t tid, const struct user_regs_struct *regs);
/* What thread TID of process TGID holds: stack_read_held(). NULL also where no stacks are wanted. What stacks_look() gave is
 * invalid. */
struct python_held *stacks_held(struct stacks *stacks, pid_t tgid, pid_t tid, const struct user_regs_struct *regs);
/* The message that thread TID of process TGID was aborted with: stack_read_abort(). NULL also where no stacks are
 * wanted. What stacks_look() gave is invalid. */
char *stacks_abort(struct stacks *stacks, pid_t tgid, pid_t tid);
/* What thread TID of process TGID, stopped with REGS, runs: stack_read_code(). Both NULL also where no stacks are wanted.
 * What stacks_look() gave is invalid. */
void stacks_code(struct stacks *stacks, pid_t tgid, pid_t tid, const struct user_regs_struct *regs, char **ret_module,
		 char **ret_symbol);
/* The first process has its interpreter at PLACE. */
void stacks_know(struct stacks *stacks, const struct python_place *place);
/* Process TGID has executed a program, or has ended: nothing known of it holds. */
void stacks_flush(struct stacks *stacks, pid_t tgid);
void stacks_fini(struct stacks *stacks);

#endif
