/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stacks of a stopped thread: the Python frames read from CPython's own structures, the
 * native frames unwound by libunwind, and both merged into one trace. Everything read is the
 * tracee's to forge: a stack is evidence for people, never an input to a decision.
 *
 * No function here ever writes to the tracee, and none takes more CPU time than STACK_BUDGET_NS. A program
 * that makes each of its stacks expensive uses up the time for all of them (STACK_EXCESS_NS).
 */
#ifndef PROCTOR_TRACEE_STACK_H
#define PROCTOR_TRACEE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "base/exception.h"
#include "base/held.h"
#include "tracee/python/place.h"

enum stack_kinds { STACK_NONE = 0, STACK_PYTHON = 1, STACK_NATIVE = 2, STACK_BOTH = 3 };

enum {
	STACK_MAX_FRAMES = 256, /* kept of each kind, the innermost and outermost halves */
	STACK_MAX_TEXT = 1024,	/* characters of a file or function name */
	STACK_HELD = 32,	/* objects */
	STACK_WORDS = 16,	/* of a variable */
	STACK_WORD = 257,	/* bytes of each, with its NUL */
	STACK_BUDGET_NS = 50000000,
	/*
	 * CPU time: what a stack may always take (most take a twentieth of it), and how much more than
	 * that all stacks of one reader may take together. After that none may take more than the usual
	 * time; what cannot be read in it is missing, and a note says why.
	 */
	STACK_USUAL_NS = 1000000,
	STACK_EXCESS_NS = 1000000000,
};

/*
 * One Python frame. Texts are NUL-terminated, owned by the stack, UTF-8 but for the bytes of file
 * names that are not; they may hold control characters. "?" when they could not be read.
 */
struct python_frame {
	const char *file;     /* co_filename; not UTF-8 if the file's name is not (PEP 383) */
	const char *function; /* co_qualname from 3.11, co_name before */
	int line;	      /* 1-based; 0: the instruction has no line */
	bool entry;	      /* the last Python frame of its eval loop's C activation */
};

/* One native frame; SYMBOL may be NULL. */
struct native_frame {
	uint64_t ip;
	const char *module; /* path of the mapped file, or "[vdso]", "[anon]" */
	const char *symbol;
	uint64_t offset; /* ip - start of symbol, or of the module when there is no symbol */
	bool eval_loop;	 /* this frame is a CPython eval loop; the Python frames up to the next
			  * `entry` run in it. Set with STACK_BOTH. */
};

struct stack {
	/* NULL when the stack is whole; else what is missing and why, for people: "python 3.16 is
	 * not supported", "interpreter not initialised", "frames are corrupt". Static or
	 * stack-owned. */
	const char *python_note, *native_note;
	/* The note says how many frames are left out of the middle, and nothing else. */
	bool python_note_of_gap, native_note_of_gap;
	int python_minor; /* 9 … 15; 0 when no interpreter was found */
	size_t n_python, n_native;
	size_t python_total; /* frames walked; > n_python when the middle was left out */
	size_t python_gap; /* index of the first frame after the gap; n_python when there is none */
	size_t native_total,
		native_gap; /* likewise. To merge past a gap go from the outer end inwards */
	struct python_frame *python; /* innermost first */
	struct native_frame *native; /* innermost first */
};

/* An exception that is about to end the program. */
struct python_exception {
	struct exception_facts facts;
	struct exception_facts *chain, *group; /* those of the facts, writable */
};

/* Objects that a thread's frames hold, the largest first, as far as can be estimated. An object may appear under
 * several names. */
struct python_held {
	struct held_facts object[STACK_HELD];
	uint64_t address[STACK_HELD]; /* tells objects apart */
	size_t n;
};

/* A variable as words: a text or a number as one, a list or tuple of those as many, a function as its name and its file. Not
 * UTF-8 where the program's bytes are not; no NUL within. */
struct stack_words {
	size_t n;
	bool cut; /* there is more, or something that is neither text nor number */
	char word[STACK_WORDS][STACK_WORD];
};

/* Reads the stacks of one thread group. Keeps caches between calls; one per traced process. */
struct stack_reader;

/* A reader for thread group TGID. Never NULL; the caller frees it with stack_reader_free(). */
struct stack_reader *stack_reader_new(pid_t tgid);
void stack_reader_free(struct stack_reader *reader);
/* Where the interpreter is, if it is where it should be: the reader then need not look for it. */
void stack_reader_know(struct stack_reader *reader, const struct python_place *place);

/* Forgets all that was cached: the process has called execve(2). */
void stack_reader_flush(struct stack_reader *reader);

/*
 * Reads the stacks of thread TID, which must be in a ptrace stop, with registers REGS (as
 * PTRACE_GETREGS gave them; they tell which Python thread it is, tracee/python/thread.h). WHAT chooses
 * the stacks. The result lives in the reader until its next call. Never fails: the notes say what could
 * not be read.
 */
const struct stack *stack_read(struct stack_reader *reader, pid_t tid,
			       const struct user_regs_struct *regs, enum stack_kinds what);

/*
 * The Python stack of thread TID, which need not be stopped but must be waiting in the kernel, from before until after;
 * IDENT is its abi_thread_ident(). The result is as that of stack_read().
 */
const struct stack *stack_read_waiting(struct stack_reader *reader, pid_t tid, uint64_t ident);

/*
 * The variable NAME ("NAME.ATTRIBUTE": an attribute of what it names) of Python frame number I of the last stack that
 * READER has read, whose thread has not run since. 0, -ENOENT or -EBADMSG, as variable_read() has them.
 */
int stack_read_variable(struct stack_reader *reader, size_t i, const char *name, struct stack_words *ret_words);

/* What a clone(2) of that thread, not yet made, which gives its child the stack CHILD_STACK, is to execute: spawn_words(). */
int stack_read_spawned(struct stack_reader *reader, uint64_t child_stack, struct stack_words *ret_arguments,
		       struct stack_words *ret_file);

/*
 * The exception that is pending in thread TID, stopped with REGS, if no frame of Python code runs there any more.
 * NULL when there is none, or it cannot be read. The caller fills in whose code it came from (FILE, FUNCTION and LINE
 * of its facts), and frees it with stack_exception_free(). The last result of stack_read() becomes invalid.
 */
struct python_exception *stack_read_exception(struct stack_reader *reader, pid_t tid,
					      const struct user_regs_struct *regs);
void stack_exception_free(struct python_exception *exception);

/* The exception that variable NAME of Python frame number I holds, of the last stack that READER has read, whose thread has
 * not run since. As above. */
struct python_exception *stack_read_caught(struct stack_reader *reader, size_t i, const char *name);
/* Makes PRINTED, of which a traceback was made before, the only one in the chain of EXCEPTION, which owns it from then on.
 * False, with nothing done, where that has a chain already. */
bool stack_exception_follows(struct python_exception *exception, struct python_exception *printed);

/* What the frames of thread TID, stopped with REGS, hold; NULL when nothing large is known. The caller frees it with
 * stack_held_free(). The last result of stack_read() becomes invalid. */
struct python_held *stack_read_held(struct stack_reader *reader, pid_t tid, const struct user_regs_struct *regs);
void stack_held_free(struct python_held *held);

/* What the C library of thread TID's process said before it aborted the program; NULL: nothing, or it is not known. The
 * caller frees it. The last result of stack_read() becomes invalid. */
char *stack_read_abort(struct stack_reader *reader, pid_t tid);

/*
 * The file that address IP of thread TID's process is in, and the function, as its table of symbols has it: each NULL if
 * not known. The caller frees both. Nothing is unwound. The last result of stack_read() becomes invalid.
 */
void stack_read_code(struct stack_reader *reader, pid_t tid, uint64_t ip, char **ret_module, char **ret_symbol);

/* A copy of STACK that outlives the next read: one piece of memory, which the caller frees. */
struct stack *stack_copy(const struct stack *stack);

#endif
